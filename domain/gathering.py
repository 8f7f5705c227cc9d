"""Which of one person's pages go out now, and which gather to leave together.

Decides, for each method, when what gathered leaves and whom it answers. It is pure: time
is given, sending is the workflow's. The first page goes at once; a worse one never waits;
a page is answered only by a message that named its incident, or that failed.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from domain.bundle import (
    LINGER,
    Answered,
    Asked,
    Departure,
    Known,
    SendBundle,
    call_of,
    least_gap,
)
from domain.bundle_text import bundle, worst_first
from domain.incident.effects import Outcome, SendResult
from domain.roster import Method

TRY_AGAIN = timedelta(seconds=20)
"""Between two tries of a bundle that did not get through; its pages come back every 30 s."""


class Sent(BaseModel):
    """The latest message by one method. `outcome` is None while nobody knows.

    `told` are the calls of which this method spoke shortly before; `worst` is over both.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    at: datetime
    calls: tuple[str, ...]
    told: tuple[str, ...] = ()
    worst: tuple[int, int]
    outcome: Outcome | None = None

    @property
    def heard(self) -> tuple[str, ...]:
        """The calls that the person knows of, as far as can be said."""
        got_through = self.outcome in (Outcome.DELIVERED, None)
        return (*self.told, *(self.calls if got_through else ()))


