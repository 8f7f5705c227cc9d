"""Whatever stands in a file, the author gets an answer with places: never a traceback.

The twenty thousand cases of the same generator, their times and their memory are measured
by `bench/malformed.py`.
"""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from compiler.compile import compile_folder
from compiler.diagnostics import MOST_IN_ONE_FILE
from tests.compiler.bombs import BOMBS, HEAD
from tests.compiler.malformed import TODAY, bomb, case_of, verdict

SEED = 38
BLOCKS, EACH = 12, 100
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("block", range(BLOCKS))
def test_a_malformed_file_is_answered_with_places_inside_it(block: int) -> None:
    """Truncated, flipped, shifted, doubled, pasted: each problem has a place, the report an end."""
    for number in range(block * EACH, (block + 1) * EACH):
        case = case_of(SEED, number)
        try:
            verdict(case)
        except Exception as error:  # the case's name is what finds it again
            raise AssertionError(f"case {case.name}") from error


class Largest(Random):
    """Draws the largest size every time."""

    def random(self) -> float:
        """Just under one."""
        return 0.999999


@pytest.mark.parametrize("family", sorted(BOMBS))
def test_a_bomb_is_answered_with_places_inside_the_file(family: str) -> None:
    """Each family in its largest size and in a few smaller ones."""
    for random in (Largest(1), *(Random(number) for number in range(3))):
        verdict(bomb(family, random, family))


def test_answers_are_the_same_in_every_process() -> None:
    """No order of a set, and no address in memory, shows in what an author reads."""
    program = (
        "from tests.compiler.malformed import case_of, verdict\n"
        "for number in range(400, 440): print(verdict(case_of(38, number)))"
    )
    digests = set()
    for hashes in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": hashes, "PYTHONIOENCODING": "utf-8"}
        ran = subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            check=True,
        )
        digests.add(sha256(ran.stdout).hexdigest())

    assert len(digests) == 1


def test_of_a_file_with_very_many_problems_the_first_are_told_and_the_rest_counted() -> None:
    """Errors come before warnings, so that none is hidden by what is less."""
    noes = ", ".join(["no"] * 300)
    text = f"{HEAD}title: 5\nfacts: {{ a: [{noes}] }}\nverison: 1\n"

    found = compile_folder({"disk_full.yaml": text}, today=TODAY).diagnostics
    of_file = [each for each in found if each.path == "disk_full.yaml"]

    assert len(of_file) == MOST_IN_ONE_FILE + 1
    assert {"E112", "E101", "W006", "W012"} <= {each.code for each in of_file}
    more = next(each for each in of_file if each.code == "W012")
    assert "more warnings in this file are not shown" in more.message


def test_what_a_message_quotes_is_on_one_line_and_short() -> None:
    """A key with line breaks, control characters and half a character is shown without them."""
    key = '"a\\n\\x1b[31m' + "b" * 200 + '"'

    found = compile_folder({"disk_full.yaml": f"{HEAD}{key}: 1\n"}, today=TODAY).diagnostics

    unknown = next(each for each in found if each.code == "E101")
    assert unknown.message.isprintable()
    assert unknown.message.encode()
