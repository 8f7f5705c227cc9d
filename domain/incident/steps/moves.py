"""What every kind of step does alike: start, end, fail, be due, tell who it concerns.

Decides how a step's changes read on the timeline, and whose business a step is. When a step
starts is `domain.incident.steps.walking`, what it does is its module in `kinds`.
"""

from datetime import timedelta

from domain.incident.conditions import values_in
from domain.incident.state import Told
from domain.incident.step_state import StepState
from domain.incident.steps.children import end_child
from domain.incident.steps.tree import Node, below, known
from domain.incident.turn import Turn
from domain.incident.view import Phase
from domain.plan import COMMANDER, OPERATIONS
from domain.templates import render
from domain.values import Value

OUTPUT_SHOWN = 1200
OUTPUT_IN_LOOPS = 200
"""Characters of a call's output that a step shows; a loop may have two hundred rounds."""

WITH_PEOPLE = (Phase.ACKNOWLEDGED, Phase.MITIGATED)
"""Phases in which somebody is there."""

SHORTEST_REMINDER = timedelta(minutes=5)
"""What is overdue is said again after its deadline anew, but no more often than this."""


def put(turn: Turn, node: Node, **changes: object) -> StepState:
    """Change what is remembered of the step."""
    after = known(turn.state, node).model_copy(update=changes)
    turn.state.steps[node.address] = after
    return after


def start(turn: Turn, node: Node, text: str, **changes: object) -> None:
    """The step runs from now on; its deadline with it."""
    tries = known(turn.state, node).tries + 1
    now = {"started_at": turn.now, "counted_from": turn.now, "told": ()}
    put(turn, node, state="running", tries=tries, **now, **changes)
    turn.note("step.started", text, {"step": node.address})
    arm(turn, node)


def reset(turn: Turn, node: Node) -> None:
    """Forget how the step went, so that it may start anew.

    What people have ticked stays ticked, and a loop keeps the list that it was given.
    """
    before = known(turn.state, node)
    _forget_deadlines(turn, node)
    kept = {"tries": before.tries, "items": before.items, "values": before.values}
    turn.state.steps[node.address] = StepState(**kept)


def run_on(turn: Turn, node: Node) -> None:
    """A step that had ended goes on from where it was; its deadline counts from now."""
    put(turn, node, state="running", ended_at=None, timed_out=False, told=())
    arm(turn, node, anew=True)


def done(
    turn: Turn, node: Node, text: str, *, results: dict[str, Value] | None = None, output: str = ""
) -> None:
    """The step has succeeded."""
    before = known(turn.state, node).results
    found = {**before, **(results or {})}
    _end(turn, node, state="done", results=found, detail=text, output=_shown(node, output))
    data = {"step": node.address} | ({"output": output} if output else {})
    turn.note("step.done", f"Step {node.label}: {text}", data)


def skip(turn: Turn, node: Node, text: str, *, timed_out: bool = False) -> None:
    """The step is passed over."""
    stop_inside(turn, node)
    _end(turn, node, state="skipped", detail=text, timed_out=timed_out)
    turn.note("step.skipped", f"Step {node.label} is skipped: {text}", {"step": node.address})


def fail(turn: Turn, node: Node, text: str, *, timed_out: bool = False, output: str = "") -> None:
    """The step has failed; unless it lets the others go on, a person says what now.

    Whose business that is hears it from `telling`, once the walk is over.
    """
    stop_inside(turn, node)
    told = {"timed_out": timed_out, "told": (), "output": _shown(node, output)}
    _end(turn, node, state="failed", detail=text, **told)
    data = {"step": node.address} | ({"output": output} if output else {})
    turn.note("step.failed", f"Step {node.label} has failed: {text}", data)


def _shown(node: Node, output: str) -> str:
    """The beginning and the end of an output: the state is carried on; the ledger has more."""
    most = OUTPUT_IN_LOOPS if node.rounds else OUTPUT_SHOWN
    text = output.strip()
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half].rstrip()}\n…\n{text[-half:].lstrip()}"


def cancel(turn: Turn, node: Node, *, inside: bool = True) -> None:
    """The step, and unless said all inside it, is stopped."""
    if inside:
        stop_inside(turn, node)
    _take_back(turn, node)
    state = known(turn.state, node)
    if state.state == "running":
        _end(turn, node, state="cancelled", detail="stopped")


def stop_inside(turn: Turn, node: Node) -> None:
    """Whatever runs inside a step is stopped, and its own call is taken back."""
    for child in below(turn.state, node):
        if known(turn.state, child).state == "running":
            _take_back(turn, child)
            _end(turn, child, state="cancelled", detail="stopped")
    _take_back(turn, node)


def _take_back(turn: Turn, node: Node) -> None:
    call = known(turn.state, node).call
    if call is not None:
        turn.withdraw.append(call)
        end_child(turn, node)
        put(turn, node, call=None)


def _end(turn: Turn, node: Node, **changes: object) -> None:
    put(turn, node, ended_at=turn.now, deadline=None, **changes)
    _forget_deadlines(turn, node)


def _forget_deadlines(turn: Turn, node: Node) -> None:
    for topic in ("step", "wait", "hold"):
        turn.clear_deadline(f"{topic}/{node.address}")


def arm(turn: Turn, node: Node, *, anew: bool = False) -> None:
    """Set the step's deadline for the present severity, from its period's begin or from now.

    One that would be past is due in a second: a raised severity may shorten it. A decision's
    is that of choosing.
    """
    if anew:
        put(turn, node, counted_from=turn.now)
    own = known(turn.state, node)
    within = node.step.deadline.at(turn.state.severity)
    name = f"step/{node.address}"
    if within is None or own.choice is not None or not turn.state.phase.is_open:
        turn.clear_deadline(name)
        put(turn, node, deadline=None)
        return
    since = own.counted_from or own.started_at or turn.now
    again = since != own.started_at
    period = max(within, SHORTEST_REMINDER) if again else within
    due = max(since + period, turn.after(timedelta(seconds=1)))
    put(turn, node, deadline=due)
    turn.set_deadline(name, due, f"{node.step.kind.capitalize()} {node.label} is due")


def people_behind(turn: Turn, ref: str | None) -> list[Told]:
    """Who stands behind a role or user now; nobody behind a team, which is asked by role."""
    kind, _, name = (ref or "").partition(":")
    if kind == "user":
        return [Told(person=name, name=turn.state.name_of(name))]
    if kind != "role":
        return []
    return [
        Told(person=held.person, name=held.name)
        for held in turn.state.holders(name)
        if not held.on_paper
    ]


def commanders(turn: Turn) -> list[Told]:
    """Who commands, acting or not."""
    return people_behind(turn, f"role:{COMMANDER}")


def owners(turn: Turn, node: Node) -> list[Told]:
    """Whose business the step is: its own people, else operations, else the commander."""
    own = people_behind(turn, node.step.assign)
    return own or operators(turn) or commanders(turn)


def operators(turn: Turn) -> list[Told]:
    """Who does the work."""
    return people_behind(turn, f"role:{OPERATIONS}")


def tell(turn: Turn, people: list[Told], text: str, lines: tuple[str, ...] = ()) -> None:
    """A quiet notice to each of them, about a step."""
    for told in people:
        turn.tell(told, turn.message(f"{text}: {turn.state.title}", lines=lines), why=text[:80])


def rendered(turn: Turn, node: Node, template: str) -> str:
    """A text of the step, for people."""
    return render(template, values_in(turn, node)).text