class Gathering(BaseModel):
    """Everything that one person's pages remember. Changed only by its own methods."""

    model_config = ConfigDict(extra="ignore")

    person: str
    name: str
    window: timedelta
    calls: dict[str, Known] = {}
    gathered: dict[str, Asked] = {}
    flying: dict[str, Departure] = {}
    sent: dict[Method, Sent] = {}
    done: dict[str, SendResult] = {}
    alone: dict[str, str] = {}
    joined: tuple[str, ...] = ()
    serial: int = 0
    began: datetime
    last_asked: datetime | None = None

    # -- what happens ---------------------------------------------------------------

    def went_alone(self, asked: Asked) -> None:
        """This page is being sent by its own activity: counted as sent until told otherwise."""
        page = asked.page
        known = self._meet(asked)
        before = self.sent.get(page.method)
        self.alone[page.id] = asked.incident
        self.done[page.id] = SendResult(outcome=Outcome.DELIVERED)
        self.sent[page.method] = Sent(
            id=page.id,
            at=asked.at,
            calls=(known.call,),
            told=before.heard if before is not None else (),
            worst=known.weight,
            outcome=Outcome.DELIVERED,
        )

    def undelivered(self, key: str, outcome: Outcome) -> None:
        """The page that was sent alone did not get through: it held nothing back."""
        if self.alone.pop(key, None) is None:
            return
        self.done.pop(key, None)
        for method, sent in self.sent.items():
            if sent.id == key:
                self.sent[method] = sent.model_copy(update={"outcome": outcome})

    def take(self, asked: Asked) -> tuple[Answered, ...]:
        """Let a page gather; the answer at once if a bundle has taken it along already."""
        key = asked.page.id
        self._meet(asked)
        if asked.page.attempt > 1:
            self.undelivered(key, Outcome.RETRY)
        known = self.done.get(key)
        if known is not None:
            return (Answered(incident=asked.incident, id=key, result=known),)
        self.gathered[key] = asked
        return ()

    def leave(self, call: str) -> None:
        """Nobody needs this person's answer to the call any more.

        Earlier rounds of its incident, which may be forgotten there, no longer count either,
        unless a page of theirs waits.
        """
        self.gathered = {k: v for k, v in self.gathered.items() if call_of(k) != call}
        self.done = {k: v for k, v in self.done.items() if call_of(k) != call}
        self.alone = {k: v for k, v in self.alone.items() if call_of(k) != call}
        left = self.calls.pop(call, None)
        waiting = {call_of(key) for key in self.gathered}
        self.calls = {
            name: known
            for name, known in self.calls.items()
            if name in waiting
            or left is None
            or known.reference != left.reference
            or known.at > left.at
        }

    def tell_joined(self) -> dict[str, str]:
        """Keys and incidents of pages sent alone behind which others wait, each once."""
        if not self.is_bundle:
            return {}
        news = {key: one for key, one in self.alone.items() if key not in self.joined}
        self.joined = (*self.joined, *news)
        return news

    def depart(self, now: datetime) -> tuple[Departure, ...]:
        """The messages that leave now, at most one for each method."""
        due = [method for method in self._waiting() if (at := self._due_at(method)) and at <= now]
        return tuple(self._leave_by(method, now) for method in due)

    def arrive(self, departure: str, result: SendResult) -> tuple[Answered, ...]:
        """What became of a message, as an answer to every page that it took along."""
        flown = self.flying.pop(departure)
        sent = self.sent.get(flown.method)
        if sent is not None and sent.id == departure:
            self.sent[flown.method] = sent.model_copy(update={"outcome": result.outcome})
        others = len({call_of(key).partition("/")[0] for key in flown.keys}) - 1
        if others:
            together = f"together with {others} {'others' if others > 1 else 'other'}"
            detail = f"{together}: {result.detail}" if result.detail else together
            result = result.model_copy(update={"bundled": True, "detail": detail})
        answers = []
        for key in flown.keys:
            asked = self.gathered.pop(key, None)
            if asked is not None:
                answers.append(Answered(incident=asked.incident, id=key, result=result))
            if result.outcome is not Outcome.RETRY and call_of(key) in self.calls:
                self.done[key] = result
        return tuple(answers)

    # -- what can be asked ------------------------------------------------------------

    @property
    def members(self) -> list[Known]:
        """The incidents the person is being paged for, each once, the worst first."""
        return worst_first(list(self.calls.values()))

    @property
    def is_bundle(self) -> bool:
        """Whether more than one incident pages this person."""
        return _is_of_several(self.calls.values())

    def next_moment(self) -> datetime | None:
        """When something that gathered leaves; None if nothing waits for time."""
        moments = [at for method in self._waiting() if (at := self._due_at(method))]
        return min(moments, default=None)

    def ends_at(self) -> datetime | None:
        """When nothing is left to remember; None while something gathers or is on its way."""
        if self.gathered or self.flying:
            return None
        ends = [self.began + self.window] if self.last_asked is None else []
        for method, sent in self.sent.items():
            gap = least_gap(method, self.window) if self.serial else self.window
            ends.append(sent.at + gap)
        if self.is_bundle and self.last_asked is not None:
            ends.append(self.last_asked + self.window * LINGER)
        return max(ends, default=self.began)

    # -- the rules --------------------------------------------------------------------

    def _meet(self, asked: Asked) -> Known:
        page, call = asked.page, call_of(asked.page.id)
        met = self.calls.get(call)
        known = Known(
            call=call,
            incident=asked.incident,
            reference=page.message.reference,
            title=page.message.title,
            headline=page.message.headline,
            severity=page.message.severity,
            urgency=page.urgency,
            at=met.at if met is not None else page.message.at,
        )
        self.calls[call] = known
        self.last_asked = max(asked.at, self.last_asked or asked.at)
        return known

    def _waiting(self) -> dict[Method, list[Asked]]:
        """What gathered and is not on its way, by method, in order of arrival."""
        taken = {key for flown in self.flying.values() for key in flown.keys}
        found: dict[Method, list[Asked]] = {}
        for key, asked in self.gathered.items():
            if key not in taken:
                found.setdefault(asked.page.method, []).append(asked)
        return found

    def _due_at(self, method: Method) -> datetime | None:
        """When what waits for this method leaves; None until an answer decides it."""
        waiting = self._waiting()[method]
        sent = self.sent.get(method)
        now = min(asked.at for asked in waiting)
        if sent is None or (not self.is_bundle and _concerns_one(sent, waiting)):
            return now
        if min(self.calls[call_of(asked.page.id)].weight for asked in waiting) < sent.worst:
            return now
        match sent.outcome:
            case None | Outcome.GATHERED:
                return None
            case Outcome.DELIVERED:
                return sent.at + least_gap(method, self.window)
            case Outcome.RETRY:
                return sent.at + TRY_AGAIN
            case Outcome.FAILED:
                return now

    def _leave_by(self, method: Method, now: datetime) -> Departure:
        waiting = self._waiting()[method]
        keys = self._keys_of(waiting)
        members = [self.calls[call] for call in dict.fromkeys(call_of(key) for key in keys)]
        before = self.sent.get(method)
        gap = least_gap(method, self.window)
        told = before.heard if before is not None and now < before.at + 2 * gap else ()
        self.serial += 1
        departure = Departure(
            id=f"{method}/{self.serial}",
            method=method,
            at=now,
            keys=keys,
            bundle=self._message(waiting, members, keys, heard=told, now=now),
        )
        said = departure.bundle.page
        worst = (0 if said.urgency == "high" else 1, said.message.severity.rank)
        if before is not None and now < before.at + gap:
            worst = min(worst, before.worst)
        calls = tuple(one.call for one in members)
        self.sent[method] = Sent(id=departure.id, at=now, calls=calls, told=told, worst=worst)
        self.flying[departure.id] = departure
        return departure

    def _keys_of(self, waiting: list[Asked]) -> tuple[str, ...]:
        """The pages that one message answers; a page of one incident is that page alone."""
        keys = [asked.page.id for asked in waiting]
        along = self._taken_along(waiting)
        members = [self.calls[call_of(key)] for key in (*keys, *along)]
        return (*keys, *along) if _is_of_several(members) else tuple(keys)

    def _taken_along(self, waiting: Iterable[Asked]) -> list[str]:
        """Keys of the other calls that the same method would send later: they go now."""
        names = dict.fromkeys(
            (asked.page.id.rpartition("/")[2], asked.page.urgency) for asked in waiting
        )
        flying = {key for flown in self.flying.values() for key in flown.keys}
        return [
            key
            for name, urgency in names
            for known in self.calls.values()
            if known.urgency == urgency
            and (key := f"{known.call}/{name}") not in self.done
            and key not in flying
            and key not in self.gathered
        ]

    def _message(
        self,
        waiting: list[Asked],
        members: list[Known],
        keys: tuple[str, ...],
        *,
        heard: tuple[str, ...],
        now: datetime,
    ) -> SendBundle:
        told = worst_first(members)
        named = {one.reference for one in told}
        before = [
            self.calls[call]
            for call in heard
            if call in self.calls and self.calls[call].reference not in named
        ]
        if len(told) == 1:
            # Of several calls of one incident the worst speaks, the latest among equals.
            speaks = min(
                reversed(waiting), key=lambda asked: self.calls[call_of(asked.page.id)].weight
            )
            return SendBundle(page=speaks.page)
        first = waiting[0].page
        return bundle(first, told, keys=keys, heard=before, window=self.window, at=now)


def _is_of_several(members: Iterable[Known]) -> bool:
    """Whether these are calls of more than one incident."""
    return len({known.reference for known in members}) > 1


def _concerns_one(sent: Sent, waiting: Iterable[Asked]) -> bool:
    """Whether the person hears of one incident only: its pages are never too many."""
    told = {call.partition("/")[0] for call in (*sent.calls, *sent.told)}
    return len(told | {asked.page.message.reference for asked in waiting}) == 1
