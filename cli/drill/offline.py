"""A drill without a server: the same people, rules and score card, under a fake clock.

Decides what of it is printed: one line for each thing that happened, then the card.
"""

import sys
from pathlib import Path

from cli.drill.request import DrillOptions, DrillUsageError, drill_asked_for
from cli.explain.alert import WrongUsageError, read_at
from cli.explain.explained import moment_in
from cli.folders import read_folder
from cli.plain_text import plain
from compiler.compile import compile_folder
from compiler.diagnostics import choice, report
from domain.clock_text import duration_text
from domain.rehearsal.cast import Cast
from domain.rehearsal.drilled import rehearse_drill
from domain.rehearsal.rehearsal import EndlessRehearsalError, Rehearsal
from domain.rehearsal.score import score
from domain.rehearsal.score_card import ScoreCard

KEPT, MISSED, WRONG_USAGE = 0, 1, 2

HELD_BACK = frozenset({"page.delivered", "step.ticked"})
"""Kinds of entries that say nothing new to whoever reads along."""


def rehearse(name: str, folder: Path, options: DrillOptions, at: str | None = None) -> int:
    """Prints the drill as it would go from this moment on, or now, and its card.

    The result is the exit status. Without an offset the moment is in the playbook's zone.
    """
    if not folder.is_dir():
        return _wrong(f"no such folder: {folder}")
    files = read_folder(folder)
    compiled = compile_folder(files)
    plan = compiled.plans.get(name)
    if plan is None:
        errors = [each for each in compiled.diagnostics if each.refuses]
        if errors:
            print(report(errors, files), file=sys.stderr)
        return _wrong(f"no sound playbook '{name}'; {choice(name, compiled.plans)}")
    try:
        drill = drill_asked_for(plan, compiled.drills.get(name), options)
        begins = moment_in(read_at(at), plan.timezone)
        played = rehearse_drill(plan, Cast(compiled.roster), drill, begins)
    except (DrillUsageError, WrongUsageError) as error:
        return _wrong(str(error))
    except EndlessRehearsalError as error:
        return _wrong(f"{error}: does a step put itself again for ever?")
    card = score(plan, played.view(), played.record.entries)
    _print(played, card)
    return KEPT if card.is_kept else MISSED


def _print(played: Rehearsal, card: ScoreCard) -> None:
    for entry in played.record.entries:
        if entry.kind not in HELD_BACK:
            passed = duration_text(entry.at - played.start)
            print(f"{passed:>12}  {plain(entry.text)}")
    print(f"\n{card.text()}")


def _wrong(problem: str) -> int:
    print(f"watchbill drill: {problem}", file=sys.stderr)
    return WRONG_USAGE
