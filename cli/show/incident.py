"""How incidents, lists and timelines look in a terminal and in a pipe.

Decides layout and wording. Text from outside is shown as text only: no markup, no
control characters. Times are the reader's own, with the zone said.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cli.plain_text import local, plain
from cli.show.said import facts_said, tasks
from cli.show.shown import ShownIncident, ShownItem
from cli.show.steps import fact_lines, step_lines, waiting_lines
from domain.clock_text import duration_text
from domain.incident.messages import readable
from domain.incident.view import (
    AskView,
    Phase,
    RoleView,
    TimelineEntry,
)
from domain.severity import Severity

SEVERITY_STYLE = {
    Severity.SEV1: "bold white on red",
    Severity.SEV2: "bold red",
    Severity.SEV3: "yellow",
    Severity.SEV4: "cyan",
    Severity.SEV5: "dim",
}

PHASE_STYLE = {
    Phase.TRIGGERED: "bold red",
    Phase.PENDING: "yellow",
    Phase.ACKNOWLEDGED: "yellow",
    Phase.MITIGATED: "cyan",
    Phase.RESOLVED: "green",
}

KIND_STYLE = {
    "paged": "red",
    "acknowledged": "green",
    "severity": "bold yellow",
    "role.held": "cyan",
    "resolved": "bold green",
    "exhausted": "bold red",
    "note.decision": "bold",
    "refused": "dim",
}

SHOWN_ALERTS = 10
SHOWN_LIVE = 4
"""How much of each part a live screen shows; the timeline gets the rest."""

FEWEST_ENTRIES = 5
FRAME = 12
"""Lines of a live screen that are always there."""


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, as `12 min`."""
    return duration_text(now - moment)


