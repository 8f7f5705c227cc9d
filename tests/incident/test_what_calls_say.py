"""What an http, command or plugin step sends: its texts filled in, its values as data."""

from datetime import timedelta

import pytest

from domain.incident.step_effects import CallResult, CommandCall, HttpCall, PluginCall
from domain.plan_steps import CommandStep, HttpStep, OutPlan, PluginStep, Step
from tests.incident.plans import a_plan
from tests.incident.world import World, a_person, an_alert


def called(step: Step, **labels: str) -> World:
    """An incident with these labels whose first step is this one."""
    world = World(a_plan(steps=(step,)), {"schedule:first": [a_person("ann")]})
    world.fire(an_alert(severity="sev1", **labels))
    return world


def test_a_request_carries_its_texts_filled_in_and_a_key_of_its_own() -> None:
    step = HttpStep(
        id="shift",
        method="POST",
        url="https://router.example/{{ labels.region }}",
        headers={"X-Incident": "{{ incident.reference }}"},
        json_body={"to": ["{{ labels.region }}"], "force": True},
        timeout=timedelta(seconds=5),
    )

    ((_, made),) = called(step, region="eu").calls

    assert isinstance(made.call, HttpCall)
    assert made.call.url == "https://router.example/eu"
    assert made.call.headers == {"X-Incident": "INC-AAAAAA"}
    assert made.call.json_body == {"to": ["eu"], "force": True}
    assert made.call.idempotency_key == "INC-AAAAAA-shift-1"
    assert made.summary == "Step shift: POST https://router.example/eu"


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("a b", "a%20b"),
        ("x&admin=1", "x%26admin%3D1"),
        ("../../secrets", "..%2F..%2Fsecrets"),
        ("..", "%2E%2E"),
        ("a#b?c", "a%23b%3Fc"),
        ("{{ incident.id }}", "%7B%7B%20incident.id%20%7D%7D"),
    ],
)
def test_a_label_in_an_address_stays_one_value(value: str, path: str) -> None:
    """Alert text is data: it changes neither the path nor the query around it."""
    step = HttpStep(id="get", url="https://deploy.example/v1/{{ labels.service }}?since=1h")

    ((_, made),) = called(step, service=value).calls

    assert isinstance(made.call, HttpCall)
    assert made.call.url == f"https://deploy.example/v1/{path}?since=1h"
    assert made.call.idempotency_key is None


def test_a_body_and_an_own_key_are_filled_in() -> None:
    step = HttpStep(
        id="put",
        method="PUT",
        url="https://router.example/",
        body="to={{ labels.region }}",
        idempotency_key="{{ incident.id }}-{{ labels.region }}",
    )

    ((_, made),) = called(step, region="eu").calls

    assert isinstance(made.call, HttpCall)
    assert made.call.body == "to=eu"
    assert made.call.idempotency_key == "k-aaaaaaaa-eu"


def test_commands_and_plugins_get_typed_parameters_and_texts_filled_in() -> None:
    command = CommandStep(id="roll", command="roll", params={"to": "{{ labels.env }}", "n": 2})
    plugin = PluginStep(id="ask", plugin="x.y", params={"deep": [{"env": "{{ labels.env }}"}]})

    ((_, one),) = called(command, env="prod").calls
    ((_, other),) = called(plugin, env="prod").calls

    assert one.call == CommandCall(command="roll", params={"to": "prod", "n": 2})
    assert other.call == PluginCall(plugin="x.y", params={"deep": [{"env": "prod"}]})
    assert (one.summary, other.summary) == ("Step roll: command roll", "Step ask: plugin x.y")


def test_a_text_without_a_value_fails_the_step_before_anything_is_sent() -> None:
    step = HttpStep(id="get", url="https://deploy.example/{{ labels.service }}")

    world = called(step)

    assert not world.calls
    assert world.state.steps["get"].state == "failed"
    assert "labels.service" in world.state.steps["get"].detail


def test_a_call_that_may_have_happened_says_so() -> None:
    world = called(CommandStep(id="roll", command="roll"))

    world.finish("roll", CallResult(outcome="unknown", detail="its worker is gone", tries=3))

    detail = world.state.steps["roll"].detail
    assert detail == "its worker is gone after 3 tries. It may have happened."


def test_an_end_that_comes_too_late_changes_nothing() -> None:
    world = called(CommandStep(id="roll", command="roll"))
    call = next(iter(world.running))
    world.say("ann", "acknowledge")
    world.say("ann", "step_skip", step="roll", because="by hand")

    world.running[call] = world.calls[0][1]
    world.finish("roll", CallResult(outcome="ok", detail="late"))

    assert world.state.steps["roll"].state == "skipped"


def test_outputs_can_be_read_by_what_follows() -> None:
    out = {"count": OutPlan(path="body.n", type="int")}
    world = called(CommandStep(id="count", command="count", out=out))

    world.finish("count", CallResult(outcome="ok", detail="fine", values={"count": 3}))

    assert world.state.steps["count"].results == {"count": 3}
