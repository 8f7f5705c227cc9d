"""Effects, rosters and tools with defaults, for tests of the activities."""

from datetime import UTC, datetime

import httpx

from activities.channels.outgoing import Outgoing
from activities.channels.tools import ChannelTools, channel_tools
from domain.incident.effects import Message, SendAnnouncement, SendNotice, SendPage
from domain.roster import Method, NotifyRule, Roster, User
from domain.severity import Severity
from settings import Settings

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def a_message(
    *, severity: Severity = Severity.SEV2, ask: str | None = "Acknowledge within 5 min"
) -> Message:
    """A message about one incident."""
    return Message(
        reference="INC-M4T9WC",
        severity=severity,
        title="Payment API: error ratio",
        headline="payments-api is failing in eu-west-1",
        lines=("PaymentApi5xx on pay-1: 12.4 %",),
        ask=ask,
        bridge="https://meet.example/inc",
        at=AT,
    )


def an_outgoing(key: str = "INC-M4T9WC/1/level-1/1/ann/webhook") -> Outgoing:
    """A page on its way to ann."""
    return Outgoing(
        kind="page",
        key=key,
        person="ann",
        person_name="Ann Berg",
        method="webhook",
        level="level-1",
        message=a_message(),
        link="http://127.0.0.1:8080/i/token",
    )


def a_page(method: Method = Method.WEBHOOK, person: str = "ann") -> SendPage:
    """A page effect."""
    return SendPage(
        id=f"INC-M4T9WC/1/level-1/1/{person}/{method.value}",
        summary=f"Page {person} by {method.value}",
        person=person,
        person_name="Ann Berg",
        method=method,
        level="level-1",
        message=a_message(),
    )


def a_notice(person: str = "ann") -> SendNotice:
    """A quiet notice effect."""
    return SendNotice(
        id="INC-M4T9WC/notice/1",
        summary="Tell Ann",
        person=person,
        person_name="Ann Berg",
        message=a_message(ask=None),
    )


def an_announcement(*to: str) -> SendAnnouncement:
    """An announcement effect."""
    return SendAnnouncement(
        id="INC-M4T9WC/announce/1", summary="Tell the desk", to=to, message=a_message(ask=None)
    )


def a_user(name: str = "ann", *, low: tuple[NotifyRule, ...] = (), **contact: str) -> User:
    """A person with these contacts, paged by the first of them."""
    ways = {Method(way): address for way, address in contact.items()}
    high = tuple(NotifyRule(via=method) for method in ways)
    return User(id=name, name=name.title(), contact=ways, high=high, low=low)


def a_roster(*users: User) -> Roster:
    """A roster of these people."""
    return Roster(users={user.id: user for user in users})


def tools_for(settings: Settings, http: httpx.AsyncClient, **changes: object) -> ChannelTools:
    """Channel tools with settings changed by name."""
    return channel_tools(settings.model_copy(update=changes), http)
