"""The paging of a rehearsal as lines that a person reads, the same rounds said once.

Decides which entries of the timeline belong to a paging plan, what is one line, and when a
round is "the same again". How far an incident is played is `domain.rehearsal.outlook`.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.clock_text import duration_text, local_week_time
from domain.incident.messages import readable
from domain.incident.view import TimelineEntry
from domain.rehearsal.record import Record

OF_PAGING = frozenset(
    {
        *("paged.already", "level.empty", "level.skipped", "round.void", "exhausted"),
        *("exhausted.nobody", "role.unfilled", "suspended", "quiet", "hours", "criterion"),
        *("closed", "resolved", "recovered", "acknowledged"),
    }
)
"""Kinds of entries that a paging plan repeats beside its pages."""

LAST_RESORT = "last resort"
_OWN = ("level ", LAST_RESORT)
_LEVELS = ("Level ", "Exhausted:")


class PlanLine(BaseModel):
    """One line: a page, a note, the head of a further round, or that one comes again.

    `at` is aware UTC. `people` are user ids; a `quiet` page wakes nobody. What comes `again`
    does so `every` so often, the last line at `until`; without one until somebody answers.
    """

    model_config = ConfigDict(frozen=True)

    at: datetime
    kind: Literal["page", "note", "round", "again"]
    text: str
    where: str = ""
    people: tuple[str, ...] = ()
    method: str | None = None
    quiet: bool = False
    every: timedelta | None = None
    until: datetime | None = None


@dataclass(slots=True)
class _Stretch:
    """The lines of one round of the ladder, or of one page to the last resort."""

    key: tuple[str, str, str] | None = None
    lines: list[PlanLine] = field(default_factory=list)

    @property
    def start(self) -> datetime:
        """When the round itself begins, whatever else was said before it."""
        return next(iter(self.core), self.lines[0]).at

    @property
    def last_page(self) -> datetime:
        """When the last of its pages leaves."""
        return max((line.at for line in self.lines if line.kind == "page"), default=self.start)

    @property
    def core(self) -> list[PlanLine]:
        """What belongs to the round itself: its pages, and levels without anybody."""
        return [line for line in self.lines if line.where.startswith(_OWN) or _is_of_level(line)]

    @property
    def is_alone(self) -> bool:
        """Whether nothing else happens meanwhile."""
        return len(self.core) == len(self.lines)

    @property
    def shape(self) -> tuple[object, ...]:
        """What makes two rounds the same: whom they reach, by what and after how long."""
        core = self.core
        return tuple((line.at - core[0].at, line.where, line.text, line.method) for line in core)


def _is_of_level(line: PlanLine) -> bool:
    """Whether a note speaks of a level of the ladder, or of the last resort."""
    return line.kind == "note" and (line.text.startswith(_LEVELS) or "(level " in line.text)


_ENDS = "The escalation ladder is exhausted"
_BEGINS = ("Level 1 ", "Level 1:", "Exhausted:", "The hours of", _ENDS)
"""How notes begin that open a round before anybody is paged in it."""


def plan_lines(
    record: Record, zone: str, *, rounds: int, kinds: Collection[str] = OF_PAGING
) -> tuple[PlanLine, ...]:
    """The lines in order of time; `rounds` is how many the ladder has, `zone` the reader's."""
    stretches = list(_stretches(_marked(record, kinds)))
    lines: list[PlanLine] = []
    place = 0
    while place < len(stretches):
        first, shape = stretches[place], stretches[place].shape
        same = place + 1
        while same < len(stretches) and _is_repeat(stretches[same], first, shape):
            same += 1
        lines += [*_head(first, rounds), *first.lines]
        if same > place + 1:
            after = stretches[same].start if same < len(stretches) else None
            lines.append(_again(stretches[place:same], rounds, after, zone))
        place = same
    return tuple(_merged(lines))


def repeats_once(lines: tuple[PlanLine, ...], zone: str) -> tuple[PlanLine, ...]:
    """The lines with a note that comes three times or more said twice: how often, till when."""
    seen: dict[str, list[PlanLine]] = {}
    for line in lines:
        if line.kind == "note":
            seen.setdefault(line.text, []).append(line)
    often = {text: found for text, found in seen.items() if len(found) > 2}  # noqa: PLR2004
    told = []
    for line in lines:
        found = often.get(line.text, [line]) if line.kind == "note" else [line]
        if line is found[0]:
            told.append(line)
        elif line is found[1]:
            last = local_week_time(found[-1].at, zone)
            text = f"{line.text.rstrip('.')}: {len(found) - 1} times more, the last {last}"
            told.append(line.model_copy(update={"kind": "again", "text": text}))
    return tuple(told)


