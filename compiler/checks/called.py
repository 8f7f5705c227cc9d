"""Checks the playbooks that steps call (E201, E206, E207, E208).

Decides it with all playbooks that call each other at once. What is called may be broken itself:
the caller is sound then, and warned (`compiler.checks.folder`).
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from compiler.checks.calls import Takes, is_template, names_fit
from compiler.diagnostics import Diagnostic, choice
from compiler.document_calls import PlaybookCallForm
from compiler.document_steps import every_step
from compiler.linking import Playbooks, calls_of
from compiler.nodes import Loc
from compiler.outline import outline_of
from compiler.subject import Subject
from compiler.typed_values import fits, misfit
from domain.plan import Plan
from domain.plan_facts import ParamPlan


def check_called(
    playbooks: Playbooks, others: Collection[str] = frozenset()
) -> Iterator[Diagnostic]:
    """What is wrong with each call of another playbook, whatever else is wrong.

    `others` are the names of playbooks of the folder that none of these calls.
    """
    unread = {path for path, each in playbooks.subjects.items() if each.plan is None}
    known = Known(
        plans=playbooks.callable(unread),
        unread=frozenset(playbooks.names_of(unread)),
        others=frozenset(others),
        all_read=playbooks.all_read,
    )
    for subject in playbooks.subjects.values():
        if not outline_of(subject).calls:
            continue
        for loc, step in every_step(subject.form.steps) if subject.form else ():
            if step.playbook:
                yield from _call(subject, (*loc, "playbook"), step.playbook, known)


@dataclass(frozen=True, slots=True)
class Known:
    """Which playbooks can be called; a name that is `unread` exists in a broken file."""

    plans: Mapping[str, Plan]
    unread: frozenset[str]
    others: frozenset[str]
    all_read: bool


def _call(subject: Subject, loc: Loc, call: PlaybookCallForm, known: Known) -> Iterator[Diagnostic]:
    name = call.name
    plan = known.plans.get(name)
    if plan is None:
        if name not in known.unread and known.all_read:
            help_text = choice(name, {*known.plans, *known.others}, of="playbooks")
            message = f"unknown playbook '{name}'"
            yield subject.value((*loc, "name"), "E201", message, help_text)
        return
    circle = _circle(name, subject.plan.name if subject.plan else "", known.plans)
    if circle:
        message = f"playbook '{circle[-1]}' would call itself: {' → '.join(circle)}"
        help_text = "a playbook that waits for itself never ends; make this a step of its own"
        yield subject.value((*loc, "name"), "E208", message, help_text)
        return
    if call.version not in (None, plan.version):
        message = f"playbook '{name}' has version {plan.version}, not {call.version}"
        help_text = f"write version: {plan.version}, after reading what changed"
        yield subject.value((*loc, "version"), "E207", message, help_text)
    yield from _params(subject, (*loc, "with"), call, plan)


def _circle(name: str, start: str, plans: Mapping[str, Plan]) -> tuple[str, ...]:
    """The way from the start over this playbook back to the start; empty if there is none."""
    ways: list[tuple[str, ...]] = [(start, name)]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        if way[-1] == start:
            return way
        if way[-1] in seen or way[-1] not in plans:
            continue
        seen.add(way[-1])
        ways.extend((*way, step.name) for step in reversed(calls_of(plans[way[-1]])))
    return ()


def _params(
    subject: Subject, within: Loc, call: PlaybookCallForm, plan: Plan
) -> Iterator[Diagnostic]:
    needed = tuple(name for name, each in plan.params.items() if each.is_required)
    takes = Takes(f"playbook '{plan.name}'", tuple(plan.params), needed)
    yield from names_fit(subject, within, call.with_, takes)
    for name, value in call.with_.items():
        if name in plan.params:
            yield from _value(subject, (*within, name), plan.params[name], value)


def _value(subject: Subject, loc: Loc, param: ParamPlan, value: object) -> Iterator[Diagnostic]:
    """E206 for a value written out that the playbook does not take."""
    if is_template(value) or (isinstance(value, list) and any(map(is_template, value))):
        return
    if not fits(value, param.type):
        yield subject.value(loc, "E206", *misfit(value, param.type))
    elif param.one_of and value not in param.one_of:
        allowed = ", ".join(str(one) for one in param.one_of)
        yield subject.value(loc, "E206", f"'{value}' is not allowed here", f"allowed: {allowed}")
