"""Who is on call now: asked of the roster as it is, never of the plan."""

from collections.abc import Callable

from temporalio import activity

from domain.hours import hours_of
from domain.incident.effects import LookUpOnCall
from domain.incident.people import LookUpAnswer
from domain.on_call import stand_behind
from domain.roster import Roster

RosterNow = Callable[[], Roster]
"""The roster as the catalog has it at the moment of the call."""


class OnCallActivities:
    """Look-ups. Pure but for the roster, so any repeat is harmless."""

    def __init__(self, roster: RosterNow) -> None:
        self._roster = roster

    @activity.defn
    async def look_up_on_call(self, asked: LookUpOnCall) -> LookUpAnswer:
        """Everyone behind each reference at the moment asked about, in the order asked.

        With the hours of a team where they matter: both are read from one roster.
        """
        roster = self._roster()
        found = tuple(stand_behind(roster, ref, asked.at) for ref in asked.refs)
        if asked.hours_of is None:
            return LookUpAnswer(found=found)
        hours = hours_of(roster, asked.hours_of, timezone=asked.timezone, at=asked.at)
        return LookUpAnswer(found=found, hours=hours)
