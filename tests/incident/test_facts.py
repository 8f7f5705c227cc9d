"""Facts: where they begin, what changes them, and that a page never waits for one."""

from hypothesis import given
from hypothesis import strategies as st

from domain.incident.state import IncidentState
from domain.incident.view import Phase
from domain.incident.views import view_of
from domain.plan import EscalationCriterion, Mitigated, ResolvePlan, SeverityRule
from domain.plan_facts import FactPlan, ParamPlan
from domain.plan_steps import NotifyStep, WaitForStep
from domain.severity import Severity
from tests.incident.fact_world import CAUSE, RATIO, FactWorld, an_open_world, seen, with_facts
from tests.incident.plans import COMMANDER_CONFIRMS, an_escalation
from tests.incident.world import START, a_window, an_alert

FIRST = RATIO.model_copy(update={"first": "double(alert.labels.ratio)"})
REGION = FactPlan(type="string", alert="alert.labels.region")


# -- the beginning ----------------------------------------------------------------------


def test_the_first_page_never_waits_for_a_measurement() -> None:
    """Nothing is known yet: the worse of table and default is paged at once."""
    world = an_open_world()

    assert world.pages == [(0, "ann", "push")]
    assert world.state.severity is Severity.SEV3
    assert world.flight.known == {}


def test_while_a_worse_rule_is_open_the_next_that_holds_counts_at_once() -> None:
    """Ten per cent fail: nobody has said yet whether money is lost, which would make it worse."""
    world = a_world_that_asks(answer=None)

    assert world.state.severity is Severity.SEV2
    assert "SEV2: 5 % fail; whether it is SEV1 is open." in world.texts("severity")
    assert ("cy", "push") in [(whom, how) for _, whom, how in world.pages]


def test_the_answer_that_it_is_worse_raises_it() -> None:
    world = a_world_that_asks(answer=True)

    assert world.state.severity is Severity.SEV1


def test_the_answer_that_it_is_not_worse_leaves_it_where_it_was() -> None:
    world = a_world_that_asks(answer=False)

    assert world.state.severity is Severity.SEV2
    assert len(world.texts("severity")) == 1


def a_world_that_asks(*, answer: bool | None) -> FactWorld:
    """The first rule needs somebody's word, the second only what the alert says."""
    loss = FactPlan(type="bool", ask="role:operations_lead", question="Is money lost?")
    rules = (
        SeverityRule(set=Severity.SEV1, when="facts.ratio >= 0.25 || facts.loss"),
        SeverityRule(set=Severity.SEV2, when="facts.ratio >= 0.05", criteria="5 % fail"),
    )
    facts = {"ratio": FIRST, "loss": loss}
    world = an_open_world(with_facts(facts=facts, rules=rules), ratio="0.1")
    if answer is not None:
        world.say("ann", "acknowledge")
        world.say("ann", "fact_set", fact="loss", value=answer)
    return world


def test_a_fact_begins_with_what_the_first_alert_says() -> None:
    world = an_open_world(with_facts(facts={"ratio": FIRST}), ratio="0.31")

    assert (world.known("ratio").value, world.known("ratio").source) == (0.31, "first")
    assert world.state.severity is Severity.SEV1
    assert world.flight.known == {"ratio": 0.31}


def test_a_first_value_of_another_type_is_noted_once_and_unknown() -> None:
    world = an_open_world(with_facts(facts={"ratio": FIRST}), ratio="a lot")

    assert world.known("ratio").value is None
    assert len(world.texts("fact.unknown")) == 1


def test_a_declared_incident_begins_with_unknown_facts() -> None:
    world = FactWorld(with_facts(facts={"ratio": FIRST}))
    world.declare()

    assert world.known("ratio").value is None
    assert world.flight.facts.keys() == {"ratio"}


def test_a_fact_of_alerts_is_read_off_each_that_fires() -> None:
    world = an_open_world(with_facts(facts={"region": REGION}), region="eu")
    world.fire(an_alert("a2", region="us"))
    world.fire(an_alert("a2", status="resolved", region="ap"))
    world.fire(an_alert("a3"))

    assert world.known("region").value == "us"
    assert world.texts("fact") == [
        "Fact region: eu (from the alert).",
        "Fact region: eu → us (from the alert).",
    ]
    assert len(world.texts("fact.unknown")) == 1


