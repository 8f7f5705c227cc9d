"""A step that calls another playbook: parameters, roles, results, and the end of both."""

from datetime import timedelta
from typing import Any

from domain.incident.effects import Effect
from domain.incident.events import Called as CalledEvent
from domain.incident.events import ChildFinished, ChildOpened, ParentSaid
from domain.incident.input import Called, ParentLink
from domain.incident.step_effects import (
    ChildResult,
    Held,
    OpenChild,
    ParentNews,
    TellChild,
    TellParent,
)
from domain.incident.view import Phase
from domain.plan import Plan, RolePlan
from domain.plan_facts import OutputPlan, ParamPlan
from domain.plan_steps import ChecklistItem, ChecklistStep, NotifyStep, PlaybookStep, WaitStep
from domain.severity import Severity
from tests.incident.plans import DEFAULT_ROLES, a_plan
from tests.incident.world import World, a_person, an_alert

ANN, BO, DBA = a_person("ann"), a_person("bo"), a_person("dba")
WHO = {"schedule:first": [ANN], "schedule:second": [BO], "schedule:dba": [DBA]}


class Family(World):
    """A world that keeps what goes between caller and called."""

    def __init__(self, plan: Plan, **extra: Any) -> None:
        self.said: list[Effect] = []
        super().__init__(plan, WHO, **extra)

    def _perform(self, effect: Effect) -> None:
        if isinstance(effect, OpenChild | TellChild | TellParent):
            self.said.append(effect)
        super()._perform(effect)

    @property
    def opened(self) -> list[OpenChild]:
        """The playbooks called so far."""
        return [one for one in self.said if isinstance(one, OpenChild)]

    @property
    def told(self) -> list[ParentNews]:
        """What they were told."""
        return [one.news for one in self.said if isinstance(one, TellChild)]


CLUSTER = {"cluster": ParamPlan(), "tries": ParamPlan(type="int", default=3)}


def a_caller(step: PlaybookStep | None = None, **extra: Any) -> Plan:
    """A plan that calls `db` with its cluster and then tells somebody."""
    called = a_plan(name="db", params=CLUSTER, outputs=extra.pop("outputs", {}))
    call = step or PlaybookStep(id="call", name="db", params={"cluster": "{{ labels.db }}"})
    after = NotifyStep(id="after", to=("destination:desk",), text="{{ steps.call.ok }}")
    return a_plan(steps=(call, after), subplans={"db": called}, **extra)


def a_calling_world(plan: Plan | None = None, **labels: str) -> Family:
    world = Family(plan or a_caller())
    world.fire(an_alert(severity="sev1", **({"db": "main"} | labels)))
    return world


def test_a_call_carries_typed_parameters_roles_and_severity() -> None:
    world = a_calling_world()

    child = world.opened[0]
    assert child.params == {"cluster": "main", "tries": 3}
    assert child.news.severity is Severity.SEV1
    assert child.workflow_id.startswith("db-inc-")
    assert world.state.steps["call"].child == child.reference != "INC-AAAAAA"
    assert "after" not in world.state.steps


def test_two_calls_of_one_step_open_two_children() -> None:
    world = a_calling_world()
    world.say("ann", "acknowledge")
    world.take(finished(world, "failed"))
    world.say("ann", "step_retry", step="call")

    first, second = world.opened
    assert first.reference != second.reference
    assert first.workflow_id != second.workflow_id


def finished(world: Family, outcome: str, **values: Any) -> ChildFinished:
    result = ChildResult.model_validate({"outcome": outcome, "detail": "so", "values": values})
    return ChildFinished(id=world.opened[-1].id, result=result)


def test_the_step_ends_as_its_child_does_and_has_its_outputs() -> None:
    world = a_calling_world(a_caller(outputs={"primary": OutputPlan(type="string", value="'x'")}))

    world.take(finished(world, "ok", primary="db2"))

    assert world.state.steps["call"].ok
    assert world.state.steps["call"].results == {"primary": "db2"}
    assert world.announced[-1][1] == "yes"


def test_a_failed_child_holds_what_stands_behind_it() -> None:
    world = a_calling_world()

    world.take(finished(world, "failed"))

    assert world.state.steps["call"].state == "failed"
    assert "after" not in world.state.steps


def test_without_wait_the_step_is_over_once_the_child_runs() -> None:
    plan = a_caller(PlaybookStep(id="call", name="db", params={"cluster": "x"}, wait=False))
    world = a_calling_world(plan)

    world.take(ChildOpened(id=world.opened[0].id))

    assert world.state.steps["call"].ok
    assert world.announced


def test_a_parameter_without_a_value_fails_the_step_before_anything_is_called() -> None:
    world = Family(a_caller())
    world.fire(an_alert(severity="sev1"))

    assert not world.opened
    assert "labels.db" in world.state.steps["call"].detail


def test_a_called_playbook_that_was_broken_fails_the_step() -> None:
    world = a_calling_world(a_caller().model_copy(update={"subplans": {}}))

    assert not world.opened
    assert "broken" in world.state.steps["call"].detail


