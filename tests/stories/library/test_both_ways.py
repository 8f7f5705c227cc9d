"""What a playbook's tests rehearse is what the real server does: pages, severity, phase."""

import asyncio
from pathlib import Path

import pytest

from cli.folders import read_folder
from compiler.compile import compile_folder
from compiler.rehearsing import play_tests
from domain.rehearsal.playing import Played
from tests.stories.library.both_ways import Outcome, happened, rehearsed
from tests.stories.library.conftest import Library

pytestmark = pytest.mark.engine

COMPILED = compile_folder(read_folder(Path(__file__).parents[3] / "playbooks"))


def can_be_played(played: Played) -> bool:
    """Whether an incident begins, and the town can play its machines: not one round of many."""
    given = played.case.given
    rounds = any("@" in address for address in given.steps)
    return played.stage is not None and given.params is None and not rounds


PLAYED = [each for each in play_tests(COMPILED) if can_be_played(each)]
ROUNDS = max(sum(one.plan.name == each.plan.name for one in PLAYED) for each in PLAYED)


def of_round(number: int) -> list[Played]:
    """The test of this number of each playbook that has so many."""
    by_playbook: dict[str, list[Played]] = {}
    for each in PLAYED:
        by_playbook.setdefault(each.plan.name, []).append(each)
    return [own[number] for own in by_playbook.values() if number < len(own)]


def test_every_shipped_playbook_is_played_both_ways() -> None:
    """None is left out because its tests cannot be played for real."""
    assert {each.plan.name for each in PLAYED} == set(COMPILED.plans)


@pytest.mark.parametrize("number", range(ROUNDS))
async def test_rehearsal_and_real_server_page_the_same_people_at_the_same_time(
    library: Library, number: int
) -> None:
    """One test of each playbook, all at once on one server, on a stepped clock."""
    wanted = of_round(number)

    outcomes = await asyncio.gather(*(happened(library, each) for each in wanted))

    names = [f"{each.plan.name}: {each.case.name}" for each in wanted]
    real: dict[str, Outcome] = dict(zip(names, outcomes, strict=True))
    assert real == dict(zip(names, map(rehearsed, wanted), strict=True))
    assert sum(len(one.pages) for one in outcomes) > len(wanted)
