"""The end of a shift: when it comes for a role's holder, and what is offered then.

Decides when a holder is warned, when the role is offered to whoever serves next, and how
loudly. The offer itself is `domain.incident.handoff`; the schedule is asked anew each
time, so an override made meanwhile counts.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.clock_text import duration_text, local_time, wall_time
from domain.incident.handoff import next_offer_id, offer_by_itself, tell_commander, withdraw
from domain.incident.handoff_summary import summary_by_itself
from domain.incident.messages import named, readable
from domain.incident.people import LookedUp, Person
from domain.incident.quiet import urgency_at
from domain.incident.state import Holding, Offer, Told
from domain.incident.turn import Turn
from domain.incident.view import Phase
from domain.plan import COMMANDER, OPERATIONS
from domain.severity import Severity

AGAIN_AFTER = timedelta(hours=1)
"""How soon a role whose holder is off shift is offered again, where that may wake."""

LOUD_AT = (Severity.SEV1, Severity.SEV2)


class Due(NamedTuple):
    """A deadline that a shift gives."""

    name: str
    at: datetime
    summary: str


def is_loud(turn: Turn) -> bool:
    """Whether the end of a shift may wake people: at SEV1 and SEV2, while it does harm."""
    calm = turn.state.phase is Phase.MITIGATED or _is_ending(turn)
    wakes = urgency_at(turn, turn.state.severity) == "high"
    return turn.state.severity in LOUD_AT and wakes and not calm


def _is_ending(turn: Turn) -> bool:
    """Whether only somebody's word is missing for its end; of that they are reminded."""
    return "resolve" in turn.state.asks


def watch_shifts(turn: Turn) -> None:
    """Keep the deadlines of every role that one person holds in a shift."""
    _withdraw_outdated(turn)
    wanted: dict[str, Due] = {}
    for role in turn.state.roles:
        held = holder_of(turn, role)
        if held is not None and not _is_offered(turn, role):
            wanted |= {due.name: due for due in _dues(turn, role, held)}
    for name in [one for one in turn.state.deadlines if one.startswith("shift_")]:
        if name not in wanted:
            turn.clear_deadline(name)
    for due in wanted.values():
        at = max(due.at, turn.now)
        known = turn.state.deadlines.get(due.name)
        if known is None or (known.at != at and max(known.at, turn.now) != at):
            turn.set_deadline(due.name, at, due.summary)


def holder_of(turn: Turn, role: str) -> Holding | None:
    """Who holds the role by themselves: not acting, on paper, or by following another.

    A role that many may hold is nobody's alone, so it is never offered by itself.
    """
    plan = turn.plan.roles.get(role)
    held = next(iter(turn.state.holders(role)), None)
    if held is None or plan is None or plan.many:
        return None
    return None if held.acting or held.on_paper or held.following else held


def _is_offered(turn: Turn, role: str) -> bool:
    return any(offer.role == role and offer.is_open for offer in turn.state.offers.values())


def _withdraw_outdated(turn: Turn) -> None:
    """An offer made in somebody's name ends when another person has taken the role."""
    for offer in list(turn.state.offers.values()):
        held = holder_of(turn, offer.role)
        if offer.automatic and offer.is_open and held is not None and held.person != offer.by:
            withdraw(turn, offer, f"{held.name} holds it now")


def _dues(turn: Turn, role: str, held: Holding) -> Iterator[Due]:
    end = _end_of(turn, held)
    what, zone = readable(role), turn.plan.timezone
    if end is not None:
        ends = f"{held.name}'s shift as {what} ends"
        yield Due(f"shift_end/{role}", end, f"{ends}: offer it to whoever is on call")
        warn = turn.plan.handoff.warn_before
        knows = held.warned_for == end or held.off_shift or _is_ending(turn)
        if warn and end > turn.now and not knows:
            summary = f"Tell {held.name} that their shift as {what} ends at {local_time(end, zone)}"
            yield Due(f"shift_warn/{role}", end - warn, summary)
    tried = _last_try(turn, role, held)
    if held.off_shift and tried is not None and is_loud(turn):
        summary = f"Offer {what} again: {held.name}'s shift has ended"
        yield Due(f"shift_again/{role}", tried + AGAIN_AFTER, summary)


