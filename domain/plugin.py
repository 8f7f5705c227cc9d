"""What a plugin is: code of a Python package that a `run: plugin:` step calls.

Decides how one is found and what it must have. A package registers it as an entry point of
the group `watchbill.plugins`, whose name (`statuspage.check`) is the one steps use. It is an
object, or a class that takes no arguments, with:

    Parameters   a pydantic model of what a step gives it `with`; it should forbid extra
    Result       a pydantic model of what comes back, if anything does
    run(parameters, context)   plain or async; a plain one runs in a thread

    PluginError            the plugin cannot be used: not installed, or not made like this
    NotWorthAnotherTry     raised by a plugin: the same call would fail the same way
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol

from pydantic import BaseModel, JsonValue

GROUP = "watchbill.plugins"


class PluginError(Exception):
    """A plugin cannot be used; the text says why."""


class NotWorthAnotherTry(Exception):  # noqa: N818  # it reads as what the plugin says
    """Raised by a plugin whose call would fail the same way again; the text is shown."""


@dataclass(frozen=True)
class Answer:
    """What a server answered to a plugin's request. Header names are lower case."""

    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)


class PluginContext(Protocol):
    """What a plugin may use. Its addresses and secrets follow the rules for http steps.

    `call` is the same on every try of a call: an idempotency key. Secrets that were read
    are taken out of results and errors. In a plain `run` both methods block.
    """

    call: str
    log: Any

    async def secret(self, name: str) -> str:
        """The value of a secret."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json_body: JsonValue = None,
    ) -> Answer:
        """One HTTP request and its answer, of whatever status."""

    def is_cancelled(self) -> bool:
        """Whether nobody waits for the result any more; an async `run` is cancelled as well."""


@dataclass(frozen=True)
class Plugin:
    """A plugin that can be called."""

    name: str
    parameters: type[BaseModel]
    result: type[BaseModel] | None
    run: Callable[[Any, Any], Any]


def installed_plugins() -> tuple[str, ...]:
    """The names of all that are installed, sorted; nothing of them is imported."""
    return tuple(sorted(_found(tuple(sys.path))))


def plugin_named(name: str) -> Plugin:
    """The plugin, imported. Raises PluginError."""
    found = _found(tuple(sys.path)).get(name)
    if found is None:
        known = ", ".join(installed_plugins()) or "none"
        raise PluginError(f"plugin {name} is not installed; there are: {known}")
    return _loaded(found)


@lru_cache(maxsize=4)
def _found(path: tuple[str, ...]) -> dict[str, EntryPoint]:
    """By name; what is on the path is looked at once."""
    del path
    return {one.name: one for one in entry_points(group=GROUP)}


@lru_cache(maxsize=256)
def _loaded(found: EntryPoint) -> Plugin:
    try:
        made = found.load()
        if isinstance(made, type):
            made = made()
    except Exception as error:  # whatever a foreign module does while it is imported
        why = f"{type(error).__name__}: {error}"
        raise PluginError(f"plugin {found.name} cannot be loaded: {why}") from error
    parameters = _model(made, "Parameters")
    if parameters is None:
        raise PluginError(f"plugin {found.name} has no pydantic model `Parameters`")
    result = _model(made, "Result")
    if result is None and getattr(made, "Result", None) is not None:
        raise PluginError(f"plugin {found.name}: its `Result` is no pydantic model")
    if not callable(getattr(made, "run", None)):
        raise PluginError(f"plugin {found.name} has no `run(parameters, context)`")
    return Plugin(name=found.name, parameters=parameters, result=result, run=made.run)


def _model(made: object, name: str) -> type[BaseModel] | None:
    found = getattr(made, name, None)
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None
