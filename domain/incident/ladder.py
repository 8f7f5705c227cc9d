"""Ladders: level by level, round by round, until somebody answers.

Decides which level is next, when a level is skipped, when a round counts and when a
ladder is exhausted. One set of rules serves the playbook's escalation and the small
ladder of each role; `domain.incident.calls` pages each person.
"""

from datetime import timedelta

from domain.clock_text import duration_text
from domain.incident.calls import Rung, call_person, drop_reason
from domain.incident.effects import Loudness, Message
from domain.incident.messages import level_page, named, readable, role_page
from domain.incident.people import HoursNow, LookedUp, Person
from domain.incident.quiet import ASKED, Sound, asks_for_hours, sound_in_hours
from domain.incident.state import Call, Ladder, Told
from domain.incident.turn import Turn
from domain.plan import COMMANDER

ESCALATION = "escalation"
BREATH = timedelta(minutes=1)
"""How long the last resort is left alone after a page, however many alerts come."""

LAST_RESORT = timedelta(minutes=15)
"""How soon an exhausted ladder that reached nobody at all tries again."""

LADDERS_ASK = ("ladder:", "exhausted", "hours:", "shift:")
"""How the purposes of look-ups begin that ladders ask for."""


def put(turn: Turn, ladder: Ladder, **changes: object) -> Ladder:
    """Store the ladder with these changes."""
    ladder = ladder.model_copy(update=changes)
    turn.state.ladders[ladder.id] = ladder
    return ladder


def climb(turn: Turn, *, level: int = 0, loud: bool = False) -> None:
    """Start the escalation ladder at a level, in a new paging cycle.

    It is `loud` whatever the hours where a person asked for it.
    """
    turn.state.cycle += 1
    turn.state.exhausted = False
    turn.clear_deadlines("again/")
    unplan(turn, ESCALATION)
    drop_reason(turn, ESCALATION)
    levels = turn.plan.escalation.levels
    ladder = Ladder(
        id=ESCALATION,
        levels=levels,
        cycle=turn.state.cycle,
        level=min(level, len(levels) - 1),
        loud=loud,
    )
    turn.state.ladders[ESCALATION] = ladder
    start_level(turn, ladder)


def start_level(turn: Turn, ladder: Ladder) -> None:
    """Ask who stands behind the level; its clock starts now."""
    ladder = put(turn, ladder, stage="looking_up", since=turn.now, here=())
    refs = ladder.levels[ladder.level]
    purpose = f"ladder:{ladder.id}"
    turn.forget_lookups(purpose)
    summary = f"Who is on call: {named(refs)} ({label(ladder)})"
    turn.look_up(purpose, refs, summary, hours=follows_hours(turn, ladder))


def follows_hours(turn: Turn, ladder: Ladder) -> bool:
    """Whether it matters to this ladder if the owner team is at work."""
    return asks_for_hours(turn) and not ladder.loud


def sound_of(turn: Turn, ladder: Ladder, hours: HoursNow | None) -> Sound:
    """How this ladder calls people now that it may."""
    return ASKED if ladder.loud else sound_in_hours(turn, hours)


def raise_voice(turn: Turn) -> Ladder | None:
    """The escalation ladder, from now on loud whatever the hours: a person asked."""
    ladder = turn.state.ladders.get(ESCALATION)
    if ladder is None:
        return None
    turn.clear_deadline(f"hours/{ESCALATION}")
    return put(turn, ladder, loud=True)


def unplan(turn: Turn, ladder_id: str) -> None:
    """Forget every moment that was set for this ladder."""
    for topic in ("level", "hours", "shift"):
        turn.clear_deadline(f"{topic}/{ladder_id}")


def round_now(turn: Turn) -> int:
    """The round that a page for a new reason belongs to in the present cycle."""
    ladder = turn.state.ladders.get(ESCALATION)
    return ladder.round if ladder is not None and ladder.cycle == turn.state.cycle else 0


