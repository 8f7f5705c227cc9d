"""The shift changes while nobody has acknowledged: who comes on is paged too."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from domain.hours import hours_now
from domain.incident.view import Phase
from domain.on_call import stand_behind
from domain.plan import Exhausted, RolePlan
from domain.roster import Hours, Method, NotifyRule, Roster, Rotation, Schedule, Team, User
from tests.incident.plans import DEFAULT_ROLES, a_plan, an_escalation, minutes
from tests.incident.test_urgency import urgencies
from tests.incident.world import START, World, a_person, an_alert

ANN = a_person("ann", ("push", 0), ("sms", 1), ("phone", 2))
BO = a_person("bo", ("push", 0), ("sms", 1))
CY = a_person("cy")
MO = a_person("mo")


def at(minute: float) -> datetime:
    """A moment, by minutes from the start."""
    return START + timedelta(minutes=minute)


def a_world(**extra: Any) -> World:
    """Ann serves in `first` until minute 3, then Bo; Cy in `second`; a SEV1 pages them."""
    world = World(a_plan(**extra), {"schedule:second": [CY], "user:manager": [MO]})
    world.shifts["schedule:first"] = [(START - timedelta(days=1), [ANN]), (at(3), [BO])]
    return world


def test_whoever_comes_on_is_paged_too_and_the_page_in_flight_stays() -> None:
    """Ann's methods go on; Bo gets pages of his own, in the same cycle and level."""
    world = a_world()

    world.fire(an_alert(severity="sev1"))
    world.until(4)

    assert world.pages == [
        (0, "ann", "push"),
        (1, "ann", "sms"),
        (2, "ann", "phone"),
        (3, "bo", "push"),
        (4, "bo", "sms"),
    ]
    assert world.keys[3] == "INC-AAAAAA/1/level-1/0/bo/push"
    said = [one.text for one in world.entries if one.kind == "shift.changed"]
    assert said == ["Shift change of first: Bo comes on and is paged too."]


def test_a_shift_change_leaves_the_level_its_time() -> None:
    """Level 2 comes five minutes after level 1, whoever joined in between."""
    world = a_world()
    world.fire(an_alert(severity="sev1"))

    world.until(6)

    assert world.pages_of("cy") == [5]


def test_the_next_round_asks_for_the_new_shift_only() -> None:
    world = a_world()
    world.fire(an_alert(severity="sev1"))

    world.until(10)

    assert world.pages_of("ann") == [0, 1, 2]
    assert world.pages_of("bo") == [3, 4, 10]


def test_an_acknowledgement_ends_the_watch() -> None:
    """Who comes on later is not paged for the level: somebody is on it."""
    world = a_world()
    world.fire(an_alert(severity="sev1"))
    world.say("ann", "acknowledge")

    world.until(20)

    assert not [name for name in world.state.deadlines if name.startswith("shift/")]
    assert "shift.changed" not in world.kinds()
    paged = [page.level for _, page in world.sent if page.person == "bo"]
    assert not [level for level in paged if not level.startswith("offer")], "but for the handoff"


def test_an_earlier_level_is_watched_while_a_later_one_is_paged() -> None:
    """Bo comes on in the schedule of level 1 while level 2 is paged."""
    world = a_world()
    world.shifts["schedule:first"][1] = (at(7), [BO])
    world.fire(an_alert(severity="sev1"))

    world.until(7)

    assert world.pages_of("bo") == [7]
    assert world.keys[-1] == "INC-AAAAAA/1/level-2/0/bo/push"


def test_a_gap_ends_with_a_page_to_whoever_comes_on() -> None:
    """Nobody served at first: the level was skipped, and is made good for."""
    world = a_world()
    world.shifts["schedule:first"] = [(at(3), [BO])]
    world.fire(an_alert(severity="sev1"))
    assert world.pages_of("cy") == [0]

    world.until(3)

    assert world.pages_of("bo") == [3]


def test_whoever_stays_on_is_not_paged_twice() -> None:
    """Two serve, one of them is relieved: only the new one is paged."""
    world = a_world()
    world.shifts["schedule:first"] = [(START, [ANN, CY]), (at(3), [BO, CY])]
    world.fire(an_alert(severity="sev1"))

    world.until(4)

    assert world.pages_of("cy") == [0]
    assert world.pages_of("bo") == [3, 4]


def test_an_exhausted_ladder_pages_its_last_resort_again() -> None:
    """With the new shift of level 1, whose page stands beside that of the old one."""
    escalation = an_escalation(repeat=0, exhausted=_never_again())
    world = a_world(escalation=escalation)
    world.shifts["schedule:first"][1] = (at(60), [BO])
    world.fire(an_alert(severity="sev1"))
    world.until(59)
    assert world.pages_of("mo") == [10]

    world.until(61)

    assert world.pages_of("mo") == [10, 60]
    assert world.pages_of("bo") == [60, 61]


