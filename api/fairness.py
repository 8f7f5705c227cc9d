"""Who carried how much: the fairness report over HTTP.

Decides by which roster the past is worked out: the files as they are today, with every
override that was accepted for that time and the calendars' copies. Who served before an
edit of the files is not known.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.people import stranger
from api.problems import Problem
from api.schedules import read_moment
from api.security import Reader
from api.services import Parts
from catalog.calendars import imported_over
from catalog.standing_in import roster_now
from domain.fairness import DeliveredPage, Measure, Share, fairness
from domain.roster import Roster
from ledger import Ledger

router = APIRouter(prefix="/v1", tags=["schedules"])

SPAN = timedelta(days=90)
LONGEST = timedelta(days=366)

Moment = Annotated[str | None, Query(description="ISO moment; without an offset it is UTC.")]
Names = Annotated[list[str] | None, Query(description="These schedules; all unless given.")]


class FairnessReport(BaseModel):
    """Everybody's part over a span, most hours first. Hours are numbers of hours.

    `above` names the measures in which a person is more than a quarter over the mean.
    """

    start: datetime
    end: datetime
    schedules: list[str]
    people: list[Share]
    mean: dict[Measure, float]


@router.get("/fairness", operation_id="get_fairness")
async def get_fairness(
    parts: Parts,
    caller: Reader,
    from_: Annotated[Moment, Query(alias="from")] = None,
    to: Moment = None,
    schedule: Names = None,
) -> FairnessReport:
    """Hours, nights, weekends, pages and broken nights: the last 90 days unless said."""
    del caller
    end = read_moment("to", to, "UTC") if to else datetime.now(UTC)
    start = read_moment("from", from_, "UTC") if from_ else end - SPAN
    if not start < end <= start + LONGEST:
        message = "'from' comes before 'to', by at most 366 days"
        raise Problem(422, message, errors=[("query.from", message)])
    roster = parts.catalog.snapshot.roster
    names = _known(roster, schedule)
    return await asyncio.to_thread(_report, parts.ledger, roster, names, (start, end))


def _known(roster: Roster, asked: list[str] | None) -> list[str]:
    known = sorted(roster.schedules)
    for name in asked or ():
        if name not in known:
            text = stranger("schedule", name, known)
            raise Problem(422, text, errors=[("query.schedule", text)])
    return list(dict.fromkeys(asked or known))


def _report(
    ledger: Ledger, roster: Roster, names: list[str], span: tuple[datetime, datetime]
) -> FairnessReport:
    roster = imported_over(ledger, roster, span)
    roster = roster_now(roster, ledger.accepted_overrides(span[0]))
    pages = [DeliveredPage(key, at) for key, at in ledger.delivered_pages(*span)]
    found = fairness(roster, names, span, pages)
    return FairnessReport(
        start=span[0], end=span[1], schedules=names, people=list(found.shares), mean=found.mean
    )
