"""`watchbill oncall`: who is on call, who is next, gaps, fairness, calendars to subscribe to.

Decides the exit status: 1 if `--gaps` finds a gap in a schedule whose coverage is always,
or a refusal; 2 for wrong usage. Where the answer is from is `cli.oncall.source`.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote

import typer
from pydantic_core import PydanticCustomError
from typer.core import TyperGroup

from cli.client import ApiError, NotSetUp
from cli.environment import ApiPort, DataDir, settings_from
from cli.oncall.source import Source, source_of
from cli.oncall.text import fairness_lines, gap_lines, now_lines, shift_lines, span_text
from cli.respond.session import (
    REFUSED,
    WRONG_USAGE,
    AsJson,
    Session,
    Url,
    print_json,
    responders_command,
)

AHEAD = timedelta(days=90)
"""How far gaps are looked for."""

Names = Annotated[list[str] | None, typer.Argument(help="These schedules; all unless given.")]
At = Annotated[
    str | None, typer.Option("--at", help='A moment, "2026-12-24 18:00" your time; else now.')
]
For = Annotated[str | None, typer.Option("--for", metavar="14d", help="List shifts so far ahead.")]
Gaps = Annotated[
    bool, typer.Option("--gaps", help="Every gap of 90 days; status 1 if coverage is always.")
]
Folder = Annotated[
    Path | None, typer.Option("--playbooks", help="Read this folder, no server (for CI).")
]


class _Asked(NamedTuple):
    """What `oncall` was asked; `span` is how far ahead shifts or gaps are listed."""

    names: list[str]
    start: datetime
    span: timedelta | None
    gaps: bool
    as_json: bool


class _ShowUnlessNamed(TyperGroup):
    """`oncall payments` is `oncall show payments`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `show` in front of anything that is no command of ours."""
        named = args[0] if args else ""
        if named not in self.commands and named not in ("-h", "--help"):
            args = ["show", *args]
        return super().parse_args(ctx, args)


def register(app: typer.Typer) -> None:
    """Add `oncall` and its parts."""
    group = typer.Typer(
        cls=_ShowUnlessNamed,
        help="Who is on call: `oncall [SCHEDULE…] [--at …] [--for 14d] [--gaps]` is `oncall show`.",
    )
    group.command("show")(show)
    group.command("feed")(responders_command(feed))
    group.command("fairness")(responders_command(fairness))
    app.add_typer(group, name="oncall")


def show(
    *,
    names: Names = None,
    at: At = None,
    for_: For = None,
    gaps: Gaps = False,
    playbooks: Folder = None,
    as_json: AsJson = False,
    url: Url = None,
    data_dir: DataDir = None,
    api_port: ApiPort = None,
) -> None:
    """Say who is on call, until when, who is next, and by which line of the schedule."""
    settings = settings_from(url=url, data_dir=data_dir, api_port=api_port)
    span = _read_span(for_) or (AHEAD if gaps else None)
    asked = _Asked(names or [], read_moment(at), span, gaps, as_json)
    try:
        with source_of(settings, playbooks) as source:
            status = _show(source, asked)
    except ApiError as error:
        typer.echo(f"watchbill oncall: {error}", err=True)
        raise typer.Exit(WRONG_USAGE if isinstance(error, NotSetUp) else REFUSED) from None
    raise typer.Exit(status)


def _show(source: Source, asked: _Asked) -> int:
    """Print what was asked for; the exit status."""
    seen = source.now(asked.names, asked.start)
    listed: list[Any] = [{}] * len(seen)
    if asked.span:
        end = asked.start + asked.span
        listed = [source.shifts(each["id"], asked.start, end) for each in seen]
    if asked.as_json:
        told = [each | more for each, more in zip(seen, listed, strict=True)]
        at = asked.start.isoformat()
        print_json({"from": source.said, "at": at, "schedules": told})
    else:
        typer.echo(f"At {asked.start.astimezone():%a %Y-%m-%d %H:%M} your time, {source.said}\n")
        for document, more in zip(seen, listed, strict=True):
            typer.echo("\n".join(_lines(document, more, asked)))
    for path in source.broken:
        typer.echo(f"left out: {path} has errors; see `watchbill check`", err=True)
    has_gap = any(each["gaps"] and each["coverage"] == "always" for each in listed if asked.gaps)
    return REFUSED if has_gap or (asked.gaps and source.broken) else 0


def _lines(document: Any, listed: Any, asked: _Asked) -> Iterator[str]:
    if asked.span is None:
        return now_lines(document)
    if asked.gaps:
        return gap_lines(document, listed, span_text(asked.span))
    return shift_lines(document, listed)


def feed(
    session: Session,
    name: Annotated[str, typer.Argument(help="A schedule's id, or user:<id>.")],
) -> None:
    """Print the address at which calendar programs subscribe; who has it can read it."""
    kind, _, bare = name.rpartition(":")
    part = "users" if kind == "user" else "schedules"
    found = session.api.get(f"/v1/{part}/{quote(bare, safe='')}/feed")
    if session.as_json:
        print_json(found)
    else:
        typer.echo(found["url"])


def fairness(
    session: Session,
    names: Names = None,
    *,
    for_: Annotated[
        str, typer.Option("--for", metavar="90d", help="So far back, or ahead.")
    ] = "90d",
    ahead: Annotated[bool, typer.Option("--ahead", help="What is to come.")] = False,
) -> None:
    """Say who carried how many hours, nights, weekends, pages and broken nights."""
    now, span = datetime.now(UTC), _read_span(for_) or AHEAD
    start, end = (now, now + span) if ahead else (now - span, now)
    span_query = {"from": start.isoformat(), "to": end.isoformat()}
    chosen = [name.removeprefix("schedule:") for name in names or []]
    report = session.api.get("/v1/fairness", schedule=chosen, **span_query)
    if session.as_json:
        print_json(report)
        return
    typer.echo(f"From {start:%Y-%m-%d} to {end:%Y-%m-%d}, by the roster as it is today\n")
    typer.echo("\n".join(fairness_lines(report)))


def read_moment(text: str | None) -> datetime:
    """The aware moment; without an offset it is the reader's own time. Wrong usage if none."""
    if text is None:
        return datetime.now(UTC)
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        hint = f"{text!r} is no moment: write 2026-12-24 18:00, or 2026-12-24T17:00Z"
        raise typer.BadParameter(hint, param_hint="--at") from None


def _read_span(text: str | None) -> timedelta | None:
    from compiler.durations import read_duration

    if text is None:
        return None
    try:
        span = read_duration(text)
    except PydanticCustomError as error:
        hint = (error.context or {}).get("help", "")
        raise typer.BadParameter(f"{error}: {hint}", param_hint="--for") from None
    if not timedelta(0) < span <= timedelta(days=366):
        raise typer.BadParameter(f"{text!r}: at most 366d", param_hint="--for")
    return span
