"""Which incident owns which alert: the ledger's index, remembered for a while.

Decides when the index is asked and written. It is a shortcut and never the truth: the
engine alone knows what runs, and an owner that is gone is looked up anew.
"""

import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict

from api.gathering import Gathering
from api.routed import Routed
from domain.alert import Alert
from ledger import AlertRecord, Ledger, Owner, Ownership, Writer

AlertKey = tuple[str, str]

REMEMBERED = 50_000
"""Alerts whose owner is kept in memory, about 300 bytes each: a storm asks no SQL."""

OPENED_REMEMBERED = 10_000

OPENED_S = 60.0
"""How long an incident's reference is known before its record is in the ledger. Not for
ever: a later incident under the same workflow id has another."""

NOTE_LIMIT = 2_000


class Owning(BaseModel):
    """An alert's owner as last known; `written` is what the ledger's index says of it."""

    model_config = ConfigDict(frozen=True)

    workflow_id: str
    reference: str | None = None
    written: tuple[str, str | None] | None = None


class Owners:
    """The index for one process."""

    def __init__(self, writer: Writer, limit: int = REMEMBERED) -> None:
        self._writer = writer
        self._limit = limit
        self._known: OrderedDict[str, Owning] = OrderedDict()
        self._opened: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._look_up = Gathering(self._look_up_all)
        self._find = Gathering(self._find_all)
        self._write = Gathering(self._write_all)

    async def of(self, alerts: Sequence[Alert]) -> dict[str, Owning]:
        """The known owners by the alerts' keys."""
        asked = {alert.key: (alert.source, alert.fingerprint) for alert in alerts}
        missing = {pair: key for key, pair in asked.items() if key not in self._known}
        if missing:
            found = await self._look_up(list(missing))
            for pair, key in missing.items():
                # While we asked, another request may have learned it from the engine.
                if pair in found and key not in self._known:
                    self._keep(key, _owning(found[pair]))
        return {key: self._known[key] for key in asked if key in self._known}

    def expect(self, alert: Alert, workflow_id: str) -> None:
        """Take the alert's next message to this incident, even before the first is durable."""
        self._keep(alert.key, Owning(workflow_id=workflow_id))

    def forget(self, alerts: Iterable[Alert]) -> None:
        """Ask the ledger for these the next time."""
        for alert in alerts:
            self._known.pop(alert.key, None)

    async def settle(self, routed: Sequence[Routed]) -> None:
        """Durable: what became of each alert, and who owns it now."""
        if not routed:
            return
        references = await self._references(routed)
        rows = self._changed(routed, references)
        await self._write([*rows, *(_record(one) for one in routed)])
        for row in rows:
            owning = Owning(
                workflow_id=row.workflow_id,
                reference=row.reference or None,
                written=(row.status, row.starts_at),
            )
            self._keep(f"{row.source}/{row.fingerprint}", owning)

    async def _references(self, routed: Sequence[Routed]) -> dict[str, str]:
        """The reference of each incident that was told, from the ledger where need be."""
        told = {one.incident: one.reference for one in routed if one.incident and one.reference}
        now = time.monotonic()
        for workflow_id, reference in told.items():
            self._opened[workflow_id] = (now, reference)
        while len(self._opened) > OPENED_REMEMBERED:
            self._opened.popitem(last=False)
        for workflow_id in {one.incident for one in routed if one.incident} - set(told):
            since, reference = self._opened.get(workflow_id, (-OPENED_S, ""))
            if now - since < OPENED_S:
                told[workflow_id] = reference
        unknown = {one.incident for one in routed if one.incident} - set(told)
        if unknown:
            found = await self._find(sorted(unknown))
            told |= {one: found[one] for one in unknown if one in found}
        return told

    async def _look_up_all(self, pairs: list[AlertKey]) -> dict[AlertKey, Owner]:
        asked = list(dict.fromkeys(pairs))
        return await self._writer.read(lambda ledger: ledger.owners(asked))

    async def _find_all(self, workflow_ids: list[str]) -> dict[str, str]:
        asked = set(workflow_ids)
        found = await self._writer.read(lambda ledger: [ledger.find(one) for one in asked])
        return {owner.workflow_id: owner.reference for owner in found if owner}

    async def _write_all(self, news: list[Ownership | AlertRecord]) -> None:
        rows = [one for one in news if isinstance(one, Ownership)]
        records = [one for one in news if isinstance(one, AlertRecord)]

        def both(ledger: Ledger) -> None:
            ledger.own(rows)
            ledger.remember(records)

        await self._writer.write(both)

    def _changed(self, routed: Sequence[Routed], references: dict[str, str]) -> list[Ownership]:
        """Rows that say something new; the last message about an alert wins."""
        rows: dict[str, Ownership] = {}
        for one in routed:
            if one.incident is None:
                continue
            alert = one.alert
            known = self._known.get(alert.key)
            told = (alert.status.value, alert.starts_at)
            if known and known.workflow_id == one.incident and known.written == told:
                rows.pop(alert.key, None)
                continue
            rows[alert.key] = Ownership(
                source=alert.source,
                fingerprint=alert.fingerprint,
                workflow_id=one.incident,
                reference=references.get(one.incident, ""),
                starts_at=alert.starts_at,
                status=alert.status.value,
            )
        return list(rows.values())

    def _keep(self, key: str, owning: Owning) -> None:
        self._known[key] = owning
        self._known.move_to_end(key)
        while len(self._known) > self._limit:
            self._known.popitem(last=False)


def _owning(owner: Owner) -> Owning:
    return Owning(workflow_id=owner.workflow_id, reference=owner.reference or None)


def _record(routed: Routed) -> AlertRecord:
    alert = routed.alert
    return AlertRecord(
        source=alert.source,
        fingerprint=alert.fingerprint,
        status=alert.status.value,
        outcome=routed.outcome,
        workflow_id=routed.incident,
        note="; ".join(routed.notes)[:NOTE_LIMIT],
        body=alert.model_dump_json(exclude={"notes"}),
    )
