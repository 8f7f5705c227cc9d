"""Maintenance windows: whether an alert falls into one, and how long one may be.

Decides what a window covers: a service, or labels. What that does to an incident is
`domain.incident.suppression`, where windows are kept is the ledger.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

LONGEST = timedelta(hours=24)
"""From its start, and from the moment of a renewal: a forgotten window ends by itself."""


class Window(BaseModel):
    """Planned work: what it covers is recorded and pages nobody until it ends.

    It covers a `service`, or alerts with all of these labels (label -> accepted values).
    `ends_at` moves by renewal and by an early end; `by` is who made it, as people read it.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    service: str | None = None
    matchers: dict[str, tuple[str, ...]] = {}
    starts_at: datetime
    ends_at: datetime
    reason: str
    by: str

    def is_active(self, now: datetime) -> bool:
        """Whether it has begun and not ended."""
        return self.starts_at <= now < self.ends_at

    def covers(self, labels: Mapping[str, str], service: str | None) -> bool:
        """Whether it is meant for such an alert; `service` is the playbook's own.

        `-` and `_` are alike in a service: the roster's ids have the one, labels often
        the other. A window that names nothing covers nothing.
        """
        if self.service is not None:
            wanted = _alike(self.service)
            return wanted in (_alike(labels.get("service", "")), _alike(service or ""))
        return bool(self.matchers) and all(
            labels.get(name) in values for name, values in self.matchers.items()
        )


def covering(
    windows: Iterable[Window], labels: Mapping[str, str], service: str | None
) -> Window | None:
    """Of the windows that cover such an alert, the one that ends last; None if none does."""
    found = [window for window in windows if window.covers(labels, service)]
    return max(found, key=lambda window: (window.ends_at, window.id), default=None)


def too_long(start: datetime, end: datetime) -> str | None:
    """Why a window may not stand from `start` to `end`, with the mend; None if it may."""
    if end <= start:
        return "it would end before it begins: give a later end"
    if end - start > LONGEST:
        return "at most 24 h at a time: choose an earlier end, and renew it while it lasts"
    return None


def _alike(service: str) -> str:
    return service.strip().lower().replace("-", "_")
