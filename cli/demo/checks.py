"""What must have been true when the demo's story is over, held against what arrived.

Decides the list of promises. Each is checked against the receivers' own deliveries and
the recorded timeline, not against what was printed.
"""

from collections.abc import Iterator

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from cli.demo.receivers import Delivery, Receivers
from cli.demo.stage import minutes
from cli.show.shown import ShownIncident
from domain.incident.view import Phase, TimelineEntry

ACK_WITHIN = minutes(15)
HOLD = minutes(15)


class Evidence:
    """What was recorded and what arrived."""

    def __init__(
        self,
        incident: ShownIncident,
        timeline: list[TimelineEntry],
        receivers: Receivers,
        webhook_secret: str,
    ) -> None:
        self.incident = incident
        self.timeline = timeline
        self.receivers = receivers
        self.webhook_secret = webhook_secret

    def entry(self, kind: str, by: str = "", **data: str) -> TimelineEntry | None:
        """The first recorded event of this kind, by this actor, with these data."""
        for entry in self.timeline:
            fits = entry.kind == kind and by in ("", entry.actor)
            if fits and data.items() <= entry.data.items():
                return entry
        return None

    def pages(self, who: str) -> list[Delivery]:
        """What woke them there."""
        return [each for each in self.receivers.to(who) if each.wakes]


def promises(evidence: Evidence) -> Iterator[tuple[str, bool]]:
    """Each promise of the story, and whether it was kept."""
    yield from _paging(evidence)
    yield from _people(evidence)
    yield from _ending(evidence)


def _paging(evidence: Evidence) -> Iterator[tuple[str, bool]]:
    opened = evidence.entry("triggered")
    webhook = evidence.entry("paged", person="ann", method="webhook")
    second = evidence.entry("paged", person="bo")
    yield "two alerts are one incident", evidence.incident.alerts.total == 2  # noqa: PLR2004
    yield "Ann is paged once by each method", _counts(evidence, "ann", "hooks/ann") == [1, 1]
    yield (
        "Ann's second method waits its minute",
        bool(opened and webhook and webhook.at - opened.at >= minutes(1)),
    )
    yield (
        "level 2 is paged when 15 minutes are over, not before",
        bool(opened and second and second.at - opened.at >= ACK_WITHIN),
    )
    yield "the webhook's signature is ours", _is_signed(evidence)
    keys = [each.headers.get("idempotency-key") for each in evidence.receivers.all() if each.wakes]
    yield "no page arrives twice", len(keys) == len(set(keys))


def _people(evidence: Evidence) -> Iterator[tuple[str, bool]]:
    acknowledged = evidence.entry("acknowledged", person="bo")
    accepted = evidence.entry("offer.accepted", by="user:cleo")
    roles = evidence.incident.roles
    commander = [held.person for held in roles.get("incident_commander", ()) if not held.acting]
    works = [held.person for held in roles.get("operations_lead", ())]
    yield "Bo's tap is the acknowledgement", acknowledged is not None
    acting = evidence.entry("role.held", person="bo", role="incident_commander")
    yield "Bo acts as commander first", bool(acting and accepted and acting.seq < accepted.seq)
    yield (
        "nobody but Cleo is paged after the acknowledgement",
        acknowledged is not None
        and {
            entry.data.get("person")
            for entry in evidence.timeline
            if entry.kind == "paged" and entry.seq > acknowledged.seq
        }
        == {"cleo"},
    )
    offers = [each for each in evidence.pages("cleo") if "offers you" in each.text]
    yield "the offer on Cleo's phone says how it stands", _says(offers, "rollback runs")
    yield "Cleo accepts and commands", accepted is not None and commander == ["cleo"]
    yield "Bo keeps operations", works == ["bo"]


def _ending(evidence: Evidence) -> Iterator[tuple[str, bool]]:
    recovering = evidence.entry("recovering")
    asked = evidence.entry("asked.resolve")
    resolved = evidence.entry("resolved", by="user:cleo")
    yield (
        "nobody is asked before 15 quiet minutes are over",
        bool(recovering and asked and asked.at - recovering.at >= HOLD),
    )
    yield "Cleo's yes resolves it", bool(asked and resolved and resolved.seq > asked.seq)
    yield "it is resolved", evidence.incident.phase is Phase.RESOLVED
    told = evidence.receivers.to("hooks/stakeholders")
    for word in ("opened", "commands", "resolved"):
        count = sum(word in each.headline for each in told)
        yield f"the stakeholders are told once: {word}", count == 1
    channel = evidence.receivers.to("hooks/channel", evidence.incident.reference)
    yield "the incident channel is told", len(channel) >= 1


def _counts(evidence: Evidence, *places: str) -> list[int]:
    return [len(evidence.pages(place)) for place in places]


def _says(deliveries: list[Delivery], text: str) -> bool:
    return len(deliveries) == 1 and text in deliveries[0].text


def _is_signed(evidence: Evidence) -> bool:
    pages = evidence.pages("hooks/ann")
    try:
        for page in pages:
            Webhook(evidence.webhook_secret).verify(page.body, page.headers)
    except WebhookVerificationError:
        return False
    return bool(pages)
