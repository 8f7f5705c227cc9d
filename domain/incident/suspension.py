"""Ladders that wait for the hours of the team that owns the incident.

Decides when a ladder is suspended, who hears of it quietly, when it begins again, and
what a change of urgency means for it. How loudly anybody is called is `quiet`.
"""

from domain.clock_text import local_week_time
from domain.incident.calls import Rung, call_person, drop_reason, hush, lengthen
from domain.incident.ladder import (
    ESCALATION,
    climb,
    follows_hours,
    label,
    on_last_resort,
    on_people,
    page_last_resort,
    put,
    round_now,
    sound_of,
    start_level,
    unplan,
)
from domain.incident.messages import named, quiet_page
from domain.incident.page_text import message_for
from domain.incident.people import HoursNow, LookedUp, LookUpAnswer
from domain.incident.quiet import (
    LOUD,
    QUIET,
    is_closed,
    is_stale,
    sound_in_hours,
    urgency_at,
)
from domain.incident.shift_change import remember_shifts
from domain.incident.state import Ladder
from domain.incident.turn import Turn
from domain.severity import Severity

CLIMBING = ("looking_up", "waiting", "exhausted")
"""Stages in which a ladder calls people."""

_BY_QUIETNESS = ("high", "high_in_hours", "low")


def on_level_people(turn: Turn, ladder_id: str, answer: LookUpAnswer) -> None:
    """Page the level that was looked up, or let the ladder wait for the team's hours."""
    ladder = turn.state.ladders.get(ladder_id)
    if ladder is None or ladder.stage != "looking_up":
        return
    if _is_outdated(turn, ladder, answer.hours):
        start_level(turn, ladder)
    elif _must_wait(turn, ladder, answer.hours):
        suspend(turn, ladder, answer)
    else:
        on_people(turn, ladder, answer.found, sound_of(turn, ladder, answer.hours))
        _is_known_to_people(turn, ladder_id)
        _watch_end_of_hours(turn, ladder_id, answer.hours)
        remember_shifts(turn, ladder_id, answer.found)


def on_last_resort_people(turn: Turn, answer: LookUpAnswer) -> None:
    """Page the last resort, or let the ladder begin anew with the team's hours."""
    ladder = turn.state.ladders.get(ESCALATION)
    if ladder is None or ladder.stage != "exhausted":
        return
    if _is_outdated(turn, ladder, answer.hours):
        page_last_resort(turn)
    elif _must_wait(turn, ladder, answer.hours):
        suspend(turn, ladder, answer)
    else:
        on_last_resort(turn, ladder, answer.found, sound_of(turn, ladder, answer.hours))
        _watch_end_of_hours(turn, ESCALATION, answer.hours)
        remember_shifts(turn, ESCALATION, answer.found)


def _is_outdated(turn: Turn, ladder: Ladder, hours: HoursNow | None) -> bool:
    """Whether the hours were not asked for, or are over: the severity may have changed since."""
    return follows_hours(turn, ladder) and is_stale(turn, hours)


def _must_wait(turn: Turn, ladder: Ladder, hours: HoursNow | None) -> bool:
    return follows_hours(turn, ladder) and hours is not None and is_closed(turn, hours)


def _is_known_to_people(turn: Turn, ladder_id: str) -> None:
    """Whoever was called in hours knows of it: no quiet page is needed later."""
    known = turn.state.quietly_told
    if turn.state.ladders[ladder_id].here and ladder_id not in known:
        turn.state.quietly_told = (*known, ladder_id)


def _watch_end_of_hours(turn: Turn, ladder_id: str, hours: HoursNow | None) -> None:
    ladder = turn.state.ladders.get(ladder_id)
    if ladder is None or hours is None or hours.changes_at is None:
        return
    if ladder.stage in CLIMBING and follows_hours(turn, ladder):
        team = named((turn.plan.owner,))
        text = f"The hours of {team} end: nobody is woken until they begin again"
        turn.set_deadline(f"hours/{ladder_id}", hours.changes_at, text)


def suspend(turn: Turn, ladder: Ladder, answer: LookUpAnswer) -> None:
    """Wake nobody until the team is at work; its people hear of it quietly, once."""
    until = answer.hours.changes_at if answer.hours is not None else None
    if until is None:
        return
    drop_reason(turn, ladder.id)
    unplan(turn, ladder.id)
    turn.forget_lookups(f"shift:{ladder.id}")
    if ladder.id == ESCALATION:
        turn.state.exhausted = False
        turn.clear_deadlines("again/")
        turn.forget_lookups("exhausted")
    ladder = put(turn, ladder, stage="suspended", since=None, here=(), watched={})
    when = local_week_time(until, turn.plan.timezone)
    waits = f"Waits for the hours of {named((turn.plan.owner,))}: {when}"
    turn.set_deadline(f"hours/{ladder.id}", until, waits)
    what = label(ladder.model_copy(update={"level": 0})).capitalize()
    turn.note("suspended", f"Nobody is woken at {turn.state.severity} now. {what} waits: {when}.")
    if ladder.id not in turn.state.quietly_told:
        turn.state.quietly_told = (*turn.state.quietly_told, ladder.id)
        _tell_quietly(turn, ladder, answer.found, when)


