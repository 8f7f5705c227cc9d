"""A night: several stories on one stepped clock, so that they page the same people.

Everything due in any of them, or in what one person's pages have gathered, happens in the
order of time. A stage for it is opened with `bundle_window_s`.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from domain.bundle import Known, pages_id
from domain.incident.input import Advance, AlertBatch, ClockSettings
from domain.incident.view import IncidentView
from domain.plan import Plan
from tests.stage import Reached, Stage, Story, unless_over


class NightStory(Story):
    """One incident of a night. Its time is the night's; what arrives is in `night.reached`."""

    def __init__(self, night: "Night", plan: Plan) -> None:
        """Not started: the first `fire` opens it, at the night's present moment."""
        super().__init__(night.stage, plan, night.clock())
        self.night = night

    async def start(self, batch: AlertBatch | None = None) -> None:
        """Open the incident now."""
        self.clock = self.night.clock()
        await super().start(batch)

    async def settle(self) -> None:
        """Let everything that happens now be done, in the whole night."""
        await self.night.settle()


class Night:
    """Stories that happen at the same time."""

    def __init__(self, stage: Stage, start: datetime) -> None:
        """It is `start`, and nothing has happened yet."""
        self.stage = stage
        self.begins = start
        self.now = start
        self.name = uuid4().hex[:8]
        self.stories: list[NightStory] = []
        self.reached: list[Reached] = []

    def clock(self) -> ClockSettings:
        """The clock of an incident that begins now."""
        return ClockSettings(stepped=True, start=self.now, shared=self.name)

    def story(self, plan: Plan) -> NightStory:
        """One more incident, not started."""
        story = NightStory(self, plan)
        self.stories.append(story)
        return story

    async def until(self, clock_time: str, day: int = 0) -> None:
        """Let time pass to `HH:MM` UTC (`day` days after the start), step by step."""
        hour, minute = (int(part) for part in clock_time.split(":"))
        target = self.begins.replace(hour=hour, minute=minute, second=0, microsecond=0)
        await self.until_moment(target.replace(day=self.begins.day + day))

    async def until_moment(self, target: datetime) -> None:
        """Let time pass to this moment, step by step."""
        while True:
            due = [moment for moment in await self._moments() if moment <= target]
            if not due:
                break
            await self._come_close(min(due))
            self.now = min(due)
            await self.settle()
        self.now = target
        await self.settle()

    async def _come_close(self, moment: datetime) -> None:
        """Nothing is due until then: let every story wait just before it.

        What the first of them causes then reaches no other in the past.
        """
        before = moment - timedelta(milliseconds=1)
        if before > self.now:
            await asyncio.gather(*(unless_over(one._advance(before)) for one in self._running()))

    async def settle(self) -> None:
        """Wait until everything that happens now is done, and note what arrived."""
        before: list[int] = []
        while True:
            for story in self._running():  # one by one: who is first must not be chance
                await unless_over(story._advance(self.now))
            for person in await self._people():
                await self._on_pages(person, "advance", Advance(to=self.now))
            self._collect()
            after = [view.seq for view in await self._views()] + [len(self.reached)]
            if after == before:
                return
            before = after

    async def members(self, person: str) -> list[Known]:
        """What gathers for a person, the worst first; empty where nothing does."""
        handle = self.stage.client.get_workflow_handle(pages_id(person, self.name))
        return await unless_over(handle.query("members", result_type=list[Known])) or []

    def pages(self, whom: str | None = None) -> list[tuple[str, str, str]]:
        """(when, how, first line) of what reached a person, in order."""
        return [(one.at, one.how, one.text) for one in self.reached if whom in (None, one.whom)]

    def _running(self) -> list[NightStory]:
        return [story for story in self.stories if story.handle is not None]

    async def _people(self) -> list[str]:
        """Everybody who has been paged in any of the stories."""
        views = await self._views()
        return sorted({paged.person for view in views for paged in view.paged})

    async def _views(self) -> list[IncidentView]:
        """All stories as they are."""
        return await asyncio.gather(*(story.view() for story in self._running()))

    async def _moments(self) -> list[datetime]:
        """When something happens by itself in a story or in somebody's pages."""
        moments = [one.at for view in await self._views() for one in view.deadlines]
        for person in await self._people():
            handle = self.stage.client.get_workflow_handle(pages_id(person, self.name))
            moment = await unless_over(handle.query("next_moment", result_type=datetime | None))
            moments += [moment] if moment is not None else []
        return [moment for moment in moments if moment > self.now]

    async def _on_pages(self, person: str, name: str, body: Any) -> None:
        handle = self.stage.client.get_workflow_handle(pages_id(person, self.name))
        await unless_over(handle.execute_update(name, body, result_type=str))

    def _collect(self) -> None:
        for whom, how, text in self.stage.arrived():
            self.reached.append(Reached(at=f"{self.now:%a %H:%M}", whom=whom, how=how, text=text))
