"""Acknowledging as a person of the roster, whatever way their answer came by.

Decides the sentence that is answered, also where nothing could be done. What an
acknowledgement does is the incident's.
"""

from dataclasses import dataclass

from api.documents import CommandAnswer
from api.gateway_errors import GatewayError
from api.problems import Problem
from api.security import Caller, Scope, shown_name
from api.sending import Sending
from api.services import Services
from domain.incident import commands


@dataclass(frozen=True)
class Said:
    """One sentence for the person, and whether what they wanted is done."""

    sentence: str
    is_done: bool


async def acknowledge(parts: Services, person: str, reference: str, key: str) -> Said:
    """What the incident says; a repeat under the same key gets the first answer again."""
    caller = _caller(parts, person, key)
    sending = Sending(parts, reference, key)
    try:
        done = await sending(caller, commands.Acknowledge(**sending.by(caller)))
    except Problem as error:
        if error.document.status == 404:  # noqa: PLR2004  # not found
            return Said(f"No incident {reference} is known.", is_done=False)
        return Said(error.document.detail, is_done=False)
    except GatewayError as error:
        return Said(f"{error} Nothing was done: try again, or use the link.", is_done=False)
    if not isinstance(done, CommandAnswer):
        return Said("It is kept, and done as soon as a worker answers.", is_done=True)
    return Said(f"{done.reference}: {done.sentence}", is_done=True)


def _caller(parts: Services, person: str, key: str) -> Caller:
    actor = f"user:{person}"
    return Caller(
        actor=actor,
        name=shown_name(parts.snapshot.roster, actor),
        scopes=frozenset({Scope.RESPOND}),
        key=key.partition("/")[0],
    )
