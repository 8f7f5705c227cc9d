"""Checks that results of steps are read where they are there (E305, E306).

Decides which steps are over when a place is read, and which of their results may be unset:
then the place asks first. `ok` and `timed_out` of every earlier step can be read.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from compiler.checks.guards import NOTHING, Guard, Guards
from compiler.checks.places import Place, places_of
from compiler.checks.results_named import (
    Named,
    condition_holds,
    named_in_condition,
    named_in_text,
)
from compiler.diagnostics import Diagnostic
from compiler.nodes import Listing, Node, Scalar
from compiler.steps_written import StepWritten
from compiler.subject import Subject
from domain.declared import ALWAYS
from domain.severity import Severity


def check_results(subject: Subject) -> Iterator[Diagnostic]:
    """Each result that is read before its step, or that may be unset where it is read."""
    by_id: dict[str, StepWritten] = {}
    for step in subject.steps():
        by_id.setdefault(step.id, step)
    by_id.pop("", None)
    for place in places_of(subject):
        for named in _named(place):
            of = by_id.get(named.step)
            if of is None or not named.output:
                continue
            found = _early(place, of, named.output) or _unset(place, of, named)
            if found:
                mark = place.scalar.place_of(named.offset)
                yield subject.mark(mark, found.code, found.message, found.help)


def _named(place: Place) -> Iterator[Named]:
    if place.use == "text":
        return named_in_text(place.scalar.text, _known(place))
    return named_in_condition(place.scalar.text, _known(place))


def _known(place: Place) -> Guards:
    """What the conditions of the step, and of those around it, make sure of."""
    if place.step is None:
        return NOTHING
    lineage = place.step.lineage()
    if place.loc == (*place.step.loc, "when"):
        lineage = lineage[:-1]
    return NOTHING.union(*(condition_holds(step.text("when")) for step in lineage))


@dataclass(frozen=True, slots=True)
class _Found:
    code: str
    message: str
    help: str


def _early(place: Place, step: StepWritten, output: str) -> _Found | None:
    """E305 where the step is not over for certain when the place is read."""
    result = f"'steps.{step.id}.{output}'"
    reason = _why_early(place, step, output)
    if reason is None:
        return None
    return _Found("E305", f"{result} is read {reason[0]}", reason[1])


_OUTSIDE = (
    "outside the steps",
    "results can be read in later steps and in outputs; here, use facts, labels or incident",
)


def _why_early(place: Place, step: StepWritten, output: str) -> tuple[str, str] | None:
    """Where the place stands as seen from the step, and the mend."""
    if not place.sees_results:
        return _OUTSIDE
    reader = place.step
    if reader is not None:
        if reader == step:
            return f"in step '{step.id}' itself", "a result is known once the step is over"
        if step in reader.lineage():
            return _inside(step, output)
        if reader in step.lineage():
            message = f"before step '{step.id}', which stands inside '{reader.id}', runs"
            return message, "read it in a later step"
        apart = _apart(step, reader)
        if apart is not None:
            return apart
    return _out_of_its_loop(step, reader)


def _inside(step: StepWritten, output: str) -> tuple[str, str] | None:
    if step.kind == "decide" and output == "chosen":
        return None
    message = f"inside step '{step.id}', which is not over there"
    return message, "read the results of the steps before this one in the same list"


def _apart(step: StepWritten, reader: StepWritten) -> tuple[str, str] | None:
    """Why the step has not run for certain when the reader's turn comes; None if it has."""
    ours, theirs = step.lineage(), reader.lineage()
    split = _split(step, reader)
    if split and step.around[split - 1].name != reader.around[split - 1].name:
        block = step.around[split - 1]
        if block.owner.kind == "decide":
            message = f"in another option of '{block.owner.id}': only one of the two is carried out"
            return message, f"read it in the option '{block.name}', or after the decision"
        message = f"in another branch of '{block.owner.id}', which runs beside it"
        return message, "move the step into the same branch, or read the result behind both"
    if theirs[split].index < ours[split].index:
        line = step.node.mark.line
        return "before the step runs", f"step '{step.id}' stands below, at line {line}"
    return None


