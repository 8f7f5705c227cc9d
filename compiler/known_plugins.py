"""The plugins that steps may call where playbooks are checked.

Decides nothing: the command that checks says which are installed and how one is loaded.
"""

from collections.abc import Callable
from dataclasses import dataclass

from domain.plugin import Plugin


@dataclass(frozen=True, slots=True)
class KnownPlugins:
    """The names of all that are installed; `load` imports one, or raises PluginError."""

    names: tuple[str, ...]
    load: Callable[[str], Plugin]
