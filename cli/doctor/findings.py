"""What the doctor finds: one line each, with the mend where something is wrong.

Decides the three states and what a failure is: whatever loses an alert or a page. A
warning is what will hurt some night.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

State = Literal["ok", "warning", "failure"]

PATIENCE_S = 10.0
"""The longest one examination may take; longer is a finding of its own."""


class Finding(BaseModel):
    """One thing that was looked at; `mend` says what to do unless it is ok."""

    model_config = ConfigDict(frozen=True)

    name: str
    state: State
    detail: str
    mend: str = ""


def ok(name: str, detail: str) -> Finding:
    """It is as it should be."""
    return Finding(name=name, state="ok", detail=detail)


def warning(name: str, detail: str, mend: str) -> Finding:
    """It works, and will hurt some night."""
    return Finding(name=name, state="warning", detail=detail, mend=mend)


def failure(name: str, detail: str, mend: str) -> Finding:
    """An alert or a page would be lost."""
    return Finding(name=name, state="failure", detail=detail, mend=mend)


async def within_patience(name: str, examine: Awaitable[Sequence[Finding]]) -> list[Finding]:
    """What the examination finds; taking too long, or breaking down, is a failure."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            return list(await examine)
    except TimeoutError:
        return [failure(name, f"no answer within {PATIENCE_S:g} s", "look at the service's log")]
    except Exception as error:  # noqa: BLE001 - one examination must not hide the others
        return [failure(name, f"could not be examined: {error!r}", "report this, with the text")]
