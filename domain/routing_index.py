"""Finds the playbook that takes an alert by its labels, without judging all of them.

Decides which triggers are looked at: those listed under a label that the alert has, also one
that only a condition asks for, and the rest in the order of routing until one takes it. The
answer is that of `domain.matching`, where every playbook is judged: the same order, notes,
hold and key.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from domain.alert import Alert
from domain.condition_parts import leading_labels
from domain.matching import Routing, judge_trigger, routed_to, unmatched
from domain.plan import AlertTrigger, Plan

Label = tuple[str, str]
"""A label's name and one of its values."""


class _Entry(NamedTuple):
    """One trigger, in the order of routing: entries sort as playbooks compete."""

    fewer_labels: int
    lower_priority: int
    name: str
    number: int
    trigger: AlertTrigger


class RoutingIndex:
    """The triggers of a set of plans, by label. Built once, never changed."""

    def __init__(self, plans: Mapping[str, Plan], fallback: str | None = None) -> None:
        """Index the plans; the fallback takes what none of them matches."""
        self.plans = plans
        self.fallback = fallback
        entries = [entry for name, plan in plans.items() for entry in _entries(name, plan)]
        self._by_label: dict[Label, list[_Entry]] = {}
        self._without_label: dict[str, list[_Entry]] = {}
        """Those filed under a label that their condition asks for: it may be missing."""
        self._unfiled: list[_Entry] = []
        self._file(entries)

    def route(self, alert: Alert) -> Routing:
        """Where the alert goes; `verdicts` stays empty."""
        for entry in self._candidates(alert):
            verdict = judge_trigger(entry.trigger, alert)
            if verdict.matched:
                return routed_to(self.plans[entry.name], alert, verdict)
        return unmatched(alert, self.plans, self.fallback)

    def by_labels_alone(self, alert: Alert) -> tuple[str, ...]:
        """The playbooks that would take the alert if no condition were asked, likeliest first."""
        found = (
            entry.name
            for entry in self._candidates(alert, by_conditions=False)
            if judge_trigger(entry.trigger, alert, judge_conditions=False).matched
        )
        return tuple(dict.fromkeys(found))

    def _file(self, entries: list[_Entry]) -> None:
        """List each trigger under all values of one label: of those it wants the rarest.

        An alert has one value of that label or none, so that it finds the trigger once.
        """
        wanted = [(entry, _wanted(entry.trigger)) for entry in entries]
        common: Counter[Label] = Counter()
        for _, labels in wanted:
            common.update(_pairs(labels))
        for entry, labels in wanted:
            if not labels:
                self._unfiled.append(entry)
                continue
            name = min(labels, key=lambda one: _most(common, one, labels[one]))
            for value in labels[name]:
                self._by_label.setdefault((name, value), []).append(entry)
            if name not in entry.trigger.match:
                self._without_label.setdefault(name, []).append(entry)

    def _candidates(self, alert: Alert, *, by_conditions: bool = True) -> list[_Entry]:
        """Every trigger that could match, in the order of routing.

        Without `by_conditions` what they ask for does not count.
        """
        found = list(self._unfiled)
        for label in alert.labels.items():
            found += self._by_label.get(label, ())
        for name, entries in self._without_label.items():
            if name not in alert.labels:
                found += entries
            elif not by_conditions:
                here = self._by_label.get((name, alert.labels[name]), ())
                found += [entry for entry in entries if entry not in here]
        return sorted(found, key=_rank)


def _entries(name: str, plan: Plan) -> Iterator[_Entry]:
    for number, trigger in enumerate(plan.triggers):
        yield _Entry(-len(trigger.match), -plan.priority, name, number, trigger)


def _rank(entry: _Entry) -> tuple[int, int, str, int]:
    return entry[:4]


def _wanted(trigger: AlertTrigger) -> dict[str, frozenset[str]]:
    """The labels that an alert must not have otherwise; empty where any alert may match."""
    asked = leading_labels(trigger.when) if trigger.when else {}
    return asked | {name: frozenset(values) for name, values in trigger.match.items()}


def _pairs(labels: Mapping[str, frozenset[str]]) -> Iterator[Label]:
    for name, values in labels.items():
        yield from ((name, value) for value in values)


def _most(common: Counter[Label], name: str, values: frozenset[str]) -> int:
    """How many triggers share the commonest of these values."""
    return max((common[name, value] for value in values), default=0)
