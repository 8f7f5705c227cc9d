"""What the demo's story is told on: virtual time, one line per happening, waiting.

Decides how a line looks and how long anything may take. What happens is
`cli.demo.story`.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.status import Status
from rich.text import Text

from cli.client import Api
from cli.demo.receivers import Delivery, Receivers
from cli.plain_text import plain
from cli.show.shown import ShownIncident, parsed
from cli.up.stack import Stack
from domain.incident.view import TimelineEntry

PATIENCE_S = 45.0
"""More real time than anything in the story takes at the slowest speed that is sensible."""

LOOK_EVERY_S = 0.1

NAMES = {
    "ann": "Ann's phone",
    "bo": "Bo's phone",
    "cleo": "Cleo's phone",
    "dev": "Dev's phone",
    "nora": "Nora's phone",
    "hooks/ann": "Ann's webhook",
    "hooks/stakeholders": "Stakeholders",
    "hooks/channel": "Channel",
}


class StoryBroken(Exception):  # noqa: N818  # what it says is what did not happen
    """Something in the story did not happen; the text says what."""


class Stage:
    """One telling. Every line carries the incident's virtual time."""

    def __init__(self, stack: Stack, receivers: Receivers, speed: float) -> None:
        self.receivers = receivers
        self.speed = speed
        self.reference = ""
        self._stack = stack
        self._began = datetime.now(UTC)
        self._console = Console(highlight=False)
        self._printing = threading.Lock()
        self._status: Status | None = None
        self._early: list[Delivery] | None = []
        receivers.tell(self._on_delivery)

    def begin(self, reference: str) -> ShownIncident:
        """The incident is open: virtual time is its own from now on."""
        self.reference = reference
        shown = self.incident()
        self._began = shown.opened_at
        return shown

    def release(self) -> None:
        """Show what arrived before the incident's time was known, then all as it comes."""
        with self.receivers.changed:
            early, self._early = self._early or [], None
            for delivery in early:
                self._on_delivery(delivery)

    def now(self) -> datetime:
        """The incident's virtual time."""
        return self.virtual(datetime.now(UTC))

    def virtual(self, real: datetime) -> datetime:
        """A real moment as the incident's clock has it."""
        return self._began + (real - self._began) * self.speed

    def api(self, person: str | None = None) -> Api:
        """The API, as this person."""
        port = self._stack.settings.api_port
        return Api(f"http://127.0.0.1:{port}", self._stack.key, person)

    def incident(self) -> ShownIncident:
        """The incident as it is now."""
        with self.api() as api:
            return parsed(api.get(f"/v1/incidents/{self.reference}"))

    def timeline(self) -> list[TimelineEntry]:
        """Everything recorded so far."""
        with self.api() as api:
            page = api.get(f"/v1/incidents/{self.reference}/timeline", limit=1000)
        return [TimelineEntry.model_validate(entry) for entry in page["items"]]

    def act(self, person: str, command: str, body: dict[str, object], typed: str) -> str | None:
        """Let a person type a command; the id of the offer it made, if any."""
        self.line(f"{person.capitalize()} types", f"watchbill {typed}", "bold cyan")
        with self.api(person) as api:
            said = api.post(f"/v1/incidents/{self.reference}/{command}", body)
        self.line("  answer", said.sentence, "cyan")
        if said.is_pending:
            raise StoryBroken(f"`watchbill {typed}` was not carried out in time")
        offer = said.body.get("offer")
        return str(offer) if offer else None

    def expect(self, what: str, happened: Callable[[], bool], meanwhile: str = "") -> None:
        """Wait until it has happened; StoryBroken naming it if it does not."""
        deadline = time.monotonic() + PATIENCE_S
        with self._waiting(meanwhile):
            while not happened():
                if self._stack.ended() is not None:
                    raise StoryBroken(f"{what} (a process ended by itself)")
                if time.monotonic() > deadline:
                    raise StoryBroken(f"{what} (waited {PATIENCE_S:.0f} s)")
                self._tick(meanwhile)
                with self.receivers.changed:
                    self.receivers.changed.wait(LOOK_EVERY_S)

    def arrives(
        self, what: str, who: str, saying: str, *, meanwhile: str = "", wakes: bool | None = None
    ) -> Delivery:
        """Wait until such a message has arrived there; the first of them."""

        def found() -> list[Delivery]:
            return [
                each
                for each in self.receivers.to(who, saying)
                if wakes is None or each.wakes is wakes
            ]

        self.expect(what, lambda: bool(found()), meanwhile)
        return found()[0]

    def heading(self, text: str) -> None:
        """A chapter of the story."""
        with self._printing:
            self._console.print(Text(f"\n{text}", style="bold"))

    def line(self, who: str, text: str, style: str = "", *, at: datetime | None = None) -> None:
        """One happening at its virtual time."""
        row = Text(f"{(at or self.now()).astimezone():%H:%M:%S}  ", style="dim")
        row.append(f"{who:<14}", style=style or "bold")
        row.append(plain(text))
        with self._printing:
            self._console.print(row, soft_wrap=True)

    def say(self, text: str) -> None:
        """A line outside time."""
        with self._printing:
            self._console.print(Text(text), soft_wrap=True)

    def show(self, entries: list[TimelineEntry]) -> None:
        """The whole timeline."""
        from cli.show.incident import timeline

        with self._printing:
            self._console.print(timeline(entries), soft_wrap=True)

    def _on_delivery(self, delivery: Delivery) -> None:
        if self._early is not None:
            self._early.append(delivery)
            return
        who = NAMES.get(delivery.to, delivery.to)
        style = "bold red" if delivery.wakes else "green"
        self.line(who, _as_read(delivery), style, at=self.virtual(delivery.at))

    @contextmanager
    def _waiting(self, text: str) -> Iterator[None]:
        """A moving clock while nothing happens; only where a terminal is."""
        if not text or not self._console.is_terminal:
            yield
            return
        with self._console.status(text) as self._status:
            yield
        self._status = None

    def _tick(self, meanwhile: str) -> None:
        if self._status is not None:
            self._status.update(f"{self.now().astimezone():%H:%M:%S}  {meanwhile}")


def minutes(count: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=count)


def _as_read(delivery: Delivery) -> str:
    """What the screen shows first: the headline, and of a page why it rings."""
    if not delivery.wakes:
        return delivery.headline
    reason = delivery.reason
    if reason.startswith("You are asked"):
        reason = ""
    return f"rings: {delivery.headline}{'. ' if reason else ''}{reason}"
