"""Signed links on pages: for one incident and one person, and what they say.

Decides form and signature. Whether the incident is still open, and that a GET never
acts, is the API's, which reads links with `read_link`.
"""

from itsdangerous import BadData, URLSafeSerializer

from activities.secrets import read_or_create_secret
from settings import Settings

SALT = "watchbill-incident-link"


def link_for(settings: Settings, reference: str, person: str) -> str:
    """The address of the small page that this person opens from a phone."""
    token = _serializer(settings).dumps({"r": reference, "p": person})
    return f"{settings.public_address}/i/{token}"


def read_link(settings: Settings, token: str) -> tuple[str, str] | None:
    """`(reference, person)` of a link's token, or None if we did not sign it."""
    try:
        said = _serializer(settings).loads(token)
    except BadData:
        return None
    if not isinstance(said, dict):
        return None
    reference, person = said.get("r"), said.get("p")
    if not isinstance(reference, str) or not isinstance(person, str):
        return None
    return reference, person


def _serializer(settings: Settings) -> URLSafeSerializer:
    secret = settings.link_secret or read_or_create_secret(settings.data_dir / "link-secret")
    return URLSafeSerializer(secret, salt=SALT)
