"""One alert against a thousand playbooks, with and without the index on labels.

Measures what intake does for each alert once the catalog is loaded: playbooks told apart by
a label, or by a label that their conditions ask for; the worst, where nothing tells them
apart; and building the index. The engine is left out.
"""

import time
from collections.abc import Callable
from functools import partial

from bench.report import Report, percentile
from compiler.compile import compile_folder
from domain.alert import Alert, AlertStatus
from domain.matching import Routing, match_alert
from domain.plan import AlertTrigger, Plan
from domain.routing_index import RoutingIndex

PLAYBOOKS = 1_000
AIM_MS = 2.0

_PLAYBOOK = """
language: 1
name: one
owner: team:payments
on_alert: { alertname: One }
dedup: { key: "{{ labels.service }}/{{ labels.env }}" }
page: user:ann
"""
_ROSTER = """
language: 1
users: { ann: { name: Ann, contact: { push: "ntfys://ntfy.example/ann" } } }
teams: { payments: { members: [ann] } }
"""

FOLDERS: dict[str, Callable[[int], AlertTrigger]] = {
    "told apart by a label": lambda number: AlertTrigger(
        match={"env": ("prod",), "alertname": (f"Alert{number}",)}
    ),
    "told apart by their conditions": lambda number: AlertTrigger(
        when=f"labels.alertname == 'Alert{number}' && labels.env != 'qa'"
    ),
    "whose conditions have to be asked all": lambda number: AlertTrigger(
        match={"env": ("prod",)}, when=f"labels.alertname.endsWith('t{number}')"
    ),
}
"""Ways in which a thousand playbooks may say which alerts they take."""


def measure(report: Report, *, quick: bool) -> None:
    """Of each way the time for an alert of the last playbook, and to build the index."""
    model = compile_folder({"one.yaml": _PLAYBOOK, "roster/all.yaml": _ROSTER}).plans["one"]
    for what, trigger in FOLDERS.items():
        plans = _plans(model, trigger)
        began = time.perf_counter()
        index = RoutingIndex(plans)
        built = (time.perf_counter() - began) * 1000
        index.route(_alert())  # compiles conditions, once
        is_aimed = what != next(reversed(FOLDERS))
        times = _times(index.route, 20 if not is_aimed else 200 if quick else 2000)
        _tell(report, what, times, is_aimed=is_aimed)
        report.add("  building its index", f"{built:.1f} ms")
        report.figures[f"matching_ms {what}"] = {
            "p50": percentile(times, 0.5),
            "p99": percentile(times, 0.99),
            "index_built": built,
        }
        judged = _times(partial(match_alert, plans=plans, fallback=None), 10)
        report.add("  judging every playbook, as explain does", f"{percentile(judged, 0.5):.1f} ms")


def _plans(model: Plan, trigger: Callable[[int], AlertTrigger]) -> dict[str, Plan]:
    names = (f"playbook_{number}" for number in range(PLAYBOOKS))
    return {
        name: model.model_copy(update={"name": name, "triggers": (trigger(number),)})
        for number, name in enumerate(names)
    }


def _alert() -> Alert:
    """An alert of the playbook that comes last in the order of names."""
    labels = {
        "alertname": "Alert999",
        "env": "prod",
        "service": "payments-api",
        **{f"label_{number}": "value" for number in range(12)},
    }
    return Alert(source="am", fingerprint="f1", status=AlertStatus.FIRING, labels=labels)


def _times(find: Callable[[Alert], Routing], count: int) -> list[float]:
    """Milliseconds of each."""
    alert = _alert()
    took = []
    for _ in range(count):
        began = time.perf_counter()
        find(alert)
        took.append((time.perf_counter() - began) * 1000)
    return took


def _tell(report: Report, what: str, times: list[float], *, is_aimed: bool) -> None:
    p50, p99 = percentile(times, 0.5), percentile(times, 0.99)
    report.add(
        f"one alert against {PLAYBOOKS} playbooks {what}, p50 / p99",
        f"{p50:.3f} / {p99:.3f} ms",
        f"p99 < {AIM_MS:.0f} ms" if is_aimed else "",
        holds=p99 < AIM_MS if is_aimed else None,
    )
