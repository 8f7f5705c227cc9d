"""Which addresses of an export are copied, and which are secrets in disguise.

Decides: telephone numbers, mail addresses, channels and plain URLs are addresses. A URL
that lets in whoever has it (user info, a query, a long random part) is a secret.
"""

import re
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from compiler.document_errors import Written
from compiler.roster_values import Mail, PhoneAddress, SlackAddress

_RANDOM = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_\-+=%.~]{16,}")
_LONG = re.compile(r"[A-Za-z0-9_\-+=%~]{28,}")
_COUNTRY_AND_REST = re.compile(r"\d{1,3}-\d{4,14}")
_SECRET_HOSTS = ("hooks.slack.com", "discord.com", "webhook.office.com", "logic.azure.com")


class _Probe(Written):
    """Asks the compiler's own readers whether an address is one."""

    mail: Mail | None = None
    phone: PhoneAddress | None = None
    slack: SlackAddress | None = None


def _accepted(field: str, value: str) -> str | None:
    try:
        probe = TypeAdapter(_Probe).validate_python({field: value})
    except ValidationError:
        return None
    found: str | None = getattr(probe, field)
    return found


def open_url(url: str) -> str | None:
    """The URL if it is an address that gives nobody access, else None."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or parts.query:
        return None
    if "{{" in url or re.search(r"\s", url) or host.endswith(_SECRET_HOSTS):
        return None
    is_random = any(
        _RANDOM.fullmatch(each) or _LONG.fullmatch(each) for each in parts.path.split("/")
    )
    return None if is_random else url


def mail(text: str) -> str | None:
    """The mail address, or None if it is none of ours."""
    return None if "{{" in text else _accepted("mail", text)


def channel(text: str) -> str | None:
    """The Slack channel or member, or None if it is filled in at run time."""
    return None if "{{" in text else _accepted("slack", text)


def telephone(text: str, country: str = "") -> str | None:
    """The number in E.164 from `+49 30…`, `1-555…`, or a country code and the rest."""
    written = text.strip()
    if "://" in written:
        return None
    if country.strip("+ "):
        written = f"+{country.strip('+ ')}{re.sub(r'[^0-9]', '', written)}"
    elif _COUNTRY_AND_REST.fullmatch(written):
        written = f"+{written}"
    return _accepted("phone", written)
