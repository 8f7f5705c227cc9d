"""`watchbill graph`: a playbook as a picture, and where a running incident is in it.

Decides what is drawn, in which format and to where; the exit status: 0 drawn, 1 broken or
refused, 2 wrong usage. The picture itself is `domain.picture`.
"""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.client import ApiError, NotSetUp, api_of, incident_path
from cli.environment import ApiPort, DataDir, settings_from
from cli.folders import folder_of, read_folder
from cli.respond.session import As, Url
from cli.show.shown import parsed
from compiler.compile import Compiled, compile_folder, is_playbook
from compiler.diagnostics import choice, report
from domain.incident.view import IncidentView
from domain.picture.contents import outline_of
from domain.picture.layout import Paper, long_page, pages, size_of
from domain.picture.mermaid import mermaid_of
from domain.picture.outline import Outline
from domain.picture.printed import html_of
from domain.picture.svg import svg_of
from domain.plan import Plan
from settings import Settings

DRAWN, BROKEN, WRONG_USAGE = 0, 1, 2


class Format(StrEnum):
    """How the picture is written."""

    SVG = "svg"
    MERMAID = "mermaid"
    HTML = "html"


class PaperName(StrEnum):
    """What it is printed on."""

    A4 = "a4"
    LETTER = "letter"


_ENDINGS = {".svg": Format.SVG, ".mmd": Format.MERMAID, ".html": Format.HTML, ".htm": Format.HTML}


class Failed(Exception):  # noqa: N818 - an outcome, named by what happened
    """Nothing can be drawn; the text says why, `status` is the exit status."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


def plan_of(wanted: str, folder: Path | None) -> Plan:
    """The plan of this name or file; Failed with its errors, or with near names."""
    is_file = wanted.endswith((".yaml", ".yml"))
    if is_file and not Path(wanted).is_file():
        raise Failed(f"watchbill graph: no such file: {wanted}", WRONG_USAGE)
    place = folder or (folder_of(Path(wanted)) if is_file else Settings().playbooks)
    if not place.is_dir():
        raise Failed(f"watchbill graph: no such folder: {place}", WRONG_USAGE)
    files = read_folder(place)
    compiled = compile_folder(files)
    path = Path(wanted).name if is_file else _path_named(wanted, compiled, files)
    if path is not None:
        for name, known in compiled.plan_paths.items():
            if known == path:
                return compiled.plans[name]
    errors = [each for each in compiled.diagnostics if each.is_error and each.path == path]
    if errors:
        raise Failed(report(errors, files), BROKEN)
    near = choice(wanted, compiled.plans, of="playbooks")
    raise Failed(f"watchbill graph: no playbook '{wanted}' in {place}; {near}", WRONG_USAGE)


def _path_named(wanted: str, compiled: Compiled, files: dict[str, str]) -> str | None:
    """The file of this playbook: the one that compiles to it, else the one that says so."""
    if wanted in compiled.plan_paths:
        return compiled.plan_paths[wanted]
    said = f"name: {wanted}"
    for path, text in files.items():
        lines = (line.split("#")[0].rstrip() for line in text.splitlines())
        if is_playbook(path) and (Path(path).stem == wanted or said in lines):
            return path
    return None


def drawn(outline: Outline, written_as: Format, paper: Paper, *, landscape: bool) -> str:
    """The picture's text."""
    title = outline.title
    if outline.moment is not None:
        title = f"{outline.moment.reference}: {outline.moment.title}"
    match written_as:
        case Format.SVG:
            width, _ = size_of(paper, landscape=landscape)
            page = long_page(outline, width)
            return svg_of(page, title=title, description=outline.described)
        case Format.MERMAID:
            return mermaid_of(outline)
        case Format.HTML:
            sheets = pages(outline, paper, landscape=landscape)
            return html_of(sheets, title=title, description=outline.described)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        said = f"watchbill graph: cannot write {output}: {error.strerror}"
        raise Failed(said, WRONG_USAGE) from None


def _format_for(given: Format | None, output: Path | None) -> Format:
    ending = output.suffix.lower() if output else ""
    return given or _ENDINGS.get(ending, Format.SVG)


def running(incident: str, settings: Settings) -> tuple[Plan, IncidentView]:
    """The plan that the incident runs on, and where it is. Raises ApiError."""
    with api_of(settings, settings.actor) as api:
        path = incident_path(incident)
        view = parsed(api.get(path))
        return Plan.model_validate(api.get(f"{path}/plan")), view


def _graph_command(  # noqa: PLR0917 - the command's own options
    playbook: Annotated[str | None, typer.Argument(help="A playbook's name or file.")] = None,
    playbooks: Annotated[
        Path | None, typer.Option("--playbooks", help="The playbooks folder.")
    ] = None,
    written_as: Annotated[
        Format | None, typer.Option("--format", help="svg, unless -o ends in another.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file.")
    ] = None,
    incident: Annotated[
        str | None, typer.Option("--incident", help="Show where this incident is (INC-M4T9WC).")
    ] = None,
    paper: Annotated[PaperName, typer.Option("--paper", help="a4 or letter.")] = PaperName.A4,
    landscape: Annotated[bool, typer.Option("--landscape", help="The long side across.")] = False,
    who: As = None,
    url: Url = None,
    data_dir: DataDir = None,
    api_port: ApiPort = None,
) -> None:
    """Draw a playbook as a picture, or where a running incident is in its playbook."""
    try:
        view: IncidentView | None = None
        if incident is not None and playbook is None:
            settings = settings_from(url=url, data_dir=data_dir, api_port=api_port, actor=who)
            plan, view = running(incident, settings)
        else:
            plan = plan_of(_only(playbook, incident), playbooks)
        as_format = _format_for(written_as, output)
        outline = outline_of(plan, view)
        _write(drawn(outline, as_format, paper.value, landscape=landscape), output)
    except Failed as error:
        print(error, file=sys.stderr)
        raise typer.Exit(error.status) from None
    except ApiError as error:
        print(f"watchbill graph: {error}", file=sys.stderr)
        status = WRONG_USAGE if isinstance(error, NotSetUp) else BROKEN
        raise typer.Exit(status) from None


def _only(playbook: str | None, incident: str | None) -> str:
    """The playbook; Failed if there is none, or an incident beside it."""
    if playbook is None or incident is not None:
        said = "name a playbook or its file, or an incident with --incident; not both"
        raise Failed(f"watchbill graph: {said}", WRONG_USAGE)
    return playbook


def register(app: typer.Typer) -> None:
    """Adds `graph`."""
    app.command("graph")(_graph_command)