def label(ladder: Ladder) -> str:
    """`level 2`, or `incident commander level 2` for a role's ladder of several."""
    number = ladder.level + 1
    if ladder.role and len(ladder.levels) == 1:
        return readable(ladder.role)
    return f"{readable(ladder.role)} level {number}" if ladder.role else f"level {number}"


def rung_of(ladder: Ladder) -> Rung:
    """The ladder's present rung as it stands in page keys."""
    name = label(ladder).replace(" ", "-")
    return Rung(cycle=ladder.cycle, round=ladder.round, level=name)


def reason_of(ladder: Ladder) -> str:
    """The reason that this ladder's calls carry: its own id."""
    return ladder.id


def page_of(turn: Turn, ladder: Ladder) -> Message:
    """The text of this ladder's pages."""
    if ladder.role:
        return role_page(turn, ladder.role)
    return level_page(turn, label(ladder))


def on_people(turn: Turn, ladder: Ladder, found: tuple[LookedUp, ...], sound: Sound) -> None:
    """Page the people of the level that was looked up, or skip it and say why."""
    people = distinct_people(turn, found, label(ladder), urgency=sound.urgency)
    calls = [call for one in people if (call := _call(turn, ladder, one, sound)) is not None]
    waiting = tuple(call.id for call in calls if not call.is_unreachable)
    asked = tuple(dict.fromkeys((*ladder.asked, *(person.id for person in people))))
    ladder = put(turn, ladder, asked=asked, here=waiting, anyone=ladder.anyone or bool(waiting))
    if not waiting:
        why = "nobody new to page" if people else "nobody on call"
        turn.note("level.skipped", f"{label(ladder).capitalize()} is skipped: {why}.")
        advance(turn, ladder)
        return
    _wait(turn, ladder)


def distinct_people(
    turn: Turn, found: tuple[LookedUp, ...], where: str, *, urgency: Loudness = "high"
) -> list[Person]:
    """Everybody found, once each, who has a way to be reached; the others are noted."""
    people: dict[str, Person] = {}
    for answer in found:
        if not answer.people:
            note = answer.note or "nobody on call"
            turn.note("level.empty", f"{where.capitalize()}: {answer.ref}: {note}.")
        for person in answer.people:
            if person.rules if urgency == "high" else person.low:
                people.setdefault(person.id, person)
            else:
                quiet = "" if urgency == "high" else " that wakes nobody"
                text = f"{person.name} has no contact method that can be used{quiet}."
                turn.note("level.empty", f"{where.capitalize()}: {text}")
    return list(people.values())


def _call(turn: Turn, ladder: Ladder, person: Person, sound: Sound) -> Call | None:
    """Call the person for this level; None if another level of this round did already."""
    rung = rung_of(ladder)
    known = turn.state.calls.get(rung.call_id(person.id))
    elsewhere = known is not None and not known.is_over and known.level != rung.level
    message = page_of(turn, ladder)
    call = call_person(turn, person, rung, reason=reason_of(ladder), message=message, sound=sound)
    if elsewhere:
        text = f"{person.name} has been paged in this round already."
        turn.note("paged.already", text, {"person": person.id, "level": rung.level})
        return call if ladder.role else None
    return call


def _wait(turn: Turn, ladder: Ladder) -> None:
    ladder = put(turn, ladder, stage="waiting")
    within = turn.plan.escalation.ack_within.at(turn.state.severity)
    if within is None or ladder.since is None:
        turn.clear_deadline(f"level/{ladder.id}")
        return
    what = "accept" if ladder.role else "acknowledge"
    summary = f"{label(ladder).capitalize()}: {duration_text(within)} to {what}"
    turn.set_deadline(f"level/{ladder.id}", ladder.since + within, summary)


def on_level_deadline(turn: Turn, ladder_id: str) -> None:
    """Nobody answered in time: go on."""
    ladder = turn.state.ladders.get(ladder_id)
    if ladder is None or ladder.stage != "waiting":
        return
    waited = duration_text(turn.now - ladder.since) if ladder.since else "time"
    what = "accepted" if ladder.role else "acknowledged"
    turn.note("level.timeout", f"{label(ladder).capitalize()}: nobody {what} in {waited}.")
    advance(turn, ladder)


