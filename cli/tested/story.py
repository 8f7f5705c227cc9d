"""A rehearsed incident as its timeline: what an author sees of a test.

Decides that every entry is told with the time since the incident was triggered.
"""

from collections.abc import Iterator

from domain.clock_text import local_date_time
from domain.rehearsal.playing import Played
from domain.rehearsal.reasons import span
from domain.rehearsal.rehearsal import Rehearsal
from domain.rehearsal.staging import Stage


def story_of(played: Played) -> Iterator[str]:
    """The lines of one test."""
    yield f"{played.plan.name}: {played.case.name}"
    if played.stage is None:
        yield "  no incident begins: another playbook takes the alert, or none"
        return
    stage = played.stage
    began = local_date_time(stage.rehearsal.start, played.plan.timezone)
    yield f"  from {began}; times count from the moment at which it was triggered"
    yield from _entries(stage, stage.rehearsal, "  ")
    view = stage.rehearsal.view()
    roles = "; ".join(
        f"{role} {', '.join(one.name for one in held)}" for role, held in view.roles.items()
    )
    ends = f"  {'ends at':>8}  {span(stage.rehearsal.now - stage.began_at)}: {view.severity}"
    yield f"{ends}, {view.phase}" + (f"; {roles}" if roles else "")


def _entries(stage: Stage, rehearsal: Rehearsal, indent: str) -> Iterator[str]:
    for entry in rehearsal.record.entries:
        passed = entry.at - stage.began_at
        since = f"-{span(-passed)}" if entry.at < stage.began_at else span(passed)
        yield f"{indent}{since:>8}  {entry.text}"
    for child in rehearsal.children.values():
        yield f"{indent}the playbook {child.plan.name}, called:"
        yield from _entries(stage, child, f"{indent}  ")
