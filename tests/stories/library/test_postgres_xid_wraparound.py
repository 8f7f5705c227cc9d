"""Transaction ids run out: for days, with a handoff, until the oldest is young again."""

from datetime import UTC, datetime

import pytest

from domain.incident.view import Phase
from domain.severity import Severity
from tests.stories.library.conftest import Library
from tests.stories.library.telling import (
    an_alert_of,
    decide,
    resolved,
    states,
    step_of,
    tick,
)

pytestmark = pytest.mark.engine

MONDAY_10_AM = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
OLD = an_alert_of("PostgresXidWraparound", scope="orders", severity="warning")
TABLES = ["shop.public.orders", "shop.public.items"]


async def test_a_slot_is_dropped_tables_are_frozen_and_days_pass_over_a_handoff(
    library: Library,
) -> None:
    """The slot needs a second pair of eyes; one table that fails does not stop the others."""
    library.town.measured = {"postgres_xid_age": 1.6e9}
    holder = {"kind": "slot", "name": "reports", "oldest_tables": TABLES}
    library.tools.prints("pg-ops oldest-xmin", holder)
    story = library.story("postgres_xid_wraparound", MONDAY_10_AM)

    await story.fire(OLD)
    await story.until("10:05")
    await story.say("tomas", "acknowledge")
    await story.say("tomas", "fact_set", fact="writes_refused", value=False)
    await story.until("10:10")
    assert (await story.view()).severity is Severity.SEV2
    await tick(story, "tomas", "find_holders")
    choice = step_of(await story.view(), "let_go")
    assert choice.question.startswith("The oldest holder is a slot (reports).")
    assert [one.id for one in choice.options if one.suggested] == ["slot"]

    await decide(story, "tomas", "let_go", "slot")
    assert not any("drop-slot" in one for one in library.tools.ran())
    await story.say("vera", "step_approve", step="approve_drop")
    assert library.tools.ran()[1:] == [
        "pg-ops drop-slot --cluster orders --slot reports",
        "pg-ops vacuum-freeze --cluster orders --table shop.public.orders",
        "pg-ops vacuum-freeze --cluster orders --table shop.public.items",
    ]
    await story.until("17:30")
    offer = await story.say(
        "tomas",
        "offer_handoff",
        role="operations_lead",
        to="user:yuki",
        summary={"state_now": "slot dropped, tables frozen; the age falls since noon"},
    )
    await story.say("yuki", "accept_handoff", offer=offer.offer)
    await story.say("yuki", "mitigate")
    library.town.measured = {"postgres_xid_age": 2e8}
    await story.until("09:00", day=2)
    await story.until("12:00", day=2)
    assert step_of(await story.view(), "young_again").state == "done"
    await tick(story, "yuki", "never_again")
    await story.fire(resolved(OLD))
    await story.until("14:00", day=2)
    await story.say("yuki", "confirm")

    view = await story.view()
    assert view.phase is Phase.RESOLVED
    assert states(view, "freeze", "vacuum@1", "vacuum@2") == dict.fromkeys(
        ("freeze", "vacuum@1", "vacuum@2"), "done"
    )