def incident_list(items: Sequence[ShownItem], now: datetime) -> RenderableType:
    """A table of incidents, one a line."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Reference", "Sev", "Phase", "Open for", "Firing", "Led by", "Title"):
        table.add_column(name, no_wrap=name != "Title", overflow="fold")
    for item in items:
        table.add_row(
            Text(plain(item.reference)),
            _severity(item.severity),
            _phase(item.phase),
            ago(item.opened_at, now),
            f"{item.alerts.firing}/{item.alerts.total}",
            Text(_leader(item.roles)),
            Text(("[drill] " if item.drill else "") + plain(item.title)),
        )
    return table


def incident(shown: ShownIncident, now: datetime) -> RenderableType:
    """One incident whole: what burns, who is on it, what happens next, what is to do."""
    parts: list[RenderableType] = [_facts(shown, now)]
    for title, lines in _parts(shown, now):
        parts += [Text(f"\n{title}", style="bold"), *lines]
    if not shown.fresh:
        parts.append(Text("\nNo worker answers: this is the record, not the running incident."))
    return Group(*parts)


def live(
    shown: ShownIncident, entries: Sequence[TimelineEntry], now: datetime, height: int
) -> RenderableType:
    """The incident and its latest events, for a screen of this height that is redrawn."""
    rows: list[RenderableType] = []
    for title, lines in _parts(shown, now):
        shown_lines = waiting_lines(shown.steps, now) if title == "Steps" else lines
        if title == "Alerts" or not shown_lines:
            continue
        rows.append(Text(f"\n{title}", style="bold"))
        for line in shown_lines[:SHOWN_LIVE]:
            line.overflow, line.no_wrap = "ellipsis", True
            rows.append(line)
    room = max(FEWEST_ENTRIES, height - 2 * len(rows) - len(shown.roles) - FRAME)
    latest = [timeline_line(entry) for entry in entries[-room:]]
    drill = "[drill] " if shown.drill else ""
    title_line = Text(f" {shown.reference}  {drill}{plain(shown.title)} ")
    body = Group(_facts(shown, now), *rows, Text("\nTimeline", style="bold"), *latest)
    return Panel(body, title=title_line, title_align="left")


def timeline_line(entry: TimelineEntry) -> Text:
    """One event: when, what, and by whom unless the sentence says so."""
    line = Text(local(entry.at, with_date=False), style="dim")
    line.append("  ")
    line.append(plain(entry.text), style=KIND_STYLE.get(entry.kind, ""))
    if entry.kind.startswith("note"):
        kind = entry.kind.partition(".")[2]
        by = entry.actor.partition(":")[2] or entry.actor
        line.append(f"  ({kind + ', ' if kind else ''}{plain(by)})", style="dim")
    return line


def timeline(entries: Sequence[TimelineEntry]) -> RenderableType:
    """All events, a heading for each day."""
    lines: list[RenderableType] = []
    day = ""
    for entry in entries:
        here = entry.at.astimezone()
        if f"{here:%Y-%m-%d %Z}" != day:
            day = f"{here:%Y-%m-%d %Z}"
            lines.append(Text(day, style="bold"))
        lines.append(timeline_line(entry))
    return Group(*lines)


def printed(what: RenderableType) -> None:
    """Print it; where no terminal is, without colours and without cutting lines."""
    console = Console(highlight=False, soft_wrap=False)
    if console.is_terminal:
        console.print(what)
        return
    console = Console(highlight=False, width=200)
    with console.capture() as captured:
        console.print(what)
    print("\n".join(line.rstrip() for line in captured.get().rstrip("\n").split("\n")))


def utc_now() -> datetime:
    """The present moment, aware."""
    return datetime.now(UTC)


def _severity(severity: Severity) -> Text:
    return Text(severity.value, style=SEVERITY_STYLE[severity])


def _phase(phase: Phase) -> Text:
    return Text(phase.value, style=PHASE_STYLE.get(phase, "dim"))


def _holders(roles: tuple[RoleView, ...]) -> str:
    return ", ".join(plain(f"{held.name}{_how(held)}") for held in roles)


def _how(held: RoleView) -> str:
    marks = [
        mark for mark, is_so in (("acting", held.acting), ("on paper", held.on_paper)) if is_so
    ]
    return f" ({', '.join(marks)})" if marks else ""


def _leader(roles: dict[str, tuple[RoleView, ...]]) -> str:
    return _holders(roles.get("incident_commander", ())) or "nobody yet"


def _facts(shown: ShownIncident, now: datetime) -> Table:
    facts = Table.grid(padding=(0, 2))
    head = Text.assemble(_severity(shown.severity), "  ", _phase(shown.phase))
    for flag, said in ((shown.exhausted, "exhausted"), (shown.reopened > 0, "reopened")):
        if flag:
            head.append(f"  {said}", style="bold red")
    facts.add_row(Text(shown.reference, style="bold"), head)
    facts.add_row("What", Text(plain(shown.title)))
    opened = f"{local(shown.opened_at)} ({ago(shown.opened_at, now)} ago)"
    facts.add_row("Opened", opened)
    for name, text in facts_said(shown):
        facts.add_row(name, Text(plain(text)))
    counts = shown.alerts
    facts.add_row("Firing", f"{counts.firing} of {counts.total} alerts")
    facts.add_row("Playbook", Text(plain(f"{shown.playbook} (owner {shown.owner})")))
    for role, held in shown.roles.items():
        facts.add_row(readable(role).capitalize(), Text(_holders(held)))
    if not shown.roles:
        facts.add_row("Led by", "nobody yet")
    if shown.parent:
        facts.add_row("Called by", Text(plain(shown.parent)))
    if shown.bridge:
        facts.add_row("Join", Text(plain(shown.bridge)))
    if "temporal" in shown.links:
        facts.add_row("Temporal UI", Text(plain(shown.links["temporal"]), overflow="fold"))
    return facts


def _parts(shown: ShownIncident, now: datetime) -> list[tuple[str, list[Text]]]:
    """The parts that have something to say, with their lines."""
    soon = [f"{local(each.at, with_date=False)}  {each.summary}" for each in _soon(shown)]
    parts = [
        ("Alerts", _plain(_alerts(shown))),
        ("Asked", _plain([_asked(ask) for ask in shown.asks])),
        ("Offers", _plain(_offers(shown))),
        ("Being paged", _plain(_paged(shown))),
        ("Next", _plain(soon)),
        ("Steps", step_lines(shown.steps, now)),
        ("Facts", fact_lines(shown.facts, now)),
        ("Tasks", _plain(tasks(shown.tasks))),
    ]
    return [(title, lines) for title, lines in parts if lines]


def _plain(lines: list[str]) -> list[Text]:
    return [Text(plain(line)) for line in lines]


def _alerts(shown: ShownIncident) -> list[str]:
    firing_first = sorted(shown.alert_list, key=lambda alert: alert.status != "firing")
    lines = [
        f"{alert.status:<8}  {alert.summary or alert.labels.get('alertname') or alert.fingerprint}"
        f"{f'  (seen {alert.count} times)' if alert.count > 1 else ''}"
        for alert in firing_first[:SHOWN_ALERTS]
    ]
    more = shown.alerts.total - len(lines)
    return [*lines, f"and {more} more"] if lines and more > 0 else lines


def _asked(ask: AskView) -> str:
    until = f", until {local(ask.until, with_date=False)}" if ask.until else ""
    what = ask.about or readable(ask.question)
    how = f"watchbill confirm --question {ask.question}" if ask.about else "watchbill confirm"
    return f"{what}: {', '.join(ask.of)}{until}  ({how})"


def _offers(shown: ShownIncident) -> list[str]:
    return [
        f"{offer.id}: {readable(offer.role)} from {offer.offered_by} to {offer.to}, "
        f"until {local(offer.expires_at, with_date=False)}"
        for offer in shown.offers
    ]


def _paged(shown: ShownIncident) -> list[str]:
    if shown.phase is not Phase.TRIGGERED:
        return []
    latest = sorted(shown.paged, key=lambda each: each.at)[-SHOWN_ALERTS:]
    return [
        f"{local(each.at, with_date=False)}  {each.name} by {each.method} ({each.level}): "
        f"{each.state}"
        for each in latest
    ]


def _soon(shown: ShownIncident) -> list[Any]:
    return sorted(shown.deadlines, key=lambda deadline: deadline.at)[:6]
