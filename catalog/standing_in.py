"""Lays the accepted overrides of the ledger over the roster of the files.

Decides that what people accepted wins over what is written, and the later acceptance
over the earlier. An override of somebody or something that is gone counts for nothing.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from domain.roster import Override, Roster
from ledger.override_book import OverrideRecord
from ledger.store import Ledger


def accepted_overrides(ledger: Ledger, now: datetime) -> tuple[OverrideRecord, ...]:
    """What was accepted and has not ended."""
    return ledger.accepted_overrides(now)


def roster_now(roster: Roster, overrides: Sequence[OverrideRecord]) -> Roster:
    """The roster with these overrides after the written ones, in the order given."""
    schedules = dict(roster.schedules)
    for each in overrides:
        schedule = schedules.get(each.schedule)
        if schedule is None or each.person not in roster.users:
            continue
        line = Override(
            user=each.person,
            start=each.starts_at.astimezone(UTC),
            end=each.ends_at.astimezone(UTC),
        )
        schedules[each.schedule] = schedule.model_copy(
            update={"overrides": (*schedule.overrides, line)}
        )
    return roster.model_copy(update={"schedules": schedules})
