"""Checks the maps that differ by severity (E405, E502).

Decides which severities a playbook can reach by its rules, and which maps must grow laxer
with lower severities. The rules themselves are `compiler.checks.rules`.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from compiler.diagnostics import Diagnostic
from compiler.document import PlaybookForm, PolicyForm
from compiler.document_steps import every_step
from compiler.nodes import Loc
from compiler.subject import Subject
from compiler.written_values import BySeverity
from domain.severity import Severity

_NEVER = timedelta.max


def check_severities(subject: Subject) -> Iterator[Diagnostic]:
    """What is wrong with every map over severities."""
    if subject.form is None:
        return
    reachable = _reachable(subject, subject.form)
    for loc, written, grows in maps_of(subject.form):
        missing = incomplete(loc, written, reachable)
        if missing:
            yield subject.key(loc, "E502", *missing)
        if grows:
            yield from stricter(subject, loc, written)


Map = tuple[Loc, BySeverity[Any], bool]
"""A per-severity map with its place, and whether it must not shrink downwards."""


def maps_of(form: PlaybookForm) -> Iterator[Map]:
    """Every per-severity map of the playbook."""
    found: list[tuple[Loc, BySeverity[Any] | None, bool]] = [(("urgency",), form.urgency, False)]
    if form.escalation:
        yield from maps_of_ladder(form.escalation, ("escalation",))
        for index, each in enumerate(form.escalation.criteria):
            found.append((("escalation", "criteria", index, "after"), each.after, True))
    found += [((*loc, "deadline"), step.deadline, True) for loc, step in every_step(form.steps)]
    for name, fact in form.facts.items():
        found.append((("facts", name, "deadline"), fact.deadline, True))
    if form.handoff:
        found.append((("handoff", "max_shift"), form.handoff.max_shift, False))
    if form.resolve:
        found.append((("resolve", "confirm"), form.resolve.confirm, False))
    yield from _written(found)


def maps_of_ladder(form: PolicyForm, here: Loc) -> Iterator[Map]:
    """Every per-severity map of an escalation, or of a policy that stands there."""
    found: list[tuple[Loc, BySeverity[Any] | None, bool]] = [
        ((*here, "ack_within"), form.ack_within, True),
        ((*here, "repeat"), form.repeat, False),
        ((*here, "ack_expires"), form.ack_expires, True),
    ]
    if form.exhausted:
        found.append(((*here, "exhausted", "again_every"), form.exhausted.again_every, True))
    yield from _written(found)


def _written(found: list[tuple[Loc, BySeverity[Any] | None, bool]]) -> Iterator[Map]:
    for loc, written, grows in found:
        if written is not None:
            yield loc, written, grows


def _reachable(subject: Subject, form: PlaybookForm) -> set[Severity]:
    """The severities that the rules can set; the house's table counts without a default."""
    written = form.severity
    plan = subject.plan
    found = {rule.set for rule in written.rules} if written else set()
    if written and written.default:
        found.add(written.default)
    elif plan:
        found |= {*plan.severity.table.values(), Severity.SEV3}
    if form.escalation:
        found |= {each.raise_ for each in form.escalation.criteria if each.raise_}
    return found


def incomplete(
    loc: Loc, written: BySeverity[Any], reachable: set[Severity]
) -> tuple[str, str] | None:
    """What the map does not say and the mend, or None where it says all."""
    missing = [each.value for each in sorted(reachable) if not written.covers(each)]
    if not missing:
        return None
    return f"'{loc[-1]}' says nothing for {', '.join(missing)}", "add them, or else: for all others"


def stricter(subject: Subject, loc: Loc, written: BySeverity[Any]) -> Iterator[Diagnostic]:
    """E405 where a lower severity has less time than a worse one."""
    for key, message, help_text in stricter_key(loc, written):
        yield subject.value((*loc, key), "E405", message, help_text)


def stricter_key(loc: Loc, written: BySeverity[Any]) -> Iterator[tuple[str, str, str]]:
    """Each key with less time than that of a worse severity; the message and the mend."""
    previous: tuple[Severity, timedelta] | None = None
    reported: set[str] = set()
    for severity in Severity:
        if not written.covers(severity):
            continue
        value = written.at(severity)
        time = _NEVER if value is None else value
        key = written.key_for(severity)
        if previous and time < previous[1] and key not in reported:
            reported.add(key)
            message = f"{severity} is stricter than {previous[0]} in '{loc[-1]}'"
            yield key, message, "a lower severity needs the same time or more"
        previous = severity, time
