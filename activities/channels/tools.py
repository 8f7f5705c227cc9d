"""What every channel is handed: settings, one HTTP client and the signing secret."""

import base64
import secrets
from dataclasses import dataclass

import httpx

from activities.secrets import read_or_create_secret
from settings import Settings


@dataclass(frozen=True)
class ChannelTools:
    """Shared by all channels of one process. `webhook_secret` is of the form `whsec_…`."""

    settings: Settings
    http: httpx.AsyncClient
    webhook_secret: str

    @property
    def timeout_s(self) -> float:
        """The longest a single request may take, all of it together."""
        return self.settings.send_timeout_s


def new_http_client() -> httpx.AsyncClient:
    """A client for pages: no redirects, no connection kept; proxies by environment.

    A kept connection that the other side has just closed would turn a page into a retry.
    """
    return httpx.AsyncClient(
        follow_redirects=False,
        limits=httpx.Limits(max_keepalive_connections=0),
        headers={"User-Agent": "watchbill"},
    )


def channel_tools(settings: Settings, http: httpx.AsyncClient) -> ChannelTools:
    """The tools, with the webhook secret from settings or the data directory."""
    secret = settings.webhook_secret or read_or_create_secret(
        settings.data_dir / "webhook-secret", _new_webhook_secret
    )
    return ChannelTools(settings, http, secret)


def _new_webhook_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
