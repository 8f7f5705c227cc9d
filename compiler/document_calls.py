"""What machines do, as authors write it: http, run, their outputs, retries and secrets.

Decides the fields. Whether a command or a query exists is `compiler.checks.calls`.
"""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, JsonValue, model_validator

from compiler.diagnostics import choice
from compiler.document_errors import Written, described
from compiler.durations import refusal, refused_inside
from compiler.typed_values import TypeName
from compiler.written_values import Flag, Id, SecretRef, Text, Time, one_or_more, read_id
from domain.answer_paths import InvalidPathError, steps_of

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

_EVERY_RESULT = ("ok", "timed_out")
_RUN = re.compile(r"(command|plugin):(.+)\Z", re.DOTALL)
_PLUGIN = re.compile(r"[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*\Z", re.ASCII)
_MOST_ATTEMPTS = 20


_SCHEME = re.compile(r"https?://[^/\s]", re.IGNORECASE)
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")


def _url(value: object) -> object:
    if isinstance(value, str) and value.strip() and not _SCHEME.match(value):
        hint = "write scheme and host out, such as https://deploy.example/{{ labels.service }}"
        raise refusal("E112", f"{described(value)} is not an address to call", hint)
    return value


def _header(value: object) -> str:
    if isinstance(value, str) and _HEADER.match(value):
        return value
    hint = "write such as X-Request-Id, without spaces or a colon"
    raise refusal("E112", f"{described(value)} is not a header's name", hint)


Url = Annotated[Text, BeforeValidator(_url)]
HeaderName = Annotated[str, BeforeValidator(_header)]


class BasicForm(Written):
    """`basic:` of an auth."""

    user: Text
    password: SecretRef


class AuthForm(Written):
    """`auth:`: who is calling; `auth: secret:x` alone is a bearer token."""

    bearer: SecretRef | None = None
    basic: BasicForm | None = None
    header: HeaderName | None = None
    value: SecretRef | None = None

    @model_validator(mode="after")
    def _one_scheme(self) -> "AuthForm":
        named = [name for name in ("bearer", "basic", "header") if getattr(self, name) is not None]
        if len(named) > 1:
            message = f"auth says two schemes: {' and '.join(named)}"
            raise refusal("E103", message, "keep one", named[1])
        if not named:
            hint = "write bearer:, basic: { user, password } or header: with value:"
            raise refusal("E102", "auth says no scheme", hint)
        if (self.header is None) != (self.value is None):
            hint = "write { header: X-Api-Key, value: secret:name }"
            raise refusal("E102", "a header's name and its value belong together", hint)
        return self


def _auth(value: object) -> object:
    return value if isinstance(value, dict | AuthForm) else {"bearer": value}


Auth = Annotated[AuthForm, BeforeValidator(_auth)]


_STATUSES = range(100, 600)


def _status(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and value in _STATUSES:
        return value
    raise refusal("E112", f"{described(value)} is not an HTTP status", "write such as 200 or 404")


Statuses = Annotated[
    tuple[Annotated[int, BeforeValidator(_status)], ...], BeforeValidator(one_or_more)
]


class HttpForm(Written):
    """`http:` of a step."""

    method: Method = "GET"
    url: Url
    auth: Auth | None = None
    headers: dict[HeaderName, Text] = Field(default_factory=dict)
    json_: JsonValue = Field(default=None, alias="json")
    body: Text | None = None
    expect: Statuses = ()
    idempotency_key: Text | None = None

    @model_validator(mode="after")
    def _one_body(self) -> "HttpForm":
        if self.json_ is not None and self.body is not None:
            raise refusal("E103", "the request has two bodies: json and body", "keep one", "body")
        return self


def read_path(value: object) -> str:
    """A path into an answer; E112 if it is not one."""
    try:
        steps_of(str(value))
    except InvalidPathError as error:
        raise refusal("E112", str(error), "write it as body.items[0].sha") from None
    return str(value)


Path = Annotated[str, BeforeValidator(read_path)]


class OutForm(Written):
    """One output of `out:`."""

    path: Path
    type: TypeName = "string"


def read_result_name(value: object) -> str:
    """The name of an output; E108 for what every step has."""
    if value in _EVERY_RESULT:
        message = f"every step has '{value}' already"
        raise refusal("E108", message, "give the output another name")
    return read_id(value)


ResultName = Annotated[str, BeforeValidator(read_result_name)]
Outs = dict[ResultName, OutForm]

ANSWERS: dict[str, tuple[str, ...]] = {
    "http": ("status", "headers", "body"),
    "command": ("exit_code", "stdout", "body"),
}
"""What the answer of each kind of call has; a plugin's are its own."""


def paths_must_start_in(kind: str, out: Outs) -> None:
    """Refuse a path that starts where such an answer has nothing.

    Raises:
        PydanticCustomError: E112.
    """
    known = ANSWERS.get(kind)
    for name, each in out.items():
        first = str(steps_of(each.path)[0])
        if known and first not in known:
            article = "an http" if kind == "http" else f"a {kind}"
            message = f"the answer of {article} step has no '{first}'"
            hint = choice(first, known, of="a path starts with one of")
            raise refused_inside("E112", message, hint, "out", name, "path")


class RetryForm(Written):
    """`retry:` of a step, or a policy of `retries:` in the house."""

    attempts: Annotated[int, Field(strict=True, ge=1, le=_MOST_ATTEMPTS)] = 3
    backoff: Time | None = None
    max: Time | None = None


class NamedRetry(RetryForm):
    """`retry: policy:x`."""

    policy: str


def _retry(value: object) -> object:
    if isinstance(value, dict | RetryForm):
        return value
    if not isinstance(value, str) or not value.startswith("policy:"):
        hint = "write policy:name of retries in house.yaml, or { attempts: 3, backoff: 2s }"
        raise refusal("E112", f"{described(value)} is no way to retry", hint)
    name = read_id(value.removeprefix("policy:"))
    return NamedRetry(policy=name)


Retry = Annotated[RetryForm, BeforeValidator(_retry)]


def _run(value: object) -> str:
    """`command:name` or `plugin:name`; E113 if it is neither."""
    hint = "write command:name, as in ops/commands.yaml, or plugin:name, an entry point"
    found = _RUN.match(value) if isinstance(value, str) else None
    if found is None:
        raise refusal("E113", f"{described(value)} does not say what to run", hint)
    if found[1] == "command":
        return f"command:{read_id(found[2])}"
    if not _PLUGIN.match(found[2]):
        hint = "write the entry point's name, such as plugin:statuspage.check"
        raise refusal("E107", f"'{found[2]}' is not the name of a plugin", hint)
    return f"plugin:{found[2]}"


RunRef = Annotated[str, BeforeValidator(_run)]

Params = dict[Id, JsonValue]


class PlaybookCallForm(Written):
    """`playbook:` of a step."""

    name: Id
    version: Annotated[int, Field(strict=True, ge=1)] | None = None
    with_: Params = Field(default_factory=dict, alias="with")
    wait: Flag = True


def run_kind(target: str) -> tuple[str, str]:
    """`command` or `plugin`, and the name."""
    kind, _, name = target.partition(":")
    return kind, name
