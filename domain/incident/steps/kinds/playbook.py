"""A `playbook` step: another playbook runs as a child workflow, an incident of its own.

Decides what the called one is told: its parameters, and who is on it. It goes on for as long
as it takes, is ended with its caller, and tells how it went.
"""

import hashlib

from domain.incident.conditions import values_in
from domain.incident.step_effects import ChildResult, Held, OpenChild, ParentNews
from domain.incident.steps.children import child_id, tell_child
from domain.incident.steps.moves import done, fail, put, start
from domain.incident.steps.tree import Node, calling, every, known
from domain.incident.turn import Turn
from domain.matching import new_reference
from domain.plan import Plan
from domain.plan_steps import PlaybookStep
from domain.templates import neutralised, render
from domain.values import Value, WrongTypeError, as_value


def begin(turn: Turn, node: Node, step: PlaybookStep) -> None:
    """Call it, if it was sound when this plan was compiled and its parameters fit."""
    start(turn, node, f"Step {node.label}: playbook {step.name}.")
    called = turn.plan.subplans.get(step.name)
    if called is None:
        fail(turn, node, f"playbook {step.name} was broken when this plan was compiled.")
        return
    params, wrong = _params(turn, node, step, called)
    if wrong:
        fail(turn, node, f"{wrong}.")
        return
    tries = known(turn.state, node).tries
    own = f"{turn.state.reference}/child/{node.address}/{tries}"
    reference = new_reference(hashlib.sha256(own.encode()).digest())
    news = news_of(turn)
    put(turn, node, call=own, child=reference, news=news)
    turn.effects.append(
        OpenChild(
            id=own,
            summary=f"Step {node.label}: call {step.name} as {reference}",
            step=node.address,
            plan=step.name,
            workflow_id=child_id(step.name, reference, own),
            reference=reference,
            title=neutralised(f"{step.name} for {turn.state.title}")[:200],
            params=params,
            labels=turn.state.labels,
            news=news,
        )
    )


def _params(
    turn: Turn, node: Node, step: PlaybookStep, called: Plan
) -> tuple[dict[str, Value], str]:
    """The typed parameters, and what is wrong with them; empty if nothing is."""
    values = values_in(turn, node)
    found: dict[str, Value] = {}
    for name, param in called.params.items():
        given = step.params.get(name, param.default)
        if isinstance(given, str):
            rendered = render(given, values, for_people=False)
            if rendered.missing or rendered.problem:
                return {}, f"the parameter {name} has no value: {', '.join(rendered.missing)}"
            given = rendered.text
        try:
            found[name] = as_value(given, param.type)
        except WrongTypeError as error:
            return {}, f"the parameter {name}: {error}"
        if param.one_of and found[name] not in param.one_of:
            return {}, f"the parameter {name} is '{found[name]}', none of those allowed"
    return found, ""


def news_of(turn: Turn) -> ParentNews:
    """What a called playbook follows, as it is now."""
    roles = {
        role: tuple(
            Held(person=one.person, name=one.name, acting=one.acting)
            for one in holdings
            if not one.on_paper
        )
        for role, holdings in turn.state.roles.items()
    }
    return ParentNews(severity=turn.state.severity, roles=roles)


def tell_children(turn: Turn) -> None:
    """Whatever has changed about severity and roles goes to the playbooks being called."""
    if not any(state.child for state in turn.state.steps.values()):
        return
    news = news_of(turn)
    for node in list(every(turn.plan, turn.state)):
        state = known(turn.state, node)
        if state.call is None or state.child is None or state.news == news:
            continue
        put(turn, node, news=news)
        tell_child(turn, node, news, f"Tell {state.child} of severity and roles")


def on_opened(turn: Turn, effect: str) -> None:
    """The called playbook runs; without `wait` that is all the step wants."""
    node = calling(turn.plan, turn.state, effect)
    if node is None or not isinstance(node.step, PlaybookStep):
        return
    reference = known(turn.state, node).child or ""
    turn.note("step.called", f"Step {node.label}: {node.step.name} runs as {reference}.")
    if not node.step.wait:
        put(turn, node, call=None)
        done(turn, node, f"{reference} runs.")


def on_finished(turn: Turn, effect: str, result: ChildResult) -> None:
    """The called playbook has ended."""
    node = calling(turn.plan, turn.state, effect)
    if node is None or known(turn.state, node).state != "running":
        return
    put(turn, node, call=None)
    if result.outcome == "ok":
        done(turn, node, result.detail, results=result.values)
    else:
        fail(turn, node, result.detail)
