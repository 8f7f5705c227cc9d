"""A `decide` step: a person chooses one of several ways, and its steps run.

While these are under way another way may be chosen: what runs of the first is stopped.
"""

from domain.incident.commands_of_steps import StepChoose
from domain.incident.conditions import verdict_on
from domain.incident.state import Told
from domain.incident.steps.moves import arm, operators, put, rendered, start, stop_inside, tell
from domain.incident.steps.stopping import renew
from domain.incident.steps.tree import Node, below, known
from domain.incident.turn import Turn
from domain.plan_steps import DecideOption, DecideStep


def begin(turn: Turn, node: Node, step: DecideStep) -> None:
    """Put the question to who decides, with what speaks for each option now."""
    question = rendered(turn, node, step.question)
    suggested = tuple(
        option.id
        for option in step.options
        if option.suggest_when and verdict_on(turn, option.suggest_when, node).holds
    )
    text = f"To decide: {question}"
    start(turn, node, text, detail=question, question=question, suggested=suggested)


def option_lines(turn: Turn, node: Node, step: DecideStep) -> tuple[str, ...]:
    """Each way to go in a line: its id, its label, what it costs, whether it is suggested."""
    return tuple(_line(turn, node, option) for option in step.options)


def _line(turn: Turn, node: Node, option: DecideOption) -> str:
    price = option.tradeoff
    said = [part for part in (price.time, price.risk) if part]
    if price.reversible is not None:
        said.append("reversible" if price.reversible else "cannot be undone")
    if option.id in known(turn.state, node).suggested:
        said.append("suggested")
    costs = f" ({'; '.join(said)})" if said else ""
    return f"{option.id}: {rendered(turn, node, option.label)}{costs}"


def choose(turn: Turn, node: Node, command: StepChoose, person: Told) -> None:
    """The decision, or another one in its place."""
    own = known(turn.state, node)
    before = own.choice
    stopped = _stop(turn, node) if before is not None else ""
    said = {"by": person.person, "by_name": person.name, "because": command.because}
    put(turn, node, choice=command.option, results={"chosen": command.option}, **said)
    arm(turn, node)
    renew(turn, list(below(turn.state, node)))
    instead = f" instead of {before}" if before is not None else ""
    why = f": {command.because.rstrip('.')}" if command.because else ""
    hints = f" Suggested: {', '.join(own.suggested)}." if own.suggested else ""
    text = f"{person.name} decides {command.option}{instead} for {node.label}{why}.{hints}"
    turn.note("note.decision", text + stopped, {"step": node.address, "option": command.option})
    others = [one for one in operators(turn) if one.person != person.person]
    tell(turn, others, text.rstrip("."))
    turn.answer(f"Decided: {command.option}{instead}.{stopped}")


def _stop(turn: Turn, node: Node) -> str:
    """Stop what runs of the option chosen before; a sentence on it."""
    running = [
        one.label for one in below(turn.state, node) if known(turn.state, one).state == "running"
    ]
    stop_inside(turn, node)
    return f" Stopped: {', '.join(running)}." if running else ""
