"""Turns a step's document into the plan's step, with runbook texts snapshotted.

Decides a checklist's lines: those of its runbook, then its own.
"""

from collections.abc import Mapping

from compiler import defaults
from compiler.document_steps import Step as StepForm
from compiler.runbooks import Missing, Section, find_section, item_id_of, items_of, shown
from domain.plan_steps import ChecklistItem, ChecklistStep, NotifyStep, RunbookStep, Step
from domain.severity import Severity

_NOTHING = Section(text="", sha256="")


def lower_step(form: StepForm, files: Mapping[str, str]) -> Step:
    """The plan's step; a runbook that is missing leaves its part empty."""
    at = form.at or tuple(Severity)
    if form.notify:
        to, text = form.notify.to, form.notify.text
        return NotifyStep(id=form.id, when=form.when, at=at, to=to, text=text)
    if form.checklist:
        return _checklist(form, at, files)
    source = form.runbook or ""
    section = section_or_nothing(source, files)
    return RunbookStep(
        id=form.id,
        when=form.when,
        at=at,
        source=source,
        text=shown(section.text),
        sha256=section.sha256,
        assign=form.assign,
    )


def section_or_nothing(source: str, files: Mapping[str, str]) -> Section:
    """The runbook's section, empty where there is none."""
    found = find_section(source, files)
    return _NOTHING if isinstance(found, Missing) else found


def _checklist(form: StepForm, at: tuple[Severity, ...], files: Mapping[str, str]) -> ChecklistStep:
    source = form.checklist.from_ if form.checklist else None
    section = section_or_nothing(source, files) if source else None
    deadline = form.deadline.resolved(defaults.NEVER) if form.deadline else None
    return ChecklistStep(
        id=form.id,
        when=form.when,
        at=at,
        items=checklist_items(form, files),
        source=source,
        sha256=section.sha256 if section else None,
        assign=form.assign,
        deadline=defaults.Timers(**deadline) if deadline else defaults.NEVER,
        on_timeout=form.on_timeout or "remind",
    )


def checklist_items(form: StepForm, files: Mapping[str, str]) -> tuple[ChecklistItem, ...]:
    """The lines to tick: the runbook's, then the step's own."""
    checklist = form.checklist
    if checklist is None:
        return ()
    items: list[ChecklistItem] = []
    if checklist.from_:
        items.extend(items_of(section_or_nothing(checklist.from_, files).text))
    taken = {item.id for item in items} | {item.id for item in checklist.items if item.id}
    for item in checklist.items:
        item_id = item.id or item_id_of(item.text, taken)
        items.append(ChecklistItem(id=item_id, text=item.text, required=item.required))
    return tuple(items)