def _limit(turn: Turn, held: Holding) -> datetime | None:
    """When they will have held it for as long as the playbook lets one person."""
    longest = turn.plan.handoff.max_shift.at(turn.state.severity)
    return None if longest is None else held.since + longest


def _end_of(turn: Turn, held: Holding) -> datetime | None:
    """The next end of their shift; one that has been acted on does not come again.

    To whoever is off shift, and keeps it, only the next change of the schedule matters.
    """
    moments = (held.until, None if held.off_shift else _limit(turn, held))
    past = held.over_at
    return min((one for one in moments if one and (past is None or one > past)), default=None)


def _last_try(turn: Turn, role: str, held: Holding) -> datetime | None:
    ended = [
        offer.ended_at
        for offer in turn.state.offers.values()
        if offer.automatic and offer.role == role and offer.by == held.person
    ]
    since = held.over_at
    moments = [at for at in (*ended, held.asked_at) if at is not None and since and at >= since]
    return max(moments, default=None)


def _change(turn: Turn, role: str, **changes: object) -> Holding:
    held = turn.state.roles[role][0].model_copy(update=changes)
    turn.state.roles[role] = (held,)
    return held


def on_shift_deadline(turn: Turn, topic: str, role: str) -> None:
    """Ask the schedule who is next: to warn the holder, or to offer the role."""
    held = holder_of(turn, role)
    if held is None:
        return
    end = _end_of(turn, held)
    match topic:
        case "shift_warn":
            held = _change(turn, role, warned_for=end)
        case "shift_end":
            held = _change(turn, role, over_at=turn.now)
        case _:
            held = _change(turn, role, asked_at=turn.now)
    schedule = _schedule_of(turn, role, held)
    if schedule is None:
        _tell_of_the_end(turn, role, held, "")
        return
    kind = topic.removeprefix("shift_")
    what = f"Who is on call: {named((schedule,))} ({readable(role)}, end of a shift)"
    turn.look_up(f"end_of_shift:{kind}:{role}:{held.person}", (schedule,), what)


def _schedule_of(turn: Turn, role: str, held: Holding) -> str | None:
    """Whom to ask: by whom they were found, else who is paged first for such a role."""
    paged = turn.plan.roles[role].page
    if not paged and role in (OPERATIONS, COMMANDER):
        paged = tuple(ref for level in turn.plan.escalation.levels for ref in level)
    return held.via or next((ref for ref in paged if ref.startswith("schedule:")), None)


def on_next_people(turn: Turn, asked: str, found: tuple[LookedUp, ...]) -> None:
    """Whoever is on call now is offered the role; a holder who still is keeps it."""
    kind, role, person = asked.split(":")
    held = holder_of(turn, role)
    if held is None or held.person != person or not found:
        return
    if kind == "warn":
        _warn(turn, role, held, found[0])
    elif _is_offered(turn, role):
        _change(turn, role, over_at=None)
    else:
        _end(turn, role, held, found[0])


def _end(turn: Turn, role: str, held: Holding, answer: LookedUp) -> None:
    limit = _limit(turn, held)
    is_on = _serves(answer, held)
    is_long = limit is not None and limit <= turn.now
    held = _change(turn, role, via=answer.ref, until=answer.until, off_shift=not is_on)
    if is_on and not is_long:
        _change(turn, role, over_at=None, asked_at=None)
        text = f"{held.name} is on call in {named((answer.ref,))}: {readable(role)} stays."
        turn.note("shift.goes_on", text)
        return
    taker = _taker(answer, held, at_limit=is_on)
    if taker is None:
        _nobody_to_ask(turn, role, held, answer)
        return
    because = f"{held.name}'s shift has ended"
    if is_on:
        because = f"{held.name} has held it for {duration_text(turn.now - held.since)}"
    _offer(turn, role, held, answer, taker=taker, because=because)


