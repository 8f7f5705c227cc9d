"""Tasks beside the playbook: set, reminded of, told to the commander, ended."""

import pytest

from domain.incident.tasks import MOST
from domain.incident.views import view_of
from tests.incident.plans import a_plan
from tests.incident.world import World, a_person, an_alert

ON_CALL = {
    "schedule:first": [a_person("ann")],
    "schedule:second": [a_person("bo")],
    "user:manager": [a_person("mo")],
}


def acknowledged() -> World:
    """An incident that Ann works on and acts as commander of."""
    world = World(a_plan(), dict(ON_CALL))
    world.fire(an_alert(severity="ticket"))
    world.say("ann", "acknowledge")
    return world


def with_task(**body: str) -> World:
    """The same, with a task of Bo's that is due in half an hour."""
    world = acknowledged()
    given = {"text": "check replicas", "owner": "user:bo", "owner_name": "Bo", "due_in": "PT30M"}
    world.say("ann", "task_add", **(given | body))
    return world


def told(world: World, person: str) -> list[tuple[float, str]]:
    """What the person was told quietly, and when."""
    return [(minute, text) for minute, who, text in world.notices if who == person]


def test_a_task_for_another_is_told_to_its_owner_quietly() -> None:
    world = with_task()

    assert told(world, "bo") == [(0, "Ann asks you, due 03:30 UTC: check replicas")]
    assert world.pages_of("bo") == []


def test_a_task_of_ones_own_tells_nobody() -> None:
    world = acknowledged()

    turned = world.say("ann", "task_add", text="check replicas")

    assert turned.sentence == "task-1 is with Ann."
    assert world.notices == []
    assert "task/task-1" not in world.state.deadlines


def test_when_it_is_due_the_owner_is_reminded_and_then_the_commander_told_once() -> None:
    world = with_task()

    world.until(300)

    assert told(world, "bo")[1:] == [(30, "Your task is due: check replicas")]
    assert told(world, "ann") == [(45, "task-1 of Bo is overdue: check replicas")]
    assert "task/task-1" not in world.state.deadlines


def test_a_short_task_gives_its_own_time_once_more() -> None:
    world = with_task(due_in="PT5M")

    world.until(60)

    assert [minute for minute, _ in told(world, "ann")] == [10]


def test_without_another_who_commands_the_owner_hears_that_it_is_overdue() -> None:
    world = acknowledged()
    world.say("ann", "task_add", text="check replicas", due_in="PT5M")

    world.until(60)

    assert told(world, "ann") == [
        (5, "Your task is due: check replicas"),
        (10, "Your task is overdue: check replicas"),
    ]


def test_a_done_task_reminds_nobody_and_who_set_it_is_told() -> None:
    world = with_task()

    turned = world.say("bo", "task_done", task="task-1")
    world.until(300)

    assert turned.sentence == "task-1 is done."
    assert told(world, "ann") == [(0, "Bo has done task-1, check replicas.")]
    assert len(told(world, "bo")) == 1


def test_a_dropped_task_says_why_and_its_owner_is_told() -> None:
    world = with_task()

    world.say("ann", "task_drop", task="task-1", reason="the vendor did it")

    assert told(world, "bo")[-1] == (0, "Ann drops task-1, check replicas: the vendor did it.")
    assert world.state.tasks["task-1"].status == "dropped"


def test_undone_it_is_due_again() -> None:
    world = with_task()
    world.say("bo", "task_done", task="task-1")

    world.say("ann", "task_undo", task="task-1")
    world.until(30)

    assert told(world, "bo")[-1] == (30, "Your task is due: check replicas")


def test_a_done_task_done_again_is_refused_naming_who_did_it() -> None:
    world = with_task()
    world.say("bo", "task_done", task="task-1")

    assert world.say("ann", "task_done", task="task-1").sentence == (
        "task-1 was done by Bo at 03:00 UTC."
    )


def test_a_task_that_never_was_is_refused_naming_the_open_ones() -> None:
    turned = with_task().say("bo", "task_done", task="task-9")

    assert turned.sentence == "There is no task 'task-9'; open: task-1."


def test_the_end_stops_every_reminder_and_a_reopening_starts_them_again() -> None:
    world = with_task()
    world.say("ann", "resolve")
    world.until(20)
    ended = dict(world.state.deadlines)
    world.say("ann", "reopen")

    assert "task/task-1" not in ended
    assert "task/task-1" in world.state.deadlines


def test_a_task_whose_owner_left_the_roster_is_told_to_the_commander() -> None:
    world = with_task()

    world.gone("bo")

    assert told(world, "ann")[-1] == (0, "task-1 is without an owner, Bo left: check replicas")


def test_an_incident_has_a_hundred_tasks_and_no_more() -> None:
    world = acknowledged()
    for _ in range(MOST):
        world.say("ann", "task_add", text="one more")

    assert "has 100 tasks already" in world.say("ann", "task_add", text="one more").sentence


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"due": "2026-11-25T02:00:00Z"}, "is past"),
        ({"due_in": "P31D"}, "more than 30 days"),
        ({"due": "2026-11-25T05:00:00Z", "due_in": "PT5M"}, "not both"),
    ],
)
def test_a_due_moment_that_cannot_be_is_refused(body: dict[str, str], said: str) -> None:
    turned = acknowledged().say("ann", "task_add", text="check", **body)

    assert turned.refused
    assert said in turned.sentence


def test_open_tasks_come_first_in_the_view() -> None:
    world = with_task()
    world.say("ann", "task_add", text="second")
    world.say("bo", "task_done", task="task-1")

    tasks = view_of(world.plan, world.state, world.now).tasks

    assert [(task.id, task.state, task.ended_by) for task in tasks] == [
        ("task-2", "open", None),
        ("task-1", "done", "Bo"),
    ]
