"""A stage with a small roster: first, second and manager, all with push."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from domain.roster import Method, NotifyRule, Roster, Rotation, Schedule, User
from tests.receivers import MailReceiver, WebhookReceiver
from tests.stage import Stage, open_stage

PEOPLE = ("first", "second", "manager", "ann", "bo")


def a_roster() -> Roster:
    """Everybody has push; `schedule:first` is first's, `schedule:second` second's."""
    users = {
        name: User(
            id=name,
            name=name.capitalize(),
            contact={Method.PUSH: f"ntfys://ntfy.example/{name}"},
            high=(NotifyRule(via=Method.PUSH, after=timedelta(0)),),
        )
        for name in PEOPLE
    }
    schedules = {
        name: Schedule(
            id=name,
            tz="UTC",
            rotate=Rotation(users=(name,), unit="week", weekday="mon", first=date(2024, 1, 1)),
        )
        for name in ("first", "second")
    }
    return Roster(users=users, schedules=schedules)


@pytest.fixture
async def stage(
    temporal_client: Client, hooks: WebhookReceiver, mailbox: MailReceiver, tmp_path: Path
) -> AsyncIterator[Stage]:
    """A real engine and real workers around the small roster."""
    async with open_stage(temporal_client, a_roster(), (hooks, mailbox), tmp_path) as stage:
        yield stage
