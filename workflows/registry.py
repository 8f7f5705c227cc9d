"""Every workflow type, in one list that worker and tests register."""

from workflows.calendar import CalendarRefreshWorkflow
from workflows.cover import CoverWorkflow
from workflows.drill import DrillWorkflow
from workflows.heartbeat import HeartbeatWorkflow
from workflows.incident import IncidentWorkflow
from workflows.person_pages import PersonPages
from workflows.relief import ReliefWorkflow
from workflows.shifts import ShiftsWorkflow
from workflows.trial_page import TrialPageWorkflow

ALL_WORKFLOWS = (
    IncidentWorkflow,
    CalendarRefreshWorkflow,
    TrialPageWorkflow,
    CoverWorkflow,
    ShiftsWorkflow,
    ReliefWorkflow,
    PersonPages,
    HeartbeatWorkflow,
    DrillWorkflow,
)
"""Playbooks by their dynamic interpreter; fixed types are CamelCase and end as they say."""
