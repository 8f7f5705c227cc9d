"""Urgency and the owner team's hours: who is woken, who waits, what is sent meanwhile."""

from datetime import UTC, datetime, time, timedelta

import pytest

from domain.hours import hours_now
from domain.incident.effects import Outcome
from domain.incident.people import HoursNow
from domain.incident.view import Phase
from domain.plan import EscalationCriterion, Plan, RolePlan, Urgency
from domain.roster import Hours
from domain.severity import PerSeverity, Severity
from tests.incident.plans import DEFAULT_ROLES, a_plan, an_escalation, minutes
from tests.incident.world import World, a_person, an_alert

ANN = a_person("ann", ("push", 0), ("sms", 1), ("phone", 2))
BO = a_person("bo", ("push", 0), ("sms", 1))
MO = a_person("mo")
CY = a_person("cy", low=())
ON_CALL = {
    "schedule:first": [ANN],
    "schedule:second": [BO],
    "schedule:command": [CY, BO],
    "user:manager": [MO],
}
BERLIN = Hours(tz="Europe/Berlin", between=(time(9, 15), time(18, 0)))
SATURDAY_3 = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
"""Saturday, 03:00 in Berlin."""


def urgencies(**named: Urgency) -> PerSeverity[Urgency]:
    """High, high, high in hours, low, low; others where they are named."""
    usual: dict[str, Urgency] = {
        "SEV1": "high",
        "SEV2": "high",
        "SEV3": "high_in_hours",
        "SEV4": "low",
        "SEV5": "low",
    }
    return PerSeverity[Urgency](**(usual | named))


def plan_of(**extra: object) -> Plan:
    """A plan in Berlin that wakes people for a SEV3 only in hours."""
    return a_plan(**({"timezone": "Europe/Berlin", "urgency": urgencies()} | extra))


def a_world(start: datetime = SATURDAY_3, **extra: object) -> World:
    """An incident of a team that works in Berlin from 09:15 to 18:00."""
    world = World(plan_of(**extra), dict(ON_CALL), start=start)
    world.hours = lambda _team, at: hours_now(BERLIN, at)
    return world


def berlin(day: int, hour: int, minute: int = 0, *, offset: int = 1) -> datetime:
    """A moment of November 2026 by the wall clock of Berlin."""
    return datetime(2026, 11, day, hour - offset, minute, tzinfo=UTC)


def loud(world: World) -> list[tuple[float, str, str]]:
    """The pages that make a sound."""
    return [(at, who, how) for at, who, how, urgency in world.sounds() if urgency == "high"]


def quiet(world: World) -> list[tuple[float, str, str]]:
    """The pages that make none."""
    return [(at, who, how) for at, who, how, urgency in world.sounds() if urgency == "low"]


def test_out_of_hours_one_quiet_page_goes_out_and_nobody_is_woken() -> None:
    """The ladder waits, and says until when in the time of the playbook."""
    world = a_world()

    world.fire(an_alert(severity="sev3"))
    world.at(berlin(23, 9, 14))

    assert world.sounds() == [(0, "ann", "email", "low")]
    text = world.sent[0][1].message.lines[0]
    assert text == "Nobody is woken for it. Without an answer level 1 is paged Mon 09:15 CET."
    assert world.state.deadlines["hours/escalation"].summary == (
        "Waits for the hours of platform: Mon 09:15 CET"
    )
    assert "suspended" in world.kinds()


def test_level_1_is_paged_when_the_hours_begin() -> None:
    """In a new cycle, by the rules for high urgency, and the ladder climbs on."""
    world = a_world()
    world.fire(an_alert(severity="sev3"))

    world.at(berlin(23, 9, 50))

    start = (berlin(23, 9, 15) - SATURDAY_3) / timedelta(minutes=1)
    assert loud(world) == [
        (start, "ann", "push"),
        (start + 1, "ann", "sms"),
        (start + 2, "ann", "phone"),
        (start + 30, "bo", "push"),
        (start + 31, "bo", "sms"),
    ]
    assert len(set(world.keys)) == len(world.keys)


