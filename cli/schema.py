"""`watchbill schema`: JSON Schema of our files, for editors and for other validators.

Decides where it is written: the terminal, one file, or a folder of all of them. The schemas
are `compiler.schema`'s.
"""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from compiler.diagnostics import choice
from compiler.schema.documents import DOCUMENTS, file_name, schema_of

_WRITTEN, _FAILED, _WRONG_USAGE = 0, 1, 2

_MODELINE = "# yaml-language-server: $schema="


def text_of(document: str) -> str:
    """The schema's file."""
    return json.dumps(schema_of(document), indent=2, ensure_ascii=False) + "\n"


def write_schema(document: str, output: Path | None) -> int:
    """Writes one schema to the file, or prints it; the exit status."""
    if document not in DOCUMENTS:
        return _wrong(f"no such kind of file: {document}; {choice(document, DOCUMENTS)}")
    if output is None:
        print(text_of(document), end="")
        return _WRITTEN
    return _write({output: text_of(document)})


def write_all(folder: Path) -> int:
    """Writes every schema into the folder and says how editors find them; the exit status."""
    texts = {folder / file_name(document): text_of(document) for document in DOCUMENTS}
    status = _write(texts)
    if status == _WRITTEN:
        first = (folder / file_name("playbook")).as_posix()
        print("As the first line of a playbook, as seen from the playbook's folder:")
        print(f"{_MODELINE}{first}")
    return status


def _write(texts: dict[Path, str]) -> int:
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path}", file=sys.stderr)
    except OSError as error:
        print(f"watchbill schema: cannot write {error.filename}: {error.strerror}", file=sys.stderr)
        return _FAILED
    return _WRITTEN


def _wrong(problem: str) -> int:
    print(f"watchbill schema: {problem}", file=sys.stderr)
    return _WRONG_USAGE


def _schema_command(
    document: Annotated[
        str | None, typer.Argument(help=f"Which kind of file: {', '.join(DOCUMENTS)}.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write it to this file.")
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--into", help="Write the schemas of all kinds into this folder.")
    ] = None,
) -> None:
    """Write JSON Schema of playbooks (or of roster, ops, house, sources) for editors."""
    if into is not None and (document is not None or output is not None):
        raise typer.Exit(_wrong("--into writes every schema; leave out the kind and --output"))
    raise typer.Exit(write_all(into) if into else write_schema(document or "playbook", output))


def register(app: typer.Typer) -> None:
    """Adds `schema`."""
    app.command("schema")(_schema_command)
