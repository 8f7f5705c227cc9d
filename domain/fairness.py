"""Who carried how much: hours on call, nights, weekends, pages and nights broken.

Decides what is counted and who has more than their share. An hour in which a person is
on call in two schedules is one hour of theirs; nights and weekends are those of the
person's own zone. What happened is given: nothing here asks a clock or a ledger.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from domain.lines import named_in
from domain.on_call import shifts
from domain.roster import WAKING, Roster
from domain.rotation import moment_at

NIGHT = (time(22, 0), time(7, 0))
SATURDAY, SUNDAY = 5, 6

SAME_WAKING = timedelta(minutes=30)
"""Pages that follow each other so closely break one night once."""

MORE_THAN_A_SHARE = 1.25
"""More than a quarter above the mean is told."""

Measure = Literal["hours", "nights", "weekends", "pages", "wake_ups"]
MEASURES: tuple[Measure, ...] = ("hours", "nights", "weekends", "pages", "wake_ups")

Span = tuple[datetime, datetime]


class DeliveredPage(NamedTuple):
    """A page that reached a person; `key` is the page's own, its last part the method."""

    key: str
    at: datetime

    @property
    def person(self) -> str:
        """Whom it reached."""
        return self.key.split("/")[-2] if self.key.count("/") else ""

    @property
    def call(self) -> str:
        """What all methods of one round have in common."""
        return self.key.rpartition("/")[0]

    @property
    def can_wake(self) -> bool:
        """Whether it came by a method that wakes."""
        return self.key.rpartition("/")[2] in [method.value for method in WAKING]


class Share(BaseModel):
    """One person's part, in hours and counts; `above` names what is over their share."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    hours: float = 0.0
    nights: float = 0.0
    weekends: float = 0.0
    pages: int = 0
    wake_ups: int = 0
    above: tuple[Measure, ...] = ()


class Fairness(BaseModel):
    """Everybody's part, most hours first, and the mean of each measure."""

    model_config = ConfigDict(frozen=True)

    shares: tuple[Share, ...]
    mean: dict[Measure, float]


def fairness(
    roster: Roster, schedules: Sequence[str], span: Span, delivered: Iterable[DeliveredPage]
) -> Fairness:
    """The parts of everybody whom these schedules name, over a span of aware moments."""
    spans = _spans(roster, schedules, span)
    pages: dict[str, list[DeliveredPage]] = {}
    for page in delivered:
        if span[0] <= page.at < span[1]:
            pages.setdefault(page.person, []).append(page)
    named = {user for name in schedules for user in named_in(roster.schedules[name])}
    shares = [
        _share(roster, user, spans.get(user, []), pages.get(user, []))
        for user in sorted(named)
        if user in roster.users
    ]
    mean: dict[Measure, float] = {
        each: sum(getattr(share, each) for share in shares) / max(1, len(shares))
        for each in MEASURES
    }
    judged = [share.model_copy(update={"above": _above(share, mean)}) for share in shares]
    return Fairness(shares=tuple(sorted(judged, key=_most_first)), mean=mean)


def _above(share: Share, mean: dict[Measure, float]) -> tuple[Measure, ...]:
    return tuple(
        each for each in MEASURES if getattr(share, each) > MORE_THAN_A_SHARE * mean[each] > 0
    )


def _most_first(share: Share) -> tuple[float, float, str]:
    return -share.hours, -share.pages, share.id


def _spans(roster: Roster, schedules: Iterable[str], span: Span) -> dict[str, list[Span]]:
    """When each person serves in any of the schedules, each time once, in order."""
    found: dict[str, list[Span]] = {}
    for name in schedules:
        for shift in shifts(roster.schedules[name], *span):
            for user in shift.users:
                found.setdefault(user, []).append((shift.start, shift.end))
    return {user: _joined(spans) for user, spans in found.items()}


def _joined(spans: Iterable[Span]) -> list[Span]:
    """The same time in spans that do not overlap."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _share(roster: Roster, user: str, spans: list[Span], pages: list[DeliveredPage]) -> Share:
    person = roster.users[user]
    zone = ZoneInfo(person.tz)
    return Share(
        id=user,
        name=person.name,
        hours=_hours(end - start for start, end in spans),
        nights=_hours(_parts(spans, zone, NIGHT, range(7))),
        weekends=_hours(_parts(spans, zone, (time(0), time(0)), (SATURDAY, SUNDAY))),
        pages=len({page.call for page in pages}),
        wake_ups=_wake_ups(pages, zone),
    )


def _hours(parts: Iterable[timedelta]) -> float:
    return sum(parts, timedelta(0)) / timedelta(hours=1)


def _parts(
    spans: Iterable[Span], zone: ZoneInfo, window: tuple[time, time], weekdays: Iterable[int]
) -> Iterator[timedelta]:
    """How long each span lies in windows over midnight that start on these local weekdays."""
    days = frozenset(weekdays)
    for start, end in spans:
        day = start.astimezone(zone).date() - timedelta(days=1)
        while day <= end.astimezone(zone).date():
            tomorrow = day + timedelta(days=1)
            if day.weekday() in days:
                opens = moment_at(datetime.combine(day, window[0]), zone)
                closes = moment_at(datetime.combine(tomorrow, window[1]), zone)
                yield max(timedelta(0), min(end, closes) - max(start, opens))
            day = tomorrow


def _wake_ups(pages: Iterable[DeliveredPage], zone: ZoneInfo) -> int:
    """How often the person was torn out of a night."""
    count, last = 0, datetime.min.replace(tzinfo=UTC)
    for at in sorted(page.at for page in pages if page.can_wake):
        if is_night(at, zone):
            count += at - last > SAME_WAKING
            last = at
    return count


def is_night(at: datetime, zone: ZoneInfo) -> bool:
    """Whether it is between 22:00 and 07:00 in this zone."""
    clock = at.astimezone(zone).time()
    return clock >= NIGHT[0] or clock < NIGHT[1]