def test_high_urgency_asks_for_no_hours_and_wakes_at_once() -> None:
    world = a_world()
    world.hours = lambda _team, _at: pytest.fail("nobody needs to know")

    world.fire(an_alert(severity="sev2"))

    assert loud(world) == [(0, "ann", "push")]


def test_in_hours_high_in_hours_pages_like_high() -> None:
    world = a_world(berlin(23, 10))

    world.fire(an_alert(severity="sev3"))
    world.until(2)

    assert [how for _, _, how in loud(world)] == ["push", "sms", "phone"]


def test_low_climbs_in_hours_by_the_low_rules_of_everybody() -> None:
    """The whole ladder, the last resort included, and no page makes a sound."""
    world = a_world(berlin(23, 9, 30), escalation=an_escalation(repeat=0))

    world.fire(an_alert(severity="ticket"))
    world.until(150)

    assert world.sounds() == [
        (0, "ann", "email", "low"),
        (60, "bo", "email", "low"),
        (120, "mo", "email", "low"),
        (120, "ann", "email", "low"),
    ]
    assert world.state.exhausted


def test_hours_that_end_stop_every_sound() -> None:
    """Methods still to come are not sent; the ladder starts over in the morning."""
    world = a_world(berlin(23, 17, 59))

    world.fire(an_alert(severity="sev3"))
    world.at(berlin(24, 9, 14))

    assert loud(world) == [(0, "ann", "push")]
    assert not quiet(world)
    assert world.state.ladders["escalation"].stage == "suspended"

    world.at(berlin(24, 9, 15))

    assert [who for _, who, _ in loud(world)] == ["ann", "ann"]


def test_a_late_worker_pages_nobody_after_the_hours() -> None:
    """The engine was away from 17:59 to 18:20: what was due before is not sent any more."""
    world = a_world(berlin(23, 17, 58))
    world.fire(an_alert(severity="sev3"))
    world.now = berlin(23, 18, 20)

    world.until(22)

    assert loud(world) == [(0, "ann", "push")]


def test_the_quiet_page_is_sent_once_and_again_after_a_reopen() -> None:
    """Suspended a second time the people know; a reopened one is news."""
    world = a_world()
    world.fire(an_alert(severity="sev3"))
    world.say("ann", "acknowledge")
    world.say("ann", "unacknowledge")
    assert len(quiet(world)) == 1

    world.say("ann", "resolve")
    world.say("ann", "reopen")

    assert len(quiet(world)) == 2


def test_whoever_has_no_quiet_way_waits_for_the_hours() -> None:
    """Nothing is sent to them, the timeline says so, and the hours page them."""
    world = a_world(escalation=an_escalation(("schedule:command",)))

    world.fire(an_alert(severity="sev3"))
    assert [who for _, who, _ in quiet(world)] == ["bo"]
    assert any("Cy has no way to be told that wakes nobody" in one.text for one in world.entries)
    world.at(berlin(23, 9, 15))

    assert {who for _, who, _ in loud(world)} == {"cy", "bo"}


def test_an_acknowledgement_ends_the_waiting() -> None:
    world = a_world()
    world.fire(an_alert(severity="sev3"))
    world.until(60)

    world.say("ann", "acknowledge")
    world.at(berlin(24, 12))

    assert world.phase is Phase.ACKNOWLEDGED
    assert not loud(world)
    assert world.holder("operations_lead") == "ann"


def test_what_recovers_while_it_waits_resolves_without_a_sound() -> None:
    """Those who had the quiet page hear that it is over."""
    world = a_world()
    world.fire(an_alert(severity="sev3"))
    world.until(60)

    world.fire(an_alert(status="resolved"))
    world.until(80)

    assert world.phase is Phase.RESOLVED
    assert not loud(world)
    told = [text for _, who, text in world.notices if who == "ann"]
    assert told[0].startswith("Recovered by itself")


def test_what_recovers_and_fires_again_waits_again() -> None:
    world = a_world()
    world.fire(an_alert(severity="sev3"))
    world.fire(an_alert(status="resolved"))
    assert "hours/escalation" not in world.state.deadlines

    world.fire(an_alert("a2", severity="sev3"))

    assert world.state.ladders["escalation"].stage == "suspended"
    assert "hours/escalation" in world.state.deadlines
    assert len(quiet(world)) == 1


