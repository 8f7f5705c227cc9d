"""A rehearsal and the world of the reducer's own tests page alike, whatever happens."""

from datetime import time, timedelta
from typing import NamedTuple, get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.plan import RolePlan
from domain.rehearsal.cast import Cast
from domain.rehearsal.rehearsal import Rehearsal
from domain.roster import Hours, Method, NotifyRule, Roster, Team, User, Weekday
from domain.severity import Severity
from tests.incident.plans import DEFAULT_ROLES, a_plan
from tests.incident.world import START, World, a_command, a_person, an_alert

PEOPLE = ("ann", "bo", "cy", "manager")
RULES = (("push", 0), ("sms", 1))
BEHIND = {"schedule:first": "ann", "schedule:second": "bo", "schedule:command": "cy"}
PLAN = a_plan(
    roles=DEFAULT_ROLES
    | {
        "incident_commander": RolePlan(
            page=("schedule:command", "schedule:second"), at=(Severity.SEV1, Severity.SEV2)
        )
    }
)


OWNER = PLAN.owner.removeprefix("team:")


class Act(NamedTuple):
    """Something that happens so many minutes after what happened before."""

    minutes: int
    who: str
    what: str
    body: dict[str, str]


def acts() -> st.SearchStrategy[list[Act]]:
    """Stories of alerts and people."""
    severity = st.sampled_from(["SEV1", "SEV2", "SEV3", "SEV4", "SEV5"])
    said = st.one_of(
        st.just(("acknowledge", {})),
        st.just(("unacknowledge", {})),
        st.just(("escalate", {})),
        st.just(("resolve", {})),
        st.just(("reopen", {})),
        st.just(("confirm", {})),
        st.just(("join", {})),
        st.just(("leave", {})),
        st.just(("accept_role", {"role": "incident_commander"})),
        st.just(("release_role", {"role": "operations_lead"})),
        st.builds(lambda one: ("severity", {"severity": one, "reason": "so"}), severity),
        st.sampled_from([("fire", {"name": "a1"}), ("fire", {"name": "a2"})]),
        st.sampled_from([("end", {"name": "a1"}), ("end", {"name": "a2"})]),
    )
    one = st.builds(
        lambda minutes, who, what: Act(minutes, who, *what),
        st.integers(0, 40),
        st.sampled_from(PEOPLE),
        said,
    )
    return st.lists(one, max_size=12)


def in_the_world(story: list[Act]) -> list[tuple[float, str, str]]:
    """The pages of the reducer's own world."""
    people = {ref: [a_person(name, *RULES)] for ref, name in BEHIND.items()}
    people["user:manager"] = [a_person("manager", *RULES)]
    world = World(PLAN, people)
    world.fire(an_alert("a1", severity="critical"))
    minute = 0.0
    for act in story:
        minute += act.minutes
        world.until(minute)
        match act.what:
            case "fire":
                world.fire(an_alert(act.body["name"], severity="critical"))
            case "end":
                world.fire(an_alert(act.body["name"], status="resolved", severity="critical"))
            case _:
                world.say(act.who, act.what, **act.body)
    world.until(minute + 90)
    return sorted(world.pages)


def in_rehearsal(story: list[Act]) -> list[tuple[float, str, str]]:
    """The pages of the rehearsal."""
    rules = tuple(
        NotifyRule(via=Method(via), after=timedelta(minutes=after)) for via, after in RULES
    )
    low = (NotifyRule(via=Method.EMAIL),)
    contact = {rule.via: "nowhere" for rule in (*rules, *low)}
    users = {
        name: User(id=name, name=name.capitalize(), contact=contact, high=rules, low=low)
        for name in PEOPLE
    }
    always = Hours(tz="UTC", days=get_args(Weekday), between=(time(0), time(0)))
    owner = Team(id=OWNER, members=PEOPLE, hours=always)
    serving = {ref: (name,) for ref, name in BEHIND.items()}
    rehearsal = Rehearsal(
        PLAN, Cast(Roster(users=users, teams={OWNER: owner}), serving), START, dedup_key="k"
    )
    rehearsal.fire(an_alert("a1", severity="critical"))
    minute = 0
    for number, act in enumerate(story):
        minute += act.minutes
        rehearsal.until(START + timedelta(minutes=minute))
        match act.what:
            case "fire":
                rehearsal.fire(an_alert(act.body["name"], severity="critical"))
            case "end":
                ended = an_alert(act.body["name"], status="resolved", severity="critical")
                rehearsal.fire(ended)
            case _:
                said = {"actor": f"user:{act.who}", "request_id": f"r{number}"}
                rehearsal.say(a_command(act.what, **said, **act.body))
    rehearsal.until(START + timedelta(minutes=minute + 90))
    return sorted(
        ((at - START) / timedelta(minutes=1), page.person, page.method.value)
        for at, page in rehearsal.record.pages
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(acts())
def test_whatever_happens_a_rehearsal_pages_as_the_world_of_the_reducer_does(
    story: list[Act],
) -> None:
    """The same people by the same methods at the same minutes."""
    assert in_rehearsal(story) == in_the_world(story)
