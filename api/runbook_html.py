"""A runbook's Markdown as HTML that is safe on a page.

Decides that HTML in it is text, that links lead to http and https alone, and that there are
no pictures: nothing on the page is fetched from elsewhere. Commands are shown, never run.
"""

from collections.abc import MutableMapping, Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup


def runbook_html(text: str) -> Markup:
    """The text as HTML; whatever stands in it, nothing runs."""
    return Markup(_reader().render(text))  # noqa: S704 - the reader escapes all text


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    reader.validateLink = _is_web_address  # type: ignore[method-assign]
    reader.add_render_rule("link_open", _link)
    return reader


def _is_web_address(url: str) -> bool:
    return url.lower().startswith(("http://", "https://"))


def _link(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    place: int,
    options: Any,
    env: MutableMapping[str, Any],
) -> str:
    """The page's address is a credential: it goes nowhere with a click."""
    tokens[place].attrSet("rel", "noreferrer noopener")
    return renderer.renderToken(tokens, place, options, env)
