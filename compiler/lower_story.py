"""Reads the story of a test: what happens over time, and what people say.

Decides how a command is named and what it takes: the names of the API, and the short ones of
the command line. What a command means is `domain.incident.commands`.
"""

from datetime import timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from compiler.diagnostics import choice
from compiler.document_errors import described
from compiler.document_tests import LineForm, read_moment
from compiler.durations import read_duration
from compiler.nodes import Loc
from compiler.reading_of_tests import Reading
from domain.incident.commands import Command
from domain.plan_steps import AskStep, ChecklistStep, DecideStep, Step
from domain.rehearsal.case import Ends, Fires, Happening, Line, Says, SourcesSay

COMMANDS: dict[str, type[BaseModel]] = {
    model.model_fields["kind"].default: model for model in get_args(get_args(Command)[0])
}
"""Every command by the name that API and incident use."""

SHORT = {
    "ack": "acknowledge",
    "unack": "unacknowledge",
    "accept": "accept_role",
    "decline": "decline_role",
    "release": "release_role",
    "take": "take_role",
    "handoff": "offer_handoff",
    "done": "step_done",
    "undo": "step_undo",
    "choose": "step_choose",
    "answer": "step_answer",
    "approve": "step_approve",
    "reject": "step_reject",
    "retry": "step_retry",
    "skip": "step_skip",
    "take_over": "step_take_over",
}
"""The names of the command line for some of them."""

_CARRIED = ("kind", "actor", "actor_name", "request_id", "zone", "owner_name")
"""What a command carries that no author writes."""

_OFFERS = ("accept_handoff", "decline_handoff")
"""Commands that answer the latest offer where none is named."""

_KINDS = ("say", "facts", "fires", "ends")
_ONLY_WITH = {"by": "say", "refused": "say", "annotations": "fires"}


def story_of(reading: Reading, forms: tuple[LineForm, ...]) -> tuple[Line, ...]:
    """The lines in the order of time; at the same moment in that of the file."""
    lines = []
    for index, form in enumerate(forms):
        loc: Loc = ("story", index)
        what = _what(reading, loc, form)
        after = _after(reading, loc, form)
        if what is not None:
            kind = next(name for name in _KINDS if name in form.model_fields_set)
            place = reading.place((*loc, "say")) if kind == "say" else None
            lines.append(
                Line(
                    place=place or reading.key_place((*loc, kind)),
                    after=after,
                    what=what,
                    from_alert=form.after_alert is not None,
                )
            )
    return tuple(sorted(lines, key=lambda line: line.after))


def _after(reading: Reading, loc: Loc, form: LineForm) -> timedelta:
    if (form.after is None) == (form.after_alert is None):
        message = "a line of a story says once when it happens"
        help_text = "write after: 5m (since it was triggered), or after_alert: 30s"
        reading.value(loc, "E102", message, help_text)
    return form.after or form.after_alert or timedelta(0)


def _what(reading: Reading, loc: Loc, form: LineForm) -> Happening | None:
    """What happens; None where that cannot be said."""
    kinds = [name for name in _KINDS if name in form.model_fields_set]
    if len(kinds) > 1:
        message = f"one line says two things: {' and '.join(kinds)}"
        reading.key((*loc, kinds[-1]), "E103", message, "make it two lines")
        return None
    if not kinds:
        _says_nothing(reading, loc, form)
        return None
    for name, only_with in _ONLY_WITH.items():
        if name in form.model_fields_set and only_with != kinds[0]:
            reading.key((*loc, name), "E101", f"'{name}' stands beside '{only_with}:' only")
    extra = dict(form.model_extra or {})
    if kinds[0] == "say":
        return _says(reading, loc, form, extra)
    for name in extra:
        allowed = ("after", "after_alert", *_KINDS, *_ONLY_WITH)
        reading.key((*loc, name), "E101", f"unknown field '{name}'", choice(name, allowed))
    return _beside_people(reading, loc, form)


def _says_nothing(reading: Reading, loc: Loc, form: LineForm) -> None:
    known = ("after", "after_alert", *_KINDS, *_ONLY_WITH)
    for name in form.model_extra or {}:
        help_text = choice(name, known, of="allowed")
        reading.key((*loc, name), "E101", f"unknown field '{name}'", help_text)
        return
    message = "nothing happens in this line"
    reading.value(loc, "E102", message, f"add one of: {', '.join(f'{one}:' for one in _KINDS)}")


def _beside_people(reading: Reading, loc: Loc, form: LineForm) -> Happening:
    if form.facts is not None:
        return SourcesSay(facts=reading.measured((*loc, "facts"), form.facts))
    if form.fires is not None:
        return Fires(labels=form.fires, annotations=form.annotations)
    return Ends(labels=form.ends if isinstance(form.ends, dict) else {})


