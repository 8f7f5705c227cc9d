"""Checks how often and how long steps try (E403, E404, E406).

Decides that what is repeated may be, that a loop has a bound, and that a deadline leaves the
time that the step itself asks for.
"""

from collections.abc import Iterator
from datetime import timedelta

from compiler.diagnostics import Diagnostic
from compiler.document_steps import Step as Form
from compiler.document_steps import every_step
from compiler.durations import written
from compiler.nodes import Loc
from compiler.steps_written import StepWritten
from compiler.subject import Subject
from domain.plan_steps import (
    CallStep,
    CommandStep,
    HttpStep,
    PluginStep,
    RetryPlan,
    Step,
    WaitForStep,
    all_steps,
)
from domain.severity import Severity
from domain.template_rules import code_blocks

_ONCE_ONLY = ("POST", "PATCH")


def check_repeats(subject: Subject) -> Iterator[Diagnostic]:
    """What is wrong with the tries, loops and times of the steps."""
    if subject.form is None or subject.plan is None:
        return
    placed = {step.loc: step for step in subject.steps()}
    forms = every_step(subject.form.steps)
    for (loc, form), step in zip(forms, all_steps(subject.plan.steps), strict=True):
        if form.for_each and form.for_each.max is None:
            message = f"the loop '{form.id}' has no bound"
            help_text = "add max:, such as 20: more values fail it before anything is done"
            yield subject.key((*loc, "for_each"), "E403", message, help_text)
        if isinstance(step, HttpStep):
            yield from _keys(subject, loc, step, placed.get(loc))
        if isinstance(step, HttpStep | CommandStep | PluginStep):
            yield from _tries(subject, loc, form, step)
        if isinstance(step, WaitForStep):
            yield from _hold(subject, loc, step)


def _keys(
    subject: Subject, loc: Loc, step: HttpStep, placed: StepWritten | None
) -> Iterator[Diagnostic]:
    """E404 for a repeated POST that nobody can tell from a second one."""
    items = placed.items if placed else ()
    varying = "".join(f"-{{{{ {item} }}}}" for item in items)
    mend = f'idempotency_key: "{{{{ incident.id }}}}-{step.id}{varying}"'
    if step.idempotency_key is None:
        if step.method in _ONCE_ONLY and step.retry.attempts > 1:
            message = f"step '{step.id}' repeats a {step.method} without an idempotency key"
            help_text = f"add to http: {mend}, or remove retry:"
            yield subject.key((*loc, "retry"), "E404", message, help_text)
        return
    unsaid = [item for item in items if not _names(step.idempotency_key, item)]
    if unsaid:
        message = f"the key is the same for each {unsaid[-1]}: all but the first look repeated"
        place = (*loc, "http", "idempotency_key")
        yield subject.value(place, "E404", message, f"write {mend}")


def _names(template: str, item: str) -> bool:
    """Whether the text names the loop's variable."""
    return any(item in code.replace("|", " ").split() for _, code, _ in code_blocks(template))


def _tries(subject: Subject, loc: Loc, form: Form, step: CallStep) -> Iterator[Diagnostic]:
    """E406 where the tries that the author wants outlast the deadline."""
    if form.timeout is None:
        return
    least = _least(step)
    if least is None:
        return
    needed = form.timeout * step.retry.attempts + _pauses(step.retry)
    if needed > least:
        tries = f"{step.retry.attempts} tries of {written(form.timeout)} with their pauses take"
        if step.retry.attempts == 1:
            tries = "a try of this step takes"
        message = f"{tries} up to {written(needed)}, its deadline is {written(least)}"
        help_text = "lengthen deadline:, or shorten timeout: or retry:"
        yield subject.value((*loc, "timeout"), "E406", message, help_text)


def _pauses(retry: RetryPlan) -> timedelta:
    """All pauses between the tries together."""
    pause, total = retry.backoff, timedelta(0)
    for _ in range(retry.attempts - 1):
        total += min(pause, retry.max)
        pause = min(pause * 2, retry.max)
    return total


def _least(step: Step) -> timedelta | None:
    """The shortest deadline at the severities at which the step runs; None if it has none."""
    found = [step.deadline.at(each) for each in Severity if each in step.at]
    return min((each for each in found if each is not None), default=None)


def _hold(subject: Subject, loc: Loc, step: WaitForStep) -> Iterator[Diagnostic]:
    """E406 where the deadline comes before the condition can have held."""
    least = _least(step)
    if least is not None and step.hold >= least:
        message = f"it must hold for {written(step.hold)}, but its deadline is {written(least)}"
        place = (*loc, "wait_for", "hold")
        yield subject.value(place, "E406", message, "lengthen deadline:, or shorten hold:")
