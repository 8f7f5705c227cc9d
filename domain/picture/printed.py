"""Writes the pages of a picture as one HTML document that prints as it looks.

Decides paper size and page breaks as the browser is told them; no script, nothing fetched.
"""

from collections.abc import Sequence
from html import escape

from domain.picture.pieces import Page
from domain.picture.svg import svg_of
from domain.picture.text_metrics import plain_text

_STYLE = """\
@page {{ size: {width:g}pt {height:g}pt; margin: 0 }}
html, body {{ margin: 0; padding: 0; background: #fff }}
svg {{ display: block; break-after: page; break-inside: avoid }}
svg:last-of-type {{ break-after: auto }}
@media screen {{
  html {{ background: #ddd }}
  body {{ background: none }}
  svg {{ margin: 12pt auto; box-shadow: 0 1pt 4pt #888 }}
}}
"""


def html_of(pages: Sequence[Page], *, title: str, description: str) -> str:
    """The pages as an HTML document, each on a sheet of its own."""
    style = _STYLE.format(width=pages[0].width, height=pages[0].height)
    drawn = (
        svg_of(page, title=f"{title}, page {number} of {len(pages)}", description=description)
        for number, page in enumerate(pages, start=1)
    )
    return "".join(
        (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            f"<title>{escape(plain_text(title))}</title>\n<style>\n{style}</style>\n",
            "</head>\n<body>\n",
            *drawn,
            "</body>\n</html>\n",
        )
    )
