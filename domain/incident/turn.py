"""One turn of the reducer: a working copy of the state, and what the turn wants done.

Decides how rules write: they note entries, set named deadlines and add effects here.
The caller's state is never touched; a finished turn is an `Outcome`.
"""

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from domain.alert import Alert
from domain.incident.effects import (
    Effect,
    LookUpOnCall,
    Message,
    SendAnnouncement,
    SendNotice,
)
from domain.incident.state import Deadline, IncidentState, Told
from domain.incident.view import TimelineEntry
from domain.plan import Plan
from domain.templates import neutralised

DEEDS = ("note.action", "note.decision", "note.finding")
"""Kinds of entries that say what somebody did, decided or found."""

DEEDS_KEPT = 3
LATEST_KEPT = 20
"""Timeline entries the state carries for the live display; the ledger keeps them all."""


class Turned(BaseModel):
    """The result of one turn: new state, effects to run, entries to record.

    `withdraw` names effects whose page is no longer wanted. `sentence` (with `offer`)
    answers a command; `refused` says it could not be carried out. `successor` holds
    alerts of a new episode that a fresh incident must take over.
    """

    model_config = ConfigDict(frozen=True)

    state: IncidentState
    effects: tuple[Effect, ...] = ()
    entries: tuple[TimelineEntry, ...] = ()
    withdraw: tuple[str, ...] = ()
    sentence: str = ""
    offer: str | None = None
    refused: bool = False
    successor: tuple[Alert, ...] = ()


class Turn:
    """A turn in progress. `actor` and `cause` mark every entry it notes."""

    def __init__(self, plan: Plan, state: IncidentState, now: datetime) -> None:
        """Start from a copy: containers are copied, their frozen values shared."""
        self.plan = plan
        self.now = now
        self.actor = "system"
        self.cause = ""
        copies = {
            name: dict(value)
            for name in type(state).model_fields
            if isinstance(value := getattr(state, name), dict)
        }
        self.state = state.model_copy(update=copies)
        self.effects: list[Effect] = []
        self.entries: list[TimelineEntry] = []
        self.withdraw: list[str] = []
        self.sentence = ""
        self.offer: str | None = None
        self.refused = False
        self.successor: tuple[Alert, ...] = ()

    def finish(self) -> Turned:
        """The turn's result."""
        return Turned.model_construct(
            state=self.state,
            effects=tuple(self.effects),
            entries=tuple(self.entries),
            withdraw=tuple(self.withdraw),
            sentence=self.sentence,
            offer=self.offer,
            refused=self.refused,
            successor=self.successor,
        )

    def note(self, kind: str, text: str, data: dict[str, str] | None = None) -> None:
        """Add one timeline entry."""
        self.state.seq += 1
        entry = TimelineEntry(
            seq=self.state.seq,
            at=self.now,
            actor=self.actor,
            kind=kind,
            text=text,
            cause=self.cause,
            data=data or {},
        )
        self.entries.append(entry)
        self.state.latest = (*self.state.latest, entry)[-LATEST_KEPT:]
        if kind in DEEDS:
            self.state.done = (*self.state.done, entry)[-DEEDS_KEPT:]

    def answer(self, sentence: str) -> None:
        """What the actor of a command is told."""
        self.sentence = sentence

    def refuse(self, sentence: str) -> None:
        """The command cannot be carried out, and nothing has changed."""
        self.refused = True
        self.sentence = sentence

    def set_deadline(self, name: str, at: datetime, summary: str) -> None:
        """Let `name` fire at `at`; an earlier deadline of that name is replaced."""
        self.state.deadlines[name] = Deadline(at=at, summary=summary)

    def clear_deadline(self, name: str) -> None:
        """Forget the deadline, if there is one."""
        self.state.deadlines.pop(name, None)

    def clear_deadlines(self, *prefixes: str) -> None:
        """Forget every deadline whose name starts with one of these; all without any."""
        kept = {
            name: deadline
            for name, deadline in self.state.deadlines.items()
            if prefixes and not name.startswith(prefixes)
        }
        self.state.deadlines = kept

    def next_id(self, kind: str) -> str:
        """A fresh effect id, unique over all incidents because the reference is."""
        self.state.serial += 1
        return f"{self.state.reference}/{kind}/{self.state.serial}"

    def look_up(
        self, purpose: str, refs: tuple[str, ...], summary: str, *, hours: bool = False
    ) -> None:
        """Ask who stands behind the references; the answer comes back under `purpose`.

        With `hours` it also says whether the owner team is at work.
        """
        effect = LookUpOnCall(
            id=self.next_id("lookup"),
            summary=summary,
            refs=refs,
            at=self.now,
            hours_of=self.plan.owner if hours else None,
            timezone=self.plan.timezone,
        )
        self.state.lookups[effect.id] = purpose
        self.effects.append(effect)

    def forget_lookups(self, *purposes: str) -> None:
        """Ignore the answers still to come under purposes that start with one of these."""
        self.state.lookups = {
            known: purpose
            for known, purpose in self.state.lookups.items()
            if not purpose.startswith(purposes)
        }

    def message(
        self, headline: str, *, lines: tuple[str, ...] = (), ask: str | None = None
    ) -> Message:
        """A message about this incident as it is now; what it quotes mentions nobody."""
        state = self.state
        return Message(
            reference=state.reference,
            severity=state.severity,
            title=state.title,
            headline=neutralised(headline),
            lines=tuple(neutralised(line) for line in lines),
            ask=ask,
            bridge=self.plan.bridge,
            drill=state.drill,
            at=self.now,
        )

    def tell(self, person: Told, message: Message, *, why: str, nudge: bool = False) -> None:
        """Send one quiet notice; a nudge asks for an answer whose absence pages again.

        Where the severity does not wake people, a nudge makes no sound either.
        """
        self.effects.append(
            SendNotice(
                id=self.next_id("notice"),
                summary=f"Tell {person.name}: {why}",
                person=person.person,
                person_name=person.name,
                message=message,
                nudge=nudge and self.plan.urgency.at(self.state.severity) == "high",
            )
        )

    def announce_to(self, to: tuple[str, ...], message: Message, *, why: str) -> None:
        """Tell destinations."""
        names = ", ".join(ref.partition(":")[2] or ref for ref in to)
        self.effects.append(
            SendAnnouncement(
                id=self.next_id("announce"),
                summary=f"Announce to {names}: {why}",
                to=to,
                message=message,
            )
        )

    def after(self, duration: timedelta) -> datetime:
        """The moment so long from now."""
        return self.now + duration

    @property
    def wakes_nobody(self) -> bool:
        """Whether the present severity wakes nobody."""
        return self.state.severity in self.plan.pages_nobody_at

    @property
    def pages_nobody(self) -> bool:
        """Whether its ladder pages nobody: by its severity, or since its caller does it."""
        return self.wakes_nobody or self.state.parent is not None
