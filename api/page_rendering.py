"""Turns a template and values into a page that a phone shows without scripts.

Decides escaping (always), and the headers that keep a page's address and content to the
person who opened it.
"""

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

_FOLDER = Path(__file__).parent / "pages"
_STYLE = (_FOLDER / "style.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    # The address of a signed link is a credential: it must not travel or be kept.
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}

_environment = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,  # a page fits the code that was started, not the files of an upgrade
)


@pass_context
def _moment(context: Context, value: datetime) -> str:
    """The moment on the reader's own clock."""
    return str(context["clock"](value))


_environment.filters["moment"] = _moment


def page(template: str, status: int = 200, zone: tzinfo = UTC, **values: object) -> HTMLResponse:
    """The page, with its moments in this zone."""
    # Our own style sheet, not a sender's text: it must match its hash in the policy.
    given = {"style": Markup(_STYLE), "clock": clock(zone), **values}  # noqa: S704
    text = _environment.get_template(template).render(given)
    return HTMLResponse(text, status_code=status, headers=HEADERS)


def zone_named(name: str | None) -> tzinfo:
    """The zone of this IANA name, UTC if there is none."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def clock(zone: tzinfo) -> Callable[[datetime], str]:
    """How a moment reads on a wall in this zone: `03:04`, with its day if not today."""
    today = datetime.now(zone).date()

    def moment(value: datetime) -> str:
        local = value.astimezone(zone)
        return local.strftime("%H:%M" if local.date() == today else "%a %d %b %H:%M")

    return moment
