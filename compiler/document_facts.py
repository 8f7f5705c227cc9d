"""Facts, parameters, outputs and the reassessment of severity, as authors write them.

Decides their fields, and that a fact has at most one source.
"""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, JsonValue, model_validator

from compiler.document_calls import Auth, Path, Url
from compiler.document_errors import Written, described
from compiler.durations import refusal, refused_inside, written
from compiler.typed_values import TypeName, must_be_typed
from compiler.written_values import PersonRef, QueryRef, Span, Text, Time, Timers, one_or_more
from domain.answer_paths import steps_of

_SOURCES = ("query", "http", "alert", "ask")
_ONLY_FOR = {
    "every": ("query", "http"),
    "max_age": ("query", "http"),
    "hold": ("query", "http"),
    "question": ("ask",),
    "when": ("ask",),
    "deadline": ("ask",),
    "default": ("ask",),
}
_OF_ANSWER = ("status", "headers", "body")

EVERY = timedelta(minutes=1)
"""How often a fact is measured where its author says nothing."""

Choices = Annotated[tuple[JsonValue, ...], BeforeValidator(one_or_more)]


class HttpSourceForm(Written):
    """`http:` of a fact: a JSON answer to GET."""

    url: Url
    path: Path
    auth: Auth | None = None

    @model_validator(mode="after")
    def _path_is_in_the_answer(self) -> "HttpSourceForm":
        first = steps_of(self.path)[0]
        if first not in _OF_ANSWER:
            message = f"an HTTP answer has no '{first}'"
            hint = f"a path starts with one of {', '.join(_OF_ANSWER)}: body.{self.path}?"
            raise refused_inside("E112", message, hint, "path")
        return self


class FactForm(Written):
    """One fact of `facts:`."""

    type: TypeName
    first: Text | None = None
    query: QueryRef | None = None
    http: HttpSourceForm | None = None
    alert: Text | None = None
    every: Time | None = None
    max_age: Time | None = None
    hold: Span | None = None
    ask: PersonRef | None = None
    question: Text | None = None
    when: Literal["on_ack", "on_trigger"] | None = None
    deadline: Timers | None = None
    default: JsonValue = None
    one_of: Choices = ()

    @model_validator(mode="after")
    def _one_source(self) -> "FactForm":
        named = [source for source in _SOURCES if source in self.model_fields_set]
        if len(named) > 1:
            message = f"the fact has two sources: {' and '.join(named)}"
            raise refusal("E103", message, "keep one, or make it two facts", named[1])
        if self.ask and not self.question:
            raise refusal("E102", "the fact is asked without a question", "add question:", "ask")
        self._has_only_what_its_source_has(named[0] if named else "")
        if self.max_age and self.max_age < (self.every or EVERY):
            message = f"after {written(self.max_age)} it would be stale before it is measured again"
            hint = f"write more than every: {written(self.every or EVERY)}, such as three times it"
            raise refused_inside("E112", message, hint, "max_age")
        must_be_typed(self.type, self.default, self.one_of)
        return self

    def _has_only_what_its_source_has(self, source: str) -> None:
        for field, sources in _ONLY_FOR.items():
            if field in self.model_fields_set and source not in sources:
                message = f"'{field}' has no meaning in a fact without {' or '.join(sources)}"
                raise refusal("E101", message, f"remove '{field}:'", field)
        if source == "alert" and self.first:
            message = "'first' has no meaning where each alert says the fact"
            raise refusal("E101", message, "keep 'alert:' alone", "first")


class ParamForm(Written):
    """One parameter of `params:`."""

    type: TypeName = "string"
    default: JsonValue = None
    label: Text | None = None
    one_of: Choices = ()

    @model_validator(mode="after")
    def _typed(self) -> "ParamForm":
        must_be_typed(self.type, self.default, self.one_of)
        return self


class OutputForm(Written):
    """One output of `outputs:`."""

    type: TypeName
    value: Text


def _by(value: object) -> str:
    if value in ("auto", "never"):
        return str(value)
    if isinstance(value, str) and value.startswith("role:"):
        return value
    message = f"{described(value)} cannot change the severity"
    raise refusal("E113", message, "allowed: auto, never, role:<id>")


By = Annotated[str, BeforeValidator(_by)]


class ReassessForm(Written):
    """`reassess:` of a severity."""

    every: Span | None = None
    raise_: By | None = Field(default=None, alias="raise")
    lower: By | None = None
    lower_after: Span | None = None
