"""Runs the tests of playbooks: cases in, verdicts out, each failure a diagnostic at its place.

Decides what a failed test looks like to its author (E701), and which tests are run; playing
one is `domain.rehearsal`. Plans and cases are plain values, so that a share of the playbooks
can be tested in another process.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from compiler.compile import Compiled
from compiler.diagnostics import Diagnostic
from domain.rehearsal.case import TestCase
from domain.rehearsal.playing import Played, play
from domain.rehearsal.staging import Failure, Folder
from domain.routing_index import RoutingIndex


def _never() -> bool:
    return False


def _any(_playbook: str, _test: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Tested:
    """How one test of one playbook went."""

    playbook: str
    path: str
    name: str
    problems: tuple[Diagnostic, ...]

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.problems


def folder_of(compiled: Compiled) -> Folder:
    """What the playbooks are tested among."""
    index = RoutingIndex(compiled.plans, compiled.fallback)
    return Folder(
        plans=compiled.plans,
        roster=compiled.roster,
        fallback=compiled.fallback,
        route=index.route,
    )


def play_tests(
    compiled: Compiled,
    playbooks: Iterable[str] | None = None,
    *,
    wanted: Callable[[str, str], bool] = _any,
    begin: Callable[[], Callable[[], bool]] = lambda: _never,
) -> Iterator[Played]:
    """Every test of these playbooks (all of them), played in order of the playbooks' names.

    `wanted` chooses by the playbook's and the test's name. `begin` is called for each test;
    what it gives says when that one has taken too long.
    """
    folder = folder_of(compiled)
    for name in sorted(compiled.tests if playbooks is None else playbooks):
        for case in compiled.tests.get(name, ()):
            if wanted(name, case.name):
                yield play(case, compiled.plans[name], replace(folder, give_up=begin()))


def run_tests(
    compiled: Compiled,
    playbooks: Iterable[str] | None = None,
    *,
    wanted: Callable[[str, str], bool] = _any,
    begin: Callable[[], Callable[[], bool]] = lambda: _never,
) -> tuple[Tested, ...]:
    """The verdicts on these tests, small enough to be handed to another process."""
    played = play_tests(compiled, playbooks, wanted=wanted, begin=begin)
    return tuple(tested(each, compiled.plan_paths[each.plan.name]) for each in played)


def tested(played: Played, path: str) -> Tested:
    """What the author is told of it."""
    problems = tuple(_problem(path, played.case, failure) for failure in played.failures)
    return Tested(played.plan.name, path, played.case.name, problems)


def _problem(path: str, case: TestCase, failure: Failure) -> Diagnostic:
    return Diagnostic(
        path=path,
        line=failure.place.line,
        column=failure.place.column,
        code="E701",
        message=f"test '{case.name}': {failure.message}",
        help=failure.reason,
        in_tests=True,
    )
