"""What an import makes: roster, house, playbooks, and what is to decide.

Decides in which file each thing stands, and what stands in for somebody unknown. How it is
written is `cli.migration.writer`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cli.migration.naming import Names

Fields = dict[str, Any]
Place = tuple[str | int, ...]
"""A file, then the keys and indexes that lead to a value in it."""

HOUSE = "house.yaml"
SECTIONS = ("users", "teams", "services", "destinations", "schedules")
SOMEBODY = "decide_who"
NO_OWNER = "decide_owner"


@dataclass(frozen=True)
class Remark:
    """A comment; `decide` marks one that a person must act on."""

    text: str
    decide: bool = True


@dataclass
class Draft:
    """Everything that an import found, before it is written."""

    system: str
    names: Names = field(default_factory=Names)
    roster: dict[str, Fields] = field(default_factory=lambda: {name: {} for name in SECTIONS})
    policies: Fields = field(default_factory=dict)
    fallback: str | None = None
    playbooks: dict[str, Fields] = field(default_factory=dict)
    remarks: dict[Place, list[Remark]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Keep the names that mean something."""
        self.names.reserve("user", (SOMEBODY,))
        self.names.reserve("team", (NO_OWNER,))
        self.names.reserve("playbook", ("house", "sources"))

    @property
    def roster_file(self) -> str:
        """The one roster file of this import."""
        return f"roster/{self.system}.yaml"

    def decide(self, where: Place, text: str) -> None:
        """A person must decide something at this place."""
        self._remark(where, Remark(text))

    def explain(self, where: Place, text: str) -> None:
        """Say something at this place that asks for nothing."""
        self._remark(where, Remark(text, decide=False))

    def _remark(self, where: Place, remark: Remark) -> None:
        said = self.remarks.setdefault(where, [])
        if remark not in said:
            said.append(remark)

    def in_roster(self, *loc: str | int) -> Place:
        """The place of something in the roster."""
        return (self.roster_file, *loc)

    def leave_out(self, what: str, why: str) -> None:
        """Something is not taken over."""
        line = f"{what}: {why}"
        if line not in self.left_out:
            self.left_out.append(line)

    def somebody(self) -> str:
        """The id of the user who stands in for whom the export does not know."""
        if SOMEBODY not in self.roster["users"]:
            push = f"ntfys://ntfy.example/{SOMEBODY}"
            self.roster["users"][SOMEBODY] = {"name": "Decide who", "contact": {"push": push}}
            what = "stands in wherever the export names nobody we know; put people there instead"
            self.decide(self.in_roster("users", SOMEBODY), what)
        return SOMEBODY

    def no_owner(self) -> str:
        """The id of the team that stands in for an owner."""
        if NO_OWNER not in self.roster["teams"]:
            members = [name for name in self.roster["users"] if name != SOMEBODY][:1]
            self.roster["teams"][NO_OWNER] = {"members": members or [self.somebody()]}
            what = "owns what had no team in the export; name real teams as owners instead"
            self.decide(self.in_roster("teams", NO_OWNER), what)
        return NO_OWNER

    def add_policy(self, name: str, fields: Fields) -> str:
        """The id of a policy of the house; levels that repeat the one before are merged."""
        policy = self.names.unique("policy", name)
        where = (HOUSE, "policies", policy)
        levels: list[list[str]] = []
        for level in fields.get("levels", ()):
            distinct = list(dict.fromkeys(level))
            if levels and set(levels[-1]) == set(distinct):
                self.decide(
                    where, "a level that paged the same people as the one before is left out"
                )
                continue
            levels.append(distinct)
        self.policies[policy] = fields | {"levels": levels}
        return policy

    def counted(self) -> list[tuple[str, int]]:
        """What was taken over, and how many of it."""
        found = [("playbooks", len(self.playbooks)), ("policies", len(self.policies))]
        for section in SECTIONS:
            names = self.roster[section].keys() - {SOMEBODY, NO_OWNER}
            found += [(section, len(names))]
        return [(what, count) for what, count in found if count]


def listed(words: Iterable[str]) -> str:
    """`a, b and c`."""
    found = list(words)
    if len(found) < 2:  # noqa: PLR2004
        return "".join(found)
    return f"{', '.join(found[:-1])} and {found[-1]}"
