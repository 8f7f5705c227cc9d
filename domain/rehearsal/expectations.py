"""Compares what happened in a test with what its author expects.

Decides whether each expectation holds, and the words where one does not: expected and
actual. The reason that helps most is `domain.rehearsal.reasons`.
"""

from datetime import datetime, timedelta
from typing import assert_never

from domain.incident.fact_text import shown
from domain.incident.steps.tree import find, known
from domain.incident.view import StepView
from domain.rehearsal import reasons
from domain.rehearsal.case import (
    NOBODY,
    AnnouncedExpected,
    DedupExpected,
    Expectation,
    FactExpected,
    OnlyPagedExpected,
    PagedExpected,
    PhaseExpected,
    RoleExpected,
    SeverityExpected,
    StepExpected,
    TriggersExpected,
)
from domain.rehearsal.record import Paged
from domain.rehearsal.rehearsal import Rehearsal
from domain.rehearsal.staging import Failure, Stage, went_on
from domain.values import Value

LOOK_AHEAD = timedelta(days=1)
"""How long beyond its end a test is played on to say when somebody would be paged."""


def judged(stage: Stage, expected: Expectation) -> Failure | None:  # noqa: C901 - one case each
    """The failure if the expectation does not hold now."""
    match expected:
        case TriggersExpected():
            return None
        case DedupExpected(key=key):
            actual = stage.dedup_key
            return _unequal(expected, "the dedup key", key, actual, "")
        case SeverityExpected(severity=severity):
            actual = stage.rehearsal.state.severity
            why = reasons.of_severity(stage)
            return _unequal(expected, "the severity", severity.value, actual.value, why)
        case PhaseExpected(phase=phase):
            actual = stage.rehearsal.state.phase
            why = reasons.last_entries(stage)
            return _unequal(expected, "the phase", phase.value, actual.value, why)
        case PagedExpected():
            return _paged(stage, expected)
        case OnlyPagedExpected():
            return _only_paged(stage, expected)
        case AnnouncedExpected():
            return _announced(stage, expected)
        case StepExpected():
            return _step(stage, expected)
        case RoleExpected():
            return _role(stage, expected)
        case FactExpected():
            return _fact(stage, expected)
        case _:
            assert_never(expected)


def _unequal(
    expected: Expectation, what: str, wanted: str, actual: str, why: str
) -> Failure | None:
    if wanted == actual:
        return None
    message = f"expected {what} {wanted}{_when(expected)}, but it is {actual}"
    return Failure(expected.place, message, why)


def _when(expected: Expectation) -> str:
    """The moment that an entry of `expect` names."""
    return f" after {reasons.span(expected.after)}" if expected.after is not None else ""


# -- pages and announcements ----------------------------------------------------------


def _pages(rehearsal: Rehearsal, *, quietly: bool) -> list[Paged]:
    wanted = "low" if quietly else "high"
    return [one for one in rehearsal.record.pages if one.page.urgency == wanted]


def _behind(rehearsal: Rehearsal, ref: str, at: datetime) -> set[str]:
    return {person.id for person in rehearsal.cast.behind(ref, at).people}


def first_paged(stage: Stage, ref: str, *, quietly: bool) -> datetime | None:
    """When somebody behind the reference is paged first; None for never.

    A person by whatever reason; who serves a schedule or team from its turn on.
    """
    rehearsal = stage.rehearsal
    asked = [one.at for one in rehearsal.record.look_ups if ref in one.asked.refs]
    for at, page in _pages(rehearsal, quietly=quietly):
        if ref == f"user:{page.person}":
            return at
        if asked and asked[0] <= at and page.person in _behind(rehearsal, ref, at):
            return at
    return None


def _paged(stage: Stage, expected: PagedExpected) -> Failure | None:
    first = first_paged(stage, expected.ref, quietly=expected.quietly)
    actual = first - stage.began_at if first is not None else None
    if actual == expected.at:
        return None
    who = reasons.called(stage, expected.ref)
    how = "told quietly" if expected.quietly else "paged"
    wanted = "never" if expected.at is None else reasons.after(expected.at)
    was = f"was {reasons.after(actual)}" if actual is not None else _when_at_all(stage, expected)
    message = f"expected {who} to be {how} {wanted}, but it {was}"
    return Failure(expected.place, message, reasons.of_pages(stage, expected.ref))


