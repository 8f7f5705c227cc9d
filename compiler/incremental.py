"""Compiles the same folder again and again, after each edit only what the edit touches.

Decides nothing about playbooks: it is `compiler.compile` with a memory. What it says of a
folder is what a compilation from scratch would say.
"""

from collections.abc import Mapping
from datetime import date

from compiler.compile import Compiled, compile_folder
from compiler.known_plugins import KnownPlugins
from compiler.memory import Memory


class Compiler:
    """One folder over time. Not for several threads at once."""

    def __init__(self, plugins: KnownPlugins | None = None) -> None:
        self._plugins = plugins
        self._memory = Memory()

    def compile(self, files: Mapping[str, str], *, today: date | None = None) -> Compiled:
        """What `compile_folder` gives for these files; quick where few of them changed."""
        self._memory.begin(files)
        return compile_folder(files, today=today, plugins=self._plugins, memory=self._memory)