def test_resolving_the_caller_ends_the_child_and_its_late_news_change_nothing() -> None:
    world = a_calling_world()
    world.say("ann", "acknowledge")
    world.say("ann", "resolve")

    assert world.told[-1].ended
    assert world.state.steps["call"].state == "cancelled"
    world.take(finished(world, "ok"))
    assert world.state.steps["call"].state == "cancelled"


def test_the_child_is_told_of_every_change_of_roles_and_severity_once() -> None:
    world = a_calling_world()

    world.say("ann", "acknowledge")
    before = len(world.told)
    world.say("ann", "note", text="nothing changes")
    world.say("ann", "severity", severity="SEV2", reason="less")

    assert before == 1
    assert [news.severity for news in world.told] == [Severity.SEV1, Severity.SEV2]
    assert world.told[0].roles["operations_lead"][0].person == "ann"


# -- the called one ---------------------------------------------------------------------

CHECK = ChecklistStep(id="look", items=(ChecklistItem(id="a", text="A"),))


def a_called_world(plan: Plan | None = None, **roles: tuple[Held, ...]) -> Family:
    world = Family(plan or a_plan(name="db", params=CLUSTER, steps=(CHECK,)))
    link = ParentLink(workflow_id="p", reference="INC-PARENT", step="call", call="c/1")
    news = ParentNews(severity=Severity.SEV1, roles=roles)
    called = Called(link=link, title="db for x", params={"cluster": "main"}, news=news)
    world.take(CalledEvent(called=called))
    return world


HELD_BY_ANN = (Held(person="ann", name="Ann"),)


def test_a_called_playbook_pages_nobody_and_waits_for_its_callers_people() -> None:
    world = a_called_world()

    assert world.phase is Phase.TRIGGERED
    assert not world.pages
    assert "look" not in world.state.steps

    news = ParentNews(severity=Severity.SEV1, roles={"operations_lead": HELD_BY_ANN})
    world.take(ParentSaid(news=news))
    world.until(600)

    assert world.phase is Phase.ACKNOWLEDGED
    assert world.state.steps["look"].state == "running"
    assert not world.pages


def test_its_own_roles_page_where_the_caller_has_nobody_for_them() -> None:
    roles = {**DEFAULT_ROLES, "dba": RolePlan(page=("schedule:dba",))}
    plan = a_plan(name="db", roles=roles, steps=(CHECK,))

    world = a_called_world(plan, operations_lead=HELD_BY_ANN)
    assert world.pages_of("dba") == [0.0]

    held = a_called_world(plan, dba=(Held(person="bo", name="Bo"),))
    assert not held.pages


def test_who_took_a_role_in_the_called_one_keeps_it() -> None:
    roles = {**DEFAULT_ROLES, "dba": RolePlan(page=("schedule:dba",))}
    world = a_called_world(a_plan(name="db", roles=roles, steps=(CHECK,)))
    world.say("dba", "accept_role", role="dba")

    world.take(ParentSaid(news=ParentNews(severity=Severity.SEV1, roles={"dba": ()})))

    assert world.holder("dba") == "dba"


def test_it_resolves_closes_and_reports_with_its_last_step() -> None:
    outputs = {"cluster": OutputPlan(type="string", value="params.cluster")}
    plan = a_plan(name="db", params=CLUSTER, outputs=outputs, steps=(CHECK,))
    world = a_called_world(plan, operations_lead=HELD_BY_ANN)

    world.say("ann", "step_done", step="look")

    report = next(one for one in world.said if isinstance(one, TellParent))
    assert world.phase is Phase.CLOSED
    assert report.call == "c/1"
    assert report.result.outcome == "ok"
    assert report.result.values == {"cluster": "main"}


def test_cancelled_by_hand_it_reports_a_failure() -> None:
    world = a_called_world(operations_lead=HELD_BY_ANN)

    world.say("ann", "cancel", reason="not the database")

    report = next(one for one in world.said if isinstance(one, TellParent))
    assert report.result.outcome == "failed"
    assert "not the database" in report.result.detail
    assert world.state.finished


def test_ended_by_its_caller_it_stops_and_closes() -> None:
    wait = WaitStep(id="wait", lasting=timedelta(hours=1))
    world = a_called_world(a_plan(name="db", steps=(wait,)))

    news = ParentNews(severity=Severity.SEV1, ended=True, because="ended with INC-PARENT")
    world.take(ParentSaid(news=news))

    assert world.phase is Phase.CANCELLED
    assert world.state.finished
    assert not world.state.deadlines


def test_a_called_one_without_steps_is_over_at_once() -> None:
    world = a_called_world(a_plan(name="db"))

    assert world.state.finished
    assert [one.kind for one in world.said] == ["tell_parent"]


def test_silence_asks_only_in_the_caller() -> None:
    world = a_called_world(operations_lead=HELD_BY_ANN)

    world.until(24 * 60)

    assert not world.pages
    assert not any("still on it" in text.lower() for _, _, text in world.notices)
