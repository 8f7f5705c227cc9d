"""Signed links on pages: for one person, and one incident or all that page them.

Decides form and signature. Whether the incident is still open, and that a GET never
acts, is the API's, which reads links with `read_link`.
"""

from datetime import UTC, datetime

from itsdangerous import BadData, URLSafeSerializer

from activities.secrets import read_or_create_secret
from settings import Settings

SALT = "watchbill-incident-link"
ALL_SALT = "watchbill-person-link"


def link_for(settings: Settings, reference: str, person: str) -> str:
    """The address of the small page that this person opens from a phone."""
    return f"{settings.public_address}/i/{_signed(settings, SALT, reference, person)}"


def read_link(settings: Settings, token: str) -> tuple[str, str] | None:
    """`(reference, person)` of a link's token, or None if we did not sign it."""
    return _read(settings, SALT, token)


def link_for_all(settings: Settings, person: str, since: datetime) -> str:
    """The address of the page that acknowledges all that pages this person since then."""
    token = _signed(settings, ALL_SALT, since.astimezone(UTC).isoformat(), person)
    return f"{settings.public_address}/a/{token}"


def read_link_for_all(settings: Settings, token: str) -> tuple[datetime, str] | None:
    """`(since, person)` of such a link's token, or None if we did not sign it."""
    said = _read(settings, ALL_SALT, token)
    return (datetime.fromisoformat(said[0]), said[1]) if said is not None else None


def callback_token(settings: Settings, purpose: str, answered: str, person: str) -> str:
    """What a service hands back to us from a call or a button; good for that alone.

    `answered` is the code of a reference, or `all` of the person's pages.
    """
    return _signed(settings, f"watchbill-{purpose}", answered, person)


def read_callback(settings: Settings, purpose: str, token: str) -> tuple[str, str] | None:
    """`(answered, person)` of a callback's token, or None if we did not sign it for this."""
    return _read(settings, f"watchbill-{purpose}", token)


def _signed(settings: Settings, salt: str, reference: str, person: str) -> str:
    token = _serializer(settings, salt).dumps({"r": reference, "p": person})
    return token if isinstance(token, str) else token.decode()


def _read(settings: Settings, salt: str, token: str) -> tuple[str, str] | None:
    try:
        said = _serializer(settings, salt).loads(token)
    except BadData:
        return None
    if not isinstance(said, dict):
        return None
    reference, person = said.get("r"), said.get("p")
    if not isinstance(reference, str) or not isinstance(person, str):
        return None
    return reference, person


def _serializer(settings: Settings, salt: str) -> URLSafeSerializer:
    secret = settings.link_secret or read_or_create_secret(settings.data_dir / "link-secret")
    return URLSafeSerializer(secret, salt=salt)