def _says(reading: Reading, loc: Loc, form: LineForm, given: dict[str, Any]) -> Says | None:
    name = SHORT.get(form.say or "", form.say or "")
    model = COMMANDS.get(name)
    if model is None:
        message = f"there is no command {described(form.say)}"
        known = (*COMMANDS, *SHORT)
        reading.value((*loc, "say"), "E703", message, choice(form.say or "", known, of="commands"))
        return None
    if form.by is None:
        message = "nobody says it: 'by' is missing"
        help_text = "add by: user:…, schedule:… (who serves then) or role:… (who holds it then)"
        reading.key((*loc, "say"), "E102", message, help_text)
        return None
    reading.references((*loc, "by"))
    arguments = _arguments(reading, loc, name, given)
    if arguments is None:
        return None
    return Says(by=form.by, command=name, arguments=arguments, refused=form.refused)


def _arguments(
    reading: Reading, loc: Loc, name: str, given: dict[str, Any]
) -> dict[str, Any] | None:
    """What the command takes, as it takes it; None where that is wrong."""
    model = COMMANDS[name]
    fields = [field for field in model.model_fields if field not in _CARRIED]
    before = len(reading.found)
    for field in given:
        if field not in fields:
            message = f"'{name}' takes no '{field}'"
            help_text = choice(field, fields, of=f"'{name}' takes")
            reading.key((*loc, field), "E101", message, help_text)
    found = {
        field: _converted(reading, (*loc, field), model, value)
        for field, value in given.items()
        if field in fields
    }
    if len(reading.found) == before:
        _must_validate(reading, loc, name, found)
    if len(reading.found) == before:
        _must_exist(reading, loc, found)
    return found if len(reading.found) == before else None


def _converted(reading: Reading, loc: Loc, model: type[BaseModel], value: object) -> object:
    """Durations and moments as authors write them."""
    wanted = str(model.model_fields[str(loc[-1])].annotation)
    try:
        if "timedelta" in wanted:
            return read_duration(value)
        if "datetime" in wanted or "AwareDatetime" in wanted:
            return read_moment(value).replace(tzinfo=ZoneInfo(reading.plan.timezone))
    except PydanticCustomError as error:
        context: dict[str, Any] = dict(error.context or {})
        reading.value(loc, context["code"], context["text"], context["help"])
    return value


def _must_validate(reading: Reading, loc: Loc, name: str, found: dict[str, Any]) -> None:
    carried = {"actor": "user:somebody", "request_id": "test"}
    offer = {"offer": "latest"} if name in _OFFERS else {}
    try:
        COMMANDS[name].model_validate({**carried, **offer, **found})
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            field = str(detail["loc"][0]) if detail["loc"] else ""
            if detail["type"] == "missing":
                message = f"'{name}' needs '{field}'"
                reading.value((*loc, "say"), "E102", message, f"add {field}: beside it")
            else:
                said = detail["msg"].removeprefix("Value error, ")
                message = (
                    f"{described(found.get(field))} does not fit: {said[:1].lower()}{said[1:]}"
                )
                reading.value((*loc, field), "E112", message)


def _must_exist(reading: Reading, loc: Loc, found: dict[str, Any]) -> None:
    """E201, E202 and E703 for what a command names."""
    step = None
    if isinstance(found.get("step"), str):
        step = reading.step((*loc, "step"), found["step"])
    if step is not None:
        _must_be_of(reading, loc, step, found)
    if isinstance(found.get("role"), str):
        reading.role((*loc, "role"), found["role"].removeprefix("role:"))
    for field in ("to", "owner"):
        if field in found:
            reading.references((*loc, field))
    if isinstance(found.get("fact"), str):
        fact = reading.fact((*loc, "fact"), found["fact"])
        if fact is not None and "value" in found:
            reading.fits((*loc, "value"), found["value"], fact.type)


def _must_be_of(reading: Reading, loc: Loc, step: Step, found: dict[str, Any]) -> None:
    """The option, item or answer must be one of the step's."""
    owner = f"the step '{step.id}'"
    if "option" in found:
        options = [one.id for one in step.options] if isinstance(step, DecideStep) else []
        if found["option"] not in options:
            reading.unknown((*loc, "option"), "option", found["option"], options, owner=owner)
    if found.get("item") is not None:
        items = [one.id for one in step.items] if isinstance(step, ChecklistStep) else []
        if found["item"] not in items:
            reading.unknown((*loc, "item"), "item", found["item"], items, owner=owner)
    if "answer" in found and isinstance(step, AskStep):
        reading.fits((*loc, "answer"), found["answer"], step.type)
