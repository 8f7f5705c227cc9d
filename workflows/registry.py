"""Every workflow type, in one list that worker and tests register."""

from workflows.incident import IncidentWorkflow

ALL_WORKFLOWS = (IncidentWorkflow,)
"""Playbooks by their dynamic interpreter; fixed types are CamelCase and end as they say."""
