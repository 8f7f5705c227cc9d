"""The documents that the API answers with, and the links in them.

Decides their shape for clients; it is derived from `domain.incident.view` and adds
addresses only.
"""

from datetime import date, datetime

from pydantic import BaseModel

from domain.incident.view import AlertCounts, IncidentView, Phase, RoleView, TimelineEntry
from domain.severity import Severity
from ledger import AlertRecord
from settings import Settings


class IncidentLinks(BaseModel):
    """Addresses of one incident: here, its parts, and its workflow in the Temporal UI."""

    self: str
    timeline: str
    events: str
    temporal: str


class IncidentItem(BaseModel):
    """One incident in a list."""

    id: str
    reference: str
    playbook: str
    title: str
    severity: Severity
    phase: Phase
    service: str | None = None
    roles: dict[str, tuple[RoleView, ...]]
    alerts: AlertCounts
    drill: bool
    opened_at: datetime
    links: IncidentLinks


class IncidentList(BaseModel):
    """Some incidents, newest opened first; `next` is the cursor of the rest."""

    items: list[IncidentItem]
    next: str | None = None


class IncidentDocument(IncidentView):
    """One incident, whole. `fresh` is false when no worker answered and it is the record."""

    links: IncidentLinks
    fresh: bool = True


class Timeline(BaseModel):
    """Entries of one incident in order; `next` is the `after` of the rest."""

    items: list[TimelineEntry]
    next: int | None = None


class CommandAnswer(BaseModel):
    """What the actor is told, and the incident as it is now."""

    sentence: str
    reference: str
    offer: str | None = None
    incident: IncidentDocument | None = None


class DeclareAnswer(CommandAnswer):
    """What was opened: `id` is the workflow id."""

    id: str


class HandoffOffered(CommandAnswer):
    """An offer that waits for its answer; `id` and `offer` are the same."""

    id: str | None = None


class PendingAnswer(BaseModel):
    """The command is durable and will be applied once, when a worker answers."""

    status: str = "pending"
    sentence: str
    request_id: str


class HandoffDraft(BaseModel):
    """What a handoff of this incident must say, pre-filled where the state knows it."""

    roles: list[str]
    require: list[str]
    summary: dict[str, str]


class PlaybookItem(BaseModel):
    """One playbook in service. `health` is `ok`, or says that its file is broken."""

    name: str
    version: int
    sha256: str
    title: str | None
    owner: str
    service: str | None = None
    source: str | None
    review_by: date | None = None
    is_fallback: bool = False
    health: str = "ok"


class PlaybookList(BaseModel):
    """Every playbook in service, by name."""

    items: list[PlaybookItem]


class OrphanList(BaseModel):
    """Alerts that no incident took, newest first."""

    items: list[AlertRecord]


def links_of(settings: Settings, view: IncidentView) -> IncidentLinks:
    """The addresses of this incident."""
    here = f"{settings.public_address}/v1/incidents/{view.reference}"
    namespace = settings.temporal_namespace
    return IncidentLinks(
        self=here,
        timeline=f"{here}/timeline",
        events=f"{here}/events",
        temporal=f"{settings.ui_address}/namespaces/{namespace}/workflows/{view.id}",
    )


def item_of(settings: Settings, view: IncidentView) -> IncidentItem:
    """The incident as it stands in a list."""
    fields = view.model_dump(include=set(IncidentItem.model_fields))
    return IncidentItem(**fields, links=links_of(settings, view))


def document_of(
    settings: Settings, view: IncidentView, *, is_fresh: bool = True
) -> IncidentDocument:
    """The incident with its addresses."""
    return IncidentDocument(**view.model_dump(), links=links_of(settings, view), fresh=is_fresh)
