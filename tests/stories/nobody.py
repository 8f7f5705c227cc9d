"""The people and playbook of "nobody answers": push at once, SMS and phone after."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from temporalio.client import Client

from domain.roster import Method, Roster
from tests.providers import TwilioServer, form_of, twilio_settings
from tests.receivers import MailReceiver, WebhookReceiver
from tests.stage import Stage, open_stage, written

THREE_AM = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)

NUMBERS = {"first": "+4930000001", "second": "+4930000002", "manager": "+4930000003"}

PLAYBOOK = """\
language: 1
name: payments_down
owner: team:payments
on_alert: { alertname: PaymentsDown }
severity: { default: SEV1 }
escalation:
  ack_within: { SEV1: 5m, else: 15m }
  levels:
    - [user:first]
    - [user:second]
  repeat: 2
"""


def roster() -> str:
    """Three people with push, SMS and phone; the third manages the team."""
    lines = ["language: 1", "users:"]
    for person, number in NUMBERS.items():
        push = f'push: "ntfys://ntfy.example/{person}"'
        lines.append(f'  {person}: {{ contact: {{ {push}, sms: "{number}", phone: "{number}" }} }}')
    lines.append("teams:")
    lines.append("  payments: { members: [first, second], manager: manager }")
    return "\n".join(lines) + "\n"


@asynccontextmanager
async def a_stage(
    client: Client,
    receivers: tuple[WebhookReceiver, MailReceiver],
    phones: TwilioServer,
    folder: Path,
) -> AsyncIterator[Stage]:
    """A stage on which these people are reached by push, and through Twilio's shape."""
    compiled = written({"payments_down.yaml": PLAYBOOK, "roster/all.yaml": roster()})
    settings = twilio_settings(phones)
    async with open_stage(client, compiled.roster, receivers, folder, **settings) as stage:
        stage.plans.update(compiled.plans)
        stage.roster = _with_numbers(stage.roster)
        stage.elsewhere = _rung(phones)
        yield stage


def _with_numbers(roster: Roster) -> Roster:
    users = {
        name: user.model_copy(
            update={"contact": {**user.contact, Method.SMS: number, Method.PHONE: number}}
        )
        for name, number in NUMBERS.items()
        if (user := roster.users[name])
    }
    return roster.model_copy(update={"users": users})


def _rung(phones: TwilioServer) -> Callable[[], list[tuple[str, str, str]]]:
    """What has reached numbers since the last look: whom, how, first line."""
    seen = 0
    people = {number: person for person, number in NUMBERS.items()}

    def since_last_look() -> list[tuple[str, str, str]]:
        nonlocal seen
        fresh = phones.received()[seen:]
        seen += len(fresh)
        return [
            (
                people[form["To"]],
                "sms" if "Body" in form else "phone",
                form.get("Body", "").partition("\n")[0],
            )
            for form in map(form_of, fresh)
        ]

    return since_last_look


def rung(person: str, minute: int) -> list[tuple[str, str, str]]:
    """(when, whom, how) of one round of this person's methods, begun at this minute."""
    ways = ("push", "sms", "phone")
    return [(f"Wed 03:{minute + index:02d}", person, way) for index, way in enumerate(ways)]
