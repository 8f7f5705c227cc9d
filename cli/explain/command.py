"""`watchbill explain`: a playbook's long form, or what becomes of an alert.

Decides what is printed for a name; the text itself is `compiler.long_form`. Alerts are
`cli.explain.alert`'s, a named playbook's paging is `cli.explain.paging`'s.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.explain.alert import Circumstances, Payload, explain_alert
from cli.explain.paging import explain_paging
from cli.folders import read_folder
from compiler.compile import compile_folder
from compiler.diagnostics import choice, report
from compiler.long_form import long_form
from domain.severity import Severity
from settings import Settings

_SENDERS = "Whose payload it is, where it does not tell: alertmanager, grafana, pagerduty …"
Name = Annotated[str | None, typer.Argument(help="A playbook: print its long form.")]
File = Annotated[
    str | None,
    typer.Option("--alert", metavar="FILE", help="A payload as its sender posts it; - is stdin."),
]
Sender = Annotated[str | None, typer.Option("--sender", metavar="NAME", help=_SENDERS)]
Label = Annotated[
    list[str] | None,
    typer.Option("--label", metavar="NAME=VALUE", help="Make an alert up; repeatable."),
]
Annotation = Annotated[
    list[str] | None,
    typer.Option("--annotation", metavar="NAME=VALUE", help="Of the alert made up."),
]
At = Annotated[
    str | None,
    typer.Option("--at", metavar="MOMENT", help='"2026-11-25 02:00", in the playbook\'s zone.'),
]
Answers = Annotated[
    str | None,
    typer.Option("--answers", metavar="3m", help="The first person paged acknowledges then."),
]
Resolves = Annotated[
    str | None, typer.Option("--resolves", metavar="30m", help="The alert resolves then.")
]
Fact = Annotated[
    list[str] | None,
    typer.Option("--fact", metavar="NAME=VALUE", help="What a source measures; repeatable."),
]
Paging = Annotated[bool, typer.Option("--plan", help="Of a named playbook: its paging plan.")]
At_severity = Annotated[
    list[Severity] | None, typer.Option("--severity", metavar="SEV1", help="Only the plan of this.")
]
Folder = Annotated[Path | None, typer.Option("--playbooks", help="The playbooks folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def explain(name: str, folder: Path) -> int:
    """Prints the playbook's long form; 1 if it is broken, 2 if there is none."""
    if not folder.is_dir():
        print(f"watchbill explain: no such folder: {folder}", file=sys.stderr)
        return 2
    files = read_folder(folder)
    compiled = compile_folder(files)
    plan = compiled.plans.get(name)
    if plan is not None:
        print(long_form(plan, files), end="")
        return 0
    errors = [each for each in compiled.diagnostics if each.is_error]
    if errors:
        print(report(errors, files), file=sys.stderr)
    help_text = choice(name, compiled.plans, of="playbooks without errors")
    print(f"watchbill explain: no sound playbook '{name}'; {help_text}", file=sys.stderr)
    return 1 if errors else 2


def _explain_command(
    *,
    name: Name = None,
    alert: File = None,
    sender: Sender = None,
    label: Label = None,
    annotation: Annotation = None,
    at: At = None,
    answers: Answers = None,
    resolves: Resolves = None,
    fact: Fact = None,
    plan: Paging = False,
    severity: At_severity = None,
    playbooks: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Say what becomes of an alert and who is paged when, or print a playbook's long form.

    Status 0 explained, 1 if nothing takes a firing alert, 2 wrong usage or unreadable.
    """
    folder = playbooks or Settings().playbooks
    around = Circumstances(at, answers, resolves, tuple(fact or ()))
    payload = Payload(alert, sender, tuple(label or ()), tuple(annotation or ()))
    is_alert = alert is not None or bool(label)
    if is_alert == (name is not None):
        raise typer.BadParameter(_WHICH)
    if name is None:
        raise typer.Exit(explain_alert(payload, folder, around, as_json=as_json))
    if (plan or severity) and not (as_json or resolves or sender or annotation):
        raise typer.Exit(explain_paging(name, severity or list(Severity), folder, around))
    if any((*around, as_json, sender, annotation)):
        raise typer.BadParameter(_BESIDE)
    raise typer.Exit(explain(name, folder))


_BESIDE = "beside a playbook's NAME go --plan, and with it --severity, --at, --answers and --fact"
_WHICH = "give one: a playbook's NAME, or --alert FILE, or --label NAME=VALUE (repeatable)"


def register(app: typer.Typer) -> None:
    """Adds `explain`."""
    app.command("explain")(_explain_command)
