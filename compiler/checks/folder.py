"""Checks that need all playbooks of a folder at once (E108, W209, W212, W214, E201).

Decides which playbook hides another, and whether anything takes what nothing matches. It
needs the outlines of the playbooks and nothing else of them.
"""

from collections.abc import Collection, Iterator, Mapping

from compiler.diagnostics import Diagnostic, choice
from compiler.document_errors import diagnostic
from compiler.outline import Outline
from domain.plan import AlertTrigger

Outlines = Mapping[str, Outline]


def check_names(outlines: Outlines) -> Iterator[Diagnostic]:
    """E108 for each playbook whose name an earlier file has."""
    first: dict[str, str] = {}
    for path, each in sorted(outlines.items()):
        if each.name is None:
            continue
        if each.name in first:
            message = f"playbook '{each.name}' exists already in {first[each.name]}"
            yield diagnostic(path, each.name_mark, "E108", message, "rename one of them")
        first.setdefault(each.name, path)


def check_heartbeats(outlines: Outlines) -> Iterator[Diagnostic]:
    """E108 for each heartbeat that another trigger, here or in an earlier file, declares."""
    first: dict[str, str] = {}
    for path, each in sorted(outlines.items()):
        for name, mark in each.heartbeats:
            if name in first:
                where = "above" if first[name] == path else f"in {first[name]}"
                message = f"heartbeat '{name}' is declared already {where}"
                help_text = "rename one of them: a beat opens one"
                yield diagnostic(path, mark, "E108", message, help_text)
            first.setdefault(name, path)


def check_shadows(outlines: Outlines) -> Iterator[Diagnostic]:
    """W209 for each trigger that another playbook always takes away."""
    in_order = [each for _, each in sorted(outlines.items()) if each.name is not None]
    known = _Triggers(in_order)
    for each in in_order:
        for trigger, mark in zip(each.triggers, each.trigger_marks, strict=True):
            other = known.taking_all(trigger, each)
            if other:
                message = f"'{other.name}' ({other.path}) takes every alert of this trigger"
                help_text = "match one more label here, or give this playbook a higher priority"
                yield diagnostic(each.path, mark, "W209", message, help_text)


class _Triggers:
    """Who triggers on what, found by the labels, one value of the first, and the condition."""

    def __init__(self, in_order: list[Outline]) -> None:
        self._found: dict[_Key, list[tuple[Outline, AlertTrigger]]] = {}
        for each in in_order:
            for trigger in each.triggers:
                for key in _keys(trigger):
                    self._found.setdefault(key, []).append((each, trigger))

    def taking_all(self, trigger: AlertTrigger, of: Outline) -> Outline | None:
        """The first other playbook, by path, that comes first and matches whatever this does.

        One with a condition does only where this one has the same, written alike.
        """
        labels, value, when = _keys(trigger)[-1]
        alike = {(labels, value, when), (labels, value, "")}
        found = [other for key in alike if (other := self._first(key, trigger, of))]
        return min(found, key=lambda other: other.path, default=None)

    def _first(self, key: "_Key", trigger: AlertTrigger, of: Outline) -> Outline | None:
        for other, each in self._found.get(key, ()):
            if other.path != of.path and other.rank < of.rank and _covers(each, trigger):
                return other
        return None


_Key = tuple[frozenset[str], str, str]


def _keys(trigger: AlertTrigger) -> list[_Key]:
    """Under what a trigger is found; the last one is where to look for what covers it."""
    labels, when = frozenset(trigger.match), " ".join((trigger.when or "").split())
    values = trigger.match[min(labels)] if labels else ()
    return [(labels, "", when), *((labels, f"={value}", when) for value in values)]


def _covers(other: AlertTrigger, trigger: AlertTrigger) -> bool:
    """Whether the other, of the same labels, takes every value that this one takes."""
    return all(set(values) <= set(other.match[name]) for name, values in trigger.match.items())


def unknown_fallback(name: str, outlines: Outlines, *, all_read: bool) -> str | None:
    """The help where no playbook of that name exists, or None if one does or may.

    Without `all_read` a file that cannot be read, or whose name cannot, may be it.
    """
    known = {each.name for each in outlines.values() if each.name is not None}
    if name in known or not all_read or len(known) < len(outlines):
        return None
    return choice(name, known, of="playbooks")


def warn_of_broken(
    outlines: Outlines, broken: Collection[str], callable_names: Collection[str]
) -> Iterator[Diagnostic]:
    """W214 for each call of a playbook that has errors of its own.

    `callable_names` are those that can be called all the same, in an earlier version.
    """
    named = {outlines[path].written: path for path in sorted(broken) if path in outlines}
    for path, each in outlines.items():
        for name, mark in each.calls if path not in broken else ():
            if name not in named:
                continue
            help_text = "mend it; until then this step fails, and a person says what now"
            if name in callable_names:
                help_text = "mend it; until then its last good version is called"
            message = f"playbook '{name}' has errors: see {named[name]}"
            yield diagnostic(path, mark, "W214", message, help_text)
