"""Links are for one incident and one person, and secrets are made once."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from activities.links import link_for, read_link
from activities.secrets import read_or_create_secret
from settings import Settings


def token_of(link: str) -> str:
    """The last part of a link."""
    return link.rpartition("/i/")[2]


def test_link_says_incident_and_person_to_whoever_shares_the_data_directory(
    settings: Settings,
) -> None:
    """API and worker are two processes with the same settings."""
    link = link_for(settings, "INC-M4T9WC", "ann")

    assert link.startswith(f"{settings.public_address}/i/")
    assert read_link(settings.model_copy(), token_of(link)) == ("INC-M4T9WC", "ann")


def test_altered_or_foreign_link_reads_as_nothing(settings: Settings, tmp_path: Path) -> None:
    token = token_of(link_for(settings, "INC-M4T9WC", "ann"))
    elsewhere = settings.model_copy(update={"data_dir": tmp_path / "other"})

    # Not the last character: some of its bits are padding and mean nothing.
    assert read_link(settings, ("A" if token[0] != "A" else "B") + token[1:]) is None
    assert read_link(settings, "x" + token) is None
    assert read_link(settings, "") is None
    assert read_link(elsewhere, token) is None


def test_set_secret_wins_over_the_file(settings: Settings) -> None:
    """Several hosts share links by one setting."""
    one = settings.model_copy(update={"link_secret": "shared"})
    token = token_of(link_for(one, "INC-M4T9WC", "ann"))

    assert read_link(settings, token) is None
    assert not (one.data_dir / "link-secret").exists() or read_link(one, token)


def test_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "secret"

    first = read_or_create_secret(path)

    assert read_or_create_secret(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret"]


def test_racing_processes_agree_on_one_secret(tmp_path: Path) -> None:
    path = tmp_path / "secret"

    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda _: read_or_create_secret(path), range(32)))

    assert len(found) == 1
