"""An `http` call as a request: headers, body, credentials and the idempotency key.

Decides what a playbook may not send itself: headers that belong to the connection, and
`Authorization`, for which there is `auth`. Credentials are `private`: they go to no other
origin.
"""

import base64
import json
import re
from collections.abc import Mapping

from activities.automation.errors import WillNotSucceed
from activities.automation.http_words import Asked
from domain.incident.step_effects import HttpCall
from domain.plan_steps import AuthPlan

LONGEST_REQUEST = 256 * 1024

OURS = frozenset(
    (
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
"""Headers that a playbook cannot set."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LINE = re.compile(r"[\t\x20-\x7e\x80-\U0010ffff]*")


def request_of(call: HttpCall, secret: str | None) -> Asked:
    """What to send; `secret` is the value that `call.auth` names.

    Raises:
        WillNotSucceed: a header is none, or is not a playbook's to set.
    """
    headers = {name.lower(): _line(name, value) for name, value in call.headers.items()}
    if wrong := sorted(OURS & headers.keys()):
        hint = "; use auth" if "authorization" in wrong else ""
        raise WillNotSucceed(f"the header {wrong[0]} cannot be set by a playbook{hint}")
    content, media_type = _body(call)
    if media_type:
        headers.setdefault("content-type", media_type)
    if call.idempotency_key:
        headers["idempotency-key"] = _line("Idempotency-Key", call.idempotency_key)
    return Asked(
        url=call.url,
        method=call.method,
        headers=_encodable(headers),
        private=credentials(call.auth, secret),
        content=content,
        final=call.expect,
    )


def credentials(auth: AuthPlan | None, secret: str | None) -> dict[str, str]:
    """The header that says who asks. Raises WillNotSucceed, never showing the value."""
    if auth is None or secret is None:
        return {}
    if not _LINE.fullmatch(secret):
        raise WillNotSucceed(f"secret '{auth.secret}' has a line break, which no header carries")
    match auth.scheme:
        case "bearer":
            return _encodable({"authorization": f"Bearer {secret}"}, auth.secret)
        case "basic":
            return {"authorization": f"Basic {basic(auth, secret)}"}
        case "header":
            name = auth.header.lower()
            if not _TOKEN.fullmatch(name) or name in OURS - {"authorization"}:
                raise WillNotSucceed(f"'{auth.header[:60]}' is no header that can hold a secret")
            return _encodable({name: secret}, auth.secret)


def basic(auth: AuthPlan, secret: str) -> str:
    """User and secret as RFC 7617 writes them."""
    return base64.b64encode(f"{auth.user}:{secret}".encode()).decode()


def _body(call: HttpCall) -> tuple[bytes | None, str]:
    """The bytes to send and what they are."""
    if call.body is not None:
        content, media_type = call.body.encode("utf-8", "replace"), "text/plain; charset=utf-8"
    elif call.json_body is not None:
        content, media_type = json.dumps(call.json_body).encode(), "application/json"
    else:
        return None, ""
    if len(content) > LONGEST_REQUEST:
        raise WillNotSucceed(f"the body is longer than {LONGEST_REQUEST // 1024} KiB")
    return content, media_type


def _line(name: str, value: str) -> str:
    """The header's value. Raises WillNotSucceed if name or value cannot be sent."""
    if not _TOKEN.fullmatch(name):
        raise WillNotSucceed(f"'{name[:60]}' is no name of a header")
    if not _LINE.fullmatch(value):
        raise WillNotSucceed(f"the header {name.lower()} has a line break or control character")
    return value.strip()


def _encodable(headers: Mapping[str, str], secret: str | None = None) -> dict[str, str]:
    """The headers as they are. Raises WillNotSucceed if one is not plain text."""
    for name, value in headers.items():
        if not value.isascii():
            what = f"secret '{secret}'" if secret else f"the header {name}"
            raise WillNotSucceed(f"{what} has characters that no header carries")
    return dict(headers)
