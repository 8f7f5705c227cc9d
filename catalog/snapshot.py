"""What is in service at one moment: plans, roster, and what is broken.

Decides the shape that API and workers read; it is swapped whole, never changed.
"""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from compiler.diagnostics import Diagnostic
from domain.drill import DrillPlan
from domain.ops import NO_OPS, Ops
from domain.plan import Plan
from domain.roster import Roster
from domain.source_mapping import SourceMapping


class BrokenFile(BaseModel):
    """A file whose text does not compile; `path` is inside the folder.

    `serving_last_good` says whether an earlier text of it is still in service.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    since: datetime
    serving_last_good: bool

    def __str__(self) -> str:
        return self.path


class Snapshot(BaseModel):
    """Everything in service. `problems` speaks of the files as they are, not as served.

    `fallback` is a playbook that is in `plans`; `plan_paths` says which file each plan
    is from; `sources` maps the senders of generic JSON; `ops` are the commands and queries
    that automation may touch; `drills` what playbooks are rehearsed with, where their file
    says so and is not broken.
    """

    model_config = ConfigDict(frozen=True)

    plans: Mapping[str, Plan] = {}
    plan_paths: Mapping[str, str] = {}
    roster: Roster = Roster()
    fallback: str | None = None
    sources: Mapping[str, SourceMapping] = {}
    ops: Ops = NO_OPS
    drills: Mapping[str, DrillPlan] = {}
    problems: tuple[Diagnostic, ...] = ()
    broken: tuple[BrokenFile, ...] = ()
    loaded_at: datetime

    def is_broken(self, path: str) -> bool:
        """Whether the file at this path is broken."""
        return any(each.path == path for each in self.broken)


def gone_users(old: Snapshot, new: Snapshot) -> tuple[str, ...]:
    """The users that the newer roster no longer has, sorted."""
    return tuple(sorted(set(old.roster.users) - set(new.roster.users)))
