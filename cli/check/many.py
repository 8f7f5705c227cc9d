"""Compiles a large folder in several processes, and does something with each part there.

Decides how many processes, and which of them gets which playbooks. A process holds one
playbook's tree at a time, so that memory does not grow with the folder; what goes between
processes is texts, outlines, problems and the results of what was done with each part.
"""

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Generic, TypeVar

from cli.check.checked import UnusablePathError, is_large
from compiler.compile import Compiled
from compiler.diagnostics import Diagnostic
from compiler.known_plugins import KnownPlugins
from compiler.parts import (
    Group,
    Part,
    beside_each_other,
    by_itself,
    groups_of,
    joined,
    shared_by_all,
    together,
)
from domain.plugin import installed_plugins, plugin_named

T = TypeVar("T")
S = TypeVar("S")
R = TypeVar("R")

MOST_PROCESSES = 4
"""More would cost memory, and a folder of a thousand takes seconds with these."""


class ProcessEndedError(UnusablePathError):
    """A process that compiled was ended from outside, mostly for want of memory."""


@dataclass(frozen=True, slots=True)
class Many(Generic[T]):
    """Everything wrong in the folder, and what was done with each part, in no set order."""

    diagnostics: tuple[Diagnostic, ...]
    results: list[T]


@dataclass(frozen=True, slots=True)
class _Work(Generic[T]):
    """What every process needs to know."""

    files: Mapping[str, str]
    today: date
    after: Callable[[Compiled], T]


def processes_for(files: Mapping[str, str]) -> int:
    """How many processes a folder of this size is worth on this machine."""
    if not is_large(files):
        return 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(usable or 1, MOST_PROCESSES)


def compile_in_parallel(
    files: Mapping[str, str],
    after: Callable[[Compiled], T],
    *,
    today: date,
    processes: int | None = None,
) -> Many[T]:
    """The folder's problems, as `compile_folder` finds them, and the results of `after`.

    `after` gets each playbook with all it calls as a folder of its own: the plans, and what
    is shared; its `fallback` is None unless it is among them. It and what it gives are sent
    between processes, so it stands at the top of a module. Raises what `after` raises, and
    ProcessEndedError.
    """
    processes = processes or processes_for(files)
    with _pool(processes) as pool:
        return _compiled(_Work(files, today, after), processes, pool)


def spread(do: Callable[[Sequence[S]], R], shares: list[list[S]]) -> list[R]:
    """What is done with each share, in a process for each; `do` is as `after` above."""
    with _pool(len(shares)) as pool:
        return _spread(do, shares, pool)


def _compiled(work: _Work[T], processes: int, pool: Executor | None) -> Many[T]:
    shared = shared_by_all(work.files, today=work.today, plugins=_plugins())
    shares = [shared.playbooks[number::processes] for number in range(processes)]
    done = _spread(partial(_alone, work), shares, pool)
    parts = {part.path: part for found, _ in done for part in found}
    results = [each for _, made in done for each in made]
    beside = beside_each_other(parts, shared)
    groups = list(groups_of(parts, beside))
    if groups:
        rest = [groups[number::processes] for number in range(processes)]
        for found, made in _spread(partial(_grouped, work), rest, pool):
            parts |= {part.path: part for part in found}
            results += made
    return Many(joined(parts, shared, beside), results)


def _spread(
    do: Callable[[Sequence[S]], R], shares: list[list[S]], pool: Executor | None
) -> list[R]:
    """What is done with each share: in the pool, or here."""
    if pool is None:
        return [do(share) for share in shares]
    return list(pool.map(do, shares))


def _alone(work: _Work[T], paths: Sequence[str]) -> tuple[list[Part], list[T]]:
    """These playbooks, each by itself."""
    shared = shared_by_all(work.files, today=work.today, plugins=_plugins())
    parts, results = [], []
    for path in paths:
        part, meaning = by_itself(path, shared)
        parts.append(part)
        if meaning:
            results.append(work.after(meaning))
    return parts, results


def _grouped(work: _Work[T], groups: Sequence[Group]) -> tuple[list[Part], list[T]]:
    """The callers of these groups."""
    shared = shared_by_all(work.files, today=work.today, plugins=_plugins())
    parts, results = [], []
    for group in groups:
        found, meaning = together(group, shared)
        parts += found
        results.append(work.after(meaning))
    return parts, results


def _plugins() -> KnownPlugins:
    return KnownPlugins(installed_plugins(), plugin_named)


@contextmanager
def _pool(processes: int) -> Iterator[Executor | None]:
    """Processes that share this one's memory until they write, where the system can.

    None for a single one: this process does it itself. Raises ProcessEndedError.
    """
    if processes == 1:
        yield None
        return
    way = "fork" if "fork" in multiprocessing.get_all_start_methods() else None
    context = multiprocessing.get_context(way)
    try:
        with ProcessPoolExecutor(processes, context, _begin) as pool:
            yield pool
    except BrokenProcessPool as error:
        said = "a process of ours was ended from outside; is there enough memory?"
        raise ProcessEndedError(said) from error


def nothing_more(meaning: Compiled) -> None:
    """For who only wants the problems."""
    del meaning


_OBJECTS_BETWEEN_LOOKS = 10_000


def _begin() -> None:
    """Ends quietly on Ctrl-C, and looks for garbage rarely: trees go by themselves."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_LOOKS)