def test_params_come_from_labels_or_their_defaults() -> None:
    params = {
        "shards": ParamPlan(type="int", label="shards", default=1),
        "depth": ParamPlan(type="int", label="depth", default=5),
        "zone": ParamPlan(label="zone"),
    }
    world = an_open_world(with_facts(params=params), shards="3", depth="deep")

    assert world.state.params == {"shards": 3, "depth": 5}
    assert world.texts("param.unknown") == ["The label depth gives no depth: 'deep' is no number."]


# -- measuring --------------------------------------------------------------------------


def test_one_measurement_is_in_flight_from_the_trigger_to_the_end() -> None:
    world = an_open_world()
    world.say("ann", "acknowledge")
    before = world.flight.id
    world.read(ratio=0.3)
    again = world.flight.id
    world.say("ann", "resolve")

    assert before != again
    assert world.flying == {}
    assert world.issued == 2


def test_what_is_pending_or_suppressed_is_not_measured() -> None:
    held = FactWorld(with_facts())
    held.fire(an_alert(), maintenance=(a_window(30),))
    assert (held.phase, held.flying) == (Phase.SUPPRESSED, {})

    held.until(31)
    assert held.phase is Phase.TRIGGERED
    assert held.flight


def test_measuring_goes_on_after_a_reopening_and_the_old_value_does_not_count() -> None:
    world = an_open_world()
    world.read(ratio=0.3)
    world.say("ann", "resolve")
    world.until(10)
    world.say("ann", "reopen")

    assert world.flight.stale == ("ratio",)
    assert world.known("ratio").stale
    world.read(ratio=0.3)
    assert seen(world) == {"ratio": 0.3}


def test_a_short_pause_leaves_the_value() -> None:
    world = an_open_world()
    world.read(ratio=0.3)
    world.say("ann", "resolve")
    world.until(1)
    world.say("ann", "reopen")

    assert seen(world) == {"ratio": 0.3}


def test_a_measurement_that_was_withdrawn_tells_nothing() -> None:
    world = an_open_world()
    stale_flight = world.flight
    world.say("ann", "resolve")
    world.flying[stale_flight.id] = stale_flight
    world.read(ratio=0.9)

    assert world.known("ratio").value is None


def test_a_measured_number_is_noted_only_where_it_crosses_a_mark() -> None:
    world = an_open_world()
    world.read(ratio=0.01)
    world.read(ratio=0.02)
    world.read(ratio=0.31)

    assert world.texts("fact") == [
        "Fact ratio: 0.01 (measured).",
        "Fact ratio: 0.02 → 0.31 (measured).",
    ]


def test_a_stale_fact_is_shown_and_has_no_value_in_conditions() -> None:
    world = an_open_world()
    world.read(ratio=0.3)
    world.until(4)
    world.fail("ratio")

    (shown,) = view_of(world.plan, world.state, world.now).facts
    assert (shown.value, shown.stale, shown.why) == (0.3, True, "connection refused")
    assert seen(world) == {}
    assert world.texts("fact.stale") == ["Fact ratio is stale since 03:04 UTC: connection refused."]


def test_fresh_again_is_noted_and_counts() -> None:
    world = an_open_world()
    world.read(ratio=0.3)
    world.fail("ratio")
    world.fail("ratio", "timed out")
    world.read(ratio=0.3)

    assert seen(world) == {"ratio": 0.3}
    assert len(world.texts("fact.stale")) == 1
    assert world.texts("fact")[-1] == "Fact ratio is fresh again: 0.3 (measured)."


def test_an_unknown_fact_whose_source_fails_is_said_to_be_unknown() -> None:
    world = an_open_world()
    world.fail("ratio", "the query returns nothing")

    assert world.texts("fact.stale") == ["Fact ratio is unknown: the query returns nothing."]
    assert world.flight.stale == ("ratio",)


