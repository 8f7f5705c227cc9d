"""Checks plugin steps against the plugins that are installed (E206, E112).

Decides what of a plugin's own models counts: its parameters as far as their values are
written out, and the fields of its result. Where it is not known what is installed, nothing
is said: a server without a plugin must not lose the playbook.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from compiler.checks.calls import Takes, is_template, names_fit
from compiler.diagnostics import Diagnostic, choice
from compiler.document_calls import run_kind
from compiler.document_steps import Step, every_step
from compiler.known_plugins import KnownPlugins
from compiler.nodes import Loc
from compiler.subject import Subject
from domain.answer_paths import steps_of
from domain.plugin import Plugin, PluginError


def check_plugins(subject: Subject) -> Iterator[Diagnostic]:
    """Each plugin that is not there, and what it does not take or give."""
    known = subject.around.plugins
    if subject.form is None or known is None:
        return
    for loc, step in every_step(subject.form.steps):
        if step.call == "plugin":
            yield from _step(subject, loc, step, known)


def _step(subject: Subject, loc: Loc, step: Step, known: KnownPlugins) -> Iterator[Diagnostic]:
    name = run_kind(step.run or "")[1]
    if name not in known.names:
        help_text = (
            f"install its package where you check; {choice(name, known.names, of='there are')}"
        )
        yield subject.value((*loc, "run"), "E206", f"plugin '{name}' is not installed", help_text)
        return
    try:
        plugin = known.load(name)
    except PluginError as error:
        help_text = "mend the package that registers it"
        yield subject.value((*loc, "run"), "E206", str(error), help_text)
        return
    yield from _parameters(subject, (*loc, "with"), step.with_ or {}, plugin)
    yield from _results(subject, (*loc, "out"), step, plugin)


def _parameters(
    subject: Subject, within: Loc, given: Mapping[str, Any], plugin: Plugin
) -> Iterator[Diagnostic]:
    """E206 for each parameter that the plugin's model refuses, but for values not known yet."""
    fields = _names(plugin.parameters)
    needed = tuple(
        field.alias or name
        for name, field in plugin.parameters.model_fields.items()
        if field.is_required()
    )
    takes_any = plugin.parameters.model_config.get("extra") == "allow"
    names = (*fields, *given) if takes_any else fields
    yield from names_fit(subject, within, given, Takes(f"plugin '{plugin.name}'", names, needed))
    for loc, reason in _misfits(plugin.parameters, given):
        yield subject.value((*within, *loc), "E206", reason, f"it takes {', '.join(fields)}")


def _names(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _misfits(model: type[BaseModel], given: Mapping[str, Any]) -> Iterator[tuple[Loc, str]]:
    """Where a value written out does not fit, and why."""
    try:
        model.model_validate(dict(given))
    except ValidationError as error:
        for each in error.errors(include_url=False):
            is_told = each["type"] in ("missing", "extra_forbidden") and len(each["loc"]) == 1
            if not is_told and not _is_open(_value_at(given, each["loc"])):
                reason = each["msg"].removeprefix("Value error, ")
                yield each["loc"], f"{reason[:1].lower()}{reason[1:]}"
    except Exception:  # noqa: BLE001, S110  # a foreign validator that fails on a template
        pass


def _value_at(given: Any, loc: Loc) -> Any:
    for step in loc:
        if isinstance(given, Mapping) and step in given:
            given = given[str(step)]
        elif isinstance(given, list) and isinstance(step, int) and step < len(given):
            given = given[step]
        else:
            return given
    return given


def _is_open(value: Any) -> bool:
    """Whether some text in it is known only when the step runs."""
    match value:
        case Mapping():
            return any(map(_is_open, value.values()))
        case list():
            return any(map(_is_open, value))
        case _:
            return is_template(value)


def _results(subject: Subject, within: Loc, step: Step, plugin: Plugin) -> Iterator[Diagnostic]:
    """E112 for each path that begins with what the plugin's result does not have."""
    if plugin.result is None or plugin.result.model_config.get("extra") == "allow":
        return
    known = _names(plugin.result)
    for name, out in step.out.items():
        first = str(steps_of(out.path)[0])
        if first not in known:
            message = f"the result of plugin '{plugin.name}' has no '{first}'"
            help_text = choice(first, known, of="a path starts with one of")
            yield subject.value((*within, name, "path"), "E112", message, help_text)
