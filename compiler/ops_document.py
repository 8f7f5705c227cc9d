"""The files under `ops/` as their author writes them.

Decides the fields of `commands.yaml` and `queries.yaml`. What they mean is `domain.ops`.
"""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, JsonValue, model_validator

from compiler.diagnostics import choice
from compiler.document_calls import Auth
from compiler.document_errors import Written, described
from compiler.document_facts import Choices
from compiler.durations import refusal, refused_inside
from compiler.typed_values import TypeName, must_be_typed
from compiler.written_values import Flag, Id, Text, Time, Whole, one_or_more, read_secret
from domain.command_line import PLACEHOLDER
from domain.patterns import InvalidPatternError, matches_whole

_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)
_BRACES = re.compile(r"\{\{.*?\}\}|\{\{|\{%", re.DOTALL)
_LABEL = re.compile(r"\{\{\s*labels\s*\.\s*[A-Za-z_][A-Za-z0-9_]*\s*\}\}", re.ASCII)
_EXIT_CODES = range(256)


def _pattern(value: object) -> str:
    try:
        matches_whole(str(value), "")
    except InvalidPatternError as error:
        raise refusal("E112", str(error), "write it as RE2, such as [a-z0-9-]+") from None
    return str(value)


class CommandParamForm(Written):
    """One parameter of a command."""

    type: TypeName = "string"
    one_of: Choices = ()
    pattern: Annotated[str, BeforeValidator(_pattern)] | None = None
    default: JsonValue = None
    dash: Flag = False

    @model_validator(mode="after")
    def _typed(self) -> "CommandParamForm":
        must_be_typed(self.type, self.default, self.one_of)
        return self


def _env_name(value: object) -> str:
    if isinstance(value, str) and _ENV_NAME.match(value):
        return value
    hint = "write letters, digits and underscores, such as PAYCTL_TOKEN"
    raise refusal("E107", f"{described(value)} is not a variable's name", hint)


def _env_value(value: object) -> str:
    if not isinstance(value, str):
        message = f"expected text, not {described(value)}"
        raise refusal("E112", message, f'quote it: "{str(value).lower()}"')
    return read_secret(value) if value.startswith("secret:") else value


def _exit_code(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value in _EXIT_CODES:
        return value
    raise refusal("E112", f"{described(value)} is not an exit code", "write such as 0 or 3")


Env = dict[Annotated[str, BeforeValidator(_env_name)], Annotated[str, BeforeValidator(_env_value)]]
ExitCodes = Annotated[
    tuple[Annotated[int, BeforeValidator(_exit_code)], ...], BeforeValidator(one_or_more)
]


class CommandForm(Written):
    """One command of `commands:`."""

    argv: tuple[Text, ...]
    params: dict[Id, CommandParamForm] = Field(default_factory=dict)
    env: Env = Field(default_factory=dict)
    cwd: Text | None = None
    timeout: Time | None = None
    description: Text | None = None
    success: ExitCodes | None = None

    @model_validator(mode="after")
    def _arguments_can_be_filled(self) -> "CommandForm":
        if not self.argv:
            message = "the command has no program"
            raise refusal("E112", message, "write [program, argument, …]", "argv")
        for index, part in enumerate(self.argv):
            self._can_be_filled(index, part)
        return self

    def _can_be_filled(self, index: int, part: str) -> None:
        place = ("argv", index)
        for found in _BRACES.findall(part):
            name = PLACEHOLDER.fullmatch(found)
            if name is None:
                message = f"'{found}' is not the place of a parameter"
                raise refused_inside("E112", message, "only {{ name }} may stand there", *place)
            if index == 0:
                message = "the program itself cannot be a parameter"
                raise refused_inside("E112", message, "write the program out", *place)
            if name[1] not in self.params:
                hint = choice(name[1], self.params, of="params")
                message = f"unknown parameter '{name[1]}'"
                raise refused_inside("E308", message, hint, *place)
            if self.params[name[1]].type == "list" and found != part:
                message = f"'{name[1]}' is a list: it cannot be a part of an argument"
                hint = f"let it stand alone: {found} becomes as many arguments"
                raise refused_inside("E112", message, hint, *place)


class CommandsForm(Written):
    """The file `ops/commands.yaml`."""

    language: Whole
    commands: dict[Id, CommandForm] = Field(default_factory=dict)


def _url(value: object) -> str:
    text = str(value)
    if isinstance(value, str) and re.match(r"https?://[^/\s]", text):
        return text.rstrip("/")
    message = f"{described(value)} is not the address of a server"
    raise refusal("E112", message, "write such as https://prometheus.example")


class ServerForm(Written):
    """One server of `servers:`."""

    url: Annotated[str, BeforeValidator(_url)]
    auth: Auth | None = None


def _query(value: object) -> object:
    for found in _BRACES.findall(value) if isinstance(value, str) else ():
        if not _LABEL.fullmatch(found):
            hint = "a query may hold labels of the incident, such as {{ labels.service }}"
            raise refusal("E308", f"'{found}' cannot stand in a query", hint)
    return value


class QueryForm(Written):
    """One query of `queries:`."""

    server: Id | None = None
    query: Annotated[Text, BeforeValidator(_query)]
    list_: Text | None = Field(default=None, alias="list")
    description: Text | None = None


class QueriesForm(Written):
    """The file `ops/queries.yaml`."""

    language: Whole
    servers: dict[Id, ServerForm] = Field(default_factory=dict)
    queries: dict[Id, QueryForm] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _servers_exist(self) -> "QueriesForm":
        for name, each in self.queries.items():
            if each.server is not None and each.server not in self.servers:
                hint = choice(each.server, self.servers, of="servers")
                message = f"unknown server '{each.server}'"
                raise refused_inside("E201", message, hint, "queries", name, "server")
            if each.server is None and len(self.servers) != 1:
                message = f"the query '{name}' does not say which server answers it"
                hint = f"add server:, one of: {', '.join(self.servers) or 'none yet in servers:'}"
                raise refused_inside("E102", message, hint, "queries", name)
        return self