def test_where_a_measurement_left_off_is_handed_to_the_next() -> None:
    from domain.incident.events import FactsMeasured
    from domain.incident.step_effects import Watched

    world = an_open_world()
    watched = {"ratio": Watched(good_at=START, candidate=0.4, since=START)}
    world.take(FactsMeasured(id=world.flying.popitem()[0], readings=(), watched=watched))

    assert world.flight.watched == watched


def test_everything_about_facts_survives_the_change_of_runs() -> None:
    world = an_open_world(with_facts(facts={"ratio": RATIO, "cause": CAUSE}))
    world.say("ann", "acknowledge")
    world.read(ratio=0.3)
    world.say("ann", "fact_set", fact="cause", value="deploy")

    again = IncidentState.model_validate_json(world.state.model_dump_json())
    assert again == world.state


# -- what reads them --------------------------------------------------------------------


def test_steps_criteria_mitigation_and_the_end_follow_a_measured_fact() -> None:
    plan = with_facts(
        escalation=an_escalation(
            criteria=(EscalationCriterion(when="facts.ratio > 0.5", page=("user:manager",)),)
        ),
        mitigated=Mitigated(when="facts.ratio < 0.05"),
        resolve=ResolvePlan(
            when="alerts.firing == 0 && facts.ratio < 0.01", confirm=COMMANDER_CONFIRMS
        ),
        steps=(
            WaitForStep(id="calm", until="facts.ratio < 0.05"),
            NotifyStep(id="say", to=("destination:desk",), text="{{ facts.ratio }}"),
        ),
    )
    world = an_open_world(plan)
    world.read(ratio=0.6)
    world.say("ann", "acknowledge")
    assert world.pages_of("mo") == [0]
    assert world.state.steps["calm"].state == "running"

    world.read(ratio=0.001)
    assert world.phase is Phase.MITIGATED
    assert world.state.steps["calm"].state == "done"

    world.fire(an_alert(status="resolved"))
    assert "resolve_hold" in world.state.deadlines
    world.fail("ratio")
    assert "resolve_hold" not in world.state.deadlines
    assert "condition.unknown" in world.kinds()


# -- whatever the order -----------------------------------------------------------------

ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.sampled_from([0.01, 0.1, 0.3])),
        st.tuples(st.just("fail"), st.just(0.0)),
        st.tuples(st.just("set"), st.sampled_from([0.02, 0.2, 0.5])),
        st.tuples(st.just("release"), st.just(0.0)),
        st.tuples(st.just("pass"), st.sampled_from([1.0, 10.0])),
        st.tuples(st.sampled_from(["resolve", "reopen", "acknowledge"]), st.just(0.0)),
    ),
    max_size=25,
)


class Chance:
    """One incident to which things happen; it remembers what a person has set."""

    def __init__(self) -> None:
        self.world = an_open_world()
        self.set_to: float | None = None

    def act(self, what: str, value: float) -> None:
        """One of the things of `ACTS`."""
        world = self.world
        match what:
            case "read" | "fail":
                if world.flying:
                    world.read(ratio=value) if what == "read" else world.fail("ratio")
            case "set" | "release":
                said = {"fact": "ratio"} | ({"value": value} if what == "set" else {})
                if not world.say("ann", f"fact_{what}", **said).refused:
                    self.set_to = value if what == "set" else None
            case "pass":
                world.until(world.minute + value)
            case _:
                world.say("ann", what)


@given(ACTS)
def test_conditions_never_see_a_stale_value_and_a_set_one_always_wins(
    acts: list[tuple[str, float]],
) -> None:
    """Whatever comes in whatever order; and exactly one measurement flies while it is open."""
    chance = Chance()
    world = chance.world
    for what, value in acts:
        chance.act(what, value)
        known = world.known("ratio")
        if chance.set_to is not None:
            assert seen(world) == {"ratio": chance.set_to}
        elif known.stale:
            assert seen(world) == {}
        is_measured = world.phase.is_open and world.phase is not Phase.PENDING
        assert len(world.flying) == int(is_measured)
        if world.flying:
            assert (world.flight.stale == ("ratio",)) == bool(known.why)
