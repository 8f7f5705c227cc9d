"""The command `watchbill doctor`: examine everything at once, print, exit 1 on failures.

Decides the order of what is shown. What is examined is each module beside this one.
"""

import asyncio
import json
from typing import Annotated

import typer

from cli.doctor.asking import examine_heartbeats, send_test_page
from cli.doctor.channels import examine_channels
from cli.doctor.engine import examine_engine
from cli.doctor.findings import Finding, State, within_patience
from cli.doctor.playbooks import examine_playbooks
from cli.doctor.service import examine_api, examine_ledger, examine_public_address
from cli.environment import ApiPort, DataDir, Playbooks, TemporalPort, settings_from
from cli.respond.session import As
from settings import Settings

_MARKS: dict[State, str] = {"ok": "ok", "warning": "WARN", "failure": "FAIL"}


async def examine(settings: Settings) -> list[Finding]:
    """Everything that can be looked at with these settings, worst things not hidden."""
    on_disk, roster = examine_playbooks(settings)
    parts = await asyncio.gather(
        within_patience("engine", examine_engine(settings)),
        within_patience("API", examine_api(settings)),
        within_patience("public address", examine_public_address(settings)),
        within_patience("ledger", examine_ledger(settings)),
        within_patience("channels", examine_channels(settings, roster)),
        within_patience("heartbeats", examine_heartbeats(settings)),
    )
    engine, *others = parts
    return [*engine, *on_disk, *(finding for part in others for finding in part)]


def shown(findings: list[Finding]) -> str:
    """One line each, the mend below where there is one."""
    width = max(len(finding.name) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{_MARKS[finding.state]:<5} {finding.name:<{width}}  {finding.detail}")
        if finding.mend:
            lines.append(f"{'':<5} {'':<{width}}  mend: {finding.mend}")
    return "\n".join(lines)


def summary(findings: list[Finding]) -> str:
    """The last line."""
    failures = sum(finding.state == "failure" for finding in findings)
    warnings = sum(finding.state == "warning" for finding in findings)
    if not failures and not warnings:
        return "All is well. With --page your own phone proves the last step."
    return f"{failures} to mend now, {warnings} before some night."


def doctor(
    data_dir: DataDir = None,
    playbooks: Playbooks = None,
    api_port: ApiPort = None,
    temporal_port: TemporalPort = None,
    *,
    page: Annotated[
        bool, typer.Option("--page", help="Send yourself a test page as well.")
    ] = False,
    who: As = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON objects.")] = False,
) -> None:
    """Say what would keep a page from reaching somebody, with the mend; status 1 on failures."""
    settings = settings_from(
        data_dir=data_dir,
        playbooks=playbooks,
        api_port=api_port,
        temporal_port=temporal_port,
        actor=who,
    )
    findings = asyncio.run(examine(settings))
    if page:
        findings += asyncio.run(send_test_page(settings))
    if as_json:
        documents = [finding.model_dump() for finding in findings]
        typer.echo(json.dumps(documents, indent=2, ensure_ascii=False))
    else:
        typer.echo(shown(findings))
        typer.echo(summary(findings))
    raise typer.Exit(any(finding.state == "failure" for finding in findings))


def register(app: typer.Typer) -> None:
    """Add `doctor`."""
    app.command("doctor")(doctor)
