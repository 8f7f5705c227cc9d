"""Where the engine's program comes from, in which order, and what is said on the way."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.engine import search
from cli.engine.search import PINNED_CLI, EngineError, find_engine, why_not
from settings import Settings

OURS = "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)"
OLD = "temporal version 1.0.0 (Server 1.24.2, UI 2.27.1)"

Maker = Callable[[str, str], Path]


@pytest.fixture
def program(tmp_path: Path) -> Maker:
    """Makes a program `folder/temporal` that answers `--version` with a line."""

    def make(folder: str, answer: str) -> Path:
        path = tmp_path / folder / "temporal"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\necho '{answer}'\n")
        path.chmod(0o755)
        return path

    return make


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No `temporal` anywhere, no Go, and nothing can be downloaded."""
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "path"), "/bin"]))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    for name in ("GOPATH", "GOBIN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(search, "download_by_sdk", lambda _cache, _say: None)
    monkeypatch.setattr(search, "find_go", lambda: None)


def find(**changes: object) -> tuple[Path, list[str]]:
    """What is found, and what was said."""
    said: list[str] = []
    return find_engine(Settings.model_validate(changes), said.append), said


def test_setting_wins_over_path(program: Maker) -> None:
    program("path", OURS)
    chosen = program("mine", OURS)

    assert find(temporal_binary=chosen)[0] == chosen


def test_setting_that_cannot_be_is_an_error_not_a_fallback(program: Maker, tmp_path: Path) -> None:
    """Who names a program wants that one."""
    program("path", OURS)

    with pytest.raises(EngineError, match="no such file"):
        find(temporal_binary=tmp_path / "nowhere")
    with pytest.raises(EngineError, match=r"1\.24, 1\.29 or newer is needed"):
        find(temporal_binary=program("mine", OLD))


def test_path_wins_over_go_and_go_over_the_cache(
    program: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = program(f"cache/{PINNED_CLI}", OURS)
    cache = tmp_path / "cache"
    assert find(engine_cache=cache)[0] == cached

    home_go = program("home/go/bin", OURS)
    assert find(engine_cache=cache)[0] == home_go

    gopath = program("gopath/bin", OURS)
    monkeypatch.setenv("GOPATH", str(tmp_path / "gopath"))
    assert find(engine_cache=cache)[0] == gopath

    on_path = program("path", OURS)
    assert find(engine_cache=cache)[0] == on_path


def test_too_old_one_is_skipped_with_the_reason(program: Maker) -> None:
    old = program("path", OLD)
    good = program("home/go/bin", OURS)

    found, said = find()

    assert found == good
    assert said == [f"engine: skipping {old}: its server is 1.24, 1.29 or newer is needed"]


def test_program_that_is_something_else_is_skipped(program: Maker) -> None:
    """Other programs are called temporal, too."""
    other = program("path", "temporal, a calendar tool")

    assert "Temporal CLI" in (why_not(other) or "")


@pytest.mark.parametrize(
    "answer", [OURS, "temporal version 0.0.0-DEV (Server 1.29.1, UI 2.42.1)", "server: v2.0.0"]
)
def test_new_enough_ones_are_taken(answer: str, program: Maker) -> None:
    assert why_not(program("path", answer)) is None


def test_when_nothing_works_every_mend_is_named() -> None:
    with pytest.raises(EngineError) as caught:
        find()

    text = str(caught.value)
    for mend in ("PATH", "WATCHBILL_TEMPORAL_BINARY", "go install", "TEMPORAL_ADDRESS"):
        assert mend in text


def test_go_builds_the_pinned_version_into_the_cache_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stands in for Go's toolchain only; the second time the cache answers."""
    go = tmp_path / "fake-go"
    go.write_text(
        "#!/bin/sh\n"
        'echo "$@" >> "$0.calls"\n'
        f'printf \'#!/bin/sh\\necho "{OURS}"\\n\' > "$GOBIN/temporal"\n'
        'chmod +x "$GOBIN/temporal"\n'
    )
    go.chmod(0o755)
    monkeypatch.setattr(search, "find_go", lambda: str(go))

    first, said = find(engine_cache=tmp_path / "cache")
    second, nothing_said = find(engine_cache=tmp_path / "cache")

    assert first == second == tmp_path / "cache" / PINNED_CLI / "temporal"
    assert Path(f"{go}.calls").read_text() == f"install {search.CLI_MODULE}\n"
    assert any("building" in line for line in said)
    assert nothing_said == []


def test_build_that_fails_gives_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = tmp_path / "fake-go"
    go.write_text("#!/bin/sh\necho 'dial tcp: no route to host' >&2\nexit 1\n")
    go.chmod(0o755)
    monkeypatch.setattr(search, "find_go", lambda: str(go))
    said: list[str] = []

    with pytest.raises(EngineError):
        find_engine(Settings(engine_cache=tmp_path / "cache"), said.append)

    assert any("no route to host" in line for line in said)
