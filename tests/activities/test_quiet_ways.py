"""Which way a notice or an announcement goes, of all the ways there are."""

import pytest

from activities.channels.routing import quiet_method
from activities.recipients import Way, ways_to
from domain.roster import Destination, Method
from settings import Settings
from tests.activities.builders import a_roster, a_user

ALL = {
    "sms": "+4930123456",
    "phone": "+4930123456",
    "email": "ann@example.org",
    "webhook": "https://hooks.example/ann",
    "teams": "https://teams.example/ann",
    "slack": "U0123ABCD",
    "push": "ntfys://ntfy.example/ann",
}


@pytest.mark.parametrize(
    ("without", "method"),
    [
        ((), Method.PUSH),
        (("push",), Method.SLACK),
        (("push", "slack"), Method.TEAMS),
        (("push", "slack", "teams"), Method.WEBHOOK),
        (("push", "slack", "teams", "webhook"), Method.EMAIL),
        (("push", "slack", "teams", "webhook", "email"), None),
    ],
)
def test_a_notice_goes_by_the_least_intrusive_way_and_never_rings(
    without: tuple[str, ...], method: Method | None, settings: Settings
):
    with_slack = settings.model_copy(update={"slack_bot_token": "xoxb-1"})
    ann = a_user(**{way: address for way, address in ALL.items() if way not in without})

    assert quiet_method(ann, with_slack) == method


def test_slack_is_passed_over_where_it_is_not_set_up(settings: Settings):
    """A notice by a way that cannot work would reach nobody."""
    ann = a_user(slack="U0123ABCD", email="ann@example.org")

    assert quiet_method(ann, settings) is Method.EMAIL


def test_an_announcement_goes_by_every_way_of_its_destination(settings: Settings):
    desk = Destination(id="desk", slack="#inc-db", teams="https://teams.example/desk")
    roster = a_roster().model_copy(update={"destinations": {"desk": desk}})

    ways = [way for way in ways_to(roster, "destination:desk", settings) if isinstance(way, Way)]

    assert [(way.method, way.addresses) for way in ways] == [
        (Method.SLACK, ("#inc-db",)),
        (Method.TEAMS, ("https://teams.example/desk",)),
    ]
