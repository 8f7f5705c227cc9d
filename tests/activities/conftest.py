"""What the tests of the activities share: one HTTP client, and services of the real shape."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from activities.channels.tools import new_http_client
from tests.providers import SlackServer, TeamsServer, TwilioServer, listening


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client as the worker has it."""
    async with new_http_client() as client:
        yield client


@pytest.fixture
def twilio() -> Iterator[TwilioServer]:
    """A server of Twilio's shape."""
    server = TwilioServer()
    with listening(server):
        yield server


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    """A server of Slack's shape."""
    server = SlackServer()
    with listening(server):
        yield server


@pytest.fixture
def teams() -> Iterator[TeamsServer]:
    """A server of a Teams webhook's shape."""
    server = TeamsServer()
    with listening(server):
        yield server
