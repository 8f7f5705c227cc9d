"""Takes the pictures of docs/channels.md: `python -m tests.ui.channel_pictures [folder]`."""

import asyncio
import sys
from pathlib import Path

from tests.processes import ROOT
from tests.ui.channel_looks import LOOKS, a_page
from tests.ui.looking import browser


async def take(folder: Path) -> None:
    """One picture a channel into the folder, which exists."""
    async with browser() as chromium:
        page = await chromium.new_page(viewport={"width": 700, "height": 900})
        for name, look in LOOKS.items():
            await page.set_content(look(a_page()))
            await page.locator("body").screenshot(path=folder / f"page_{name}.png")


def main(folder: Path) -> None:
    """Take all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images")