def _split(step: StepWritten, reader: StepWritten) -> int:
    """How many steps around them both share."""
    pairs = zip(step.lineage(), reader.lineage(), strict=False)
    return next(index for index, (one, other) in enumerate(pairs) if one != other)


def _out_of_its_loop(step: StepWritten, reader: StepWritten | None) -> tuple[str, str] | None:
    shared = _split(step, reader) if reader else 0
    for block in step.around[shared:]:
        if block.owner.kind == "for_each":
            message = f"outside the loop of '{block.owner.id}': it has one value for each round"
            help_text = f"read it inside the loop, or read steps.{block.owner.id}.ok"
            return message, help_text
    return None


@dataclass(frozen=True, slots=True)
class _Cause:
    """Why a result may be unset, and what makes sure that it is not for this cause."""

    reason: str
    guard: Guard | None = None


def _unset(place: Place, step: StepWritten, named: Named) -> _Found | None:
    """E306 where the result may be unset and nothing asks first."""
    if named.output in ALWAYS or named.asks_only:
        return None
    result = f"'steps.{step.id}.{named.output}'"
    if step.kind == "playbook" and step.at("playbook", "wait") and not _waits(step):
        message = f"{result} is never set: step '{step.id}' does not wait"
        return _Found("E306", message, "remove 'wait: false', or do without the result")
    sure = {("ok", step.id), ("has", step.id, named.output)}
    if sure & named.guards:
        return None
    open_causes = [each for each in _causes(step, place.step) if each.guard not in named.guards]
    if not open_causes:
        return None
    message = f"{result} may be unset: {open_causes[0].reason}"
    return _Found("E306", message, _guarding(place, step.id, named.output))


def _guarding(place: Place, step: str, output: str) -> str:
    if place.use == "text":
        name = f"steps.{step}"
        return (
            f"write {{% if {name}.ok %}}…{{% endif %}} around it, or "
            f"{{{{ {name}.{output} | default('unknown') }}}}"
        )
    return f"ask first: steps.{step}.ok && …"


def _waits(step: StepWritten) -> bool:
    written = step.at("playbook", "wait")
    return not (isinstance(written, Scalar) and written.value is False)


def _causes(step: StepWritten, reader: StepWritten | None) -> Iterator[_Cause]:
    """All that may keep the step from having its results when the reader's turn comes."""
    shared = _split(step, reader) if reader and step not in reader.lineage() else 0
    if reader and step in reader.lineage():
        return
    for each in (*(block.owner for block in step.around[shared:]), step):
        yield from _own_causes(each)
    for block in step.around[shared:]:
        owner = block.owner
        if owner.kind == "decide":
            reason = f"it stands in the option '{block.name}' of '{owner.id}'"
            yield _Cause(reason, ("chosen", owner.id, block.name))
        if owner.kind == "parallel" and owner.text("join") == "any":
            yield _Cause(f"'{owner.id}' stops it when another branch is done first")


def _is_everywhere(node: Node | None) -> bool:
    """Whether the list names every severity."""
    items = node.items if isinstance(node, Listing) else ()
    return {each.text for each in items if isinstance(each, Scalar)} >= set(Severity)


def _own_causes(step: StepWritten) -> Iterator[_Cause]:
    has_default = step.kind == "ask" and step.at("ask", "default") is not None
    if step.at("when") is not None:
        yield _Cause(f"step '{step.id}' has a condition")
    if step.at("at") is not None and not _is_everywhere(step.at("at")):
        yield _Cause(f"step '{step.id}' runs only at some severities")
    if step.text("on_error") == "continue":
        yield _Cause(f"step '{step.id}' may fail and continue")
    if step.text("on_timeout") == "skip" and not has_default:
        yield _Cause(f"step '{step.id}' may be skipped in the end")
