"""`watchbill drill`: a playbook run for real with nothing real in it, then its score card.

Decides the exit status: 0 every promise kept, 1 one was missed, 2 it could not be run. What
a drill is, is the API's and `domain.drill`; without a server `cli.drill.offline` plays it.
"""

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli.client import ApiError, Happened, Said
from cli.drill.offline import KEPT, MISSED, WRONG_USAGE, rehearse
from cli.drill.request import DrillOptions, DrillUsageError, request_of
from cli.environment import ApiPort, DataDir, Playbooks, settings_from
from cli.plain_text import local, plain
from cli.respond.session import As, AsJson, Session, Url, open_session, pairs, print_json

SCORE_PATIENCE_S = 60.0
"""How long a drill whose incident has ended may take to be judged."""

LOOK_S = 0.5


Name = Annotated[str | None, typer.Argument(help="The playbook's name.", show_default=False)]
Listed = Annotated[bool, typer.Option("--list", help="What runs by itself, and the newest drills.")]
Offline = Annotated[
    bool, typer.Option("--rehearse", help="Without a server: play it at once, and print it.")
]
Speed = Annotated[
    float | None, typer.Option("--speed", min=1, max=3600, help="60: a minute in a second.")
]
People = Annotated[
    str | None, typer.Option("--people", help="simulated, or real: they get [DRILL] messages.")
]
Behaviours = Annotated[
    str | None, typer.Option("--responders", help="default=3m,user:bo=never,user:cy=declines")
]
AlertFile = Annotated[
    Path | None, typer.Option("--alert", help="A file with the alert, as its sender posts it.")
]
LabelsTyped = Annotated[
    list[str] | None, typer.Option("--label", help="NAME=VALUE of the alert; repeat it.")
]
FactsTyped = Annotated[
    list[str] | None, typer.Option("--fact", help="NAME=VALUE that sources say; repeat it.")
]
At = Annotated[
    str | None,
    typer.Option("--at", metavar="MOMENT", help='With --rehearse: "2026-11-25 02:00"; or now.'),
]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Start it, and do not follow it.")]


def register(app: typer.Typer) -> None:
    """Add `drill`."""
    app.command("drill")(drill)


def drill(
    playbook: Name = None,
    *,
    listed: Listed = False,
    offline: Offline = False,
    speed: Speed = None,
    people: People = None,
    responders: Behaviours = None,
    alert: AlertFile = None,
    label: LabelsTyped = None,
    fact: FactsTyped = None,
    at: At = None,
    no_wait: NoWait = False,
    playbooks: Playbooks = None,
    who: As = None,
    as_json: AsJson = False,
    url: Url = None,
    data_dir: DataDir = None,
    api_port: ApiPort = None,
) -> None:
    """Run a playbook as a drill, follow it, and print its score card."""
    options = DrillOptions(
        speed=speed,
        people=people,
        responders=responders,
        alert=alert,
        labels=pairs(label or [], "--label"),
        facts=pairs(fact or [], "--fact"),
    )
    if people not in (None, "simulated", "real"):
        raise typer.BadParameter(f"{people!r}: use simulated or real", param_hint="--people")
    if playbook is None and not listed:
        raise typer.BadParameter("name a playbook, or use --list", param_hint="PLAYBOOK")
    if offline and playbook is not None:
        folder = playbooks or settings_from().playbooks
        raise typer.Exit(rehearse(playbook, folder, options, at))
    if at is not None:
        raise typer.BadParameter("a drill on the engine begins now", param_hint="--at")
    try:
        session = open_session(who, as_json, url, data_dir, api_port)
        with session.api:
            if listed or playbook is None:
                _print_list(session)
                return
            status = _run(session, playbook, options, follow=not no_wait)
    except (ApiError, DrillUsageError) as error:
        typer.echo(f"watchbill drill: {error}", err=True)
        status = WRONG_USAGE
    raise typer.Exit(status)


def _run(session: Session, playbook: str, options: DrillOptions, *, follow: bool) -> int:
    """Start it, follow it to its end, print its card: the exit status."""
    started = session.api.post("/v1/drills", request_of(playbook, options))
    reference = str(started.body["reference"])
    if not session.as_json or not follow:
        _say(session, started)
    if not follow:
        return KEPT
    if not session.as_json:
        _follow(session, reference)
    return _print_card(session, reference)


def _say(session: Session, started: Said) -> None:
    if session.as_json:
        print_json(started.body)
    else:
        typer.echo(started.sentence)


def _follow(session: Session, reference: str) -> None:
    """Everything that happens, from its first entry on."""
    from cli.watch import watch

    watch(_from_the_start(session, reference), ())


def _from_the_start(session: Session, reference: str) -> Iterator[Happened]:
    return session.api.follow(reference, 0)


def _print_card(session: Session, reference: str) -> int:
    found = _scored(session, reference)
    if session.as_json:
        print_json(found)
    elif found["score"] is None:
        typer.echo(f"watchbill drill: {reference} {found['state']}", err=True)
    else:
        typer.echo(f"\n{found['text']}")
    if found["score"] is None:
        return WRONG_USAGE
    return KEPT if found["missed"] == 0 else MISSED


def _scored(session: Session, reference: str) -> dict[str, Any]:
    """The drill with its score, which comes a moment after its incident's end."""
    path = f"/v1/drills/{quote(reference, safe='')}"
    found = session.api.get(path)
    last: float | None = None
    while found["state"] != "scored":
        if found["state"] != "running":
            last = last or time.monotonic() + SCORE_PATIENCE_S
            if time.monotonic() > last:
                break
        time.sleep(LOOK_S)
        found = session.api.get(path)
    return found


def _print_list(session: Session) -> None:
    found = session.api.get("/v1/drills")
    if session.as_json:
        print_json(found)
        return
    if not found["scheduled"]:
        typer.echo("No playbook's drill runs by itself (drill: every: in its file).")
    for each in found["scheduled"]:
        typer.echo(f"{plain(each['playbook'])}: {each['every']}; {_next(each)}")
    typer.echo("\nNewest drills:" if found["items"] else "\nNo drill has been run.")
    for each in found["items"]:
        said = each["sentence"] or each["state"]
        typer.echo(f"{each['reference']}  {local_of(each['opened_at'])}  {plain(each['playbook'])}")
        typer.echo(f"  {plain(said)}")


def _next(each: dict[str, Any]) -> str:
    if not each["is_known_to_the_engine"]:
        return "the engine does not know of it yet"
    if each["is_paused"]:
        return "paused in Temporal"
    times = ", ".join(local_of(moment) for moment in each["next"])
    return f"next {times}" if times else "no next time"


def local_of(moment: str) -> str:
    """A moment of the API as the reader's own time."""
    return local(datetime.fromisoformat(moment))
