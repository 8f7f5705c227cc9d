"""Turns a step's document into the plan's step, with runbook texts snapshotted.

Decides what a step means where its author says nothing, and a checklist's lines: those of
its runbook, then its own. Steps that machines do are `compiler.lower_calls`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from compiler import defaults
from compiler.document_calls import RetryForm
from compiler.document_human_steps import AskForm
from compiler.document_steps import DecideForm, ForEachForm, OptionForm
from compiler.document_steps import Step as StepForm
from compiler.lower_calls import lower_http, lower_playbook_call, lower_run
from compiler.runbooks import Missing, Section, find_section, item_id_of, items_of, shown
from compiler.typed_values import all_typed, typed
from domain.plan_steps import (
    ApproveStep,
    AskStep,
    ChecklistItem,
    ChecklistStep,
    DecideOption,
    DecideStep,
    ForEachStep,
    NotifyStep,
    ParallelStep,
    RunbookStep,
    Step,
    Tradeoff,
    WaitForStep,
    WaitStep,
)
from domain.severity import Severity

MOST_VALUES = 1
"""What a loop may do where its author says no `max`, which is refused (E403)."""

_NOTHING = Section(text="", sha256="")


@dataclass(frozen=True, slots=True)
class StepsOf:
    """What steps are lowered with: the folder's runbooks, the house's ways to retry."""

    files: Mapping[str, str]
    retries: Mapping[str, RetryForm] = field(default_factory=dict)

    def lower_all(self, forms: tuple[StepForm, ...]) -> tuple[Step, ...]:
        """The plan's steps."""
        return tuple(self.lower(form) for form in forms)

    def lower(self, form: StepForm) -> Step:
        """The plan's step; a runbook that is missing leaves its part empty."""
        carried = _carried(form)
        match form.kind:
            case "http" | "run" | "playbook":
                return self._machines(form, carried)
            case "parallel" | "for_each" | "decide":
                return self._with_steps(form, carried)
            case _:
                return self._plain(form, carried)

    def _machines(self, form: StepForm, carried: dict[str, Any]) -> Step:
        if form.http:
            return lower_http(form, form.http, carried, self.retries)
        if form.playbook:
            return lower_playbook_call(form.playbook, carried)
        return lower_run(form, form.run or "", carried, self.retries)

    def _with_steps(self, form: StepForm, carried: dict[str, Any]) -> Step:
        if form.decide:
            return self._decide(form.decide, carried)
        if form.for_each:
            return self._for_each(form.for_each, form.do or (), carried)
        branches = tuple(self.lower_all(branch) for branch in form.parallel or ())
        return ParallelStep(**carried, join=form.join or "settled", branches=branches)

    def _decide(self, form: DecideForm, carried: dict[str, Any]) -> Step:
        options = tuple(self._option(name, each) for name, each in form.options.items())
        return DecideStep(**carried, by=form.by, question=form.question, options=options)

    def _option(self, name: str, form: OptionForm) -> DecideOption:
        written = {key: value for key, value in form.tradeoff or () if value is not None}
        return DecideOption(
            id=name,
            label=form.label,
            suggest_when=form.suggest_when,
            tradeoff=Tradeoff(**written),
            do=self.lower_all(form.do),
        )

    def _for_each(
        self, form: ForEachForm, do: tuple[StepForm, ...], carried: dict[str, Any]
    ) -> Step:
        return ForEachStep(
            **carried,
            values=form.in_,
            item=form.as_,
            at_once=form.at_once,
            most=form.max or MOST_VALUES,
            do=self.lower_all(do),
        )

    def _plain(self, form: StepForm, carried: dict[str, Any]) -> Step:
        if form.notify:
            return NotifyStep(**carried, to=form.notify.to, text=form.notify.text)
        if form.ask:
            return _ask(form.ask, carried)
        if form.approve:
            by, need = form.approve.by, form.approve.need
            return ApproveStep(**carried, by=by, need=need, own=form.approve.self_)
        if form.wait is not None:
            return WaitStep(**carried, lasting=form.wait)
        if form.wait_for:
            hold = {"hold": form.wait_for.hold} if form.wait_for.hold is not None else {}
            return WaitForStep(**carried, until=form.wait_for.when, **hold)
        return self._from_runbook(form, carried)

    def _from_runbook(self, form: StepForm, carried: dict[str, Any]) -> Step:
        if form.checklist:
            source = form.checklist.from_
            section = section_or_nothing(source, self.files) if source else None
            return ChecklistStep(
                **carried,
                items=checklist_items(form, self.files),
                source=source,
                sha256=section.sha256 if section else None,
            )
        source = form.runbook or ""
        section = section_or_nothing(source, self.files)
        text = shown(section.text)
        return RunbookStep(**carried, source=source, text=text, sha256=section.sha256)


def _carried(form: StepForm) -> dict[str, Any]:
    """What every step carries."""
    deadline = form.deadline.resolved(defaults.NEVER) if form.deadline else None
    return {
        "id": form.id,
        "when": form.when,
        "at": form.at or tuple(Severity),
        "timeout": form.timeout,
        "deadline": defaults.Timers(**deadline) if deadline else defaults.NEVER,
        "on_timeout": form.on_timeout or "remind",
        "on_error": form.on_error or "ask",
        "assign": form.assign,
    }


def _ask(form: AskForm, carried: dict[str, Any]) -> Step:
    return AskStep(
        **carried,
        of=form.of,
        question=form.question,
        type=form.type,
        one_of=all_typed(form.one_of, form.type),
        default=typed(form.default, form.type),
    )


def section_or_nothing(source: str, files: Mapping[str, str]) -> Section:
    """The runbook's section, empty where there is none."""
    found = find_section(source, files)
    return _NOTHING if isinstance(found, Missing) else found


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