def _offer(
    turn: Turn, role: str, held: Holding, answer: LookedUp, *, taker: Person, because: str
) -> None:
    offer = Offer(
        id=next_offer_id(turn),
        kind="handoff",
        role=role,
        by=held.person,
        by_name=held.name,
        to=answer.ref,
        summary=summary_by_itself(turn.plan, turn.state, turn.now),
        automatic=True,
        quiet=not is_loud(turn),
        because=because,
        until=answer.until,
        made_at=turn.now,
        expires_at=turn.after(turn.plan.handoff.accept_within),
    )
    offer_by_itself(turn, offer, taker)


def _serves(answer: LookedUp, held: Holding) -> bool:
    return any(one.id == held.person for one in answer.people)


def _taker(answer: LookedUp, held: Holding, *, at_limit: bool) -> Person | None:
    """Who is on call instead of them; where only they are (`at_limit`), who comes next."""
    people = (*answer.people, *(answer.next if at_limit else ()))
    return next((one for one in people if one.id != held.person), None)


def _nobody_to_ask(turn: Turn, role: str, held: Holding, answer: LookedUp) -> None:
    _change(turn, role, asked_at=turn.now)
    where = named((answer.ref,))
    text = f"Nobody else is on call in {where}: {held.name} keeps {readable(role)}."
    turn.note("shift.nobody", text, {"role": role, "schedule": answer.ref})
    told = Told(person=held.person, name=held.name)
    turn.tell(told, turn.message(text), why="nobody is next")
    tell_commander(turn, text, but=(held.person,), why="nobody is next")


def _warn(turn: Turn, role: str, held: Holding, answer: LookedUp) -> None:
    """Tell the holder what comes, unless the schedule says otherwise by now."""
    is_on, is_limit = _serves(answer, held), held.warned_for == _limit(turn, held)
    if not is_limit and any(one.id == held.person for one in answer.next):
        return  # they serve on, or took over early and begin then
    if is_on and held.until is not None and answer.until != held.until:
        _change(turn, role, until=answer.until, warned_for=None)
        return
    by_then = answer.next if is_on and not is_limit else answer.people
    taker = _taker(answer.model_copy(update={"people": by_then}), held, at_limit=is_on)
    where = named((answer.ref,))
    who = f"{taker.name} is next and will be asked" if taker else f"nobody is next in {where}"
    _tell_of_the_end(turn, role, held, who)


def _tell_of_the_end(turn: Turn, role: str, held: Holding, next_text: str) -> None:
    """A quiet notice to the holder; with nobody to ask, handing over is up to them."""
    what, zone = readable(role), turn.plan.timezone
    end = held.warned_for if held.warned_for and held.warned_for > turn.now else turn.now
    at = f"{wall_time(end, zone)} ({zone})"
    verb = "ends" if end > turn.now else "has ended"
    then = next_text or "no schedule says who is next, so hand it over yourself"
    command = f'watchbill handoff {turn.state.reference} {role} NAME --state-now "…"'
    lines = [f"Hand it over yourself: {command}"]
    if next_text:
        lines = [f'Write what they must know: watchbill note {turn.state.reference} "…"', *lines]
        said = summary_by_itself(turn.plan, turn.state, turn.now)
        lines += [f"They will read: {readable(name)}: {text}" for name, text in said.items()]
    turn.note("shift.told", f"{held.name}'s shift as {what} {verb} at {at}: {then}.")
    headline = f"Your shift as {what} {verb} at {at}: {then}. {turn.state.title}"
    told = Told(person=held.person, name=held.name)
    turn.tell(told, turn.message(headline, lines=tuple(lines)), why=f"shift as {what} {verb}")
