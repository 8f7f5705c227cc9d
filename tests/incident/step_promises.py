"""What must hold of a step tree after every event, whatever people and machines do.

`Watched` is a world that checks it; `test_step_tree` makes the stories up.
"""

from domain.incident.commands import Reopen
from domain.incident.commands_of_steps import (
    StepChoose,
    StepPart,
    StepRetry,
    StepTakeOver,
    StepUndo,
)
from domain.incident.events import Event
from domain.incident.reduce import reduce
from domain.incident.state import IncidentState
from domain.incident.step_state import StepState
from domain.incident.steps.tree import Node, Sequence, above, blocks, every, find, known, top
from domain.incident.steps.walking import is_passed
from domain.incident.turn import Turn, Turned
from domain.incident.views import view_of
from domain.plan_steps import (
    ApproveStep,
    CallStep,
    ChecklistStep,
    DecideStep,
    ForEachStep,
    ParallelStep,
)
from tests.incident.world import World

PASSED = ("done", "skipped")
OPENS_AGAIN = (StepUndo, StepRetry, StepTakeOver)


class Watched(World):
    """An incident whose steps are looked at after every event."""

    undone = False
    """Whether a person has opened something of a passed round again: that is one more."""

    glass = False
    """Whether anybody has broken the glass."""

    def take(self, event: Event) -> Turned:
        """One event; every promise is checked after it."""
        before, frozen = self.state, self.state.model_dump_json()
        self.undone = self.undone or isinstance(event, OPENS_AGAIN)
        turned = reduce(self.plan, before, event, self.now)
        assert before.model_dump_json() == frozen, "the given state was changed"
        self.glass = self.glass or any(
            one.kind == "approval.broken_glass" for one in turned.entries
        )
        self.state = turned.state
        self._check(before, event)
        self.state = before
        return super().take(event)

    def _check(self, before: IncidentState, event: Event) -> None:
        nodes = list(every(self.plan, self.state))
        addresses = [node.address for node in nodes]
        assert len(addresses) == len(set(addresses)), "an address names two steps"
        for node in nodes:
            assert find(self.plan, self.state, node.address) == node
            self._nothing_runs_in_what_is_over(node)
            self._it_starts_when_its_turn_comes(node, before, event)
            self._it_stays_settled(node, before, event)
            self._no_approval_is_passed_over(node, before)
            self._it_is_over_by_its_rule(node)
        self._each_call_runs_once(nodes)
        self._deadlines_belong_to_what_runs()
        view_of(self.plan, self.state, self.now)

    def _is_passed(self, node: Node) -> bool:
        return is_passed(Turn(self.plan, self.state, self.now), node)

    def _nothing_runs_in_what_is_over(self, node: Node) -> None:
        own = known(self.state, node)
        by_hand = isinstance(node.step, ChecklistStep) or (own.taken_over and self.undone)
        if own.state != "running" or by_hand:
            return
        around = [one for one in above(node) if known(self.state, one).state != "running"]
        assert not around, f"{node.address} runs in {around}"
        assert self.state.phase.is_open, f"{node.address} runs after the end"

    def _it_starts_when_its_turn_comes(
        self, node: Node, before: IncidentState, event: Event
    ) -> None:
        was, own = known(before, node), known(self.state, node)
        if own.tries <= was.tries:
            return
        asked = isinstance(event, StepRetry | StepChoose)
        anew = isinstance(event, Reopen) and not isinstance(node.step, CallStep)
        assert was.state == "pending" or asked or anew, f"{node.address} starts by itself"
        for other in self._before_it(node):
            assert self._is_passed(other), f"{node.address} starts before {other.address}"

    def _before_it(self, node: Node) -> Sequence:
        sequences = blocks(self.state, node.parent) if node.parent else (top(self.plan),)
        own = next(each for each in sequences if node in each)
        return own[: own.index(node)]

    def _it_stays_settled(self, node: Node, before: IncidentState, event: Event) -> None:
        was, own = known(before, node), known(self.state, node)
        if was.state in PASSED and not isinstance(event, StepPart):
            assert own.state == was.state, f"{node.address} was {was.state}"

    def _no_approval_is_passed_over(self, node: Node, before: IncidentState) -> None:
        if not isinstance(node.step, ApproveStep):
            return
        own = known(self.state, node)
        was_asked = known(before, node).state in ("running", "failed", "cancelled")
        assert not (was_asked and own.state == "skipped"), f"{node.address} is passed over"
        if own.state == "done":
            yes = [vote for vote in own.votes if vote.approves]
            assert len(yes) >= node.step.need or self.glass
            assert self.glass or own.asked_by not in [vote.person for vote in yes]

    def _it_is_over_by_its_rule(self, node: Node) -> None:
        own = known(self.state, node)
        if own.state != "done" or own.taken_over or not blocks(self.state, node):
            return
        if self.undone:  # a line unticked in what is over opens its list again, nothing else
            return
        each = [all(map(self._is_passed, one)) for one in blocks(self.state, node)]
        match node.step:
            case ParallelStep(join="any"):
                assert any(each), f"{node.address}: nothing has succeeded"
            case ParallelStep() | DecideStep() | ForEachStep():
                assert all(each), f"{node.address} is done before its steps"

    def _each_call_runs_once(self, nodes: list[Node]) -> None:
        at_work = [
            known(self.state, node).call
            for node in nodes
            if known(self.state, node).state == "running"
            and isinstance(node.step, CallStep)
            and not known(self.state, node).taken_over
        ]
        assert None not in at_work, "a call runs without its effect"
        waiting = {one.call for one in self.state.steps.values()} - {None}
        assert waiting == set(at_work), "an effect works for nothing"

    def _deadlines_belong_to_what_runs(self) -> None:
        for name in self.state.deadlines:
            topic, _, address = name.partition("/")
            if topic in ("step", "wait", "hold"):
                assert self.state.steps[address].state == "running", f"{name} is left over"

    def at_rest(self) -> None:
        """What holds once every effect of an event is out: as many calls as run."""
        waiting = {one.call for one in self.state.steps.values()} - {None}
        assert waiting == self.running.keys()
        if not self.undone:
            for node in every(self.plan, self.state):
                self._no_more_rounds_than_wanted(node)

    def _no_more_rounds_than_wanted(self, node: Node) -> None:
        if not isinstance(node.step, ForEachStep) or known(self.state, node).state != "running":
            return
        at_work = [each for each in blocks(self.state, node) if any(map(self._is_at_work, each))]
        assert len(at_work) <= node.step.at_once

    def _is_at_work(self, node: Node) -> bool:
        own: StepState = known(self.state, node)
        held = own.state in ("failed", "cancelled") and not self._is_passed(node)
        return own.state == "running" or held
