"""Telling people what waits for them: once each, quietly, whoever holds the role by then.

Decides whose move a step is, what they read, and that what nobody can take goes to the
commander. Nobody is ever paged for a step.
"""

from collections.abc import Iterator

from domain.incident.messages import named as named_refs
from domain.incident.messages import readable
from domain.incident.state import Told
from domain.incident.steps.kinds import approve, ask, decide
from domain.incident.steps.moves import (
    commanders,
    owners,
    people_behind,
    put,
    tell,
)
from domain.incident.steps.tree import Node, above, known, live
from domain.incident.turn import Turn
from domain.plan_steps import (
    ApproveStep,
    AskStep,
    ChecklistStep,
    DecideStep,
    RunbookStep,
)

NOBODY = "-"
"""Stands among those told once the commander knows that nobody else can take it."""

AT_WORK = ("pending", "done", "skipped")


def tell_waiting(turn: Turn) -> None:
    """After every event: tell whoever has not heard yet that a step waits for them."""
    if all(one.state in AT_WORK for one in turn.state.steps.values()):
        return
    for node in list(_waiting(turn)):
        people = whose_move(turn, node)
        own = known(turn.state, node)
        fresh = [one for one in people if one.person not in own.told]
        if fresh:
            put(turn, node, told=(*own.told, *(one.person for one in fresh)))
            text, lines = notice(turn, node)
            tell(turn, fresh, text, lines)
        elif not people and NOBODY not in own.told:
            _nobody_can(turn, node)


def _waiting(turn: Turn) -> Iterator[Node]:
    """The steps that wait for a person, where everything around them still runs."""
    for node in live(turn.plan, turn.state):
        own = known(turn.state, node)
        is_held = own.state == "failed" and node.step.on_error != "continue"
        if is_held or (own.state == "running" and is_asked(turn, node)):
            yield node


def is_asked(turn: Turn, node: Node) -> bool:
    """Whether a running step waits for a person's word or work."""
    own = known(turn.state, node)
    match node.step:
        case DecideStep():
            return own.choice is None
        case AskStep() | ApproveStep():
            return True
        case ChecklistStep():
            return node.step.assign is not None
        case _:
            return False


def whose_move(turn: Turn, node: Node) -> list[Told]:
    """Whose answer or work the step waits for, of those who hold a role now."""
    step, own = node.step, known(turn.state, node)
    if own.taken_over and own.by is not None:
        return [Told(person=own.by, name=own.by_name)]
    if own.state == "failed":
        return _of_failed(turn, node)
    match step:
        case DecideStep():
            return people_behind(turn, step.by)
        case AskStep():
            return people_behind(turn, step.of)
        case ApproveStep():
            return approve.missing(turn, node, step)
        case _:
            return owners(turn, node)


def _of_failed(turn: Turn, node: Node) -> list[Told]:
    people = {one.person: one for one in owners(turn, node)}
    asker = known(turn.state, node).asked_by
    if isinstance(node.step, ApproveStep) and asker is not None:
        people.setdefault(asker, Told(person=asker, name=turn.state.name_of(asker)))
    return list(people.values())


def _nobody_can(turn: Turn, node: Node) -> None:
    """Whoever could take it is not there: the commander hears it, and may decide or staff."""
    leading = commanders(turn)
    if not leading or isinstance(node.step, ChecklistStep):
        return
    own = known(turn.state, node)
    put(turn, node, told=(*own.told, NOBODY))
    text = f"Nobody can take {node.label}: {_missing(turn, node)}"
    turn.note("step.unclaimed", f"{text}.", {"step": node.address})
    tell(turn, leading, text, notice(turn, node)[1])


def _missing(turn: Turn, node: Node) -> str:
    match node.step:
        case ApproveStep() as step if approve.named(turn, step):
            if approve.may_approve(turn, node, step):
                return "everybody who may has voted, and it is not enough"
            return "who asks for it may not approve it"
        case ApproveStep() as step:
            refs = step.by
        case DecideStep() as step:
            refs = (step.by,)
        case AskStep() as step:
            refs = (step.of,)
        case _:
            refs = (node.step.assign or "",)
    return f"nobody holds {readable(named_refs(refs))}"


def notice(turn: Turn, node: Node) -> tuple[str, tuple[str, ...]]:
    """What is asked of people, and how they answer, as they read it on a phone."""
    step, own = node.step, known(turn.state, node)
    say = f"watchbill step {{}} {turn.state.reference} {node.address}".format
    if own.state == "failed":
        return f"Step {node.label} has failed: {own.detail.rstrip('.')}", _mends(turn, node)
    match step:
        case DecideStep():
            lines = decide.option_lines(turn, node, step)
            return own.question, (*lines, f"Decide: {say('choose')} OPTION --because …")
        case AskStep():
            return own.question, (f"Answer with {ask.takes(step)}: {say('answer')} VALUE",)
        case ApproveStep():
            return _approval(turn, node, step)
        case ChecklistStep():
            left = sum(1 for item in own.items.values() if item.done_by is None)
            return f"Your checklist: {node.label}, {left} open", (f"Tick: {say('done')} ITEM",)
        case _:
            done = (f"Done: {say('done')}",) if own.taken_over else ()
            return f"Step {node.label} is yours", done


def _approval(turn: Turn, node: Node, step: ApproveStep) -> tuple[str, tuple[str, ...]]:
    own = known(turn.state, node)
    ref = turn.state.reference
    of = turn.state.name_of(own.asked_by) if own.asked_by else ""
    asks = f"{of} asks" if of else "Asked"
    lines = [f"Yes: watchbill step approve {ref} {node.address}"]
    lines.append(f"No: watchbill step reject {ref} {node.address} --because …")
    if step.need > 1:
        given = [vote.name for vote in own.votes if vote.approves]
        so_far = f"; so far {', '.join(given)}" if given else ""
        lines.append(f"It takes {step.need} people{so_far}.")
    for around in above(node):
        choice = known(turn.state, around)
        if choice.choice is not None:
            why = f": {choice.because}" if choice.because else ""
            lines.insert(0, f"For {choice.choice} ({around.label}), {choice.by_name}{why}")
            break
    return f"{asks} for your approval: {node.label}", tuple(lines)


def mends(node: Node) -> tuple[str, ...]:
    """What a person may say of a step that has failed or was stopped."""
    match node.step:
        case ApproveStep():
            return ("retry",)
        case DecideStep() | AskStep() | ChecklistStep() | RunbookStep():
            return ("retry", "skip")
        case _:
            return ("retry", "skip", "take_over")


def _mends(turn: Turn, node: Node) -> tuple[str, ...]:
    ref, address = turn.state.reference, node.address
    words = {
        "retry": f"Do it again: watchbill step retry {ref} {address}",
        "skip": f"Go on without it: watchbill step skip {ref} {address} --because …",
        "take_over": f"Do it by hand: watchbill step take-over {ref} {address}",
    }
    if isinstance(node.step, ApproveStep):
        words["retry"] = f"Ask anew: watchbill step retry {ref} {address}"
    lines = [words[mend] for mend in mends(node)]
    for around in above(node):
        if isinstance(around.step, DecideStep):
            lines.append(f"Another way: watchbill step choose {ref} {around.address} OPTION")
            break
    return tuple(lines)


def asked(turn: Turn, node: Node) -> list[Told]:
    """Whom a reminder goes to: whose move it is, else the commander."""
    return whose_move(turn, node) or commanders(turn)