def test_a_raise_to_high_wakes_at_once() -> None:
    """What waited for Monday is urgent now."""
    world = a_world()
    world.fire(an_alert(severity="sev3"))
    world.until(30)

    world.say("bo", "severity", severity="SEV2", reason="it spreads")
    world.until(32)

    assert [(at, who) for at, who, _ in loud(world)] == [(30, "ann"), (31, "ann"), (32, "ann")]
    assert not [name for name in world.state.deadlines if name.startswith("hours/")]


def test_a_raise_from_low_in_hours_pages_level_1_loudly() -> None:
    """E-mail woke nobody: the ladder starts over, by the rules for high urgency."""
    world = a_world(berlin(23, 10))
    world.fire(an_alert(severity="ticket"))
    world.until(70)

    world.say("bo", "severity", severity="SEV3", reason="worse")

    assert loud(world) == [(70, "ann", "push")]


def test_a_raise_in_hours_lifts_the_end_of_the_hours() -> None:
    """Paged loudly at 17:59 as SEV3; as SEV2 the phone still rings at 18:01."""
    world = a_world(berlin(23, 17, 59))
    world.fire(an_alert(severity="sev3"))

    world.say("bo", "severity", severity="SEV2", reason="worse")
    world.until(3)

    assert [how for _, _, how in loud(world)] == ["push", "sms", "phone"]


def test_lowered_to_quiet_at_night_nobody_is_woken_any_more() -> None:
    """The SMS and the call still to come are dropped, and the ladder waits."""
    world = a_world()
    world.fire(an_alert(severity="sev2"))

    world.say("bo", "severity", severity="SEV3", reason="a replica took over")
    world.until(600)

    assert loud(world) == [(0, "ann", "push")]
    assert world.state.ladders["escalation"].stage == "suspended"


def test_lowered_in_hours_the_calls_go_on() -> None:
    """High in hours is as loud as high while the team is at work: nobody is paged twice."""
    world = a_world(berlin(23, 10))
    world.fire(an_alert(severity="sev2"))

    world.say("bo", "severity", severity="SEV3", reason="a replica took over")
    world.until(5)

    assert loud(world) == [(0, "ann", "push"), (1, "ann", "sms"), (2, "ann", "phone")]


def test_lowered_to_low_in_hours_goes_on_by_mail() -> None:
    world = a_world(berlin(23, 10))
    world.fire(an_alert(severity="sev2"))

    world.say("bo", "severity", severity="SEV4", reason="nobody notices")
    world.until(70)

    assert world.sounds() == [
        (0, "ann", "push", "high"),
        (0, "ann", "email", "low"),
        (60, "bo", "email", "low"),
    ]


def test_an_answer_to_a_lowered_severity_is_asked_for_anew() -> None:
    """The look-up was on its way as SEV2: what it finds may not wake a SEV3 at night."""
    world = a_world()
    world.hold_lookups = True
    world.fire(an_alert(severity="sev2"))
    world.say("bo", "severity", severity="SEV3", reason="a replica took over")

    world.release()

    assert not loud(world)
    assert quiet(world) == [(0, "ann", "email")]


def test_escalate_by_a_person_wakes_whatever_the_hours() -> None:
    """A person asked: level 1 now, then the ladder climbs on loudly."""
    world = a_world()
    world.fire(an_alert(severity="sev3"))
    world.until(10)

    world.say("zoe", "escalate")
    world.until(41)

    assert [(at, who) for at, who, _ in loud(world)] == [
        (10, "ann"),
        (11, "ann"),
        (12, "ann"),
        (40, "bo"),
        (41, "bo"),
    ]


