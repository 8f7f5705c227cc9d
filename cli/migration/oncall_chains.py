"""Grafana OnCall's escalation chains as policies of the house.

Decides which steps are levels: those that notify people. What a chain does beside that is
said for a person to decide.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

from cli.migration.draft import HOUSE, Draft
from cli.migration.oncall_document import ChainExport, StepExport
from cli.migration.rosters import ladder_times

_REPEATS = 5
"""How often OnCall repeats a chain at most."""

_WORDS = {
    "resolve": "it resolved the alert group by itself; an incident ends when nothing fires",
    "trigger_webhook": "it called a webhook; an http: step does that",
    "notify_whole_channel": "it notified a whole channel; announce: does that",
    "notify_user_group": "it notified a Slack user group; page a team instead",
    "declare_incident": "it declared an incident; every playbook is one",
    "notify_if_num_alerts_in_window": "what follows needed many alerts; a criterion says that",
}


@dataclass
class _Ladder:
    """A chain as it is read: levels with when they begin."""

    at: timedelta = timedelta(0)
    levels: dict[timedelta, list[str]] = field(default_factory=dict)
    repeats: bool = False
    asked: list[str] = field(default_factory=list)


def add_chain(
    draft: Draft,
    chain: ChainExport,
    steps: list[StepExport],
    refs_of: Callable[[StepExport], list[str] | None],
) -> str:
    """The id of the policy. `refs_of` gives whom a step pages, None where it pages nobody."""
    ladder = _Ladder()
    for step in sorted(steps, key=lambda each: each.position):
        _walk(ladder, step, refs_of)
    starts = list(ladder.levels)
    waits = [later - earlier for earlier, later in pairwise(starts)]
    if starts and ladder.at > starts[-1] and ladder.repeats:
        waits.append(ladder.at - starts[-1])
    times, doubt = ladder_times(waits)
    levels = list(ladder.levels.values()) or [[f"user:{draft.somebody()}"]]
    repeat = _REPEATS if ladder.repeats else 0
    policy = draft.add_policy(chain.name, times | {"levels": levels, "repeat": repeat})
    where = (HOUSE, "policies", policy)
    if not ladder.levels:
        ladder.asked.append("it notified nobody; somebody stands in")
    if starts and starts[0]:
        ladder.asked.append(f"the first page came after {starts[0]}; here it leaves at once")
    if doubt:
        draft.decide((*where, "ack_within"), doubt)
    for said in dict.fromkeys(ladder.asked):
        draft.decide((*where, "levels"), said)
    return policy


def _walk(
    ladder: _Ladder, step: StepExport, refs_of: Callable[[StepExport], list[str] | None]
) -> None:
    if step.type == "wait":
        ladder.at += timedelta(seconds=step.duration or 0)
        return
    if step.type == "repeat_escalation":
        ladder.repeats = True
        return
    if step.type == "notify_if_time_from_to":
        hours = f"{step.notify_if_time_from} to {step.notify_if_time_to}"
        ladder.asked.append(f"what follows held from {hours} only; urgency: high_in_hours is near")
        return
    refs = refs_of(step)
    if refs is None:
        ladder.asked.append(_WORDS.get(step.type, f"a step '{step.type}' has no counterpart"))
        return
    if not refs:
        ladder.asked.append(f"a step '{step.type}' names nobody")
        return
    if step.type == "notify_person_next_each_time":
        ladder.asked.append("it notified one of these, the next each time; here all of them")
    ladder.levels.setdefault(ladder.at, []).extend(refs)
