"""What people (and sources) can say to an incident; each is one Temporal update.

Decides the shape of every command and its name in the UI, API and CLI. Whether a
command is allowed now is `domain.incident.refusals`; what it does is the reducer's.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from domain.incident.command_part import CommandPart
from domain.incident.commands_by_hand import HandCommand
from domain.incident.commands_of_steps import FactCommand, StepCommand
from domain.incident.view import IncidentView
from domain.severity import Severity


class Acknowledge(CommandPart):
    """I am on it."""

    kind: Literal["acknowledge"] = "acknowledge"


class Unacknowledge(CommandPart):
    """I am not on it after all: page again."""

    kind: Literal["unacknowledge"] = "unacknowledge"
    reason: str = ""


class Confirm(CommandPart):
    """Yes to what was asked: the raise, "still on it?", or the resolution.

    Without `question` it answers what was asked of the actor last. `still_on_it` is taken
    unasked as well: it starts the clock of silence anew.
    """

    kind: Literal["confirm"] = "confirm"
    question: (
        Literal["raise", "still_on_it", "resolve", "take_command", "lower", "raise_to"] | None
    ) = None


class Escalate(CommandPart):
    """Page the next level now."""

    kind: Literal["escalate"] = "escalate"
    reason: str = ""


class SetSeverity(CommandPart):
    """Set the severity, with a reason."""

    kind: Literal["severity"] = "severity"
    severity: Severity
    reason: str = Field(min_length=1)


class Assign(CommandPart):
    """Ask a person (`user:<id>`) to take a role; they hold it once they accept."""

    kind: Literal["assign"] = "assign"
    role: str
    to: str


class AcceptRole(CommandPart):
    """Take the role one was paged, assigned or offered for."""

    kind: Literal["accept_role"] = "accept_role"
    role: str


class DeclineRole(CommandPart):
    """Refuse the role one was paged, assigned or offered for."""

    kind: Literal["decline_role"] = "decline_role"
    role: str
    reason: str = ""


class ReleaseRole(CommandPart):
    """Give up a role one holds; its vacancy pages by itself."""

    kind: Literal["release_role"] = "release_role"
    role: str
    reason: str = ""


class OfferHandoff(CommandPart):
    """Offer a role one holds (or leads) to `user:<id>` or whoever `schedule:<id>` names.

    `summary` answers the fields the playbook requires, by name.
    """

    kind: Literal["offer_handoff"] = "offer_handoff"
    role: str
    to: str
    summary: dict[str, str] = Field(default_factory=dict)


class AcceptHandoff(CommandPart):
    """Take what was offered."""

    kind: Literal["accept_handoff"] = "accept_handoff"
    offer: str


class DeclineHandoff(CommandPart):
    """Refuse what was offered."""

    kind: Literal["decline_handoff"] = "decline_handoff"
    offer: str
    reason: str = ""


NoteType = Literal["plain", "action", "decision", "finding", "call"]


class Note(CommandPart):
    """Something to remember on the timeline."""

    kind: Literal["note"] = "note"
    type: NoteType = "plain"
    text: str = Field(min_length=1, max_length=8000)


class Mitigate(CommandPart):
    """The harm is stopped; the cause may not be."""

    kind: Literal["mitigate"] = "mitigate"
    text: str = ""


class Resolve(CommandPart):
    """It is over."""

    kind: Literal["resolve"] = "resolve"
    text: str = ""


class Reopen(CommandPart):
    """It was not over."""

    kind: Literal["reopen"] = "reopen"
    reason: str = ""


class Cancel(CommandPart):
    """It was a false alarm."""

    kind: Literal["cancel"] = "cancel"
    reason: str = ""


Command = Annotated[
    Acknowledge
    | Unacknowledge
    | Confirm
    | Escalate
    | SetSeverity
    | Assign
    | AcceptRole
    | DeclineRole
    | ReleaseRole
    | OfferHandoff
    | AcceptHandoff
    | DeclineHandoff
    | Note
    | Mitigate
    | Resolve
    | Reopen
    | Cancel
    | HandCommand
    | StepCommand
    | FactCommand,
    Field(discriminator="kind"),
]

_COMMAND: TypeAdapter[Command] = TypeAdapter(Command)


def command_named(name: str, body: Mapping[str, Any]) -> Command:
    """The command of this name with this body.

    Raises:
        ValueError: the name is no command, or the body does not fit; says which field.
    """
    try:
        return _COMMAND.validate_python({**body, "kind": name})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"'{name}': {place}: {first['msg']}") from error


class Answer(BaseModel):
    """What the actor is told, in one sentence, and the incident as it is now.

    `offer` is the id of the offer a command made. `refused` is set when a command that
    arrived as a signal could not be carried out (an update is refused before it runs).
    """

    model_config = ConfigDict(frozen=True)

    sentence: str
    offer: str | None = None
    refused: bool = False
    incident: IncidentView | None = None
