"""Signed links about people's time: to answer a request for cover, to ask for relief.

Decides form and signature. Whether there is still something to answer, and that a GET
never acts, is the API's.
"""

from typing import Literal

from itsdangerous import BadData, URLSafeSerializer
from pydantic import BaseModel, ConfigDict, ValidationError

from activities.secrets import read_or_create_secret
from settings import Settings

SALT = "watchbill-cover-link"


class CoverLink(BaseModel):
    """What a link is for: `about` is an override's id, or the moment at which relief ends."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["cover", "relief"]
    person: str
    about: str


def cover_link(settings: Settings, link: CoverLink) -> str:
    """The address of the small page that this person opens from a phone."""
    token = _serializer(settings).dumps([link.kind, link.person, link.about])
    return f"{settings.public_address}/c/{token}"


def read_cover_link(settings: Settings, token: str) -> CoverLink | None:
    """What a link's token says, or None if we did not sign it."""
    try:
        kind, person, about = _serializer(settings).loads(token)
        return CoverLink(kind=kind, person=person, about=about)
    except (BadData, ValidationError, TypeError, ValueError):
        return None


def _serializer(settings: Settings) -> URLSafeSerializer:
    secret = settings.link_secret or read_or_create_secret(settings.data_dir / "link-secret")
    return URLSafeSerializer(secret, salt=SALT)
