"""Every workflow type, in one list that worker and tests register."""

from workflows.calendar import CalendarRefreshWorkflow
from workflows.incident import IncidentWorkflow
from workflows.trial_page import TrialPageWorkflow

ALL_WORKFLOWS = (IncidentWorkflow, CalendarRefreshWorkflow, TrialPageWorkflow)
"""Playbooks by their dynamic interpreter; fixed types are CamelCase and end as they say."""
