"""Tests the playbooks of a large folder in several processes, each a share of them.

Decides what goes between the processes: of every playbook what it takes alerts by, since a
test may ask who else does, and of those with tests the plan and the tests, packed until
their turn comes. How a test goes is the same as in one process.
"""

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from cli.check.many import compile_in_parallel, processes_for, spread
from compiler.compile import Compiled
from compiler.diagnostics import Diagnostic
from compiler.parts import shared_by_all
from compiler.rehearsing import Tested, tested
from domain.plan import AlertTrigger, Dedup, Plan
from domain.rehearsal.case import TestCase
from domain.rehearsal.playing import play
from domain.rehearsal.staging import Folder
from domain.roster import Roster
from domain.routing_index import RoutingIndex

Wants = Callable[[str, str], bool]
StopWatch = Callable[[], Callable[[], bool]]


class Packed(NamedTuple):
    """A playbook as it goes from process to process: how it competes for alerts, and its tests.

    `plan` is JSON, empty where there are no tests.
    """

    name: str
    path: str
    priority: int
    triggers: tuple[AlertTrigger, ...]
    dedup: Dedup
    plan: bytes
    cases: bytes


@dataclass(frozen=True, slots=True)
class Shares:
    """What is wrong in the folder, which sound playbooks have no tests, and how tests went."""

    diagnostics: tuple[Diagnostic, ...]
    untested: tuple[str, ...]
    verdicts: tuple[Tested, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which playbooks, which of their tests, and what says that one takes too long.

    `paths` are the files that are meant, None for all; `shown` has the author's path of each.
    """

    paths: frozenset[str] | None
    shown: Mapping[str, str]
    wants: Wants
    begin: StopWatch


def tested_in_shares(files: Mapping[str, str], choice: Choice, *, today: date) -> Shares:
    """The tests of the folder, in the order of the playbooks' names."""
    many = compile_in_parallel(files, packed, today=today)
    refused = {each.path for each in many.diagnostics if each.refuses}
    sound = (each for part in many.results for each in part if each.path not in refused)
    found = sorted(sound, key=lambda each: each.name)
    meant = [each for each in found if choice.paths is None or each.path in choice.paths]
    among = _among(files, found, today)
    processes = processes_for(files)
    with_tests = [each for each in meant if each.cases]
    shares = [with_tests[number::processes] for number in range(processes)]
    verdicts = [one for share in spread(partial(_run, among, choice), shares) for one in share]
    return Shares(
        diagnostics=many.diagnostics,
        untested=tuple(each.name for each in meant if not each.cases),
        verdicts=tuple(sorted(verdicts, key=lambda each: each.playbook)),
    )


def packed(meaning: Compiled) -> list[Packed]:
    """The playbooks of a part, ready to be sent."""
    return [
        _packed(meaning.plans[name], path, meaning.tests.get(name, ()))
        for name, path in meaning.plan_paths.items()
    ]


def _packed(plan: Plan, path: str, cases: tuple[TestCase, ...]) -> Packed:
    return Packed(
        name=plan.name,
        path=path,
        priority=plan.priority,
        triggers=plan.triggers,
        dedup=plan.dedup,
        plan=plan.model_dump_json().encode() if cases else b"",
        cases=pickle.dumps(cases) if cases else b"",
    )


def _competing(one: Packed) -> Plan:
    """The playbook as far as alerts are routed by it."""
    fields: dict[str, Any] = {
        "name": one.name,
        "priority": one.priority,
        "triggers": one.triggers,
        "dedup": one.dedup,
    }
    return Plan.model_construct(**fields)


@dataclass(frozen=True, slots=True)
class _Among:
    """What every playbook is tested among; who competes has neither plan nor tests here."""

    competing: tuple[Packed, ...]
    roster: Roster
    fallback: str | None


def _among(files: Mapping[str, str], found: Sequence[Packed], today: date) -> _Among:
    around = shared_by_all(files, today=today).around
    competing = tuple(each._replace(plan=b"", cases=b"") for each in found)
    fallback = around.house.fallback
    is_there = any(each.name == fallback for each in found)
    return _Among(competing, around.roster, fallback if is_there else None)


def _run(among: _Among, choice: Choice, share: Sequence[Packed]) -> list[Tested]:
    """The verdicts on the tests of these playbooks, one playbook unpacked at a time."""
    plans = {each.name: _competing(each) for each in among.competing}
    index = RoutingIndex(plans, among.fallback)
    folder = Folder(plans, among.roster, among.fallback, index.route)
    return [
        tested(play(case, plan, replace(folder, give_up=choice.begin())), choice.shown[each.path])
        for each in share
        for plan, case in _unpacked(each)
        if choice.wants(each.name, case.name)
    ]


def _unpacked(one: Packed) -> Iterator[tuple[Plan, TestCase]]:
    plan = Plan.model_validate_json(one.plan)
    for case in pickle.loads(one.cases):  # noqa: S301 - our own, from a process of ours
        yield plan, case
