"""Checks the ladder and the people on it (E503, W508, W509, E210, W411).

Decides which ladders cannot do what their author hopes for.
"""

from collections.abc import Iterator
from datetime import timedelta

from compiler.diagnostics import Diagnostic
from compiler.durations import written
from compiler.nodes import Loc, Scalar
from compiler.people import may_be_anybody, people_of
from compiler.subject import Subject
from domain.plan import Plan
from domain.roster import WAKING, User

_MANY_LEVELS = 4


def check_ladder(subject: Subject) -> Iterator[Diagnostic]:
    """What is wrong with the levels, and who on them cannot be woken in time."""
    if subject.plan is None:
        return
    loc = _levels_at(subject)
    yield from _levels(subject, subject.plan, loc)
    yield from _people(subject, subject.plan)


def _levels_at(subject: Subject) -> Loc:
    """Where the ladder is written; the escalation, or the head, if a policy names it."""
    for loc in (("page",), ("escalation", "levels"), ("escalation",), ("name",)):
        if subject.has(loc):
            return loc
    return ()


def _levels(subject: Subject, plan: Plan, loc: Loc) -> Iterator[Diagnostic]:
    levels = plan.escalation.levels
    for index in range(1, len(levels)):
        if set(levels[index]) == set(levels[index - 1]):
            message = f"level {index + 1} repeats level {index}"
            help_text = "page somebody else there; repeat: starts the ladder again"
            yield subject.value((*loc, index), "E503", message, help_text)
    if len(levels) > _MANY_LEVELS:
        message = f"the ladder has {len(levels)} levels; few people are left after four"
        help_text = "page more people at one level, or use repeat:"
        yield subject.key(loc, "W509", message, help_text)
    everyone = {each for level in levels for ref in level for each in _people_at(subject, ref)}
    refs = [ref for level in levels for ref in level]
    is_open = any(may_be_anybody(ref, subject.around.roster) for ref in refs)
    if len(everyone) == 1 and subject.around.roster_is_sound and not is_open:
        message = f"only {next(iter(everyone))} is on the ladder"
        help_text = "add a level with somebody else: a phone may be off"
        yield subject.key(loc, "W508", message, help_text)


def _people_at(subject: Subject, reference: str) -> frozenset[str]:
    return people_of(reference, subject.around.roster)


def _people(subject: Subject, plan: Plan) -> Iterator[Diagnostic]:
    """E210 and W411 once a person, at the first reference that reaches them."""
    roster = subject.around.roster
    seen: set[str] = set()
    shortest = min(
        (time for each, time in plan.escalation.ack_within if time and each), default=None
    )
    for loc, scalar in subject.scalars():
        if "page" not in loc and "levels" not in loc:
            continue
        for person in sorted(people_of(scalar.text, roster) - seen):
            seen.add(person)
            on_ladder = loc[0] == "page" or "levels" in loc
            user = roster.users[person]
            yield from _reach(subject, scalar, user, shortest if on_ladder else None)


def _reach(
    subject: Subject, scalar: Scalar, user: User, timeout: timedelta | None
) -> Iterator[Diagnostic]:
    waking = [rule for rule in user.high if rule.via in WAKING and rule.via in user.contact]
    if not waking:
        message = f"nothing can wake '{user.id}', who can be paged here"
        ways = ", ".join(WAKING)
        help_text = f"give the user one of {ways} in contact and in notify.high"
        yield subject.mark(scalar.mark, "E210", message, help_text)
        return
    late = [rule for rule in waking if timeout and rule.after >= timeout]
    if late and timeout:
        rule = late[0]
        message = (
            f"'{user.id}' gets {rule.via} after {written(rule.after)}, "
            f"when the level is over ({written(timeout)})"
        )
        help_text = "bring the method forward, or give the level more time in ack_within"
        yield subject.mark(scalar.mark, "W411", message, help_text)
