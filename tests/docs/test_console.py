"""What guides show of a console is what the program prints."""

import os
from pathlib import Path

import pytest

from tests.docs.console import played, samples_of

ROOT = Path(__file__).parents[2]
SHOWN = sorted(
    guide
    for guide in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))
    if any(sample.kind == "console" for sample in samples_of(guide.read_text()))
)


@pytest.mark.parametrize("guide", SHOWN, ids=lambda guide: guide.stem)
def test_a_guides_console_shows_what_the_program_prints(guide: Path, tmp_path: Path) -> None:
    """Every command is run, in order; UPDATE_GOLDEN=1 writes the guide anew."""
    written = guide.read_text()

    now = played(written, tmp_path)

    if os.environ.get("UPDATE_GOLDEN"):
        guide.write_text(now)
        return
    assert now == written


def test_the_authors_guide_shows_a_console() -> None:
    """An empty list of guides would prove nothing."""
    assert ROOT / "docs" / "authoring.md" in SHOWN
