"""Plugin steps are held against the plugins that are installed, as far as can be known."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, field_validator

from compiler.compile import compile_folder
from compiler.known_plugins import KnownPlugins
from domain.plugin import Plugin, PluginError, installed_plugins, plugin_named


class Parameters(BaseModel):
    """What the tests' plugin takes."""

    model_config = ConfigDict(extra="forbid")

    component: str
    most: int = Field(default=3, ge=1)
    tags: list[str] = []

    @field_validator("component")
    @classmethod
    def _known(cls, value: str) -> str:
        if value == "broken":
            raise TypeError("a validator that does not foresee this")
        return value


class Result(BaseModel):
    """What it gives."""

    degraded: bool
    status: dict[str, str] = {}


def load(name: str) -> Plugin:
    """The tests' plugins."""
    if name == "status.torn":
        raise PluginError("plugin status.torn cannot be loaded: ImportError: no module")
    return Plugin(name=name, parameters=Parameters, result=Result, run=print)


INSTALLED = KnownPlugins(("status.check", "status.torn"), load)
Found = Callable[..., list[tuple[str, str, str]]]


@pytest.fixture
def found(context: dict[str, str]) -> Found:
    """Code, message and what stands at the place, for a step inside a parallel."""

    def run(step: str, plugins: KnownPlugins | None = INSTALLED) -> list[tuple[str, str, str]]:
        text = (
            "language: 1\nname: disk_full\nowner: team:storage\n"
            "on_alert: { alertname: DiskFull }\n"
            "page: [schedule:storage_primary, schedule:storage_secondary]\n"
            f"steps: [{{ id: all, parallel: [[{{ id: look, {step} }}]] }}]\n"
        )
        lines = text.split("\n")
        compiled = compile_folder(context | {"disk_full.yaml": text}, plugins=plugins)
        return [
            (each.code, each.message, lines[each.line - 1][each.column - 1 :])
            for each in compiled.diagnostics
        ]

    return run


@pytest.mark.parametrize(
    "step",
    [
        "run: plugin:status.check, with: { component: api }",
        'run: plugin:status.check, with: { component: api, most: "{{ labels.most }}" }',
        'run: plugin:status.check, with: { component: "{{ labels.c }}", tags: ["{{ labels.t }}"] }',
        "run: plugin:status.check, with: { component: broken }",
        "run: plugin:status.check, with: { component: a }, out: { s: { path: status.word } }",
    ],
)
def test_sound_plugin_step_has_no_problems(found: Found, step: str) -> None:
    assert found(step) == []


@pytest.mark.parametrize(
    ("step", "code", "says", "points_at"),
    [
        ("run: plugin:status.chek", "E206", "plugin 'status.chek' is not inst", "plugin:status"),
        ("run: plugin:status.torn", "E206", "cannot be loaded: ImportError", "plugin:status.torn"),
        ("run: plugin:status.check", "E206", "needs 'component'", "run:"),
        (
            "run: plugin:status.check, with: { component: a, mots: 2 }",
            "E206",
            "plugin 'status.check' has no parameter 'mots'",
            "mots",
        ),
        (
            "run: plugin:status.check, with: { component: a, most: 0 }",
            "E206",
            "input should be greater than or equal to 1",
            "0 }",
        ),
        (
            "run: plugin:status.check, with: { component: a, tags: [b, 5] }",
            "E206",
            "input should be a valid string",
            "5]",
        ),
        (
            "run: plugin:status.check, with: { component: a }, out: { d: { path: degrade } }",
            "E112",
            "the result of plugin 'status.check' has no 'degrade'",
            "degrade }",
        ),
    ],
)
def test_plugin_step_that_does_not_fit_points_at_the_value(
    found: Found, step: str, code: str, says: str, points_at: str
) -> None:
    problems = found(step)

    assert len(problems) == 1, problems
    assert problems[0][0] == code
    assert says in problems[0][1]
    assert problems[0][2].startswith(points_at)


def test_nothing_is_said_where_it_is_not_known_what_is_installed(found: Found) -> None:
    """A server without the plugin would else lose the playbook, and page nobody."""
    assert found("run: plugin:status.chek", plugins=None) == []


def test_shipped_plugin_is_installed_and_its_parameters_are_checked() -> None:
    names: tuple[str, ...] = installed_plugins()
    model: Any = plugin_named("statuspage.check").parameters

    assert "statuspage.check" in names
    assert "component" in model.model_fields
