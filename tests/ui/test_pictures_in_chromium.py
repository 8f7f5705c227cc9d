"""A real browser shows and prints pictures as they were laid out."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from domain.picture.contents import outline_of
from domain.picture.layout import long_page, pages
from domain.picture.printed import html_of
from domain.picture.svg import svg_of
from tests.picture.situations import decided, shipped
from tests.ui.looking import browser

pytestmark = pytest.mark.chromium

MEASURE = """() => [...document.querySelectorAll('text')].map(t => {
  const b = t.getBBox();
  return [t.textContent, b.x, b.y, b.width, b.height];
})"""


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """A browser alone: nothing runs beside it."""
    async with browser() as running:
        yield running


async def test_every_text_is_as_wide_as_it_was_laid_out_at_most(chromium: Browser, tmp_path: Path):
    """So nothing leaves its box, whatever the font; with one text that we cannot measure."""
    outline = outline_of(shipped("payment_api_5xx"), decided())
    laid = long_page(outline)
    file = tmp_path / "picture.svg"
    file.write_text(svg_of(laid, title=outline.title, description=outline.described))

    page = await chromium.new_page()
    await page.goto(file.as_uri())
    measured: list[list[Any]] = await page.evaluate(MEASURE)
    await page.close()

    boxes = [shape for shape in laid.shapes if hasattr(shape, "texts")]
    free = [shape for shape in laid.shapes if hasattr(shape, "anchor")]
    texts = [text for box in boxes for text in box.texts] + free
    widths: dict[str, float] = {}
    for text in texts:
        widths[text.text] = max(widths.get(text.text, 0.0), text.width)
    assert len(measured) == len(texts)
    too_wide = [said for said, _, _, width, _ in measured if width > widths[said] + 0.6]
    assert too_wide == []
    assert all(x >= 0 and x + width <= laid.width for _, x, _, width, _ in measured)


@pytest.mark.parametrize("landscape", [False, True])
async def test_a_sheet_is_printed_for_each_page_and_no_more(chromium: Browser, *, landscape: bool):
    outline = outline_of(shipped("payment_api_5xx"))
    laid = pages(outline, landscape=landscape)
    page = await chromium.new_page()
    await page.set_content(html_of(laid, title=outline.title, description=outline.described))

    printed = await page.pdf(prefer_css_page_size=True)

    await page.close()
    assert printed.count(b"/Type /Page\n") == len(laid)
    box = b"[0 0 842" if landscape else b"[0 0 595"
    assert box in printed.replace(b"841.91998", b"842").replace(b"594.95996", b"595")
