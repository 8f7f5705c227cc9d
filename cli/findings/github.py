"""Annotations of a GitHub Actions run: one workflow command for each problem.

Decides their order and what of a text is escaped. GitHub shows ten errors and ten warnings
of a step beside the code, so errors come first and a notice says when there are more.
"""

from collections.abc import Iterator

from cli.findings import Findings
from cli.findings.paths import path_from
from compiler.diagnostics import Diagnostic

SHOWN = 10
"""Annotations of one kind that GitHub shows for a step."""


def annotations(findings: Findings) -> Iterator[str]:
    """The workflow commands, errors first, and what is not shown."""
    in_order = sorted(findings.found, key=lambda each: not each.is_error)
    for found in in_order:
        yield _annotation(found, path_from(findings.root, found.path))
    errors = findings.errors
    if max(errors, len(in_order) - errors) > SHOWN:
        said = f"{findings.counted}; GitHub shows the first {SHOWN} of each, the log has all"
        yield f"::notice title={_property(f'watchbill {findings.command}')}::{_data(said)}"


def _annotation(found: Diagnostic, path: str) -> str:
    said = f"{found.message}\nhelp: {found.help}" if found.help else found.message
    place = f"file={_property(path)},line={found.line},col={found.column}"
    return f"::{found.severity} {place},title={_property(found.code)}::{_data(said)}"


def _data(text: str) -> str:
    """What a message may hold: no line breaks, and a percent sign means itself."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """What a property may hold: no colon and no comma either."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
