"""`watchbill watch`: one incident, live, until it closes or Ctrl-C.

Decides when the screen is redrawn. In a pipe every event is one plain line instead.
"""

from collections.abc import Iterator

from rich.console import Console
from rich.live import Live

from cli.client import Happened
from cli.show import (
    ShownIncident,
    live,
    local,
    parsed,
    plain,
    timeline_line,
    utc_now,
)
from domain.incident.view import TimelineEntry

KEPT = 50


def watch(happenings: Iterator[Happened], console: Console | None = None) -> None:
    """Show what happens until the stream ends; Ctrl-C ends it quietly."""
    console = console or Console(highlight=False)
    try:
        if console.is_terminal:
            _draw(happenings, console)
        else:
            for line in plain_lines(happenings):
                print(line, flush=True)
    except KeyboardInterrupt:
        return


def plain_lines(happenings: Iterator[Happened]) -> Iterator[str]:
    """One line for what it is, for each event, and for the end."""
    seen = 0
    for happened in happenings:
        match happened.event:
            case "snapshot":
                shown = parsed(happened.data)
                if not seen:
                    yield _headline(shown)
                for entry in (entry for entry in shown.latest if entry.seq > seen):
                    seen = entry.seq
                    yield timeline_line(entry).plain
            case "timeline":
                entry = TimelineEntry.model_validate(happened.data)
                if entry.seq > seen:
                    seen = entry.seq
                    yield timeline_line(entry).plain
            case "closed":
                yield "It is closed."
            case _:
                continue


def _draw(happenings: Iterator[Happened], console: Console) -> None:
    shown: ShownIncident | None = None
    entries: dict[int, TimelineEntry] = {}
    with Live(console=console, auto_refresh=False, vertical_overflow="visible") as screen:
        for happened in happenings:
            if happened.event in ("snapshot", "incident"):
                shown = parsed(happened.data)
                entries |= {entry.seq: entry for entry in shown.latest}
            elif happened.event == "timeline":
                entry = TimelineEntry.model_validate(happened.data)
                entries[entry.seq] = entry
            if shown is not None:
                kept = [entries[seq] for seq in sorted(entries)[-KEPT:]]
                screen.update(live(shown, kept, utc_now()), refresh=True)
    console.print("It is closed.")


def _headline(shown: ShownIncident) -> str:
    drill = "[drill] " if shown.drill else ""
    return (
        f"{shown.reference}  {shown.severity.value}  {shown.phase.value}  "
        f"{drill}{plain(shown.title)}  (opened {local(shown.opened_at)})"
    )
