"""What a cover does to the world: the ledger keeps its status, people are told.

Decides who is relieved by it: whoever serves in that time by the rest of the schedule.
"""

from temporalio import activity

from activities.cover_link import CoverLink, cover_link
from activities.quiet import QuietWords
from domain.cover import CoverSettled, CoverStart, CoverWord, OverrideStatus
from domain.cover_text import said_of_cover
from domain.incident.effects import SendResult
from domain.on_call import shifts
from domain.roster import Override, Schedule
from ledger.writer import Writer


class CoverActivities:
    """Settles and tells. Idempotent by override id and by key."""

    def __init__(self, words: QuietWords, writer: Writer) -> None:
        self._words = words
        self._writer = writer

    @activity.defn
    async def settle_cover(self, settled: CoverSettled) -> OverrideStatus:
        """The status in the ledger afterwards: this one, or the one that was there first."""
        row = await self._writer.write(
            lambda ledger: ledger.settle(settled.override, settled.status, only=settled.only)
        )
        return row.status if row else settled.status

    @activity.defn
    async def relieved_by(self, start: CoverStart) -> tuple[str, ...]:
        """The people who would serve in that time without this cover, in order."""
        schedule = self._words.roster().schedules.get(start.schedule)
        if schedule is None:
            return ()
        without = _without(schedule, start)
        found = shifts(without, start.starts_at, start.ends_at)
        people = dict.fromkeys(user for shift in found for user in shift.users)
        return tuple(person for person in people if person != start.person)

    @activity.defn
    async def tell_of_cover(self, word: CoverWord) -> SendResult:
        """Tell one person quietly; who is asked gets a link with two buttons."""
        link = None
        if word.about in ("asked", "reminded"):
            about = CoverLink(kind="cover", person=word.to, about=word.start.override)
            link = cover_link(self._words.tools.settings, about)
        said = said_of_cover(word, self._words.zone_of(word.to))
        return await self._words.tell(word.to, word.key, said, link)


def _without(schedule: Schedule, start: CoverStart) -> Schedule:
    own = Override(user=start.person, start=start.starts_at, end=start.ends_at)
    rest = tuple(each for each in schedule.overrides if each != own)
    return schedule.model_copy(update={"overrides": rest})
