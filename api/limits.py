"""Intake's bounds, each with its reason, and which alerts stay when there are too many.

Decides what is kept of a request that is too large to act on whole; what became of the
rest is told in the answer. Cutting one alert's text is `domain.alert.trimmed`.
"""

from collections.abc import Sequence

from domain.alert import Alert, severity_from_labels
from domain.severity import Severity

BODY_LIMIT = 4 * 1024 * 1024
"""Bytes of a request; 10,000 alerts fit in it, a runaway sender does not."""

EVENT_LIMIT = 512 * 1024
"""Bytes of a PagerDuty event: PagerDuty's own limit."""

ALERTS_LIMIT = 1_000
"""Alerts of one request that are acted on; a person can read none of the others either."""

BATCH_ALERTS = 500
"""Alerts in one signal: a workflow task handles them well within its time."""

BATCH_BYTES = 900_000
"""Bytes of one signal's alerts; the engine warns at 512 KiB and refuses 2 MB."""

SIGNALS_AT_ONCE = 16
"""Signals in flight over all incidents. More only queue inside the engine, unordered, and
run into their time-out there: a small engine that opens 15 incidents a second needs a
second for these."""

WAITING_LIMIT = 20_000
"""Alerts that may wait in this process; beyond it a sender is better off asking again."""

UPDATES_AT_ONCE = 5
"""Updates in flight for one incident; the engine stalls at 10."""

RETRY_AFTER_S = 5
"""What a sender is asked to wait while the engine is away."""


def rank_of(alert: Alert, table: dict[str, Severity] | None = None) -> int:
    """1 for the worst to 5, by the alert's own labels; SEV3 where they say nothing."""
    return (severity_from_labels(alert.labels, table) or Severity.SEV3).rank


def kept(
    alerts: Sequence[Alert], limit: int = ALERTS_LIMIT
) -> tuple[tuple[Alert, ...], tuple[Alert, ...]]:
    """At most `limit` alerts, firing and worst first, in the sender's order; then the rest."""
    if len(alerts) <= limit:
        return tuple(alerts), ()
    order = sorted(
        range(len(alerts)),
        key=lambda index: (not alerts[index].is_firing, rank_of(alerts[index]), index),
    )
    chosen = set(order[:limit])
    return (
        tuple(alert for index, alert in enumerate(alerts) if index in chosen),
        tuple(alert for index, alert in enumerate(alerts) if index not in chosen),
    )
