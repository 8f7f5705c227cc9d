"""Finds the playbook that takes an alert by its labels, without judging all of them.

Decides which triggers are looked at: those listed under a label that the alert has, and
those with a condition alone only when nothing by labels takes it. The answer is that of
`domain.matching`, where every playbook is judged: the same order, notes, hold and key.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from domain.alert import Alert
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
        for entry, label in _filed([one for one in entries if one.trigger.match]):
            self._by_label.setdefault(label, []).append(entry)
        conditions = (one for one in entries if not one.trigger.match and one.trigger.when)
        self._conditions = sorted(conditions, key=_rank)

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
            for entry in self._candidates(alert)
            if judge_trigger(entry.trigger, alert, judge_conditions=False).matched
        )
        return tuple(dict.fromkeys(found))

    def _candidates(self, alert: Alert) -> Iterator[_Entry]:
        """Every trigger that could match, in the order of routing."""
        filed = (self._by_label.get(label, ()) for label in alert.labels.items())
        yield from sorted((entry for some in filed for entry in some), key=_rank)
        yield from self._conditions


def _entries(name: str, plan: Plan) -> Iterator[_Entry]:
    for number, trigger in enumerate(plan.triggers):
        yield _Entry(-len(trigger.match), -plan.priority, name, number, trigger)


def _rank(entry: _Entry) -> tuple[int, int, str, int]:
    return entry[:4]


def _filed(entries: Iterable[_Entry]) -> Iterator[tuple[_Entry, Label]]:
    """Each trigger under all values of one label: of its labels the one that tells most.

    An alert has one value of that label, so that it finds the trigger at most once.
    """
    entries = list(entries)
    common: Counter[Label] = Counter()
    for entry in entries:
        common.update(_labels(entry.trigger))
    for entry in entries:
        match = entry.trigger.match
        name = min(
            match, key=lambda one: max((common[one, value] for value in match[one]), default=0)
        )
        for value in dict.fromkeys(match[name]):
            yield entry, (name, value)


def _labels(trigger: AlertTrigger) -> Iterator[Label]:
    for name, values in trigger.match.items():
        yield from ((name, value) for value in values)
