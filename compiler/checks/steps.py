"""Checks the steps: their ids, and the runbooks they take text from (E108, E203, E204).

Decides what of a runbook must exist.
"""

from collections.abc import Iterator

from compiler.diagnostics import Diagnostic, choice
from compiler.document_steps import Step
from compiler.nodes import Loc, Scalar
from compiler.runbooks import Missing, find_section, items_of
from compiler.subject import Subject


def check_steps(subject: Subject) -> Iterator[Diagnostic]:
    """What is wrong with the ids and the runbook sections of the steps."""
    if subject.form is None:
        return
    first: dict[str, int] = {}
    for index, step in enumerate(subject.form.steps):
        if step.id in first:
            node = subject.node(("steps", first[step.id], "id"))
            message = f"step id '{step.id}' is used twice, first at line {node.mark.line}"
            yield subject.value(("steps", index, "id"), "E108", message, "rename one of them")
        first.setdefault(step.id, index)
        yield from _items(subject, index, step)
        yield from _runbook(subject, index, step)


def _items(subject: Subject, index: int, step: Step) -> Iterator[Diagnostic]:
    if step.checklist is None:
        return
    found = find_section(step.checklist.from_ or "", subject.around.files)
    taken = set() if isinstance(found, Missing) else {each.id for each in items_of(found.text)}
    for position, item in enumerate(step.checklist.items):
        if item.id and item.id in taken:
            loc: Loc = ("steps", index, "checklist", "items", position, "id")
            message = f"item id '{item.id}' is used twice in this checklist"
            yield subject.value(loc, "E108", message, "rename it")
        taken |= {item.id} if item.id else set()


def _runbook(subject: Subject, index: int, step: Step) -> Iterator[Diagnostic]:
    checklist = step.checklist
    source = checklist.from_ if checklist else step.runbook
    if source is None:
        return
    loc: Loc = ("steps", index, "checklist", "from") if checklist else ("steps", index, "runbook")
    found = find_section(source, subject.around.files)
    if isinstance(found, Missing):
        node = subject.node(loc)
        mark = node.place_of(found.offset) if isinstance(node, Scalar) else node.mark
        help_text = choice(found.word, found.known, of="there are")
        yield subject.mark(mark, "E203", found.message, help_text)
    elif checklist and not items_of(found.text):
        message = f"'{source}' has no lines to tick"
        help_text = "write lines that start with '- [ ]', or use runbook: to show the text"
        yield subject.value(loc, "E204", message, help_text)
