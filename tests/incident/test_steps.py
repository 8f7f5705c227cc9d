"""Steps: told, ticked and unticked by name, overdue, skipped."""

from datetime import timedelta
from typing import Any

from domain.incident.view import StepView
from domain.incident.views import view_of
from domain.plan import RolePlan
from domain.plan_steps import ChecklistItem, ChecklistStep, NotifyStep, RunbookStep
from domain.severity import Severity
from tests.incident.plans import DEFAULT_ROLES, a_plan, minutes
from tests.incident.world import START, World, a_person, an_alert

ON_CALL = {
    "schedule:first": [a_person("ann")],
    "schedule:second": [a_person("bo")],
    "user:manager": [a_person("mo")],
}
TELL = NotifyStep(id="tell", to=("destination:desk",), text="{{ incident.title }}!")
READ = RunbookStep(id="read", source="down.md#first", text="Look at the logs.", sha256="0")


def a_checklist(**extra: Any) -> ChecklistStep:
    """Two required items and an optional one, due in 10 min at SEV3."""
    given: dict[str, Any] = {
        "id": "look",
        "items": (
            ChecklistItem(id="logs", text="Logs"),
            ChecklistItem(id="graphs", text="Graphs"),
            ChecklistItem(id="coffee", text="Coffee", required=False),
        ),
        "deadline": minutes(2, 5, 10, None),
    }
    return ChecklistStep(**(given | extra))


def a_world(*steps: Any, ack: bool = True, **extra: Any) -> World:
    """An incident at SEV3, acknowledged by Ann unless said."""
    world = World(a_plan(steps=steps, **extra), dict(ON_CALL))
    world.fire(an_alert(severity="warning"))
    if ack:
        world.say("ann", "acknowledge")
    return world


def shown(world: World, step: str) -> StepView:
    """The step as others see it."""
    view = view_of(world.plan, world.state, world.now)
    return next(one for one in view.steps if one.id == step)


def test_a_notice_goes_out_when_triggered_and_the_rest_waits_for_a_person() -> None:
    world = a_world(TELL, a_checklist(), ack=False)

    assert world.announced == [(0, "a1 is down!")]
    assert shown(world, "look").state == "pending"

    world.say("ann", "acknowledge")

    assert shown(world, "look").state == "running"


def test_the_page_does_not_wait_for_a_step() -> None:
    world = a_world(a_checklist(), TELL, ack=False)

    assert world.pages == [(0, "ann", "push")]
    assert world.announced == []


def test_steps_run_one_after_the_other() -> None:
    world = a_world(a_checklist(), READ)
    assert shown(world, "read").state == "pending"

    world.say("ann", "step_done", step="look")

    assert shown(world, "read").state == "done"
    assert shown(world, "read").text == "Look at the logs."


def test_done_undone_and_done_by_another_are_each_attributed() -> None:
    world = a_world(a_checklist())

    done = world.say("ann", "step_done", step="look", item="logs")
    undone = world.say("bo", "step_undo", step="look", item="logs")
    world.until(1)
    world.say("bo", "step_done", step="look", item="logs")

    assert (done.sentence, undone.sentence) == ("Ticked logs.", "Unticked logs.")
    said = [(e.actor, e.kind) for e in world.entries if "ticked" in e.kind]
    assert said == [
        ("user:ann", "step.ticked"),
        ("user:bo", "step.unticked"),
        ("user:bo", "step.ticked"),
    ]
    item = shown(world, "look").items[0]
    assert (item.done_by, item.done_at) == ("bo", START + timedelta(minutes=1))


def test_ticking_what_is_ticked_keeps_the_first_name() -> None:
    world = a_world(a_checklist())
    world.say("ann", "step_done", step="look", item="logs")

    turned = world.say("bo", "step_done", step="look", item="logs")

    assert turned.sentence == "Ticked nothing: it was done already."
    assert shown(world, "look").items[0].done_by == "ann"


def test_a_checklist_is_done_with_its_required_items() -> None:
    world = a_world(a_checklist())
    world.say("ann", "step_done", step="look", item="logs")
    world.say("ann", "step_done", step="look", item="graphs")

    assert shown(world, "look").state == "done"
    assert "step/look" not in world.state.deadlines


def test_a_checklist_without_required_items_needs_them_all() -> None:
    items = (ChecklistItem(id="one", text="One", required=False),)
    world = a_world(a_checklist(items=items))
    assert shown(world, "look").state == "running"

    world.say("ann", "step_done", step="look")

    assert shown(world, "look").state == "done"


def test_unticking_runs_a_finished_checklist_again() -> None:
    world = a_world(a_checklist())
    world.say("ann", "step_done", step="look")

    world.say("ann", "step_undo", step="look")

    assert shown(world, "look").state == "running"
    assert "step/look" in world.state.deadlines
    again = world.say("ann", "step_undo", step="look")
    assert again.sentence == "Unticked nothing: it was open."