def _tell_quietly(turn: Turn, ladder: Ladder, found: tuple[LookedUp, ...], when: str) -> None:
    """One page by each person's low rules to whoever will be called first."""
    message = quiet_page(turn, ladder.role, when)
    rung = Rung(cycle=ladder.cycle, round=ladder.round, level="quiet")
    people = {person.id: person for one in found for person in one.people}
    for person in people.values():
        if person.low:
            call_person(turn, person, rung, reason=ladder.id, message=message, sound=QUIET)
        else:
            text = f"{person.name} has no way to be told that wakes nobody: called {when}."
            turn.note("quiet", text)
    put(turn, ladder, asked=tuple(dict.fromkeys((*ladder.asked, *people))))


def on_hours(turn: Turn, ladder_id: str) -> None:
    """The team's hours begin or end: what waited goes on, what may wake asks again."""
    ladder = turn.state.ladders.get(ladder_id)
    if ladder is None:
        return
    if ladder.stage == "suspended":
        team = named((turn.plan.owner,))
        turn.note("hours", f"The hours of {team} begin: {label(_first(ladder))} is called.")
        begin_anew(turn, ladder)
    elif ladder.stage in ("waiting", "exhausted") and follows_hours(turn, ladder):
        ask_for_hours(turn, ladder)


def _first(ladder: Ladder) -> Ladder:
    return ladder.model_copy(update={"level": 0})


def begin_anew(turn: Turn, ladder: Ladder) -> None:
    """Climb from level 1 in a new cycle."""
    if ladder.id == ESCALATION:
        climb(turn)
        return
    turn.state.cycle += 1
    drop_reason(turn, ladder.id)
    unplan(turn, ladder.id)
    changes = {"cycle": turn.state.cycle, "level": 0, "round": round_now(turn), "watched": {}}
    start_level(turn, put(turn, ladder, **changes))


def ask_for_hours(turn: Turn, ladder: Ladder) -> None:
    """Ask whether the team is still at work."""
    purpose = f"hours:{ladder.id}"
    turn.forget_lookups(purpose)
    team = named((turn.plan.owner,))
    turn.look_up(purpose, (), f"Is the team {team} at work? ({label(ladder)})", hours=True)


def on_hours_known(turn: Turn, ladder_id: str, answer: LookUpAnswer) -> None:
    """Go on calling while the team is at work; else suspend the ladder."""
    ladder = turn.state.ladders.get(ladder_id)
    if ladder is None or ladder.stage not in ("waiting", "exhausted"):
        return
    if not follows_hours(turn, ladder):
        return
    if _is_outdated(turn, ladder, answer.hours):
        ask_for_hours(turn, ladder)
    elif _must_wait(turn, ladder, answer.hours):
        suspend(turn, ladder, answer)
    else:
        _lengthen_calls(turn, answer.hours)
        _watch_end_of_hours(turn, ladder_id, answer.hours)


def _lengthen_calls(turn: Turn, hours: HoursNow | None) -> None:
    """Whoever is being called loudly goes on being called."""
    sound = sound_in_hours(turn, hours)
    for call in list(turn.state.calls.values()):
        if call.urgency == "high" and not call.is_over:
            lengthen(turn, call, sound, message_for(turn, call))


def was_called_quietly(turn: Turn, before: Severity) -> bool:
    """Whether the escalation waited, or woke nobody, for an urgency that is gone."""
    ladder = turn.state.ladders.get(ESCALATION)
    if ladder is None or ladder.stage not in (*CLIMBING, "suspended"):
        return False
    return _is_too_quiet(turn, ladder, before)


def _is_too_quiet(turn: Turn, ladder: Ladder, before: Severity) -> bool:
    now = urgency_at(turn, turn.state.severity)
    if ladder.loud or now == "low":
        return False
    return ladder.stage == "suspended" or urgency_at(turn, before) == "low"


def grow_louder(turn: Turn, before: Severity) -> None:
    """After a raise: roles that waited are called now, and no hour ends a call any more."""
    for ladder in list(turn.state.ladders.values()):
        if not ladder.role or ladder.stage not in (*CLIMBING, "suspended"):
            continue
        if _is_too_quiet(turn, ladder, before):
            begin_anew(turn, ladder)
    if urgency_at(turn, turn.state.severity) != "high":
        return
    turn.clear_deadlines("hours/")
    for call in list(turn.state.calls.values()):
        if call.loud_until is not None and not call.is_over:
            lengthen(turn, call, LOUD, message_for(turn, call))


def grow_quieter(turn: Turn, before: Severity) -> None:
    """After a lower severity: wake nobody more than it allows, from now on."""
    now = urgency_at(turn, turn.state.severity)
    if _BY_QUIETNESS.index(now) <= _BY_QUIETNESS.index(urgency_at(turn, before)):
        return
    hush(turn)
    for ladder in list(turn.state.ladders.values()):
        if ladder.loud or ladder.stage not in CLIMBING:
            continue
        if ladder.stage == "looking_up":
            start_level(turn, ladder)
        elif now == "high_in_hours":
            ask_for_hours(turn, ladder)
        else:
            _call_quietly(turn, ladder)


def _call_quietly(turn: Turn, ladder: Ladder) -> None:
    """Call the same people again by their low rules, as far as the hours allow."""
    drop_reason(turn, ladder.id)
    if ladder.stage == "exhausted":
        page_last_resort(turn)
        return
    turn.state.cycle += 1
    start_level(turn, put(turn, ladder, cycle=turn.state.cycle))
