"""What the options of `watchbill drill` ask for, as the API's request and as a drill.

Decides how alerts, facts and people are written on a command line.

    DrillUsageError (one line that names the option)
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic_core import PydanticCustomError

from cli.senders import UnreadableError, parse
from compiler.diagnostics import choice
from compiler.document_drill import DEFAULT, read_behaviour, read_responder
from domain.drill import Behaviour, DrillPlan, Responders
from domain.drill_run import DrillChanges, merged
from domain.plan import Plan
from domain.source_mapping import DEFAULT_MAPPING
from domain.values import Value, WrongTypeError, as_value


class DrillUsageError(Exception):
    """An option that says nothing; the text names it and the mend."""


@dataclass(frozen=True, slots=True)
class DrillOptions:
    """What was typed beside the playbook's name."""

    speed: float | None = None
    people: str | None = None
    responders: str | None = None
    alert: Path | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)


def request_of(playbook: str, options: DrillOptions) -> dict[str, Any]:
    """The body of `POST /v1/drills`. Raises DrillUsageError."""
    body: dict[str, Any] = {"playbook": playbook}
    body |= {"speed": options.speed} if options.speed is not None else {}
    body |= {"people": options.people} if options.people is not None else {}
    body |= _alert(options)
    if options.facts:
        body["facts"] = {name: _plain(text) for name, text in options.facts.items()}
    if options.responders is not None:
        body["responders"] = _pairs(options.responders)
    return body


def drill_asked_for(plan: Plan, declared: DrillPlan | None, options: DrillOptions) -> DrillPlan:
    """The playbook's drill with what the options say instead. Raises DrillUsageError."""
    said: dict[str, Any] = _alert(options)
    if options.speed is not None:
        said["speed"] = options.speed
    if options.facts:
        said["facts"] = {name: _typed(plan, name, text) for name, text in options.facts.items()}
    if options.responders is not None:
        said["responders"] = _responders(_pairs(options.responders))
    return merged(declared or DrillPlan(), DrillChanges.model_validate(said))


def _alert(options: DrillOptions) -> dict[str, Any]:
    """Labels and annotations: of the first firing alert in the file, and those typed on top."""
    said: dict[str, Any] = {}
    if options.alert is not None:
        try:
            body = options.alert.read_bytes()
            found = parse(body, None, {"generic": DEFAULT_MAPPING}).alerts
        except (OSError, UnreadableError) as error:
            raise DrillUsageError(f"--alert {options.alert}: {error}") from error
        firing = [one for one in found if one.is_firing]
        if not firing:
            raise DrillUsageError(f"--alert {options.alert}: no alert in it fires")
        said = {
            "labels": dict(firing[0].labels),
            "annotations": dict(firing[0].annotations),
            "summary": firing[0].summary[:500],
        }
    if options.labels:
        said["labels"] = {**said.get("labels", {}), **options.labels}
    return said


def _pairs(text: str) -> dict[str, str]:
    """`default=3m,user:bo=never` as a mapping."""
    found = {}
    for each in text.split(","):
        name, separator, value = each.partition("=")
        if not separator or not name.strip() or not value.strip():
            mend = "write such as default=3m,user:bo=never,schedule:dba=declines"
            raise DrillUsageError(f"--responders: '{each.strip()}' is not WHO=WHAT: {mend}")
        found[name.strip()] = value.strip()
    return found


def _responders(given: Mapping[str, str]) -> Responders:
    found: dict[str, Behaviour] = {}
    for ref, text in given.items():
        try:
            found[read_responder(ref)] = read_behaviour(text)
        except PydanticCustomError as error:
            context = error.context or {}
            said = f"{context['text']}; {context['help']}"
            raise DrillUsageError(f"--responders {ref}: {said}") from error
    default = found.pop(DEFAULT, Behaviour())
    return Responders(default=default, by_ref=found)


def _typed(plan: Plan, name: str, text: str) -> Value:
    fact = plan.facts.get(name)
    if fact is None:
        listed = choice(name, plan.facts, of="its facts")
        raise DrillUsageError(f"--fact: {plan.name} has no fact '{name}'; {listed}")
    try:
        return as_value(text, fact.type)
    except WrongTypeError as error:
        raise DrillUsageError(f"--fact {name}: {error}") from error


def _plain(text: str) -> Value:
    """Numbers and truth as such; the API makes them values of the fact's type."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, bool | int | float) else text
