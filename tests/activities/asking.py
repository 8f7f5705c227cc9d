"""Requests as tests make them: a client, a resolver that lies, a server that says fine."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from activities.automation.errors import WillNotSucceed
from activities.automation.http_words import Answered, Asked
from activities.automation.safe_http import SafeClient, safe_client
from settings import Settings
from tests.receivers import Reply

PATIENT = timedelta(seconds=20)
OK = Reply(body=b"fine", headers=(("content-type", "text/plain"),))


class Names:
    """A resolver that answers as a test says, and counts."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        """Each name's answers one after the other; the last stays. `_` stands for a dot."""
        self._answers = {name.replace("_", "."): list(one) for name, one in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The next answer."""
        self.asked.append(host)
        answers = self._answers[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]


def a_client(*allow: str, names: Names | None = None) -> SafeClient:
    """A client with this list of allowed targets."""
    return safe_client(Settings(http_allow=",".join(allow)), resolve=names)


async def fetch(client: SafeClient, url: str, **asked: object) -> Answered:
    """The answer to a GET unless another method is given."""
    return await client.fetch(Asked(url=url, **asked), timeout=PATIENT)  # type: ignore[arg-type]


async def refusal_of(client: SafeClient, url: str, **asked: object) -> str:
    """Why a request is not made or not believed."""
    with pytest.raises(WillNotSucceed) as refused:
        await fetch(client, url, **asked)
    return refused.value.detail
