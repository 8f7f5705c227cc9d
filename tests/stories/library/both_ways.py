"""One test of a playbook twice: rehearsed, and on the real server with the town around it.

The rehearsal says at which moments something happens; the real incident is let go on to each
of them, and hears of every person what they said in the rehearsal.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from temporalio.service import RPCError

from domain.alert import trimmed
from domain.incident.input import Declaration
from domain.incident.step_effects import CommandCall, HttpCall, MakeCall
from domain.incident.view import Phase, TimelineEntry
from domain.plan import Plan
from domain.rehearsal.case import Line, Says, SourcesSay, TestCase
from domain.rehearsal.playing import Played
from domain.rehearsal.rehearsal import Rehearsal
from domain.severity import Severity
from tests.stage import Refused, Story
from tests.stories.library.conftest import Library
from tests.stories.library.town import a_json
from tests.waiting import seen

PAGED = "paged"


@dataclass(frozen=True)
class Outcome:
    """What both ways must have in common; a page is (when, whom, by what, as which level)."""

    pages: tuple[tuple[timedelta, str], ...]
    severity: Severity
    phase: Phase


def rehearsed(played: Played) -> Outcome:
    """The outcome of the rehearsal."""
    assert played.stage is not None
    rehearsal = played.stage.rehearsal
    return Outcome(
        _pages(rehearsal.record.entries, rehearsal.start),
        rehearsal.state.severity,
        rehearsal.state.phase,
    )


def _pages(entries: list[TimelineEntry], start: datetime) -> tuple[tuple[timedelta, str], ...]:
    """In order of time; who is paged at the same moment has no order."""
    return tuple(sorted((one.at - start, one.text) for one in entries if one.kind == PAGED))


async def happened(library: Library, played: Played) -> Outcome:
    """The outcome on the real server."""
    assert played.stage is not None
    rehearsal, case = played.stage.rehearsal, played.case
    start = rehearsal.start
    _prepare(library, played.plan, case, rehearsal)
    story = library.story(played.plan.name, start)
    try:
        await _open(story, played)
        said = iter(rehearsal.record.answers)
        for moment in _moments(played):
            await _go_on(story, moment)
            for line in _lines(played, moment):
                await _happen(library, story, line, (played, said))
    except RPCError:
        assert rehearsal.is_over, "the real incident has closed, the rehearsed one has not"
    view = await story.view()
    entries = await seen(story.timeline, lambda found: len(found) >= view.seq)
    return Outcome(_pages(entries, start), view.severity, view.phase)


def _moments(played: Played) -> list[datetime]:
    """When anything happens in the rehearsal, and its end."""
    assert played.stage is not None
    rehearsal = played.stage.rehearsal
    began = played.stage.began_at
    entries = {one.at for one in rehearsal.record.entries}
    lines = {_at(played, line) for line in played.case.story}
    return sorted({*entries, *lines, began + played.case.lasts})


def _at(played: Played, line: Line) -> datetime:
    assert played.stage is not None
    start = played.stage.rehearsal.start
    return (start if line.from_alert else played.stage.began_at) + line.after


def _lines(played: Played, moment: datetime) -> list[Line]:
    return [line for line in played.case.story if _at(played, line) == moment]


async def _go_on(story: Story, moment: datetime) -> None:
    """Let time pass from deadline to deadline."""
    while True:
        due = [one.at for one in (await story.view()).deadlines if one.at <= moment]
        if not due:
            break
        story.now = max(story.now, min(due))
        await story.settle()
    if story.now != moment:
        story.now = moment
        await story.settle()


async def _open(story: Story, played: Played) -> None:
    given = played.case.given
    assert played.stage is not None
    if given.declared is None:
        first = played.stage.fired[0]
        await story.fire(*map(trimmed, first))
        return
    answer = next(one.text for one in played.stage.rehearsal.record.entries if one.kind == "opened")
    name = answer.removeprefix("Declared by ").partition(":")[0]
    users = story.stage.roster.users.values()
    who = next(user.id for user in users if user.name == name)
    await story.declare(
        Declaration(
            title=given.declared.title,
            actor=f"user:{who}",
            actor_name=name,
            severity=given.declared.severity,
            labels=given.labels,
        )
    )


async def _happen(
    library: Library, story: Story, line: Line, of: tuple[Played, Iterator[Any]]
) -> None:
    played, answers = of
    assert played.stage is not None
    match line.what:
        case Says(command=command, arguments=arguments):
            answered = next(answers)
            try:
                await story.say(answered.actor.partition(":")[2], command, **arguments)
            except Refused:
                assert answered.refused
            else:
                assert not answered.refused
        case SourcesSay(facts=facts):
            library.town.measured |= _measured(played.plan, facts)
            await story.settle()
        case _:
            number = sum(
                not isinstance(each.what, Says | SourcesSay)
                for each in played.case.story[: played.case.story.index(line)]
            )
            await story.fire(*map(trimmed, played.stage.fired[number + 1]))


def _measured(plan: Plan, facts: dict[str, Any]) -> dict[str, Any]:
    """The facts by the names of their queries."""
    named = {plan.facts[name].query: value for name, value in facts.items()}
    return {
        str(name): list(value) if isinstance(value, tuple) else value
        for name, value in named.items()
    }


def _prepare(library: Library, plan: Plan, case: TestCase, rehearsal: Rehearsal) -> None:
    """Machines answer as the test says; what it does not say of a source stays as it began."""
    first = {
        name: known.value
        for name, known in rehearsal.state.known_facts.items()
        if known.source == "first"
    }
    facts = {name: value for name, value in first.items() if plan.facts[name].is_measured}
    library.town.measured |= _measured(plan, facts | case.given.facts)
    for made in rehearsal.record.calls:
        _teach(library, made.call, case)


def _teach(library: Library, call: MakeCall, case: TestCase) -> None:
    answer = case.given.steps.get(call.step)
    document: dict[str, Any] = {}
    for name, value in (answer.values if answer else {}).items():
        _put(document, call.out[name].path, list(value) if isinstance(value, tuple) else value)
    body = document.get("body", {})
    if isinstance(call.call, CommandCall):
        program, what = _argv(library, call.call)
        if answer is not None and answer.outcome == "failed":
            library.tools.fails(f"{program} {what}")
        elif body:
            library.tools.prints(f"{program} {what}", body)
    elif isinstance(call.call, HttpCall):
        path = "/" + call.call.url.partition("://")[2].partition("/")[2].partition("?")[0]
        status = 500 if answer is not None and answer.outcome == "failed" else 200
        library.town.replies[path] = a_json(body, status=status)


def _argv(library: Library, call: CommandCall) -> tuple[str, str]:
    program, what, *_ = library.stage.ops.commands[call.command].argv
    return program.rpartition("/")[2], what


def _put(document: dict[str, Any], path: str, value: object) -> None:
    """Let the value stand at `body.items[0].sha` of the document."""
    here: Any = document
    parts = path.replace("[0]", ".0").split(".")
    for part, following in zip(parts, [*parts[1:], ""], strict=True):
        last = following == ""
        empty: Any = [None] if following == "0" else {}
        if part == "0":
            here[0] = value if last else (here[0] or empty)
            here = here[0]
        else:
            here[part] = value if last else here.get(part, empty)
            here = here[part]
