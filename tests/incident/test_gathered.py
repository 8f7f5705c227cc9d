"""A page that travels with the person's other pages, as its incident sees it."""

from datetime import timedelta

import pytest

from domain.incident.effects import LeaveBundle, Outcome, SendPage, SendResult
from domain.incident.events import PageFinished, PageJoined
from domain.incident.state import AttemptState
from domain.incident.turn import Turned
from tests.incident.plans import a_plan
from tests.incident.world import START, World, a_person, an_alert

ON_CALL = {
    "schedule:first": [a_person("ann", ("push", 0), ("sms", 1))],
    "schedule:second": [a_person("bo")],
    "user:manager": [a_person("mo")],
}
UNTIL = START + timedelta(seconds=60)


def gathered() -> SendResult:
    """What the sending activity says of a page that waits for others."""
    return SendResult(outcome=Outcome.GATHERED, detail="it goes out by 03:01:00 UTC", until=UNTIL)


@pytest.fixture
def world() -> World:
    """Ann's push is with her other pages."""
    world = World(a_plan(), dict(ON_CALL))
    world.outcome = lambda page: None if page.person == "ann" else Outcome.DELIVERED
    world.fire(an_alert(severity="sev1"))
    world.take(PageFinished(id=world.keys[0], result=gathered()))
    return world


def state_of(world: World, method: int = 0) -> AttemptState:
    """Where Ann's page by this method stands."""
    call = next(call for call in world.state.calls.values() if call.person.id == "ann")
    return call.attempts[method].state


def left(turned: Turned) -> list[str]:
    """The calls that the turn takes back."""
    return [effect.call for effect in turned.effects if isinstance(effect, LeaveBundle)]


def answer(world: World, outcome: Outcome) -> Turned:
    """What became of the bundle."""
    result = SendResult(outcome=outcome, bundled=True, detail="together with 38 others")
    return world.take(PageFinished(id=world.keys[0], result=result))


def test_a_gathered_page_is_said_once_and_claims_no_delivery(world: World) -> None:
    texts = [entry.text for entry in world.entries if entry.kind == "page.gathered"]

    assert texts == ["Page to Ann by push joined other pages to them: it goes out by 03:01:00 UTC."]
    assert "page.delivered" not in world.kinds()
    assert state_of(world) is AttemptState.GATHERED


def test_the_next_method_keeps_its_time_while_a_page_gathers(world: World) -> None:
    assert world.pages_of("ann") == [0.0]
    world.until(1)
    assert world.pages_of("ann") == [0.0, 1.0]


def test_the_bundles_delivery_is_the_pages_delivery(world: World) -> None:
    answer(world, Outcome.DELIVERED)

    assert state_of(world) is AttemptState.DELIVERED
    assert world.entries[-1].text == ("Page to Ann by push was delivered, together with 38 others.")


def test_a_bundle_that_failed_starts_the_next_method_at_once(world: World) -> None:
    answer(world, Outcome.RETRY)

    assert state_of(world) is AttemptState.RETRYING
    assert [method for _, who, method in world.pages if who == "ann"] == ["push", "sms"]


def test_a_gathered_page_without_an_answer_goes_out_by_itself(world: World) -> None:
    """Two minutes after it should have left: paging beats bundling."""
    sent: list[SendPage] = []
    world.outcome = sent.append
    world.until(3)

    (again,) = [page for page in sent if page.method == "push"]
    assert (again.attempt, again.alone) == (2, True)
    assert again.id == world.keys[0]


def test_an_acknowledgement_takes_the_page_out_of_the_bundle(world: World) -> None:
    turned = world.say("bo", "acknowledge")

    assert left(turned) == [world.keys[0].rpartition("/")[0]]


def test_an_incident_that_others_joined_leaves_them_when_it_is_acknowledged() -> None:
    world = World(a_plan(), dict(ON_CALL))
    world.fire(an_alert(severity="sev1"))
    alone = world.say("bo", "note", text="looking")
    world.take(PageJoined(id=world.keys[0]))
    turned = world.say("ann", "acknowledge")

    assert left(alone) == []
    assert left(turned) == [world.keys[0].rpartition("/")[0]]


def test_a_page_that_gathers_after_the_acknowledgement_leaves_again() -> None:
    """The claim was on its way while somebody acknowledged."""
    world = World(a_plan(), dict(ON_CALL))
    world.outcome = lambda _page: None
    world.fire(an_alert(severity="sev1"))
    world.say("bo", "acknowledge")
    turned = world.take(PageFinished(id=world.keys[0], result=gathered()))

    assert left(turned) == [world.keys[0].rpartition("/")[0]]


def test_an_answer_that_overtakes_the_word_of_gathering_stands() -> None:
    world = World(a_plan(), dict(ON_CALL))
    world.outcome = lambda _page: None
    world.fire(an_alert(severity="sev1"))
    answer(world, Outcome.DELIVERED)
    world.take(PageFinished(id=world.keys[0], result=gathered()))

    assert state_of(world) is AttemptState.DELIVERED
    assert "page.gathered" not in world.kinds()


def test_offers_and_drills_never_gather() -> None:
    world = World(a_plan(), dict(ON_CALL))
    sent: list[SendPage] = []
    world.outcome = lambda page: sent.append(page) or Outcome.DELIVERED
    world.fire(an_alert(severity="sev1"))
    world.say("ann", "acknowledge")
    world.say(
        "ann",
        "offer_handoff",
        role="incident_commander",
        to="user:bo",
        summary={"state_now": "it burns"},
    )
    world.state = world.state.model_copy(update={"drill": True})
    world.say("ann", "escalate", reason="a drill")

    alone = {(page.person, page.level.startswith("offer-")): page.alone for page in sent}
    assert alone[("ann", False)] is False
    assert alone[("bo", True)] is True
    assert sent[-1].message.drill
    assert sent[-1].alone
