"""A playbook that another calls: an incident of its own that follows its caller.

Decides that nobody is paged by its ladder, that severity and roles are the caller's, and
that it is over when its steps are. Its own roles page as ever where the caller's people
hold none of them; command and operations are always the caller's.
"""

from domain.declared import in_steps
from domain.expressions import Scope, value_of
from domain.incident.conditions import values_in
from domain.incident.input import Called
from domain.incident.resolution import close, finish
from domain.incident.roles import staff
from domain.incident.state import Holding
from domain.incident.step_effects import ChildResult, Held, ParentNews, TellParent
from domain.incident.steps.stopping import rearm
from domain.incident.steps.tree import Node, top
from domain.incident.steps.walking import is_passed
from domain.incident.turn import Turn
from domain.incident.view import Phase
from domain.plan_steps import WaitStep
from domain.values import Value, Values, WrongTypeError, as_value


def open_called(turn: Turn, called: Called) -> None:
    """The caller's step has begun: take over what it knows, and start the steps."""
    state = turn.state
    state.parent = called.link
    state.title = called.title
    state.labels = called.labels
    state.service = state.service or state.labels.get("service")
    state.params = dict(called.params)
    state.severity = state.computed_severity = called.news.severity
    state.phase = Phase.TRIGGERED
    state.triggered_at = turn.now
    given = ", ".join(f"{name} {value}" for name, value in called.params.items())
    turn.note("opened", f"Called by {called.link.reference}, step {called.link.step}: {given}.")
    follow(turn, called.news)


def parent_said(turn: Turn, news: ParentNews) -> None:
    """The caller has changed, or has ended."""
    phase = turn.state.phase
    if not (phase.is_open or phase is Phase.SUPPRESSED):
        return
    if news.ended:
        finish(turn, Phase.CANCELLED, news.because)
        if turn.state.parent is not None:
            report(turn)
        return
    follow(turn, news)


def follow(turn: Turn, news: ParentNews) -> None:
    """Take over the caller's severity and roles; who took a role here keeps it."""
    if news.severity is not turn.state.severity:
        text = f"{turn.state.severity} → {news.severity}, as the caller."
        turn.note("severity", text)
        turn.state.severity = news.severity
        rearm(turn)
    for role, held in news.roles.items():
        own = f"role:{role}" in turn.state.ladders
        if role in turn.plan.roles and not own:
            _take_over(turn, role, held)
    is_there = any(held for held in news.roles.values())
    if is_there and turn.state.phase is Phase.TRIGGERED:
        turn.state.phase = Phase.ACKNOWLEDGED
        turn.state.acknowledged_at = turn.now
        turn.note("acknowledged", "The caller's people are on it.")
    staff(turn)


def _take_over(turn: Turn, role: str, held: tuple[Held, ...]) -> None:
    before = {one.person: one for one in turn.state.holders(role)}
    after = tuple(
        before.get(
            one.person,
            Holding(person=one.person, name=one.name, since=turn.now, acting=one.acting),
        )
        for one in held
    )
    if after:
        turn.state.roles[role] = after
    else:
        turn.state.roles.pop(role, None)


def end_if_done(turn: Turn) -> None:
    """A called playbook is over with its last step, or when people have ended it."""
    state = turn.state
    if state.parent is None or state.finished:
        return
    if state.phase.is_open and all(is_passed(turn, node) for node in top(turn.plan)):
        finish(turn, Phase.RESOLVED, "all steps are done")
    if state.phase in (Phase.RESOLVED, Phase.CANCELLED):
        report(turn)


def report(turn: Turn) -> None:
    """Tell the caller how it went, and close: nothing reopens a called playbook."""
    link = turn.state.parent
    if link is None or turn.state.finished:
        return
    how = turn.state.latest[-1].text if turn.state.latest else ""
    ok = turn.state.phase is Phase.RESOLVED
    result = ChildResult(
        outcome="ok" if ok else "failed",
        detail=f"{turn.state.reference}: {how}"[:500],
        values=_outputs(turn) if ok else {},
    )
    turn.effects.append(
        TellParent(
            id=turn.next_id("report"),
            summary=f"Tell {link.reference} how it went",
            workflow_id=link.workflow_id,
            call=link.call,
            result=result,
        )
    )
    close(turn)


def _outputs(turn: Turn) -> Values:
    """The declared outputs that have a value now."""
    here = Node(WaitStep(id="outputs", lasting=turn.now - turn.now))
    found: dict[str, Value] = {}
    for name, output in turn.plan.outputs.items():
        value = value_of(
            output.value, Scope.INCIDENT, values_in(turn, here), in_steps(turn.plan)
        ).value
        try:
            found[name] = as_value(value, output.type)
        except WrongTypeError:
            turn.note("output.missing", f"The output {name} has no value.")
    return found
