"""Checks what a drill is given: people, facts, and an alert that starts the playbook.

Decides E201 (people), E112 and E723 (facts), E722 (the alert), and W724 where a measured
fact was forgotten. How it is written is `compiler.document_drill`.
"""

from collections.abc import Iterator, Mapping

from compiler.diagnostics import Diagnostic, choice
from compiler.document_drill import DEFAULT, DrillForm
from compiler.lower_drill import drill_of
from compiler.subject import Subject
from compiler.typed_values import fits, misfit
from domain.drill import alert_of
from domain.matching import match_alert
from domain.plan import Plan
from domain.plan_facts import FactPlan

_HOW = {
    "alert": "each alert says it: give the drill's alert what it is read from",
    "first": "the first alert says it: give the drill's alert what it is read from",
    "": "only people set it",
}


def check_drill(subject: Subject) -> Iterator[Diagnostic]:
    """What is wrong in `drill:`."""
    form, plan = subject.form, subject.plan
    if form is None or form.drill is None or plan is None:
        return
    yield from _responders(subject, form.drill)
    for field, given in (("facts", form.drill.facts), ("facts_after", form.drill.facts_after)):
        for name, value in given.items():
            yield from _fact(subject, plan, (field, name), value)
    yield from _alert(subject, plan)
    if form.drill.facts:
        yield from _unknown(subject, plan.facts, form.drill.facts)


def _responders(subject: Subject, drill: DrillForm) -> Iterator[Diagnostic]:
    names = subject.around.names
    for ref in drill.responders:
        kind, _, name = ref.partition(":")
        if ref != DEFAULT and not names.knows(kind, name):
            help_text = choice(name, names.places.get(kind, {}), of=f"{kind}s")
            loc = ("drill", "responders", ref)
            yield subject.key(loc, "E201", f"unknown {kind} '{name}'", help_text)


def _fact(
    subject: Subject, plan: Plan, place: tuple[str, str], value: object
) -> Iterator[Diagnostic]:
    loc, name = ("drill", *place), place[1]
    fact = plan.facts.get(name)
    if fact is None:
        message = f"the playbook has no fact '{name}'"
        yield subject.key(loc, "E723", message, choice(name, plan.facts, of="its facts"))
        return
    if not fact.is_measured and fact.ask is None:
        how = "alert" if fact.alert is not None else "first" if fact.first is not None else ""
        yield subject.key(loc, "E723", f"no source is asked for the fact '{name}'", _HOW[how])
        return
    if not fits(value, fact.type):
        message, help_text = misfit(value, fact.type)
        yield subject.value(loc, "E112", message, help_text)


def _alert(subject: Subject, plan: Plan) -> Iterator[Diagnostic]:
    """The alert must be one that this playbook takes, as far as its own triggers go."""
    drill = drill_of(subject.form) if subject.form else None
    if drill is None or not plan.triggers or not drill.labels:
        return
    alert = alert_of(plan, drill, "INC-DRILL0", "")
    verdict = match_alert(alert, {plan.name: plan}, None).verdicts[0]
    if not verdict.matched:
        message = f"the drill's alert does not start this playbook: {verdict.reason}"
        help_text = "give it the labels that a trigger wants, or leave alert.labels out"
        yield subject.value(("drill", "alert", "labels"), "E722", message, help_text)


def _unknown(
    subject: Subject, facts: Mapping[str, FactPlan], given: Mapping[str, object]
) -> Iterator[Diagnostic]:
    missing = [name for name, fact in facts.items() if fact.is_measured and name not in given]
    if missing:
        names = ", ".join(missing)
        message = f"nothing is measured in a drill: {names} will be unknown"
        help_text = f"say what sources find of it: {missing[0]}: …"
        yield subject.key(("drill", "facts"), "W724", message, help_text)
