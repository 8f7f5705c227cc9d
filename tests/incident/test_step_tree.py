"""Whatever people and machines do to whatever tree of steps: its promises hold."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.incident.reduce import reduce
from domain.incident.state import IncidentState
from domain.incident.step_effects import CallResult
from domain.incident.step_state import FactState
from domain.incident.steps.tree import Node, every, known
from domain.incident.steps.views import needs
from domain.plan_facts import FactPlan
from domain.plan_steps import (
    ApproveStep,
    AskStep,
    ChecklistItem,
    ChecklistStep,
    CommandStep,
    DecideOption,
    DecideStep,
    ForEachStep,
    NotifyStep,
    ParallelStep,
    Step,
    WaitForStep,
    WaitStep,
)
from domain.severity import Severity
from tests.incident.plans import a_plan
from tests.incident.step_promises import Watched
from tests.incident.step_worlds import ROLES, on_call, within
from tests.incident.world import World, an_alert

FACTS = {"regions": FactPlan(type="list"), "go": FactPlan(type="bool")}
RESULTS = tuple(CallResult(outcome=one) for one in ("ok", "ok", "failed", "unknown"))

extras = st.fixed_dictionaries(
    {
        "when": st.sampled_from([None, None, None, "facts.go", "!facts.go"]),
        "on_error": st.sampled_from(["ask", "ask", "continue"]),
        "deadline": st.sampled_from([within(1e6), within(1e6), within(7)]),
        "on_timeout": st.sampled_from(["remind", "escalate", "skip", "fail"]),
        "at": st.sampled_from([tuple(Severity)] * 4 + [(Severity.SEV1, Severity.SEV2)]),
    }
)
LEAVES: tuple[dict[str, Any], ...] = (
    {"kind": "command"},
    {"kind": "command"},
    {"kind": "command"},
    {"kind": "notify"},
    {"kind": "checklist"},
    {"kind": "ask"},
    {"kind": "approve"},
    {"kind": "wait"},
    {"kind": "wait_for"},
)


def _inside(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    blocks = st.lists(children, min_size=0, max_size=3)
    return st.one_of(
        st.fixed_dictionaries(
            {
                "kind": st.just("parallel"),
                "join": st.sampled_from(["settled", "all", "any"]),
                "branches": st.lists(blocks, min_size=1, max_size=3),
            }
        ),
        st.fixed_dictionaries(
            {"kind": st.just("decide"), "options": st.lists(blocks, min_size=1, max_size=2)}
        ),
        st.fixed_dictionaries(
            {
                "kind": st.just("for_each"),
                "do": st.lists(children, min_size=1, max_size=2),
                "at_once": st.integers(1, 3),
            }
        ),
    )


plain = st.tuples(st.sampled_from(LEAVES), extras).map(lambda both: {**both[0], **both[1]})
trees = st.lists(
    st.recursive(
        plain,
        lambda children: st.tuples(_inside(children), extras).map(
            lambda both: {**both[0], **both[1]}
        ),
        max_leaves=10,
    ),
    min_size=1,
    max_size=4,
)


class Built:
    """Makes steps of drawn shapes; ids count through the whole tree."""

    def __init__(self) -> None:
        """Nothing is named yet."""
        self.count = 0

    def many(self, shapes: list[dict[str, Any]]) -> tuple[Step, ...]:
        """A sequence."""
        return tuple(self.one(shape) for shape in shapes)

    def one(self, shape: dict[str, Any]) -> Step:
        """A step of this shape, with what is inside it."""
        self.count += 1
        given = {name: shape[name] for name in ("when", "on_error", "deadline", "on_timeout", "at")}
        given["id"] = f"s{self.count}"
        match shape["kind"]:
            case "command":
                return CommandStep(command="fix", **given)
            case "notify":
                return NotifyStep(to=("destination:desk",), text="so", **given)
            case "checklist":
                items = (ChecklistItem(id="a", text="A"), ChecklistItem(id="b", text="B"))
                return ChecklistStep(items=items, assign="role:scribe", **given)
            case "ask":
                return AskStep(of="role:scribe", question="?", type="int", **given)
            case "approve":
                return ApproveStep(by=("role:incident_commander", "user:dee"), **given)
            case "wait":
                return WaitStep(lasting=timedelta(minutes=5), **given)
            case "wait_for":
                return WaitForStep(until="facts.go", hold=timedelta(minutes=1), **given)
            case "parallel":
                branches = tuple(self.many(one) for one in shape["branches"])
                return ParallelStep(branches=branches, join=shape["join"], **given)
            case "decide":
                options = tuple(
                    DecideOption(id=f"o{number}", label="so", do=self.many(one))
                    for number, one in enumerate(shape["options"])
                )
                by = "role:incident_commander"
                return DecideStep(by=by, question="?", options=options, **given)
        do, name = self.many(shape["do"]), f"item{self.count}"
        return ForEachStep(
            values="facts.regions", item=name, at_once=shape["at_once"], most=3, do=do, **given
        )


people = st.sampled_from(["ann", "ann", "bo", "dee"])
COMMANDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("step_retry", {}),
    ("step_skip", {"because": "so"}),
    ("step_take_over", {}),
    ("step_done", {}),
    ("step_done", {"item": "a"}),
    ("step_undo", {}),
    ("step_choose", {"option": "o0"}),
    ("step_choose", {"option": "o1"}),
    ("step_answer", {"answer": 3}),
    ("step_approve", {}),
    ("step_approve", {"break_glass": True, "because": "now"}),
    ("step_reject", {"because": "no"}),
)
commands = st.integers(0, len(COMMANDS) - 1)
whole = st.sampled_from(
    [
        ("acknowledge", {}),
        ("acknowledge", {}),
        ("reopen", {}),
        ("resolve", {}),
        ("unacknowledge", {}),
        ("severity", {"severity": "SEV1", "reason": "worse"}),
        ("severity", {"severity": "SEV3", "reason": "better"}),
        ("take_role", {"role": "incident_commander"}),
        ("take_role", {"role": "scribe"}),
        ("fact_set", {"fact": "go", "value": True}),
        ("fact_set", {"fact": "go", "value": False}),
    ]
)
happenings = st.one_of(
    st.tuples(st.just("finish"), st.tuples(st.integers(0, 9), st.sampled_from(RESULTS))),
    st.tuples(st.just("finish"), st.tuples(st.integers(0, 9), st.sampled_from(RESULTS))),
    st.tuples(st.just("step"), st.tuples(people, commands, st.integers(0, 40))),
    st.tuples(st.just("step"), st.tuples(people, commands, st.integers(0, 40))),
    st.tuples(st.just("step"), st.tuples(people, commands, st.integers(0, 40))),
    st.tuples(st.just("step"), st.tuples(people, commands, st.integers(0, 40))),
    st.tuples(st.just("whole"), st.tuples(people, whole)),
    st.tuples(st.just("wait"), st.sampled_from([1, 3, 8, 45])),
    st.tuples(st.just("gone"), st.sampled_from(["bo", "dee"])),
)


def play(world: World, happening: tuple[str, Any]) -> None:
    """Let one thing happen."""
    what, how = happening
    match what:
        case "finish":
            number, result = how
            running = sorted(one.step for one in world.running.values())
            if running:
                world.finish(running[number % len(running)], result)
        case "step":
            who, first, number = how
            command, body, step = _meant(world, first, number)
            world.say(who, command, step=step, **body)
        case "whole":
            who, (command, body) = how
            world.say(who, command, **body)
        case "wait":
            world.until(world.minute + how)
        case "gone":
            world.gone(how)


NOT_MEANT = 5


def _meant(world: World, first: int, number: int) -> tuple[str, dict[str, Any], str]:
    """Mostly a command that some step takes now, and that step; else any."""
    nodes = list(every(world.plan, world.state))
    if number % 6 != NOT_MEANT:
        for command, body in COMMANDS[first:] + COMMANDS[:first]:
            fitting = [node for node in nodes if _fits(world, node, command)]
            if fitting:
                return command, body, fitting[number % len(fitting)].address
    command, body = COMMANDS[first]
    return command, body, nodes[number % len(nodes)].address


def _fits(world: World, node: Node, command: str) -> bool:
    own = known(world.state, node)
    what = command.removeprefix("step_")
    match what:
        case "undo":
            return own.taken_over or isinstance(node.step, ChecklistStep)
        case "choose":
            return isinstance(node.step, DecideStep) and own.state == "running"
        case "skip" | "take_over":
            is_yes = isinstance(node.step, ApproveStep)
            return own.state in ("running", "failed") and not is_yes
        case _:
            return what in needs(node, own)


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(shapes=trees, story=st.lists(happenings, min_size=10, max_size=40))
def test_every_promise_of_the_tree_holds_whatever_happens(
    shapes: list[dict[str, Any]], story: list[tuple[str, Any]]
) -> None:
    """The promises are the assertions of `Watched`.

    Nothing runs inside what is over; nothing starts before its turn or again by itself; what
    is settled stays so; no approval is passed over; a join is over by its rule; each running
    call has one effect, none after the end; no more rounds at once than wanted.
    """
    plan = a_plan(steps=Built().many(shapes), roles=ROLES, facts=FACTS)
    world = Watched(plan, on_call())
    regions = FactState(value=("eu", "us", "ap"), source="set")
    first = world.state.model_copy(update={"known_facts": {"regions": regions}})
    world.state = first
    world.fire(an_alert(severity="warning"))
    world.say("ann", "acknowledge")

    for happening in story:
        play(world, happening)
        world.at_rest()

    assert IncidentState.model_validate_json(world.state.model_dump_json()) == world.state
    again = first
    for event, at in world.events:
        again = reduce(plan, again, event, at).state
    assert again == world.state
