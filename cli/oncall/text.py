"""How `watchbill oncall` reads in a terminal: times of the schedule, and the reader's.

Decides the wording. A time is the schedule's own, with the reader's beside it where the
two clocks differ; a gap is in local time and in UTC, so that it can be compared.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Document = dict[str, Any]

_MOMENT = "%a %Y-%m-%d %H:%M"


def now_lines(document: Document) -> Iterator[str]:
    """One schedule at a moment."""
    zone = ZoneInfo(document["tz"])
    yield f"{document['id']} ({document['tz']})"
    until = document["until"]
    holds = f" until {both(_read(until), zone)}" if until else ""
    yield f"  on call  {_names(document['on_call']) or 'NOBODY'}{holds}"
    if until:
        yield f"  next     {_names(document['next']) or 'NOBODY'}"
    yield f"  by       {document['reason']}"
    if document["warning"]:
        yield f"  WARNING  {document['warning']}"


def shift_lines(document: Document, listed: Document) -> Iterator[str]:
    """The shifts of one schedule, with its gaps between them."""
    zone = ZoneInfo(document["tz"])
    yield f"{document['id']} ({document['tz']})"
    spans = [*listed["shifts"], *({**gap, "people": []} for gap in listed["gaps"])]
    for span in sorted(spans, key=lambda each: _read(each["start"])):
        start, end = _read(span["start"]), _read(span["end"])
        who = _names(span["people"]) or "NOBODY"
        here = f"{start.astimezone(zone):{_MOMENT}} to {end.astimezone(zone):{_MOMENT}}"
        yield f"  {here}  {who}{_readers_own(start, end, zone)}"
    if document["warning"]:
        yield f"  WARNING  {document['warning']}"


def gap_lines(document: Document, listed: Document, span: str) -> Iterator[str]:
    """Every gap of one schedule in its local time and in UTC."""
    zone, gaps = ZoneInfo(document["tz"]), listed["gaps"]
    count = f"{len(gaps)} gap{'' if len(gaps) == 1 else 's'}" if gaps else "no gap"
    yield f"{document['id']} (coverage {listed['coverage']}): {count} in {span}"
    for gap in gaps:
        start, end = _read(gap["start"]), _read(gap["end"])
        here = f"{start.astimezone(zone):{_MOMENT}} to {end.astimezone(zone):{_MOMENT}}"
        there = f"{start.astimezone(UTC):{_MOMENT}} to {end.astimezone(UTC):{_MOMENT}}"
        yield f"  {here} {document['tz']} = {there} UTC"
    if document["warning"]:
        yield f"  WARNING  {document['warning']}"


def fairness_lines(report: Document) -> Iterator[str]:
    """A table of everybody's part, with the mean under it."""
    head = ("", "hours", "nights", "weekends", "pages", "nights broken", "")
    rows = [head, *(_row(each) for each in report["people"])]
    mean = report["mean"]
    whole = [f"{mean[name]:.1f}" for name in ("hours", "nights", "weekends", "pages", "wake_ups")]
    rows.append(("mean", *whole, ""))
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:-1], strict=True)]
        yield "  ".join([*cells, row[-1]]).rstrip()


def _row(share: Document) -> Sequence[str]:
    above = [each.replace("wake_ups", "nights broken") for each in share["above"]]
    told = f"more than a quarter over the mean: {', '.join(above)}" if above else ""
    hours = [f"{share[name]:.1f}" for name in ("hours", "nights", "weekends")]
    return (share["name"], *hours, str(share["pages"]), str(share["wake_ups"]), told)


def both(moment: datetime, zone: ZoneInfo) -> str:
    """The schedule's time, and the reader's where it is another."""
    local, mine = moment.astimezone(zone), moment.astimezone()
    if local.utcoffset() == mine.utcoffset():
        return f"{local:{_MOMENT}}"
    return f"{local:{_MOMENT}} ({mine:{_MOMENT}} your time)"


def _readers_own(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    mine = start.astimezone(), end.astimezone()
    if start.astimezone(zone).utcoffset() == mine[0].utcoffset():
        return ""
    return f"  ({mine[0]:%a %H:%M} to {mine[1]:%a %H:%M} your time)"


def span_text(span: timedelta) -> str:
    """`the next 90 days`."""
    days = span / timedelta(days=1)
    return f"the next {days:g} day{'' if days == 1 else 's'}"


def _names(people: list[Document]) -> str:
    return ", ".join(each["name"] for each in people)


def _read(moment: str) -> datetime:
    return datetime.fromisoformat(moment)
