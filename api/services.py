"""What a request handler works with: settings, ledger, catalog and gateway of its app.

Decides the names on `app.state`. The gateway is a protocol, so that tests can stand at
the edge of the engine.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Protocol

from fastapi import Depends, Request

from api.windows import Windows
from catalog import Catalog, Snapshot
from catalog.effective import EffectiveRoster
from domain.cover import CoverCommand, CoverReply, CoverStart
from domain.drill_run import DrillSchedule, DrillStart, ScheduleSeen
from domain.incident.commands import Answer, Command
from domain.incident.input import Declaration
from domain.incident.view import IncidentView
from domain.maintenance import Window
from domain.plan import Plan
from domain.roster import CalendarImport
from domain.trial import Trial, TrialReport
from ledger import Ledger, Writer
from settings import Settings


class IncidentGateway(Protocol):
    """What the API asks of the engine; raises `api.gateway_errors`."""

    async def send_command(self, workflow_id: str, command: Command) -> Answer:
        """Carry out a command, or refuse it."""

    async def declare(
        self, plan: Plan, declaration: Declaration, reference: str, **how: object
    ) -> tuple[str, str]:
        """Open an incident by hand: its workflow id and reference."""

    async def view(self, workflow_id: str) -> IncidentView | None:
        """The incident as it is now, or None where no worker answers."""

    async def plan(self, workflow_id: str) -> Plan | None:
        """The plan that its workflow was started with, or None where the engine has it not."""

    async def read_calendar(
        self, schedule: str, imports: CalendarImport, *, look_now: bool
    ) -> None:
        """Have the calendar that a schedule imports read from now on."""

    async def start_cover(self, start: CoverStart) -> None:
        """Ask for a cover, or have an accepted one told; once for its override."""

    async def answer_cover(self, override: str, command: CoverCommand) -> CoverReply:
        """Accept, decline or withdraw a cover, or be refused."""

    async def follow_shifts(self, schedule: str, *, look_now: bool) -> None:
        """Have the shifts of a schedule told from now on, and looked at if it may have changed."""

    async def shifts_gone(self, schedule: str) -> None:
        """The roster has this schedule no longer."""

    async def is_reachable(self) -> bool:
        """Whether the engine answers."""

    async def pollers(self) -> dict[str, int]:
        """How many workers poll each task queue."""

    async def roster_changed(self, gone: Sequence[str], workflow_ids: Sequence[str]) -> None:
        """Tell these incidents that these users are no longer in the roster."""

    async def maintenance_changed(self, window: Window, workflow_ids: Sequence[str]) -> None:
        """Tell these incidents of a maintenance window as it is now."""

    async def start_drill(self, start: DrillStart) -> str:
        """Run a drill, once for its reference: the workflow id."""

    async def keep_drill(self, wanted: DrillSchedule) -> None:
        """Have a drill run by itself as it is written."""

    async def drop_drill(self, playbook: str) -> None:
        """Have a drill no longer run by itself."""

    async def drill_schedules(self) -> tuple[ScheduleSeen, ...]:
        """The drills that run by themselves, and when next."""

    async def start_trial(self, workflow_id: str, trial: Trial) -> None:
        """Send a test page, once for this id."""

    async def trial_report(self, workflow_id: str) -> TrialReport | None:
        """How the test page went, None while it is under way."""


@dataclass
class Services:
    """One app's parts. `stopping` is set when the process was asked to end."""

    settings: Settings
    ledger: Ledger
    writer: Writer
    catalog: Catalog
    gateway: IncidentGateway
    stopping: bool = field(default=False)
    effective: EffectiveRoster = field(init=False)
    windows: Windows = field(init=False)

    def __post_init__(self) -> None:
        """What the ledger adds: to the roster, read once the application starts; windows."""
        self.effective = EffectiveRoster(self.writer)
        self.windows = Windows(self.writer)

    @property
    def snapshot(self) -> Snapshot:
        """The playbooks in service now, and the roster with what the ledger adds to it."""
        return self.effective.snapshot(self.catalog.snapshot)


def services(request: Request) -> Services:
    """The parts of the app that serves this request."""
    found: Services = request.app.state.services
    return found


Parts = Annotated[Services, Depends(services)]
