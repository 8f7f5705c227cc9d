"""`watchbill keys` works on the ledger, with no API running."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cli import keys
from ledger import Ledger
from settings import Settings

runner = CliRunner()


@pytest.fixture
def app() -> typer.Typer:
    """The program with the keys commands only."""
    made = typer.Typer()
    keys.register(made)
    return made


def test_a_key_is_printed_once_listed_without_it_and_revoked(app: typer.Typer, tmp_path: Path):
    at = ["--data-dir", str(tmp_path)]
    made = runner.invoke(
        app, ["keys", "add", "am", "--scope", "ingest", "--source", "alertmanager", *at]
    )
    plaintext = made.stdout.strip()
    listed = runner.invoke(app, ["keys", "list", *at]).stdout
    ledger = Ledger.from_url(Settings(data_dir=tmp_path).ledger_address)
    found = ledger.find_key(plaintext)
    revoked = runner.invoke(app, ["keys", "revoke", "am", *at])
    gone = ledger.find_key(plaintext)
    ledger.close()

    assert made.exit_code == 0
    assert found is not None
    assert found.actor == "source:alertmanager"
    assert "source:alertmanager" in listed
    assert plaintext not in listed
    assert (revoked.exit_code, gone) == (0, None)


@pytest.mark.parametrize(
    "arguments",
    [
        ["add", "x", "--scope", "everything", "--person", "ann"],
        ["add", "x", "--scope", "respond"],
        ["add", "x", "--scope", "respond", "--person", "ann", "--source", "s"],
        ["add", "x", "--scope", "respond", "--person", "Ann Berg"],
        ["add", "x", "--person", "ann"],
    ],
)
def test_a_key_that_says_too_little_is_refused(
    app: typer.Typer, tmp_path: Path, arguments: list[str]
):
    answer = runner.invoke(app, ["keys", *arguments, "--data-dir", str(tmp_path)])

    assert answer.exit_code == 2
    assert not (tmp_path / "ledger.db").exists()


def test_revoking_what_is_not_there_fails(app: typer.Typer, tmp_path: Path):
    assert runner.invoke(app, ["keys", "revoke", "x", "--data-dir", str(tmp_path)]).exit_code == 1
