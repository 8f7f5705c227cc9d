"""The search attributes of an incident, all of type Keyword (SQLite allows ten).

Registered by `watchbill engine`, checked when a worker starts, set by the workflow.
"""

NAMES = (
    "IncidentSeverity",
    "IncidentPhase",
    "IncidentService",
    "IncidentCommander",
    "IncidentReference",
    "IncidentTeam",
    "IncidentDrill",
    "IncidentTitle",
)