def _when_at_all(stage: Stage, expected: PagedExpected) -> str:
    """When it would be if the test went on, for who has set a time too short."""
    later = went_on(stage, stage.case.lasts + LOOK_AHEAD)
    first = first_paged(later, expected.ref, quietly=expected.quietly)
    if first is None:
        return f"never was{_when(expected)}"
    return f"is {reasons.after(first - later.began_at)}"


def _only_paged(stage: Stage, expected: OnlyPagedExpected) -> Failure | None:
    rehearsal = stage.rehearsal
    others: dict[str, str] = {}
    for at, page in _pages(rehearsal, quietly=expected.quietly):
        refs = expected.refs
        if not any(page.person in _behind(rehearsal, ref, at) for ref in refs):
            when = reasons.after(at - stage.began_at)
            others.setdefault(page.person, f"{page.person_name} {when} as {page.level}")
    if not others:
        return None
    wanted = ", ".join(expected.refs) or "nobody"
    message = f"expected only {wanted} to be paged, but so was {', '.join(others.values())}"
    return Failure(expected.place, message, reasons.of_pages(stage, ""))


def _announced(stage: Stage, expected: AnnouncedExpected) -> Failure | None:
    record = stage.rehearsal.record
    told = [one for one in record.announcements if expected.ref in one.announcement.to]
    actual = told[0].at - stage.began_at if told else None
    if actual == expected.at:
        return None
    wanted = "never" if expected.at is None else reasons.after(expected.at)
    was = "it never was" if actual is None else f"it was {reasons.after(actual)}"
    message = f"expected {expected.ref} to be told {wanted}, but {was}"
    return Failure(expected.place, message, reasons.of_announcements(stage))


# -- steps, roles, facts --------------------------------------------------------------


def _step(stage: Stage, expected: StepExpected) -> Failure | None:
    view = _view_of(stage, expected.step)
    name = expected.step
    if view is None:
        message = f"expected the step {name}{_when(expected)}, but it does not exist then"
        return Failure(expected.place, message, reasons.of_steps(stage))
    match expected.what:
        case "state":
            actual, why = view.state, reasons.of_step(stage, view)
            return _unequal(expected, f"the step {name} to be", str(expected.value), actual, why)
        case "choice":
            chosen = view.choice or "not decided"
            why = reasons.of_step(stage, view)
            return _unequal(expected, f"{name} to choose", str(expected.value), chosen, why)
        case what:
            value = _result(stage, name, what)
            if value == expected.value:
                return None
            is_known = shown(value) if value is not None else "not there"
            message = f"expected {name}'s {what} {shown(expected.value)}, but it is {is_known}"
            return Failure(expected.place, message, reasons.of_step(stage, view))


def _result(stage: Stage, address: str, what: str) -> Value | None:
    node = find(stage.plan, stage.rehearsal.state, address)
    if node is None:
        return None
    own = known(stage.rehearsal.state, node)
    return {"ok": own.ok, "timed_out": own.timed_out, **own.results}.get(what)


def _view_of(stage: Stage, address: str) -> StepView | None:
    waiting = list(stage.rehearsal.view().steps)
    while waiting:
        view = waiting.pop()
        if view.id == address:
            return view
        waiting += view.steps
    return None


def _role(stage: Stage, expected: RoleExpected) -> Failure | None:
    rehearsal = stage.rehearsal
    holders = [one for one in rehearsal.state.holders(expected.role) if not one.on_paper]
    names = " and ".join(one.name for one in holders) or NOBODY
    if expected.holder == NOBODY:
        holds = not holders
    else:
        behind = _behind(rehearsal, expected.holder, rehearsal.now)
        holds = any(one.person in behind for one in holders)
    if holds:
        return None
    wanted = reasons.called(stage, expected.holder)
    message = f"expected {wanted} to hold {expected.role}{_when(expected)}, but {names} does"
    return Failure(expected.place, message, reasons.of_role(stage, expected.role))


def _fact(stage: Stage, expected: FactExpected) -> Failure | None:
    known_facts = stage.rehearsal.state.known_facts
    fact = known_facts.get(expected.fact)
    actual = fact.value if fact is not None and not fact.stale else None
    if actual == expected.value:
        return None
    message = (
        f"expected the fact {expected.fact} {shown(expected.value)}{_when(expected)}, "
        f"but it is {shown(actual)}"
    )
    why = fact.why if fact is not None else "nothing has said it yet"
    return Failure(expected.place, message, why)
