"""One running copy and one browser for all that is looked at."""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser

from tests.ui.looking import Copy, browser, running_copy


@pytest.fixture(scope="package")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """Engine with its UI, worker and API; each test fires an alert of its own."""
    with running_copy(tmp_path_factory.mktemp("ui")) as running:
        yield running


@pytest.fixture(scope="package")
async def chromium() -> AsyncIterator[Browser]:
    """A real browser."""
    async with browser() as running:
        yield running