def advance(turn: Turn, ladder: Ladder) -> None:
    """The next level; after the last one the next round, or the end of the ladder."""
    turn.clear_deadline(f"level/{ladder.id}")
    if ladder.level + 1 < len(ladder.levels):
        start_level(turn, put(turn, ladder, level=ladder.level + 1))
        return
    delivered = any(
        call.is_delivered
        for call in turn.state.calls.values()
        if call.cycle >= ladder.cycle and call.round == ladder.round
    )
    if not ladder.anyone:
        exhaust(turn, ladder)
    elif not delivered and not ladder.role:
        turn.note("round.void", "Nothing was delivered in this round: it does not count.")
        start_level(turn, put(turn, ladder, level=0, anyone=False))
    elif not ladder.role and ladder.round < turn.plan.escalation.repeat.at(turn.state.severity):
        start_level(turn, put(turn, ladder, level=0, round=ladder.round + 1, anyone=False))
    else:
        exhaust(turn, ladder)


def exhaust(turn: Turn, ladder: Ladder) -> None:
    """The ladder has ended in silence: page the last resort, or leave it to command."""
    if ladder.role:
        put(turn, ladder, stage="over")
        unplan(turn, ladder.id)
        text = f"Nobody took the role {readable(ladder.role)}: it is the commander's task."
        turn.note("role.unfilled", text)
        for holding in turn.state.holders(COMMANDER):
            told = Told(person=holding.person, name=holding.name)
            turn.tell(told, turn.message(text), why=f"nobody took {readable(ladder.role)}")
        return
    put(turn, ladder, stage="exhausted")
    turn.state.exhausted = True
    turn.note("exhausted", "The escalation ladder is exhausted: nobody acknowledged.")
    page_last_resort(turn)


def news_for_last_resort(turn: Turn) -> None:
    """Page the last resort for new alerts: at once, but in a storm of them once a minute."""
    last = turn.state.last_resort_at
    if last is None or turn.now >= last + BREATH:
        page_last_resort(turn)
        return
    known = turn.state.deadlines.get("again/exhausted")
    if known is None or known.at > last + BREATH:
        turn.set_deadline("again/exhausted", last + BREATH, "Exhausted: page again for new alerts")


def page_last_resort(turn: Turn) -> None:
    """Page the exhausted contacts and level 1; each time is a round of its own."""
    turn.state.last_resort_at = turn.now
    ladder = put(
        turn,
        turn.state.ladders[ESCALATION],
        round=turn.state.ladders[ESCALATION].round + 1,
        here=(),
    )
    plan = turn.plan.escalation
    refs = tuple(dict.fromkeys((*plan.exhausted.page, *ladder.levels[0])))
    summary = f"Who is on call: {named(refs)} (exhausted)"
    turn.look_up("exhausted", refs, summary, hours=follows_hours(turn, ladder))
    again = plan.exhausted.again_every.at(turn.state.severity)
    if again is not None:
        summary = f"Exhausted: page again in {duration_text(again)}"
        turn.set_deadline("again/exhausted", turn.after(again), summary)
    else:
        turn.clear_deadline("again/exhausted")


def on_last_resort(turn: Turn, ladder: Ladder, found: tuple[LookedUp, ...], sound: Sound) -> None:
    """Page whom the exhausted look-up found."""
    people = distinct_people(turn, found, "exhausted", urgency=sound.urgency)
    message = level_page(turn, "last resort: nobody acknowledged")
    rung = Rung(cycle=ladder.cycle, round=ladder.round, level="exhausted")
    for person in people:
        call_person(turn, person, rung, reason=ESCALATION, message=message, sound=sound)
    if not people:
        turn.note("exhausted.nobody", "Nobody at all could be paged. Check the roster.")
        if "again/exhausted" not in turn.state.deadlines:
            watch_last_resort(turn)


