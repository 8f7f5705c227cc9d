"""Checks that need all playbooks of a folder at once (E108, W209, W212, E201).

Decides which playbook hides another, and whether anything takes what nothing matches.
"""

from collections.abc import Iterator, Mapping

from compiler.diagnostics import Diagnostic, choice
from compiler.subject import Subject
from domain.plan import AlertTrigger, Plan


def check_names(subjects: Mapping[str, Subject]) -> Iterator[Diagnostic]:
    """E108 for each playbook whose name an earlier file has."""
    first: dict[str, str] = {}
    for path, subject in sorted(subjects.items()):
        if subject.form is None:
            continue
        name = subject.form.name
        if name in first:
            message = f"playbook '{name}' exists already in {first[name]}"
            yield subject.value(("name",), "E108", message, "rename one of them")
        first.setdefault(name, path)


def check_heartbeats(subjects: Mapping[str, Subject]) -> Iterator[Diagnostic]:
    """E108 for each heartbeat that another trigger, here or in an earlier file, declares."""
    first: dict[str, str] = {}
    for path, subject in sorted(subjects.items()):
        for index, trigger in enumerate(subject.form.triggers or () if subject.form else ()):
            if trigger.heartbeat is None:
                continue
            name = trigger.heartbeat.name
            if name in first:
                where = "above" if first[name] == path else f"in {first[name]}"
                message = f"heartbeat '{name}' is declared already {where}"
                loc = ("triggers", index, "heartbeat", "name")
                yield subject.value(loc, "E108", message, "rename one of them: a beat opens one")
            first.setdefault(name, path)


def check_shadows(subjects: Mapping[str, Subject]) -> Iterator[Diagnostic]:
    """W209 for each trigger that another playbook always takes away."""
    plans = [(path, each.plan) for path, each in sorted(subjects.items()) if each.plan]
    for path, plan in plans:
        for index, trigger in enumerate(plan.triggers):
            for other_path, other in plans:
                if other_path != path and _wins(other, plan) and _takes_all(other, trigger):
                    yield _shadowed(subjects[path], index, other, other_path)
                    break


def _shadowed(subject: Subject, index: int, other: Plan, other_path: str) -> Diagnostic:
    message = f"'{other.name}' ({other_path}) takes every alert of this trigger"
    help_text = "match one more label here, or give this playbook a higher priority"
    if subject.has(("on_alert",)):
        return subject.key(("on_alert",), "W209", message, help_text)
    alerts = [
        position
        for position, each in enumerate(subject.form.triggers or () if subject.form else ())
        if each.alert
    ]
    return subject.value(("triggers", alerts[index]), "W209", message, help_text)


def _wins(other: Plan, plan: Plan) -> bool:
    """Whether the other comes first where both match the same number of labels."""
    return (-other.priority, other.name) < (-plan.priority, plan.name)


def _takes_all(other: Plan, trigger: AlertTrigger) -> bool:
    """Whether a trigger of the other matches whatever this one matches, with as many labels."""
    return any(
        each.when is None
        and each.match.keys() == trigger.match.keys()
        and all(set(values) <= set(each.match[name]) for name, values in trigger.match.items())
        for each in other.triggers
    )


def unknown_fallback(name: str, subjects: Mapping[str, Subject], *, all_read: bool) -> str | None:
    """The help where no playbook of that name exists, or None if one does or may.

    Without `all_read` a file that cannot be read, or whose name cannot, may be it.
    """
    known = {each.form.name for each in subjects.values() if each.form}
    if name in known or not all_read or len(known) < len(subjects):
        return None
    return choice(name, known, of="playbooks")
