"""The folder that compiler tests compile their playbooks in."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from compiler.compile import Compiled, compile_folder

CONTEXT = Path(__file__).parent / "context"
TODAY = date(2026, 11, 22)

HOUSE = """
language: 1
fallback: catch_all
retries: { patient: { attempts: 5, backoff: 5s, max: 1m } }
"""


@pytest.fixture(scope="session")
def context() -> dict[str, str]:
    """The team storage with its roster and runbooks, and a house with a fallback."""
    found = {
        path.relative_to(CONTEXT).as_posix(): path.read_text()
        for path in sorted(CONTEXT.rglob("*"))
        if path.is_file()
    }
    return found | {"house.yaml": HOUSE}


Compile = Callable[..., Compiled]


@pytest.fixture
def compiled(context: dict[str, str]) -> Compile:
    """Compiles a playbook's text, with other files over the context's."""

    def run(text: str, files: Mapping[str, str] | None = None) -> Compiled:
        return compile_folder(context | {"disk_full.yaml": text} | dict(files or {}), today=TODAY)

    return run
