"""`Idempotency-Key`: a repeated request gets the first answer again.

Decides where the first answer is kept. Commands need no keeping here: their key is the
request id that the incident itself remembers.
"""

import uuid
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from fastapi import Header
from pydantic import BaseModel

from api.services import Services
from ledger import KeptAnswer

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="A repeat with the same key gets the first answer again.",
    ),
]

A = TypeVar("A", bound=BaseModel)


def request_id_of(actor: str, key: str | None) -> str:
    """The request id of a command: the sender's key, kept apart by actor, or a fresh one."""
    return f"{actor}/{key}" if key else uuid.uuid4().hex


async def answer_once(
    parts: Services, scope: str, key: str | None, model: type[A], act: Callable[[], Awaitable[A]]
) -> A:
    """The answer of `act`, or the first answer if this key was answered before."""
    if key is None:
        return await act()
    kept = await parts.writer.read(lambda ledger: ledger.first_answer(scope, key))
    if kept is not None:
        return model.model_validate(kept.body)
    answer = await act()
    first = KeptAnswer(status=200, body=answer.model_dump(mode="json"))
    await parts.writer.write(lambda ledger: ledger.keep_answer(scope, key, first))
    return answer
