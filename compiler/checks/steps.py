"""Checks the steps: their ids, and the runbooks they take text from (E010, E108, E203, E204).

Decides which ids and variables are taken, and what of a runbook must exist.
"""

from collections.abc import Iterator

from compiler.diagnostics import Diagnostic, choice
from compiler.document_human_steps import ChecklistForm
from compiler.document_steps import Step, every_step
from compiler.nodes import Loc, Scalar
from compiler.runbooks import MOST_ITEMS, Missing, Section, find_section, items_of
from compiler.steps_written import StepWritten
from compiler.subject import Subject
from domain.scope import NAMES, NOT_YET, OWN, Scope


def check_steps(subject: Subject) -> Iterator[Diagnostic]:
    """What is wrong with the ids and the runbook sections of the steps, at any depth."""
    yield from _ids(subject)
    for loc, step in every_step(subject.form.steps) if subject.form else ():
        yield from _items(subject, loc, step)
        yield from _runbook(subject, loc, step)


def _ids(subject: Subject) -> Iterator[Diagnostic]:
    """E108 for an id that another step has, and for a loop's variable that hides a name."""
    first: dict[str, StepWritten] = {}
    for step in subject.steps():
        other = first.setdefault(step.id, step)
        if step.id and other is not step:
            line = subject.node((*other.loc, "id")).mark.line
            message = f"step id '{step.id}' is used twice, first at line {line}"
            help_text = "ids are unique in the whole playbook; rename one of them"
            yield subject.value((*step.loc, "id"), "E108", message, help_text)
        if step.item in (*_TAKEN, *step.items):
            message = f"the variable '{step.item}' would hide the name '{step.item}'"
            place = (*step.loc, "for_each", "as")
            yield subject.value(place, "E108", message, "give it a name of its own, such as one")
        elif step.item in _RESERVED:
            message = f"'{step.item}' is a word of conditions"
            place = (*step.loc, "for_each", "as")
            yield subject.value(place, "E107", message, "give it another name, such as one")


_TAKEN = (*{name.split(".")[0] for scope in Scope for name in NAMES[scope]}, *OWN, *NOT_YET)
_RESERVED = (
    "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in",
    "let", "loop", "namespace", "not", "null", "or", "and", "package", "return", "true", "var",
    "void", "while", "is", "secret", "secrets",
)  # fmt: skip
"""Words that CEL or Jinja keep for themselves."""


def _items(subject: Subject, loc: Loc, step: Step) -> Iterator[Diagnostic]:
    if step.checklist is None:
        return
    found = find_section(step.checklist.from_ or "", subject.around.files)
    yield from _too_many(subject, loc, step.checklist, found)
    taken = set() if isinstance(found, Missing) else {each.id for each in items_of(found.text)}
    for position, item in enumerate(step.checklist.items):
        if item.id and item.id in taken:
            message = f"item id '{item.id}' is used twice in this checklist"
            place = (*loc, "checklist", "items", position, "id")
            yield subject.value(place, "E108", message, "rename it")
        taken |= {item.id} if item.id else set()


def _too_many(
    subject: Subject, loc: Loc, checklist: ChecklistForm, found: Section | Missing
) -> Iterator[Diagnostic]:
    taken = 0 if isinstance(found, Missing) else len(items_of(found.text))
    if taken + len(checklist.items) > MOST_ITEMS:
        field = "from" if taken > MOST_ITEMS else "items"
        message = f"the checklist has more than {MOST_ITEMS} lines"
        help_text = "nobody ticks so many at night; make it several steps"
        yield subject.value((*loc, "checklist", field), "E010", message, help_text)


def _runbook(subject: Subject, within: Loc, step: Step) -> Iterator[Diagnostic]:
    checklist = step.checklist
    source = checklist.from_ if checklist else step.runbook
    if source is None:
        return
    loc = (*within, "checklist", "from") if checklist else (*within, "runbook")
    found = find_section(source, subject.around.files)
    if isinstance(found, Missing):
        node = subject.node(loc)
        mark = node.place_of(found.offset) if isinstance(node, Scalar) else node.mark
        help_text = choice(found.word, found.known, of="there are") if found.known else found.help
        yield subject.mark(mark, "E203", found.message, help_text)
    elif checklist and not items_of(found.text):
        message = f"'{source}' has no lines to tick"
        help_text = "write lines that start with '- [ ]', or use runbook: to show the text"
        yield subject.value(loc, "E204", message, help_text)
