"""What `check` and `test` found, in the form that its reader wants.

Decides which forms there are. A form is a function of the diagnostics, the texts they stand
in and the folder that paths are told from; each has a module of its own.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from compiler.diagnostics import Diagnostic, report


class Format(StrEnum):
    """Who reads it: people, programs, a code scanner, the annotations of a GitHub run."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


@dataclass(frozen=True, slots=True)
class Findings:
    """Diagnostics in order, and the source text of each path that they name.

    `root` is the folder that SARIF and GitHub tell paths from; `command` is who found it.
    """

    found: Sequence[Diagnostic]
    texts: Mapping[str, str] = field(default_factory=dict)
    root: Path = field(default_factory=Path.cwd)
    command: str = "check"

    @property
    def errors(self) -> int:
        """How many refuse a playbook."""
        return sum(each.is_error for each in self.found)

    @property
    def counted(self) -> str:
        """How many errors and warnings, in words."""
        warnings = len(self.found) - self.errors
        counts = ((self.errors, "error"), (warnings, "warning"))
        said = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count]
        return " and ".join(said) or "no problems"


def written(findings: Findings, form: Format, *, coloured: bool = False) -> str:
    """The findings in this form; empty where there is nothing to say, else it ends a line."""
    match form:
        case Format.TEXT:
            text = _text(findings, coloured=coloured)
        case Format.JSON:
            objects = [each.model_dump() for each in findings.found]
            text = json.dumps(objects, indent=2, ensure_ascii=False)
        case Format.SARIF:
            from cli.findings.sarif import sarif_log

            text = json.dumps(sarif_log(findings), indent=2, ensure_ascii=False)
        case Format.GITHUB:
            from cli.findings.github import annotations

            text = "\n".join(annotations(findings))
        case _:
            assert_never(form)
    return f"{text}\n" if text else ""


def _text(findings: Findings, *, coloured: bool) -> str:
    if not coloured:
        return report(findings.found, findings.texts)
    from cli.findings.colour import coloured_report

    return coloured_report(findings.found, findings.texts)
