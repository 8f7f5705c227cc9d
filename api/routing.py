"""Where each alert of a request goes, tried until it is durable somewhere.

Decides owner first, then playbook; a resolve never starts anything. Which playbook
matches is `domain.routing_index`, what travels together is `api.inbox`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from pydantic import BaseModel, ConfigDict

from api.gateway_errors import EngineUnavailable, NotFound
from api.inbox import Delivered, Delivery, Inbox, Opening
from api.limits import rank_of
from api.owners import Owners, Owning
from api.routed import Routed
from api.windows import Windows, holding, suppressed
from domain.alert import Alert, trimmed
from domain.maintenance import Window
from domain.matching import Routing, dedup_key, workflow_id
from domain.plan import Plan
from domain.routing_index import RoutingIndex

log = structlog.get_logger(__name__)

RESOLVES_TRIED = 10
"""Workflow ids that one resolve without an owner is tried against."""


class Playbooks(BaseModel):
    """What alerts are matched to now: the playbooks in service, and the fallback.

    `windows` are those of maintenance that hold now.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    index: RoutingIndex
    windows: tuple[Window, ...] = ()

    @property
    def plans(self) -> Mapping[str, Plan]:
        """The playbooks in service by name."""
        return self.index.plans


@dataclass(frozen=True)
class _Target:
    """One place to try; `opening` only where the alert may open it."""

    workflow_id: str
    opening: Opening | None = None
    playbook: str | None = None
    reference: str | None = None
    notes: tuple[str, ...] = ()
    maintenance: tuple[Window, ...] = ()


@dataclass(eq=False)
class _Way:
    """One alert on its way: where it was already tried in vain, and where it ended."""

    alert: Alert
    owner: Owning | None = None
    tried: set[str] = field(default_factory=set)
    target: _Target | None = None
    routed: Routed | None = None
    error: Exception | None = None


class Router:
    """Routes the alerts of one request at a time; many requests may run at once."""

    def __init__(
        self,
        playbooks: Callable[[], Playbooks],
        owners: Owners,
        inbox: Inbox,
        *,
        windows: Windows,
    ) -> None:
        self._playbooks = playbooks
        self._owners = owners
        self._inbox = inbox
        self._windows = windows

    async def route(self, alerts: Sequence[Alert], notes: tuple[str, ...] = ()) -> list[Routed]:
        """What became of each alert, in their order; raises after the first failure.

        Whatever could be made durable is, also where another alert's failure is raised:
        a sender repeats the whole request, and repeats are harmless.
        """
        windows = await self._windows.active()
        playbooks = self._playbooks().model_copy(update={"windows": windows})
        owners = await self._owners.of(alerts)
        ways = [_Way(alert=alert, owner=owners.get(alert.key)) for alert in alerts]
        pending = ways
        while pending:
            await self._look_again(pending)
            for way in pending:
                self._aim(way, playbooks)
            await self._send([way for way in pending if way.target is not None], notes)
            pending = [way for way in pending if way.routed is None and way.error is None]
        done = [way.routed for way in ways if way.routed is not None]
        done = await self._windows.as_held_back(done)
        await self._settle(done)
        for way in ways:
            if way.error is not None:
                raise way.error
        return done

    async def _settle(self, done: list[Routed]) -> None:
        try:
            await self._owners.settle(done)
        except Exception as error:
            # Whatever the database says: unrecorded is unanswered, and a repeat is harmless.
            log.exception("alerts_not_recorded", alerts=len(done))
            raise EngineUnavailable("The ledger cannot be written.") from error

    async def _look_again(self, pending: list[_Way]) -> None:
        """Where memory named an incident that is gone, another process may know better."""
        gone = [way for way in pending if way.owner and way.owner.workflow_id in way.tried]
        if not gone:
            return
        self._owners.forget([way.alert for way in gone])
        found = await self._owners.of([way.alert for way in gone])
        for way in gone:
            way.owner = found.get(way.alert.key)

    def _aim(self, way: _Way, playbooks: Playbooks) -> None:
        """Set the way's next target, or what became of it where there is none left."""
        way.target = None
        if way.owner is not None and way.owner.workflow_id not in way.tried:
            owner = way.owner
            windows = holding(playbooks.windows, way.alert, None)
            way.target = _Target(
                workflow_id=owner.workflow_id, reference=owner.reference, maintenance=windows
            )
        elif way.alert.is_firing:
            self._aim_at_playbook(way, playbooks)
        else:
            left = [one for one in _would_be(way.alert, playbooks) if one not in way.tried]
            if left and len(way.tried) < RESOLVES_TRIED:
                way.target = _Target(workflow_id=left[0])
            else:
                way.routed = Routed(alert=way.alert, outcome="orphan", notes=way.alert.notes)

    def _aim_at_playbook(self, way: _Way, playbooks: Playbooks) -> None:
        if not playbooks.plans:
            way.error = EngineUnavailable("No playbook is in service.")
            return
        found = playbooks.index.route(way.alert)
        if found.playbook is None:
            log.error("alert_unmatched", source=way.alert.source, fingerprint=way.alert.fingerprint)
            notes = (*way.alert.notes, *found.notes, "nobody is paged")
            way.routed = Routed(alert=way.alert, outcome="unmatched", notes=notes)
            return
        plan = playbooks.plans[found.playbook]
        windows = holding(playbooks.windows, way.alert, plan)
        way.target = _opening_target(way.alert, found, plan, windows)
        self._owners.expect(way.alert, found.workflow_id)

    async def _send(self, ways: list[_Way], notes: tuple[str, ...]) -> None:
        """Deliver by incident, all at once, the order within each kept."""
        groups: dict[str, list[_Way]] = {}
        for way in ways:
            assert way.target is not None  # noqa: S101 - the caller picked those
            groups.setdefault(way.target.workflow_id, []).append(way)
        results = await asyncio.gather(
            *(self._inbox.deliver(_delivery(name, group, notes)) for name, group in groups.items()),
            return_exceptions=True,
        )
        for (name, group), result in zip(groups.items(), results, strict=True):
            _note_result(name, group, result)


