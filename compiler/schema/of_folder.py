"""What an editor says of each field of house, roster, ops and sources files.

Decides words only. Defaults are added by `compiler.schema.defaults`.
"""

from compiler.house import HouseDefaults, HouseEscalation, HouseForm
from compiler.ops_document import (
    CommandForm,
    CommandParamForm,
    CommandsForm,
    QueriesForm,
    QueryForm,
    ServerForm,
)
from compiler.roster_document import (
    ContactForm,
    DestinationForm,
    HoursForm,
    ImportForm,
    LayerForm,
    NotifyForm,
    OverrideForm,
    RosterForm,
    RotateForm,
    RuleForm,
    ScheduleForm,
    ServiceForm,
    TeamForm,
    TurnsForm,
    UserForm,
)
from compiler.sources import SenderForm, SourcesForm, StatusForm

_LANGUAGE = "The grammar version of this file."
_PUSH = "An ntfy topic, ntfys://server/topic, or another service's Apprise URL."
_SLACK = "A member id, @name, #channel, or an Apprise URL."
_TEAMS = "The incoming webhook of a Microsoft Teams channel."
_WEBHOOK = "An http or https URL that gets JSON."
_TURNS = {
    "every": "How long a turn lasts: hour, day, week, month, or several such as 12h or 2 weeks.",
    "hands_over": 'When turns change: "monday 09:30", "09:30" or, for months, "1 09:00".',
    "from": "The day on which the first person's first turn starts.",
}
_DAYS = "The days on which a window starts; without it, every day."
_BETWEEN = 'The hours: ["09:15", "18:00"]; past midnight where the end is earlier.'
_WORKING = "The working days; without it, Monday to Friday."
_HOURS = 'The working hours: ["09:15", "18:00"]; without it, 09:00 to 17:00.'

WORDS: dict[type, dict[str, str]] = {
    HouseForm: {
        "language": _LANGUAGE,
        "defaults": "What holds where a playbook says nothing.",
        "severity_from": "What the words of a sender's severity label mean; added to the built-in "
        "table.",
        "policies": "Escalations that playbooks share, by id.",
        "retries": "Ways to retry that steps share, by id: retry: policy:<id>.",
        "fallback": "The playbook that takes what nothing matches; it must page somebody.",
    },
    HouseDefaults: {
        "escalation": "The escalation of playbooks that name no policy.",
        "timezone": "The time zone of playbooks that name none.",
    },
    HouseEscalation: {"use": "A policy of `policies`."},
    RosterForm: {
        "language": _LANGUAGE,
        "users": "People, by id.",
        "teams": "Teams, by id.",
        "services": "Services, by id: who owns them and what they depend on.",
        "destinations": "Where announcements go, by id.",
        "schedules": "Who is on call and when, by id.",
    },
    UserForm: {
        "name": "The name that others read.",
        "tz": "The person's IANA time zone.",
        "contact": "How to reach the person: one address a method.",
        "notify": "In which order the methods are used, by urgency.",
    },
    ContactForm: {
        "push": _PUSH,
        "sms": "A telephone number with its country, quoted, or an Apprise URL.",
        "phone": "A telephone number with its country, quoted, or an Apprise URL.",
        "email": "An e-mail address.",
        "slack": _SLACK,
        "teams": _TEAMS,
        "webhook": _WEBHOOK,
    },
    NotifyForm: {
        "high": "What is used to wake. Without it: push at once, SMS after 1m, phone after 2m.",
        "low": "What is used where nobody is woken. Without it: email.",
    },
    RuleForm: {
        "via": "The method.",
        "after": "How long after the page began.",
    },
    TeamForm: {
        "members": "The ids of its people.",
        "manager": "Who is paged when a ladder is exhausted.",
        "hours": "When the team is at work.",
    },
    HoursForm: {
        "tz": "The IANA time zone.",
        "days": _WORKING,
        "between": _HOURS,
    },
    ServiceForm: {
        "owner": "The team that owns it.",
        "tier": "How much depends on it: 1 is most.",
        "depends_on": "The ids of services that it needs.",
    },
    DestinationForm: {
        "email": "One or more e-mail addresses.",
        "webhook": _WEBHOOK,
        "push": _PUSH,
        "slack": _SLACK,
        "teams": _TEAMS,
    },
    ScheduleForm: {
        "tz": "The IANA time zone of its wall clock, never a fixed offset.",
        "coverage": "What a gap means: always is an error, business_hours and best_effort are not.",
        "rotate": "People who take turns.",
        "import": "A calendar that says who serves, instead of rotate.",
        "layers": "Who serves instead at certain days and hours; later ones win.",
        "overrides": "Who serves instead at certain times; they win over all else.",
    },
    RotateForm: {**_TURNS, "users": "Who takes turns, in this order."},
    TurnsForm: _TURNS,
    LayerForm: {
        "users": "Who serves, together; with rotate they take turns.",
        "days": _DAYS,
        "between": _BETWEEN,
        "rotate": "How its people take turns.",
    },
    OverrideForm: {
        "user": "Who serves.",
        "from": 'The local start: "2026-12-24T18:00".',
        "to": "The local end.",
    },
    ImportForm: {
        "ical": "The calendar's URL.",
        "refresh": "How often it is read: 1m to 1d.",
    },
    CommandsForm: {"language": _LANGUAGE, "commands": "What automation may start, by id."},
    CommandForm: {
        "argv": "The program and its arguments, never a shell; {{ name }} is a parameter.",
        "params": "The parameters, by name.",
        "env": "Environment variables: texts, or secret:name.",
        "cwd": "The folder in which it runs.",
        "timeout": "The longest that a step may let it run.",
        "description": "What it does, for people.",
        "success": "The exit codes that are a success.",
    },
    CommandParamForm: {
        "type": "The parameter's type.",
        "one_of": "The only values allowed.",
        "pattern": "An RE2 pattern that the whole value must match.",
        "default": "Its value where a step gives none; without it, the step must.",
        "dash": "Whether a value may start with a dash.",
    },
    QueriesForm: {
        "language": _LANGUAGE,
        "servers": "Prometheus servers, by id.",
        "queries": "Queries that facts may use, by id.",
    },
    ServerForm: {"url": "The server's address.", "auth": "Who is calling."},
    QueryForm: {
        "server": "Which server answers; may be left out where there is only one.",
        "query": "PromQL; it may hold labels of the incident, such as {{ labels.service }}.",
        "list": "The label whose values make a list, for facts of type list.",
        "description": "What it measures, for people.",
    },
    SourcesForm: {"language": _LANGUAGE, "senders": "Senders of generic JSON, by name."},
    SenderForm: {
        "identity": "What makes two messages the same alert: paths or texts.",
        "status": "Which field says whether it fires.",
        "starts_at": "Where the start stands.",
        "ends_at": "Where the end stands.",
        "labels_from": "A mapping whose fields all become labels.",
        "labels": "Labels, each from a path or a text.",
        "annotations_from": "A mapping whose fields all become annotations.",
        "annotations": "Annotations, each from a path or a text.",
        "summary": "The alert's one line.",
        "url": "Where to look in the sender.",
    },
    StatusForm: {
        "value": "Where the word stands.",
        "firing": "The words that mean it fires.",
        "resolved": "The words that mean it is over.",
    },
}
"""One sentence or two for every field, by form."""
