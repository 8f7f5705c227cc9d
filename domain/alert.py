"""An alert as its sender means it: identity, episode, status and text.

Decides what identifies an alert and which episode a message speaks of. Which playbook
takes it is `domain.matching`; what it does to an incident is `domain.incident`.

An alert is `(source, fingerprint)`; an *episode* adds the sender's raw `starts_at`,
never a clamped or invented one.
"""

import re
from datetime import UTC, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain.severity import Severity

WORKFLOW_TEXT_LIMIT = 1024
"""Bytes of one alert that travel into a workflow; the ledger keeps up to 64 KiB."""

SUMMARY_KEPT = 100
"""Bytes of the summary that labels, however many, leave to it."""


class AlertStatus(StrEnum):
    """Whether the sender says the condition holds or is over."""

    FIRING = "firing"
    RESOLVED = "resolved"


class Alert(BaseModel):
    """One alert of one sender, normalised; unknown fields of newer senders are dropped.

    `starts_at` and `ends_at` are the sender's own text (RFC 3339 for most), None where
    it gives none. `notes` are warnings of the parser, shown in the answer and kept.
    """

    model_config = ConfigDict(frozen=True)

    source: str
    fingerprint: str
    status: AlertStatus
    starts_at: str | None = None
    ends_at: str | None = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    summary: str = ""
    url: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """`source/fingerprint`: the same alert over all its episodes."""
        return f"{self.source}/{self.fingerprint}"

    @property
    def is_firing(self) -> bool:
        """Whether the sender says that it fires."""
        return self.status is AlertStatus.FIRING


_FRACTION = re.compile(r"\.(\d{6})\d+")


def moment_of(raw: str | None) -> datetime | None:
    """The aware moment a sender's time text names, or None where it names none.

    RFC 3339 with up to nanoseconds (cut to microseconds); a time without zone is UTC;
    year 1 (Go's zero time) is no time.
    """
    if not raw:
        return None
    text = _FRACTION.sub(r".\1", raw.strip()).replace("Z", "+00:00").replace("z", "+00:00")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.year <= 1:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


DEFAULT_SEVERITY_TABLE: dict[str, Severity] = {
    "sev1": Severity.SEV1,
    "p1": Severity.SEV1,
    "critical": Severity.SEV2,
    "page": Severity.SEV2,
    "sev2": Severity.SEV2,
    "error": Severity.SEV2,
    "high": Severity.SEV2,
    "p2": Severity.SEV2,
    "sev3": Severity.SEV3,
    "warning": Severity.SEV3,
    "p3": Severity.SEV3,
    "sev4": Severity.SEV4,
    "ticket": Severity.SEV4,
    "p4": Severity.SEV4,
    "sev5": Severity.SEV5,
    "info": Severity.SEV5,
    "p5": Severity.SEV5,
}
"""What a sender's `severity` or `priority` label means unless the house says otherwise."""


def severity_from_labels(
    labels: dict[str, str], table: dict[str, Severity] | None = None
) -> Severity | None:
    """The severity that the labels `severity` or `priority` name, or None if neither does."""
    known = DEFAULT_SEVERITY_TABLE | (table or {})
    for name in ("severity", "priority"):
        found = known.get(labels.get(name, "").strip().lower())
        if found is not None:
            return found
    return None


def trimmed(alert: Alert) -> Alert:
    """The alert cut to about `WORKFLOW_TEXT_LIMIT` bytes, for its way into a workflow.

    Labels are kept whole as long as they fit, since conditions read them; text is cut
    first, to no less than the `SUMMARY_KEPT` bytes that a page needs, then the longest
    labels, and a note says so.
    """
    if len(alert.model_dump_json().encode()) <= WORKFLOW_TEXT_LIMIT:
        return alert
    summary = alert.summary.encode()[:200]
    kept = min(len(summary), SUMMARY_KEPT)
    budget = WORKFLOW_TEXT_LIMIT - 300 - kept
    labels: dict[str, str] = {}
    for name, value in sorted(alert.labels.items(), key=lambda pair: len(pair[1])):
        size = len(name.encode()) + len(value.encode()) + 6
        if size <= budget:
            labels[name] = value
            budget -= size
    return alert.model_copy(
        update={
            "labels": {name: alert.labels[name] for name in alert.labels if name in labels},
            "annotations": {},
            "summary": summary[: kept + budget].decode(errors="ignore"),
            "url": alert.url if alert.url and len(alert.url) < 200 else None,  # noqa: PLR2004
            "notes": ("cut to 1 KiB; the ledger keeps the text",),
        }
    )
