"""The values that go into and come out of the ledger.

Decides their shape; which table each lives in is `ledger.tables`.
"""

import uuid
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from domain.incident.view import IncidentView
from domain.maintenance import Window
from domain.rehearsal.score_card import ScoreCard

BODY_LIMIT = 64 * 1024
"""Bytes of an alert's text that are kept."""

AlertKey = tuple[str, str]
"""`(source, fingerprint)`: what identifies an alert."""


def moment() -> datetime:
    """The aware moment now, in UTC."""
    return datetime.now(UTC)


class Record(BaseModel):
    """A frozen value of the ledger."""

    model_config = ConfigDict(frozen=True)


class AlertRecord(Record):
    """One alert message as it was received, and what became of it.

    `outcome` is a short constant (`opened`, `added`, `orphan` ...); `body` is the alert's
    own text and is cut at 64 KiB.
    """

    id: str = Field(default_factory=lambda: uuid.uuid4().hex)
    received_at: datetime = Field(default_factory=moment)
    source: str
    fingerprint: str
    status: str
    outcome: str
    workflow_id: str | None = None
    note: str = ""
    body: str = ""


class Owner(Record):
    """The incident that owns an alert."""

    workflow_id: str
    reference: str


class Ownership(Record):
    """An alert, the incident that owns it, and the sender's last word on it."""

    source: str
    fingerprint: str
    workflow_id: str
    reference: str
    starts_at: str | None = None
    status: str
    updated_at: datetime = Field(default_factory=moment)


class Page(Record):
    """Some incidents of a list; `next` is the cursor of the rest, None at the end."""

    items: tuple[IncidentView, ...]
    next: str | None = None


class DrillRecord(BaseModel):
    """A drill: its incident as recorded, and its score once it has one."""

    model_config = ConfigDict(frozen=True)

    view: IncidentView
    card: ScoreCard | None = None


class PastIncident(Record):
    """An incident that was resolved, and what fixed it (empty where nobody said)."""

    reference: str
    severity: str
    opened_at: datetime
    resolved_at: datetime
    fixed_by: str = ""


class ApiKey(Record):
    """A key without its secret; `actor` is `user:<id>` or `source:<key>`."""

    id: str
    name: str
    scopes: frozenset[str]
    actor: str
    created_at: datetime
    revoked_at: datetime | None = None


class AuditEntry(Record):
    """Who tried what, and whether it was allowed."""

    at: datetime = Field(default_factory=moment)
    actor: str
    action: str
    target: str = ""
    outcome: str
    detail: str = ""
    request_id: str = ""


class MaintenanceRecord(Record):
    """A maintenance window and whose it is; `ended_by` is who ended it early."""

    window: Window
    created_by: str
    created_at: datetime
    ended_by: str | None = None


class KeptAnswer(Record):
    """The first answer to a request, given again when the request is repeated."""

    status: int
    body: dict[str, Any]
