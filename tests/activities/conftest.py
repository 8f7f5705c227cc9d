"""What the tests of the activities share: one HTTP client."""

from collections.abc import AsyncIterator

import httpx
import pytest

from activities.channels.tools import new_http_client


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client as the worker has it."""
    async with new_http_client() as client:
        yield client
