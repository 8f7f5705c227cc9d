"""Reads `ops/commands.yaml` and `ops/queries.yaml`: what automation may touch.

Decides what they mean where they say nothing, and that a broken one takes down only itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from compiler.diagnostics import Diagnostic, choice
from compiler.document_errors import diagnostic, validate
from compiler.language import newer_language
from compiler.lower_calls import lower_auth
from compiler.nodes import Mark
from compiler.ops_document import (
    CommandForm,
    CommandParamForm,
    CommandsForm,
    QueriesForm,
    QueryForm,
)
from compiler.source import Loaded
from compiler.typed_values import all_typed, typed
from domain.ops import NO_OPS, CommandParam, CommandSpec, Ops, QueryServer, QuerySpec

COMMANDS = "ops/commands.yaml"
QUERIES = "ops/queries.yaml"

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class KnownOps:
    """What the files say; where one is broken, nobody knows what it would name."""

    ops: Ops = NO_OPS
    commands_are_sound: bool = True
    queries_are_sound: bool = True


def compile_ops(loaded: Mapping[str, Loaded]) -> tuple[KnownOps, list[Diagnostic]]:
    """The commands and queries, and what is wrong in their files."""
    commands, commands_found = _form(CommandsForm, loaded.get(COMMANDS))
    queries, queries_found = _form(QueriesForm, loaded.get(QUERIES))
    ops = Ops(
        commands={name: _command(each) for name, each in commands.commands.items()}
        if commands
        else {},
        servers=_servers(queries) if queries else {},
        queries=_queries(queries) if queries else {},
    )
    known = KnownOps(
        ops=ops,
        commands_are_sound=commands is not None or COMMANDS not in loaded,
        queries_are_sound=queries is not None or QUERIES not in loaded,
    )
    return known, [*_unread(loaded), *commands_found, *queries_found]


def _unread(loaded: Mapping[str, Loaded]) -> Iterator[Diagnostic]:
    """E101 for each file that nothing would read."""
    for path in loaded:
        if path.startswith("ops/") and path not in (COMMANDS, QUERIES):
            help_text = choice(path, (COMMANDS, QUERIES), of="there are")
            yield diagnostic(path, Mark(1, 1), "E101", f"nothing reads '{path}'", help_text)


def _form(model: type[M], file: Loaded | None) -> tuple[M | None, list[Diagnostic]]:
    if file is None or (file.root is None and file.diagnostics):
        return None, []
    newer = newer_language(file)
    if newer:
        return None, [newer]
    form, found = validate(model, file.root, file.path)
    is_sound = not any(each.is_error for each in (*file.diagnostics, *found))
    return form if is_sound else None, found


def _command(form: CommandForm) -> CommandSpec:
    said = {
        "argv": form.argv,
        "params": {name: _param(each) for name, each in form.params.items()},
        "env": form.env,
        "cwd": form.cwd,
        "timeout": form.timeout,
        "description": form.description,
        "success": form.success,
    }
    return CommandSpec(**{name: value for name, value in said.items() if value is not None})


def _param(form: CommandParamForm) -> CommandParam:
    return CommandParam(
        type=form.type,
        one_of=all_typed(form.one_of, form.type),
        pattern=form.pattern,
        default=typed(form.default, form.type),
        dash=form.dash,
    )


def _servers(form: QueriesForm) -> dict[str, QueryServer]:
    return {
        name: QueryServer(url=each.url, auth=lower_auth(each.auth))
        for name, each in form.servers.items()
    }


def _queries(form: QueriesForm) -> dict[str, QuerySpec]:
    only = next(iter(form.servers), "")
    return {name: _query(each, only) for name, each in form.queries.items()}


def _query(form: QueryForm, only: str) -> QuerySpec:
    return QuerySpec(
        server=form.server or only,
        query=form.query,
        list=form.list_,
        description=form.description or "",
    )
