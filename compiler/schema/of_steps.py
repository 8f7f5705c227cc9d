"""What an editor says of each field of a step.

Decides words only. Defaults are added by `compiler.schema.defaults`.
"""

from compiler.document_calls import (
    AuthForm,
    BasicForm,
    HttpForm,
    OutForm,
    PlaybookCallForm,
    RetryForm,
)
from compiler.document_human_steps import (
    ApproveForm,
    AskForm,
    ChecklistForm,
    ItemForm,
    NotifyForm,
    WaitForForm,
)
from compiler.document_steps import DecideForm, ForEachForm, OptionForm, Step, TradeoffForm

WORDS: dict[type, dict[str, str]] = {
    Step: {
        "id": "The step's id; its results are steps.<id>.ok, .timed_out and its outputs.",
        "when": "A condition (CEL); the step is left out where it is false.",
        "at": "At which severities the step is taken.",
        "http": "An HTTP request.",
        "run": "A command of ops/commands.yaml, or a plugin.",
        "notify": "A message to destinations or people.",
        "ask": "A question whose answer is steps.<id>.answer.",
        "checklist": "Lines that people tick.",
        "runbook": "A section of a runbook to read: runbooks/file.md#heading.",
        "decide": "A person chooses among options, each with steps of its own.",
        "approve": "People say yes before what follows is done.",
        "wait": "A pause.",
        "wait_for": "Waits until a condition holds.",
        "parallel": "Branches that run at once; each is a list of steps.",
        "for_each": "The steps in `do`, once for each value of a list.",
        "playbook": "Another playbook.",
        "timeout": "How long one try of a call may take.",
        "deadline": "How long the whole step may take, by severity.",
        "retry": "How often a call is tried.",
        "on_error": "After a failure: hold the steps behind until a person says (ask), or go on.",
        "on_timeout": "At the deadline: remind who is asked, escalate to the commander, skip, "
        "or fail.",
        "assign": "Who does it.",
        "with": "The parameters of the command or plugin.",
        "out": "What later steps may read of the answer: a name, its path and its type.",
        "join": "Settled: every branch has ended. All: the first failure stops the others. "
        "Any: the first branch that succeeds is enough.",
        "do": "What is done for each value.",
    },
    HttpForm: {
        "method": "The request's method.",
        "url": "The address; a template.",
        "auth": "Who is calling: secret:name for a bearer token, or basic, or a header.",
        "headers": "More headers; their values are templates.",
        "json": "A JSON body; texts inside it are templates.",
        "body": "A text body; a template.",
        "expect": "Which statuses are a success; without it, 200 to 299.",
        "idempotency_key": "Sent with every try, so that a POST is done once; a template.",
    },
    AuthForm: {
        "bearer": "A secret that is sent as a bearer token.",
        "basic": "A user and a secret.",
        "header": "The header that carries the secret.",
        "value": "The secret in that header.",
    },
    BasicForm: {"user": "The user's name.", "password": "The secret."},
    RetryForm: {
        "attempts": "How often it is tried in all.",
        "backoff": "The first pause; each further one is twice as long.",
        "max": "The longest pause.",
    },
    OutForm: {
        "path": "Where it stands: http has status, headers and body; a command exit_code, stdout "
        "and body; a plugin its own fields.",
        "type": "Its type.",
    },
    PlaybookCallForm: {
        "name": "The playbook's name.",
        "version": "The version that this was written for; check says when it is another.",
        "with": "Its parameters.",
        "wait": "Whether the steps behind wait for its end.",
    },
    NotifyForm: {
        "to": "Destinations, roles, teams or users.",
        "text": "The message; a template.",
    },
    ChecklistForm: {
        "from": "A section of a runbook; its `- [ ]` lines become the lines to tick.",
        "items": "Lines of the step's own, after those of the runbook.",
    },
    ItemForm: {
        "id": "The line's id; without it, made from its text.",
        "text": "What is to be done.",
        "required": "Whether the step is done without it.",
    },
    AskForm: {
        "of": "Who is asked.",
        "question": "The question; a template.",
        "type": "The answer's type.",
        "one_of": "The only answers allowed.",
        "default": "The answer that holds where nobody has answered at the deadline.",
    },
    ApproveForm: {
        "by": "Who may approve.",
        "need": "How many of them must.",
        "self": "Whether the one who asks may be one of them.",
    },
    WaitForForm: {
        "when": "A condition (CEL) over facts and alerts.",
        "hold": "How long it must stay true.",
    },
    DecideForm: {
        "by": "Who decides.",
        "question": "The question; a template.",
        "options": "At least two, by id; the one chosen is steps.<id>.chosen.",
    },
    OptionForm: {
        "label": "What the button says.",
        "suggest_when": "A condition (CEL) under which it is the one suggested.",
        "tradeoff": "What it costs.",
        "do": "The steps that follow from it.",
    },
    TradeoffForm: {
        "time": "How long it takes, in words.",
        "risk": "What may go wrong, in words.",
        "reversible": "Whether it can be taken back.",
    },
    ForEachForm: {
        "in": "The list, such as facts.regions_down.",
        "as": "The name of one value inside `do`.",
        "at_once": "How many are worked on at the same time.",
        "max": "At most so many values; required.",
    },
}
"""One sentence or two for every field, by form."""