def test_an_offer_by_a_person_is_loud_whatever_the_hours() -> None:
    world = a_world()
    world.fire(an_alert(severity="sev3"))
    world.say("ann", "acknowledge")

    world.say(
        "ann",
        "offer_handoff",
        role="operations_lead",
        to="user:bo",
        summary={"state_now": "as it is"},
    )

    assert loud(world) == [(0, "bo", "push")]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (SATURDAY_3, [(60, "mo", "email", "low")]),
        (berlin(23, 10), [(60, "mo", "push", "high")]),
    ],
)
def test_a_criterion_follows_the_urgency_of_the_severity(
    start: datetime, expected: list[tuple[float, str, str, str]]
) -> None:
    """The people it brings in are woken in hours only."""
    criteria = (EscalationCriterion(after=minutes(60), page=("user:manager",), because="long"),)
    world = a_world(start, escalation=an_escalation(criteria=criteria))
    world.fire(an_alert(severity="sev3"))
    world.say("ann", "acknowledge")

    world.until(61)

    assert [one for one in world.sounds() if one[1] == "mo"] == expected


def test_a_role_waits_for_the_hours_as_well() -> None:
    """Its people get one quiet page, and are called in the morning."""
    roles = DEFAULT_ROLES | {"incident_commander": RolePlan(page=("schedule:second",))}
    world = a_world(roles=roles)
    world.fire(an_alert(severity="sev3"))
    world.say("ann", "acknowledge")

    assert quiet(world) == [(0, "ann", "email"), (0, "bo", "email")]
    assert world.sent[1][1].message.ask == "Accept incident commander"
    world.at(berlin(23, 9, 15))

    assert [(who, how) for _, who, how in loud(world)] == [("bo", "push")]


def test_a_raise_calls_the_roles_that_waited() -> None:
    roles = DEFAULT_ROLES | {"incident_commander": RolePlan(page=("schedule:second",))}
    world = a_world(roles=roles)
    world.fire(an_alert(severity="sev3"))
    world.say("ann", "acknowledge")
    world.until(10)

    world.say("ann", "severity", severity="SEV1", reason="it spreads")

    assert loud(world) == [(10, "bo", "push")]


def test_exhausted_at_low_urgency_starts_over_in_the_morning() -> None:
    """Never in silence: an unanswered one comes back with every morning's hours."""
    world = a_world(berlin(23, 9, 30), escalation=an_escalation(repeat=0))
    world.fire(an_alert(severity="ticket"))
    world.at(berlin(23, 17))
    assert world.state.exhausted

    world.at(berlin(24, 9, 15))

    assert not world.state.exhausted
    assert not loud(world)
    assert world.sounds()[-1][1:] == ("ann", "email", "low")


def test_a_page_that_fails_in_the_last_minute_is_not_forgotten() -> None:
    """Its next method would make a sound after the hours: the morning calls again."""
    world = a_world(berlin(23, 17, 59))
    world.outcome = lambda _page: Outcome.RETRY
    world.fire(an_alert(severity="sev3"))
    before = len(loud(world))

    world.at(berlin(24, 9, 14))
    late = [at for at, _, _ in loud(world)[before:] if at >= 1]
    assert late == []
    world.outcome = lambda _page: Outcome.DELIVERED
    world.at(berlin(24, 9, 20))

    assert len(loud(world)) > before


def test_a_team_that_is_always_at_work_is_never_waited_for() -> None:
    world = a_world()
    world.hours = lambda _team, _at: HoursNow(open=True)

    world.fire(an_alert(severity="sev3"))

    assert loud(world) == [(0, "ann", "push")]


def test_sev5_pages_nobody_in_or_out_of_hours() -> None:
    world = a_world(berlin(23, 10))

    world.fire(an_alert(severity="sev5"))
    world.until(3000)

    assert world.state.severity is Severity.SEV5
    assert world.sounds() == []


def test_who_comes_on_is_asked_for_anew_once_hours_matter() -> None:
    """Asked at SEV2, which wakes at every hour; lowered before the answer came."""
    world = a_world()
    world.shifts["schedule:first"] = [
        (SATURDAY_3 - timedelta(hours=8), [ANN]),
        (SATURDAY_3 + timedelta(minutes=3), [BO]),
    ]
    world.fire(an_alert(severity="sev2"))
    world.hold_lookups = True
    world.until(4)
    world.say("bo", "severity", severity="SEV3", reason="a replica took over")
    before = [one for one in loud(world) if one[1] == "bo"]

    world.release()
    world.until(60)

    assert [one for one in loud(world) if one[1] == "bo"] == before == []
