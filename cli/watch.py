"""`watchbill watch`: one incident, live, until it closes or Ctrl-C.

Decides when the screen is redrawn. In a pipe every event is one plain line instead.
"""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.live import Live

from cli.client import Happened
from cli.plain_text import local, plain
from cli.show.incident import live, timeline_line, utc_now
from cli.show.shown import ShownIncident, parsed
from domain.incident.view import TimelineEntry

KEPT = 50
BEFORE = 10
"""How many earlier events a pipe is told first."""


def watch(
    happenings: Iterator[Happened],
    known: Sequence[TimelineEntry],
    console: Console | None = None,
) -> None:
    """Show what was `known` and what happens until the stream ends, or Ctrl-C."""
    console = console or Console(highlight=False)
    try:
        if console.is_terminal:
            _draw(happenings, known, console)
        else:
            for line in plain_lines(happenings, known):
                print(line, flush=True)
    except KeyboardInterrupt:
        return


def plain_lines(
    happenings: Iterator[Happened], known: Sequence[TimelineEntry] = ()
) -> Iterator[str]:
    """One line for what it is, for each event, and for the end."""
    earlier = [timeline_line(entry).plain for entry in known[-BEFORE:]]
    is_told = False
    for happened in happenings:
        match happened.event:
            case "snapshot" if not is_told:
                is_told = True
                yield _headline(parsed(happened.data))
                yield from earlier
            case "timeline":
                yield timeline_line(TimelineEntry.model_validate(happened.data)).plain
            case "closed":
                yield from () if is_told else earlier
                yield "It is closed."
            case _:
                continue


def _draw(happenings: Iterator[Happened], known: Sequence[TimelineEntry], console: Console) -> None:
    shown: ShownIncident | None = None
    entries = {entry.seq: entry for entry in known}
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as screen:
        for happened in happenings:
            if happened.event in ("snapshot", "incident"):
                shown = parsed(happened.data)
            elif happened.event == "timeline":
                entry = TimelineEntry.model_validate(happened.data)
                entries[entry.seq] = entry
            if shown is not None:
                kept = [entries[seq] for seq in sorted(entries)[-KEPT:]]
                screen.update(live(shown, kept, utc_now(), console.height), refresh=True)
    console.print("It is closed.")


def _headline(shown: ShownIncident) -> str:
    drill = "[drill] " if shown.drill else ""
    return (
        f"{shown.reference}  {shown.severity.value}  {shown.phase.value}  "
        f"{drill}{plain(shown.title)}  (opened {local(shown.opened_at)})"
    )