def _opening_target(
    alert: Alert, found: Routing, plan: Plan, windows: tuple[Window, ...]
) -> _Target:
    opening = Opening(plan=plan, dedup_key=found.dedup_key, alert=trimmed(alert))
    return _Target(
        workflow_id=found.workflow_id,
        opening=opening,
        playbook=plan.name,
        notes=found.notes,
        maintenance=windows,
    )


def _delivery(workflow: str, ways: list[_Way], notes: tuple[str, ...]) -> Delivery:
    targets = [way.target for way in ways if way.target is not None]
    openings = [target.opening for target in targets if target.opening is not None]
    table = openings[0].plan.severity.table if openings else None
    said = [note for target in targets for note in target.notes]
    windows = {one.id: one for target in targets for one in target.maintenance}
    return Delivery(
        workflow_id=workflow,
        alerts=tuple(way.alert for way in ways),
        opening=openings[0] if openings else None,
        notes=tuple(dict.fromkeys([*notes, *said])),
        maintenance=tuple(windows.values()),
        rank=min(rank_of(way.alert, table) for way in ways),
    )


def _note_result(workflow: str, ways: list[_Way], result: Delivered | BaseException) -> None:
    if isinstance(result, NotFound):
        for way in ways:
            way.tried.add(workflow)
        return
    if isinstance(result, Exception):
        for way in ways:
            way.error = result
        return
    if isinstance(result, BaseException):
        raise result
    opener = next((way for way in ways if way.target and way.target.opening), None)
    firing = [way.target for way in ways if way.alert.is_firing]
    is_held = result.opened and all(target and target.maintenance for target in firing)
    for way in ways:
        assert way.target is not None  # noqa: S101 - it was sent there
        opened = result.opened and way is opener
        routed = Routed(
            alert=way.alert,
            outcome="opened" if opened else "added",
            incident=workflow,
            reference=result.reference or way.target.reference,
            playbook=way.target.playbook,
            notes=(*way.alert.notes, *way.target.notes),
            maintenance=way.target.maintenance,
        )
        way.routed = suppressed(routed) if is_held and way.target.maintenance else routed


def _would_be(alert: Alert, playbooks: Playbooks) -> list[str]:
    """The workflows that this alert would have opened, by its labels alone, likeliest first."""
    plans, fallback = playbooks.plans, playbooks.index.fallback
    names = list(playbooks.index.by_labels_alone(alert))
    if fallback in plans and fallback not in names:
        names.append(str(fallback))
    return [workflow_id(name, dedup_key(plans[name], alert).key) for name in names]
