"""The API's documents as a client reads them: newer fields are ignored."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from domain.incident.view import AlertCounts, IncidentView, Phase, RoleView
from domain.severity import Severity


class ShownIncident(IncidentView):
    """An incident's document as a client reads it; newer fields are ignored."""

    links: dict[str, str] = Field(default_factory=dict)
    fresh: bool = True


class ShownItem(BaseModel):
    """One incident of a list."""

    model_config = ConfigDict(frozen=True)

    reference: str
    title: str
    severity: Severity
    phase: Phase
    service: str | None = None
    playbook: str
    roles: dict[str, tuple[RoleView, ...]] = {}
    alerts: AlertCounts = AlertCounts()
    drill: bool = False
    opened_at: datetime


def parsed(document: dict[str, Any]) -> ShownIncident:
    """The incident of the API's document."""
    return ShownIncident.model_validate(document)