def after_result(turn: Turn, call: Call) -> None:
    """Skip a level at once when none of its people can be reached any more."""
    if not call.is_unreachable:
        return
    for ladder in list(turn.state.ladders.values()):
        if ladder.stage != "waiting" or call.id not in ladder.here:
            continue
        if all(_is_lost(turn, call_id) for call_id in ladder.here):
            text = f"{label(ladder).capitalize()} is skipped: nobody can be reached."
            turn.note("level.skipped", text)
            put(turn, ladder, anyone=_anyone_else(turn, ladder))
            advance(turn, turn.state.ladders[ladder.id])
    if turn.state.exhausted and "again/exhausted" not in turn.state.deadlines:
        watch_last_resort(turn)


def _is_lost(turn: Turn, call_id: str) -> bool:
    call = turn.state.calls.get(call_id)
    return call is None or call.is_unreachable or call.is_over


def _anyone_else(turn: Turn, ladder: Ladder) -> bool:
    return any(
        not call.is_unreachable
        for call in turn.state.calls.values()
        if call.cycle >= ladder.cycle
        and call.round == ladder.round
        and reason_of(ladder) in call.reasons
    )


def watch_last_resort(turn: Turn) -> None:
    """Try again by and by where nobody can be reached and nothing else would."""
    ladder = turn.state.ladders[ESCALATION]
    calls = [
        call
        for call in turn.state.calls.values()
        if call.level == "exhausted" and call.round == ladder.round
    ]
    if "exhausted" not in turn.state.lookups.values() and all(
        call.is_unreachable for call in calls
    ):
        when = turn.after(LAST_RESORT)
        turn.set_deadline("again/exhausted", when, "Exhausted: try to reach anybody again")


def replan(turn: Turn) -> None:
    """Re-derive the waits of every ladder after a change of severity.

    Time already spent in a level counts; if the new wait is past, act once, now.
    """
    for ladder in list(turn.state.ladders.values()):
        if ladder.stage != "waiting" or ladder.since is None:
            continue
        _wait(turn, ladder)
        deadline = turn.state.deadlines.get(f"level/{ladder.id}")
        if deadline is not None and deadline.at <= turn.now:
            on_level_deadline(turn, ladder.id)


def pause(turn: Turn) -> None:
    """Stop paging for now; the level is kept, the roles start over if it goes on."""
    ladder = turn.state.ladders.get(ESCALATION)
    if ladder is None:
        return
    put(turn, ladder, stage="paused", here=())
    turn.state.exhausted = False
    turn.clear_deadlines("level/", "again/", "hours/", "shift/")
    for known in list(turn.state.ladders.values()):
        if known.role and known.stage != "over":
            turn.state.ladders.pop(known.id)
            drop_reason(turn, known.id)
    drop_reason(turn, ESCALATION)


def rest(turn: Turn) -> None:
    """Somebody is on it: the escalation ladder waits where it stands."""
    ladder = turn.state.ladders.get(ESCALATION)
    if ladder is not None:
        put(turn, ladder, stage="idle", here=())
    turn.state.exhausted = False
    unplan(turn, ESCALATION)
    turn.clear_deadlines("again/")
    drop_reason(turn, ESCALATION)


def stop_all(turn: Turn) -> None:
    """End every ladder and every page."""
    for ladder in list(turn.state.ladders.values()):
        put(turn, ladder, stage="over", here=())
    turn.forget_lookups(*LADDERS_ASK, "help:", "criterion:", "asked:", "take_command")
    turn.clear_deadlines("level/", "again/", "hours/", "shift/", "call/")
    drop_reason(turn)


def page_again(turn: Turn, why: str) -> None:
    """Page the level that was reached once more, in a new cycle."""
    ladder = turn.state.ladders.get(ESCALATION)
    level = ladder.level if ladder is not None else 0
    if turn.pages_nobody:
        turn.note("quiet", f"{why} {turn.state.severity} pages nobody.")
        return
    turn.note("paging.again", f"{why} Paging level {level + 1} again.")
    climb(turn, level=level)