def _is_repeat(stretch: _Stretch, first: _Stretch, shape: tuple[object, ...]) -> bool:
    cycles = [one.key and one.key[:2] for one in (stretch, first)]
    return cycles[0] == cycles[1] and stretch.is_alone and bool(shape) and stretch.shape == shape


def _marked(
    record: Record, kinds: Collection[str]
) -> Iterator[tuple[PlanLine, tuple[str, str, str] | None]]:
    """Each line, with the round that its page is of."""
    pages = {paged.page.id: paged.page for paged in record.pages}
    for entry in record.entries:
        page = pages.get(entry.data.get("key", "")) if entry.kind == "paged" else None
        if page is not None:
            is_low = page.urgency == "low"
            line = PlanLine(
                at=entry.at,
                kind="page",
                text=page.person_name,
                where=_where(page.level),
                people=(page.person,),
                method=page.method,
                quiet=is_low,
            )
            yield line, _round_of(page.id)
        elif entry.kind in kinds:
            yield PlanLine(at=entry.at, kind="note", text=_said(entry)), None


def _said(entry: TimelineEntry) -> str:
    level = entry.data.get("level", "")
    return f"{entry.text.rstrip('.')} ({_where(level)})." if level else entry.text


def _where(level: str) -> str:
    return LAST_RESORT if level == "exhausted" else readable(level)


def _round_of(key: str) -> tuple[str, str, str] | None:
    """The kind of round, cycle and number that a page's key names; None for other pages."""
    _, cycle, level, number, *_ = key.split("/")
    if level.startswith("level-"):
        return "ladder", cycle, number
    return ("last", cycle, number) if level == "exhausted" else None


def _stretches(
    marked: Iterable[tuple[PlanLine, tuple[str, str, str] | None]],
) -> Iterator[_Stretch]:
    stretch = _Stretch()
    for line, key in marked:
        is_next = key is not None and stretch.key not in (None, key)
        opens = key is None and stretch.key is not None and line.text.startswith(_BEGINS)
        if is_next or opens:
            yield stretch
            stretch = _Stretch()
        stretch.key = key or stretch.key
        stretch.lines.append(line)
    if stretch.lines:
        yield stretch


def _head(stretch: _Stretch, rounds: int) -> Iterator[PlanLine]:
    """What stands over a further round of the ladder."""
    if stretch.key and stretch.key[0] == "ladder" and stretch.key[2] != "0":
        yield PlanLine(at=stretch.start, kind="round", text=_number(stretch, rounds))


def _number(stretch: _Stretch, rounds: int) -> str:
    number = int(stretch.key[2]) + 1 if stretch.key else 1
    return f"round {number} of {max(rounds, number)}"


def _again(same: list[_Stretch], rounds: int, after: datetime | None, zone: str) -> PlanLine:
    """One line for the rounds that are as the first of these."""
    at, every = same[1].start, same[1].start - same[0].start
    if same[0].key and same[0].key[0] == "ladder":
        last = same[-1].last_page
        between = " and " if len(same) == 3 else " to "  # noqa: PLR2004
        numbers = [int(one.key[2]) + 1 for one in same[1:] if one.key]
        ends = f"s {numbers[0]}{between}{numbers[-1]}" if len(numbers) > 1 else f" {numbers[0]}"
        head = f"round{ends} of {max(rounds, numbers[-1])}"
        text = f"{head}: the same again, the last page {local_week_time(last, zone)}"
        return PlanLine(at=at, kind="again", text=text, every=every, until=last)
    ends = f"until {local_week_time(after, zone)}" if after else "until somebody answers"
    text = f"the same again every {duration_text(every)}, {ends}"
    until = same[-1].last_page if after else None
    return PlanLine(at=at, kind="again", text=text, where=LAST_RESORT, every=every, until=until)


def _merged(lines: Iterable[PlanLine]) -> Iterator[PlanLine]:
    """People who are paged at once by one method share a line."""
    held: PlanLine | None = None
    for line in lines:
        if held is not None and _goes_with(held, line):
            people, text = (*held.people, *line.people), f"{held.text}, {line.text}"
            held = held.model_copy(update={"people": people, "text": text})
            continue
        if held is not None:
            yield held
        held = line
    if held is not None:
        yield held


def _goes_with(held: PlanLine, line: PlanLine) -> bool:
    if held.kind != "page" or line.kind != "page":
        return False
    return (held.at, held.where, held.method, held.quiet) == (
        line.at,
        line.where,
        line.method,
        line.quiet,
    )