def test_overdue_reminds_its_assignee_and_again() -> None:
    world = a_world(a_checklist(assign="role:operations_lead"))

    world.until(21)

    due = [(at, who) for at, who, text in world.notices if "is due" in text]
    assert due == [(10, "ann"), (20, "ann")]


def test_an_overdue_checklist_of_a_user_reminds_them_and_of_nobody_the_commander() -> None:
    named = a_world(a_checklist(assign="user:bo"))
    of_team = a_world(a_checklist(assign="team:platform"))

    named.until(10)
    of_team.until(10)

    assert [who for _, who, text in named.notices if "is due" in text] == ["bo"]
    assert [who for _, who, text in of_team.notices if "is due" in text] == ["ann"]


def test_overdue_with_escalate_tells_the_commander_never_the_ladder() -> None:
    world = a_world(a_checklist(on_timeout="escalate", assign="user:bo"))

    world.until(10)

    assert [who for _, who, text in world.notices if "overdue" in text] == ["ann"]
    assert world.pages == [(0, "ann", "push")]


def test_overdue_with_skip_goes_on_and_with_fail_waits_for_a_person() -> None:
    skipped = a_world(a_checklist(on_timeout="skip"), READ)
    failed = a_world(a_checklist(on_timeout="fail"), READ)
    let_go = a_world(a_checklist(on_timeout="fail", on_error="continue"), READ)

    for world in (skipped, failed, let_go):
        world.until(10)

    assert (shown(skipped, "look").state, shown(skipped, "read").state) == ("skipped", "done")
    assert (shown(failed, "look").state, shown(failed, "read").state) == ("failed", "pending")
    assert (shown(let_go, "look").state, shown(let_go, "read").state) == ("failed", "done")


def test_a_severity_without_a_deadline_takes_it_away() -> None:
    world = a_world(a_checklist())

    world.say("ann", "severity", severity="SEV4", reason="small")

    assert "step/look" not in world.state.deadlines


def test_a_step_of_other_severities_is_skipped_and_one_whose_condition_fails() -> None:
    elsewhere = TELL.model_copy(update={"at": (Severity.SEV1,)})
    unmet = READ.model_copy(update={"when": "alerts.firing > 5"})
    world = a_world(elsewhere, unmet)

    assert shown(world, "tell").state == "skipped"
    assert shown(world, "read").state == "skipped"


def test_a_condition_that_cannot_be_judged_runs_the_step_and_says_so() -> None:
    world = a_world(READ.model_copy(update={"when": "labels.gone == 'x'"}))

    assert shown(world, "read").state == "done"
    assert "condition.unknown" in world.kinds()


def test_a_notice_to_a_role_tells_its_holders() -> None:
    step = TELL.model_copy(update={"to": ("role:operations_lead",)})
    world = a_world(a_checklist(), step)

    world.say("ann", "step_done", step="look")

    assert (0, "ann", "a1 is down!") in world.notices
    assert world.announced == []


def test_a_runbook_opened_again_stays_open_until_somebody_is_done() -> None:
    """It used to be done again by itself in the same breath."""
    world = a_world(READ)

    world.say("ann", "step_undo", step="read")
    assert shown(world, "read").state == "running"
    world.say("bo", "step_done", step="read")

    assert shown(world, "read").state == "done"


def test_wrong_ticks_are_refused_naming_what_exists() -> None:
    world = a_world(TELL, a_checklist(), READ)
    waiting = a_world(a_checklist(), ack=False)
    stepless = a_world()

    refusals = [
        world.say("ann", "step_done", step="nope").sentence,
        stepless.say("ann", "step_done", step="nope").sentence,
        world.say("ann", "step_done", step="look", item="nope").sentence,
        world.say("ann", "step_done", step="read", item="logs").sentence,
        world.say("ann", "step_done", step="tell").sentence,
        waiting.say("ann", "step_done", step="look").sentence,
    ]

    assert refusals == [
        "There is no step 'nope'; the playbook has tell, look, read.",
        "There is no step 'nope'; the playbook has no steps.",
        "Checklist look has no item 'nope'; it has logs, graphs, coffee.",
        "Step read has no items.",
        "Step tell tells people by itself: there is nothing to tick.",
        "Checklist look has not started.",
    ]


def test_ticks_after_the_end_are_taken_and_start_no_clock() -> None:
    world = a_world(a_checklist())
    world.say("ann", "step_done", step="look")
    world.say("ann", "resolve")

    world.say("ann", "step_undo", step="look", item="logs")

    assert shown(world, "look").state == "running"
    assert "step/look" not in world.state.deadlines


def test_a_reopened_incident_takes_its_running_checklists_up_again() -> None:
    world = a_world(a_checklist(), roles=DEFAULT_ROLES | {"scribe": RolePlan()})
    world.say("ann", "resolve")

    world.say("ann", "reopen")

    assert "step/look" in world.state.deadlines
