"""Asks for a cover and passes on what people answer, for the API and the small pages.

Decides what is written where: the ledger has the override before anybody is told, the
workflow decides on answers, and both outcomes are audited.
"""

from api.gateway_errors import EngineUnavailable, NotFound, Pending, Refused
from api.problems import Problem
from api.security import Caller, Scope, shown_name
from api.services import Services
from domain.cover import (
    OPEN,
    CoverCommand,
    CoverReply,
    CoverStart,
    OverrideStatus,
    answer_until,
    over_text,
)
from domain.cover_text import span_text
from domain.on_call import who_is_on_call
from domain.roster import Roster
from ledger import AuditEntry, Ledger
from ledger.override_book import OverrideRecord


class Taken(Exception):  # noqa: N818  # an outcome, named as people read it
    """Another proposal for the same schedule and time is open; `row` is it."""

    def __init__(self, row: OverrideRecord) -> None:
        super().__init__(row.id)
        self.row = row


def start_of(roster: Roster, row: OverrideRecord) -> CoverStart:
    """The input of the override's workflow, as the ledger has it."""
    schedule = roster.schedules.get(row.schedule)
    zone = schedule.tz if schedule else "UTC"
    return CoverStart(
        override=row.id,
        schedule=row.schedule,
        person=row.person,
        person_name=shown_name(roster, f"user:{row.person}"),
        requested_by=row.requested_by,
        requested_by_name=shown_name(roster, row.requested_by),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        answer_by=answer_until(row.requested_at, row.starts_at, row.ends_at),
        when=f"{span_text(row.starts_at, row.ends_at, zone)} ({zone})",
        reason=row.reason,
        status=row.status,
    )


async def ask_cover(parts: Services, caller: Caller, row: OverrideRecord) -> OverrideRecord:
    """The override, proposed or accepted, with its workflow. Raises Taken, EngineUnavailable.

    Where the engine is away nothing is left behind.
    """

    def propose(ledger: Ledger) -> OverrideRecord:
        for other in ledger.open_overrides(row.requested_at):
            is_same = other.schedule == row.schedule and other.id != row.id
            is_open = other.status is OverrideStatus.PROPOSED
            if is_same and is_open and other.meets(row.starts_at, row.ends_at):
                raise Taken(other)
        return ledger.propose(row)

    kept = await parts.writer.write(propose)
    try:
        await parts.gateway.start_cover(start_of(parts.snapshot.roster, kept))
    except EngineUnavailable:
        await parts.writer.write(
            lambda ledger: ledger.settle(kept.id, OverrideStatus.WITHDRAWN, only=OPEN)
        )
        raise
    await parts.effective.refresh()
    detail = f"{kept.person} in {kept.schedule}: {kept.status.value}"
    await note(parts, caller, "override.add", kept.id, detail=detail)
    return kept


async def answer_cover(parts: Services, caller: Caller, override: str, **said: str) -> CoverReply:
    """What became of the answer. Raises Problem 404 or 409, Pending, EngineUnavailable.

    `said` are `kind`, `request_id` and `reason` of the command.
    """
    row = await parts.writer.read(lambda ledger: ledger.override(override))
    if row is None:
        raise Problem(404, f"No override {override!r}; `watchbill override list` shows them.")
    command = CoverCommand.model_validate(
        {
            "actor": caller.actor,
            "actor_name": caller.name,
            "is_admin": Scope.ADMIN in caller.scopes,
            **said,
        }
    )
    action = f"override.{command.kind}"
    try:
        reply = await parts.gateway.answer_cover(override, command)
    except Pending:
        await note(parts, caller, action, override, outcome="pending")
        raise
    except (Refused, NotFound) as error:
        text = over_text(row.id, row.status) if isinstance(error, NotFound) else str(error)
        await note(parts, caller, action, override, outcome="refused", detail=text)
        raise Problem(409, text) from error
    await parts.effective.refresh()
    await note(parts, caller, action, override)
    return reply


def warnings_of(
    roster: Roster, row: OverrideRecord, others: tuple[OverrideRecord, ...]
) -> tuple[str, ...]:
    """What the person who asks should know: double duty, and an earlier override that yields."""
    name = shown_name(roster, f"user:{row.person}")
    found = []
    if set(who_is_on_call(roster.schedules[row.schedule], row.starts_at).users) == {row.person}:
        found.append(f"{name} is on call in {row.schedule} anyway when it begins.")
    for other in others:
        if other.id == row.id or not other.meets(row.starts_at, row.ends_at):
            continue
        if other.schedule == row.schedule:
            yields = shown_name(roster, f"user:{other.person}")
            found.append(f"{yields}'s override {other.id} yields to this one while both hold.")
        elif other.person == row.person:
            found.append(f"{name} covers {other.schedule} at the same time ({other.id}).")
    for schedule in roster.schedules.values():
        serves = row.person in who_is_on_call(schedule, row.starts_at).users
        if serves and schedule.id != row.schedule:
            found.append(f"{name} is on call in {schedule.id} when it begins.")
    return tuple(dict.fromkeys(found))


async def note(
    parts: Services,
    caller: Caller,
    action: str,
    target: str,
    *,
    outcome: str = "done",
    detail: str = "",
) -> None:
    """The audit log says who did it."""
    entry = AuditEntry(
        actor=caller.actor, action=action, target=target, outcome=outcome, detail=detail
    )
    await parts.writer.write(lambda ledger: ledger.audit(entry))
