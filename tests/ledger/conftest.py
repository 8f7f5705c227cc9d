"""Real ledgers: a SQLite file, and a PostgreSQL server of its own where one is installed."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from ledger import Ledger


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
)
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty ledger."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'data' / 'ledger.db'}"
    server: str = request.getfixturevalue("postgresql_server")
    name = f"ledger_{os.urandom(4).hex()}"
    engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{server}/{name}".replace("postgresql+psycopg", "postgresql")


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    """An empty ledger with the newest schema."""
    opened = Ledger.from_url(ledger_url)
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL server on loopback, in a directory of its own."""
    programs = _programs()
    if programs is None:
        pytest.skip("no initdb and pg_ctl: install PostgreSQL")
    home = Path(tempfile.mkdtemp(prefix="watchbill-pg-"))
    owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if owner:
        user = pwd.getpwnam("postgres")
        os.chown(home, user.pw_uid, user.pw_gid)
    data, log, port = home / "data", home / "log", _free_port()
    _run([*owner, str(programs / "initdb"), "-D", str(data), "-U", "test", "-A", "trust", "-N"])
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {home} -c fsync=off"
    control = [*owner, str(programs / "pg_ctl"), "-D", str(data), "-w"]
    _run([*control, "-l", str(log), "-o", options, "start"])
    try:
        yield f"postgresql+psycopg://test@127.0.0.1:{port}"
    finally:
        _run([*control, "-m", "immediate", "stop"])
        shutil.rmtree(home, ignore_errors=True)


def _programs() -> Path | None:
    found = shutil.which("pg_ctl")
    places = [Path(found).parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


def _run(command: list[str]) -> None:
    # Not a pipe: the server would inherit it and keep it open.
    subprocess.run(
        command,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        timeout=60,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
