"""What an editor says of each field of a playbook, outside its steps.

Decides words only. Defaults are added by `compiler.schema.defaults`.
"""

from compiler.document import (
    AlertForm,
    AnnounceForm,
    CriterionForm,
    DedupForm,
    EscalationForm,
    ExhaustedForm,
    HandoffForm,
    HeartbeatForm,
    ManualForm,
    MitigatedForm,
    PickForm,
    PlaybookForm,
    PolicyForm,
    ResolveForm,
    RoleForm,
    RuleForm,
    SeverityForm,
    TriggerForm,
)
from compiler.document_facts import FactForm, HttpSourceForm, OutputForm, ParamForm, ReassessForm

_POLICY = {
    "ack_within": "How long a level has to acknowledge before the next one is paged.",
    "levels": "Who is paged, level by level; several at one level are paged at once.",
    "repeat": "How often the whole ladder is gone through again when nobody answers.",
    "exhausted": "What happens after the last level of the last round.",
    "ack_expires": "No action by anybody with a role for so long: ask 'still on it?', then page "
    "the same level again.",
}

WORDS: dict[type, dict[str, str]] = {
    PlaybookForm: {
        "language": "The grammar version of this file.",
        "name": "The playbook's id, in snake_case; it becomes the Temporal workflow type.",
        "version": "Raise it when the behaviour changes; an incident pins version and sha256.",
        "title": "What an incident is called; a template. Without it, the alert's summary.",
        "owner": "The team that owns the playbook.",
        "service": "The id of the service that this is about, from the roster's services.",
        "review_by": "From this day on, check warns that the playbook wants to be read again.",
        "bridge": "Where people meet: a URL that stands in every page and handoff offer.",
        "timezone": "The IANA time zone in which times are told.",
        "priority": "Which playbook wins when equally many labels match: the higher one.",
        "on_alert": "Short for one trigger: the labels that an alert must have.",
        "triggers": "What opens an incident: alerts, a silent heartbeat, or a person.",
        "dedup": "Which alerts are one and the same incident.",
        "severity": "How bad it is, by rules over labels and facts.",
        "urgency": "How loudly people are called: high wakes, high_in_hours wakes while the owner "
        "team is at work, low never does.",
        "page": "Short for an escalation: one level of the ladder per entry.",
        "escalation": "Who is paged, in which order, and for how long they may be silent.",
        "roles": "Who does what; roles are paged and filled when their severity is reached.",
        "facts": "Typed values that are measured or asked while the incident runs.",
        "params": "What a calling playbook, or a person who declares, may hand over.",
        "outputs": "What the playbook that called this one may read at its end.",
        "steps": "What is to be done, read from top to bottom.",
        "announce": "One line per change, to destinations.",
        "handoff": "How command changes hands.",
        "mitigated": "When the damage has stopped; it stops time criteria and night wake-ups.",
        "resolve": "When the incident is over, and who confirms it.",
        "drill": "How the playbook is practised: run for real with its effects simulated.",
        "tests": "What watchbill test plays under a simulated clock: an alert, and what is to "
        "follow from it.",
    },
    TriggerForm: {
        "alert": "An alert with these labels, and this condition.",
        "heartbeat": "A sender that is to report regularly and falls silent.",
        "manual": "A person who declares the incident by hand.",
    },
    AlertForm: {
        "match": "Labels and the values they may have: one, or any of a list.",
        "when": "A condition (CEL) over labels and alert that must hold as well.",
        "hold": "How long it must stay true before the incident opens.",
    },
    HeartbeatForm: {
        "name": "The heartbeat's id, as its sender writes it in the URL.",
        "missing_after": "How long it may stay away; at least 10s.",
    },
    ManualForm: {"allow": "Who may declare it; without it, any responder."},
    DedupForm: {
        "key": "A template over the alert; the same text means the same incident. Without it: the "
        "labels service, cluster, namespace and env that exist, else the alert's fingerprint.",
        "reopen_within": "A new alert so soon after the end reopens the incident.",
    },
    SeverityForm: {
        "default": "What holds when no rule does. Without it, the house's table reads the alert's "
        "severity or priority label, and anything else is SEV3.",
        "rules": "The first rule that holds wins.",
        "reassess": "Who may change the severity while the incident runs, and how often.",
    },
    RuleForm: {
        "set": "The severity that this rule sets.",
        "when": "A condition (CEL) over labels, facts and alerts.",
        "criteria": "The same in words, for a human to check in seconds.",
    },
    ReassessForm: {
        "every": "How often the rules are looked at again.",
        "raise": "Who raises: the rules alone (auto), a role that is asked, or nobody.",
        "lower": "Who lowers: the rules alone (auto), a role that is asked, or nobody.",
        "lower_after": "How long the lower answer must hold.",
    },
    PolicyForm: _POLICY,
    EscalationForm: {
        **_POLICY,
        "use": "A policy of house.yaml; what stands here wins over it.",
        "criteria": "When to involve more people although somebody acknowledged.",
    },
    ExhaustedForm: {
        "page": "The last resort. Without it, the owner team's manager, else its members.",
        "again_every": "How often the last resort is paged again while nobody acknowledges.",
    },
    CriterionForm: {
        "after": "So long after the incident was triggered.",
        "when": "As soon as this condition (CEL) holds.",
        "unless": "Not once the damage has stopped.",
        "raise": "The severity that the incident is raised to.",
        "page": "Whom to page.",
        "because": "Why, in words that the paged person reads.",
    },
    RoleForm: {
        "page": "Whom to page for this role.",
        "fill": "Who has it without being paged: first_acknowledger, or who has another role.",
        "at": "At which severities the role is needed.",
        "many": "Whether several people may have it.",
        "pick": "Whom to page by condition, such as an expert for what broke.",
    },
    PickForm: {
        "when": "A condition (CEL).",
        "page": "Whom to page when it holds.",
        "at": "At which severities; without it, those of the role.",
    },
    FactForm: {
        "type": "The value's type.",
        "first": "An expression (CEL) over the first alert that gives the value until the query "
        "answers, such as alert.annotations.error_ratio.",
        "query": "A query of ops/queries.yaml that measures it.",
        "http": "A JSON answer to GET that holds it.",
        "alert": "An expression (CEL) over each alert that says it, such as labels.region.",
        "every": "How often it is measured.",
        "max_age": "After so long without an answer the value counts as unknown; default three "
        "times `every`.",
        "hold": "How long a new value must stay before it counts.",
        "ask": "Who is asked for it.",
        "question": "What that person is asked.",
        "when": "When the question is put.",
        "deadline": "How long the answer may take, by severity; then the default holds.",
        "default": "The value while nobody has answered.",
        "one_of": "The only values allowed.",
    },
    HttpSourceForm: {
        "url": "The address to GET; a template.",
        "path": "Where the value stands in the answer, such as body.items[0].ratio.",
        "auth": "Who is calling.",
    },
    ParamForm: {
        "type": "The parameter's type.",
        "default": "Its value where the caller gives none; without it, the caller must.",
        "label": "The label of an alert that gives it where the playbook is triggered by one.",
        "one_of": "The only values allowed.",
    },
    OutputForm: {
        "type": "The output's type.",
        "value": "An expression (CEL) over facts and steps, read when the playbook ends.",
    },
    AnnounceForm: {
        "to": "Destinations of the roster.",
        "on": "Which changes are told.",
    },
    HandoffForm: {
        "max_shift": "How long one person commands before a handoff is proposed.",
        "warn_before": "How long before the end of a shift it is said.",
        "require": "What the leaving commander must write down.",
        "offer_also": "What the form offers besides.",
        "accept_within": "How long the next commander has to accept.",
    },
    MitigatedForm: {
        "when": "A condition (CEL) over facts and alerts.",
        "hold": "How long it must stay true.",
    },
    ResolveForm: {
        "when": "A condition (CEL) over facts and alerts.",
        "hold": "How long it must stay true.",
        "confirm": "Who confirms the end, by severity.",
        "confirm_within": "How long that may take before a reminder.",
        "on_timeout": "What happens then.",
    },
}
"""One sentence or two for every field, by form."""
