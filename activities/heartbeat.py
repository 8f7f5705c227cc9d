"""What a heartbeat asks of the world: where its alert goes, and the record.

Decides nothing of when one is missing (`domain.heartbeat`). A ledger that does not
answer keeps no silence from paging.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import structlog
from temporalio import activity

from activities.opening_clock import clock_of
from domain.heartbeat import (
    SOURCE,
    HeartbeatSettled,
    HeartbeatTarget,
    HeartbeatTold,
    declared,
)
from domain.incident.input import MaintenanceChanged
from domain.maintenance import Window
from domain.matching import new_reference
from domain.plan import Plan
from ledger.records import AlertRecord, Ownership
from ledger.store import Ledger
from ledger.writer import Writer
from settings import Settings

log = structlog.get_logger(__name__)

PlansNow = Callable[[], Mapping[str, Plan]]
"""The playbooks in service, by name."""


class HeartbeatActivities:
    """Reads the catalog and the ledger, and writes to the ledger, for heartbeats."""

    def __init__(self, writer: Writer, plans: PlansNow, settings: Settings) -> None:
        self._writer = writer
        self._plans = plans
        self._settings = settings

    @activity.defn
    async def find_target(self, name: str) -> HeartbeatTarget | None:
        """The newest plan that declares the heartbeat, and what its incident starts with.

        None if no playbook declares it. A repeat gives another reference; the one of an
        attempt that was lost is never used.
        """
        found = declared(self._plans()).get(name)
        if found is None:
            return None
        plan, trigger = found
        target = HeartbeatTarget(
            plan=plan,
            missing_after=trigger.missing_after,
            reference=new_reference(secrets.token_bytes(16)),
            clock=clock_of(self._settings),
            continue_as_new_after=self._settings.continue_as_new_after,
        )
        try:
            return await self._writer.read(lambda ledger: _from_ledger(ledger, target, name))
        except Exception:
            # Whatever the database says: a silence must page without it.
            log.exception("heartbeat_without_ledger", heartbeat=name)
            return target

    @activity.defn
    async def settle(self, told: HeartbeatTold) -> HeartbeatSettled:
        """The ledger knows what became of the alert and who owns it. Idempotent by its key.

        Whoever changes a window tells the incidents recorded before; so what has changed
        between our look at it and this record is answered.
        """
        await self._writer.write(lambda ledger: _settle(ledger, told))
        changed = await self._writer.read(lambda ledger: _changed(ledger, told.windows))
        return HeartbeatSettled(changed=changed)


def _from_ledger(ledger: Ledger, target: HeartbeatTarget, name: str) -> HeartbeatTarget:
    owner = ledger.owners([(SOURCE, name)]).get((SOURCE, name))
    return target.model_copy(
        update={
            "reference": ledger.new_reference(),
            "owner": owner.workflow_id if owner else None,
            "windows": ledger.maintenance.active(datetime.now(UTC)),
        }
    )


def _settle(ledger: Ledger, told: HeartbeatTold) -> None:
    alert = told.alert
    known = None if told.reference else ledger.find(told.workflow_id)
    ledger.own(
        [
            Ownership(
                source=alert.source,
                fingerprint=alert.fingerprint,
                workflow_id=told.workflow_id,
                reference=told.reference or (known.reference if known else ""),
                starts_at=alert.starts_at,
                status=alert.status.value,
            )
        ]
    )
    ledger.remember(
        [
            AlertRecord(
                id=f"{alert.key}/{alert.starts_at}/{alert.status.value}",
                source=alert.source,
                fingerprint=alert.fingerprint,
                status=alert.status.value,
                outcome=told.outcome,
                workflow_id=told.workflow_id,
                body=alert.model_dump_json(exclude={"notes"}),
            )
        ]
    )


def _changed(ledger: Ledger, windows: tuple[Window, ...]) -> tuple[MaintenanceChanged, ...]:
    now = [(window, ledger.maintenance.find(window.id)) for window in windows]
    return tuple(
        MaintenanceChanged(window=record.window)
        for window, record in now
        if record is not None and record.window.ends_at != window.ends_at
    )
