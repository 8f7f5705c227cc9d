"""The score card of a drill: one line for each promise, and how it reads.

Decides its shape and its words. What is measured is `domain.rehearsal.score`.
"""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.clock_text import duration_text
from domain.severity import Severity

Verdict = Literal["kept", "missed", "no promise", "not measured yet"]

SCORE = "drill.score"
"""The kind of the timeline entry that keeps a drill's score."""

_MARKS = {"kept": "kept", "missed": "MISSED"}


class ScorePart(BaseModel):
    """A frozen part of a score card."""

    model_config = ConfigDict(frozen=True)


class Measure(ScorePart):
    """One line of the card: what was promised, what happened, and the verdict."""

    name: str
    promised: str = ""
    happened: str = ""
    verdict: Verdict = "no promise"


class ScoreCard(ScorePart):
    """How a drill went. `outcome` is resolved, or why it is not.

    At `speed` times real time whatever the engine itself takes counts as many times over.
    """

    reference: str
    playbook: str
    version: int
    title: str
    severity: Severity
    outcome: str
    is_resolved: bool
    lasted_s: float
    speed: float = 1.0
    measures: tuple[Measure, ...]

    @property
    def kept(self) -> int:
        """Promises kept."""
        return sum(one.verdict == "kept" for one in self.measures)

    @property
    def missed(self) -> int:
        """Promises missed."""
        return sum(one.verdict == "missed" for one in self.measures)

    @property
    def is_kept(self) -> bool:
        """Whether no promise was missed."""
        return not self.missed

    @property
    def sentence(self) -> str:
        """The card in one line."""
        missed = [one for one in self.measures if one.verdict == "missed"]
        of = self.kept + self.missed
        said = "; ".join(f"{one.name}: {one.happened}" for one in missed[:_NAMED])
        more = f", and {len(missed) - _NAMED} more" if len(missed) > _NAMED else ""
        return (
            f"Score: {self.kept} of {of} promises kept{f'. Missed: {said}' if said else ''}{more}."
        )

    def text(self) -> str:
        """The whole card as a table that fits a terminal."""
        lasted = duration_text(timedelta(seconds=self.lasted_s))
        head = f"{self.reference}  drill of {self.playbook} version {self.version}, {self.severity}"
        rows = [("", "promised", "happened", "")]
        rows += [
            (
                one.name,
                one.promised or "-",
                one.happened or "-",
                _MARKS.get(one.verdict, one.verdict),
            )
            for one in self.measures
        ]
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        end = f"{self.outcome} after {lasted}{self._precision()}"
        return "\n".join([head, end, "", *lines, "", self.sentence])

    def _precision(self) -> str:
        if self.speed <= 1:
            return ""
        second = duration_text(timedelta(seconds=self.speed))
        return f", at {self.speed:g} times real speed: each real second counts as {second}"


_NAMED = 3
