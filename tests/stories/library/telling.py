"""How the library's stories are told: alerts, people, and the steps that they see."""

from collections.abc import Iterator
from typing import Any

from domain.alert import Alert
from domain.incident.view import IncidentView, StepView
from tests.stage import Story, an_alert


def an_alert_of(rule: str, *, says: dict[str, str] | None = None, **labels: str) -> Alert:
    """A firing alert of a rule, with its annotations."""
    name = "/".join((rule, *labels.values()))
    return an_alert(name, alertname=rule, **labels).model_copy(update={"annotations": says or {}})


def resolved(alert: Alert) -> Alert:
    """The same alert, over."""
    return alert.model_copy(update={"status": "resolved"})


def every_step(steps: tuple[StepView, ...]) -> Iterator[StepView]:
    """All steps, however deep, in order."""
    for step in steps:
        yield step
        yield from every_step(step.steps)


def step_of(view: IncidentView, wanted: str) -> StepView:
    """The step of this address."""
    found = {step.id: step for step in every_step(view.steps)}
    assert wanted in found, sorted(found)
    return found[wanted]


def states(view: IncidentView, *wanted: str) -> dict[str, str]:
    """Where these steps stand, or all of them."""
    every = {step.id: step.state for step in every_step(view.steps)}
    return {name: every[name] for name in wanted} if wanted else every


def values(view: IncidentView) -> dict[str, Any]:
    """What is known of each fact; None where it is stale or unknown."""
    return {one.name: None if one.stale else one.value for one in view.facts}


async def decide(story: Story, who: str, step: str, option: str) -> None:
    """A person chooses, and says why."""
    await story.say(who, "step_choose", step=step, option=option, because="it fits what we see")


async def tick(story: Story, who: str, *steps: str) -> None:
    """A person ticks every line of these checklists."""
    for step in steps:
        await story.say(who, "step_done", step=step)


def paged(story: Story, at: str) -> set[str]:
    """Who was paged at this moment, by whatever method."""
    how = ("push", "sms", "phone")
    return {one.whom for one in story.reached if one.at == at and one.how in how}


def mailed(story: Story) -> str:
    """Subjects and texts of everything that was mailed about the story's incident."""
    found = []
    for mail in story.stage.mailbox.mails():
        plain = mail.message.get_body(("plain",))
        text = str(plain.get_content()) if plain is not None else ""
        found.append(f"{mail.message['Subject']}\n{text}")
    return "\n".join(one for one in found if story.reference in one)
