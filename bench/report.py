"""Rows of the report: what was measured, what it was aimed at, whether it holds."""

from dataclasses import dataclass, field
from typing import Any


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of the values lies; nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(frozen=True)
class Row:
    """One line of the table; `holds` is None where there is no aim."""

    what: str
    measured: str
    aim: str = ""
    holds: bool | None = None


@dataclass
class Report:
    """Everything measured: rows for people, figures for programs, what is broken."""

    rows: list[Row] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def add(self, what: str, measured: str, aim: str = "", *, holds: bool | None = None) -> None:
        """One more line."""
        self.rows.append(Row(what, measured, aim, holds))

    def require(self, what: str, *, holds: bool) -> None:
        """Something that must be so: anything lost or broken ends with status 1."""
        if not holds:
            self.broken.append(what)

    def table(self) -> str:
        """The rows, aligned."""
        marks = {None: "", True: "ok", False: "MISSED"}
        widths = [max(len(getattr(row, name)) for row in self.rows) for name in _COLUMNS]
        lines = []
        for row in self.rows:
            cells = [
                getattr(row, name).ljust(width)
                for name, width in zip(_COLUMNS, widths, strict=True)
            ]
            lines.append("  ".join([*cells, marks[row.holds]]).rstrip())
        return "\n".join(lines)


_COLUMNS = ("what", "measured", "aim")
