"""What one run of the workflow hands to the next over continue-as-new.

Decides the shape; everything in it is absolute, so that nothing is shortened or
prolonged by the change of runs.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from domain.incident.commands import Answer
from domain.incident.effects import Effect
from domain.incident.state import IncidentState
from domain.incident.view import TimelineEntry


class Carried(BaseModel):
    """The whole memory of an incident's workflow."""

    model_config = ConfigDict(frozen=True)

    state: IncidentState
    clock_origin: datetime
    clock_now: datetime
    effects: tuple[Effect, ...] = ()
    entries: tuple[TimelineEntry, ...] = ()
    answers: dict[str, Answer] = {}