def test_an_exhausted_ladder_also_pages_who_comes_on_in_a_later_level() -> None:
    escalation = an_escalation(repeat=0, exhausted=_never_again())
    world = a_world(escalation=escalation)
    world.shifts = {"schedule:second": [(START, [CY]), (at(60), [BO])]}
    world.on_call["schedule:first"] = [ANN]
    world.fire(an_alert(severity="sev1"))

    world.until(61)

    assert world.pages_of("bo") == [60, 61]
    assert world.pages_of("mo") == [10, 60]


def _never_again() -> Exhausted:
    return Exhausted(page=("user:manager",), again_every=minutes(None))


def test_a_role_that_nobody_took_is_offered_to_who_comes_on() -> None:
    roles = DEFAULT_ROLES | {"incident_commander": RolePlan(page=("schedule:command",))}
    world = a_world(roles=roles)
    world.shifts["schedule:command"] = [(START, [MO]), (at(2), [BO])]
    world.fire(an_alert(severity="sev1"))
    world.say("ann", "acknowledge")

    world.until(2)
    world.say("bo", "accept_role", role="incident_commander")

    assert world.pages_of("bo") == [2]
    assert world.holder("incident_commander") == "bo"


# -- the weekend, with a real roster -------------------------------------------------------


def a_user(name: str) -> User:
    """Push at once for high urgency, e-mail for low."""
    return User(
        id=name,
        name=name.capitalize(),
        tz="Europe/Berlin",
        contact={Method.PUSH: f"ntfy://x/{name}", Method.EMAIL: f"{name}@example.org"},
        high=(NotifyRule(via=Method.PUSH),),
        low=(NotifyRule(via=Method.EMAIL),),
    )


ROSTER = Roster(
    users={name: a_user(name) for name in ("ann", "bo", "mo")},
    teams={
        "platform": Team(
            id="platform",
            members=("ann", "bo"),
            manager="mo",
            hours=Hours(tz="Europe/Berlin", between=(time(9, 15), time(18, 0))),
        )
    },
    schedules={
        "first": Schedule(
            id="first",
            tz="Europe/Berlin",
            rotate=Rotation(
                users=("ann", "bo"),
                unit="week",
                hands_over=time(9, 30),
                weekday="mon",
                first=datetime(2026, 10, 19, tzinfo=UTC).date(),
            ),
        )
    },
)


class Weekend(World):
    """A world whose look-ups are answered by the roster."""

    def __init__(self, start: datetime) -> None:
        """One level, a SEV3 that wakes nobody out of hours."""
        plan = a_plan(
            timezone="Europe/Berlin",
            urgency=urgencies(),
            escalation=an_escalation(("schedule:first",), repeat=0),
        )
        super().__init__(plan, {}, start=start)
        hours = ROSTER.teams["platform"].hours
        assert hours is not None
        self.hours = lambda _team, moment: hours_now(hours, moment)

    def _looked_up(self, ref: str) -> Any:
        return stand_behind(ROSTER, ref, self.now)


def play_weekend(saturday: datetime, monday: datetime, on: str, then: str) -> None:
    """Saturday 03:00 to Monday 09:35, by the wall clock of Berlin; `monday` is its 09:00."""
    world = Weekend(saturday)

    world.fire(an_alert("certificate", severity="sev3"))
    world.at(monday)
    assert world.sounds() == [(0, on, "email", "low")], "one e-mail, and silence"

    world.at(monday + timedelta(minutes=29))
    hours = (monday + timedelta(minutes=15) - saturday) / timedelta(minutes=1)
    assert world.sounds()[1:] == [(hours, on, "push", "high")], "the hours begin"

    world.at(monday + timedelta(minutes=30))
    assert world.sounds()[2:] == [(hours + 15, then, "push", "high")], "the next shift begins"

    world.at(monday + timedelta(minutes=35))
    world.say(then, "acknowledge")
    world.at(monday + timedelta(hours=5))

    assert world.phase is Phase.ACKNOWLEDGED
    assert world.holder("operations_lead") == then
    assert len(world.sounds()) == 3
    assert [who for _, who, _ in world.notices] == [on], "who was paged first is told"


def test_a_quiet_weekend_ends_with_the_hours_and_the_next_shift() -> None:
    """Saturday 03:00 one e-mail; Monday 09:15 paged, 09:30 the next too, 09:35 on it."""
    play_weekend(
        datetime(2026, 11, 21, 2, tzinfo=UTC), datetime(2026, 11, 23, 8, tzinfo=UTC), "ann", "bo"
    )


def test_a_quiet_weekend_on_which_summer_time_ends_keeps_the_wall_clock() -> None:
    """Saturday is UTC+2, Monday UTC+1: an hour more of silence, the same times on the wall."""
    play_weekend(
        datetime(2026, 10, 24, 1, tzinfo=UTC), datetime(2026, 10, 26, 8, tzinfo=UTC), "ann", "bo"
    )


def test_a_quiet_weekend_on_which_summer_time_begins_keeps_the_wall_clock() -> None:
    """Saturday is UTC+1, Monday UTC+2: an hour less of silence."""
    play_weekend(
        datetime(2027, 3, 27, 2, tzinfo=UTC), datetime(2027, 3, 29, 7, tzinfo=UTC), "ann", "bo"
    )
