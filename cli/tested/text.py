"""How tests went, for people: a line for each playbook, then every failure at its place.

Decides the words and their order; a failure looks like any other problem of a playbook.
"""

from collections.abc import Iterator

from cli.findings import Findings, Format, written
from cli.tested import Run

MOST_NAMED = 6
"""Playbooks without a test that the last line names."""


def text_of(run: Run, *, coloured: bool = False) -> str:
    """The whole report but for the summary; it ends a line."""
    parts = [*_playbooks(run), ""] if run.verdicts else []
    told = written(Findings(run.problems, run.texts), Format.TEXT, coloured=coloured)
    head = "".join(f"{line}\n" for line in parts)
    return f"{head}{told}" if told else head.removesuffix("\n\n") + ("\n" if head else "")


def _playbooks(run: Run) -> Iterator[str]:
    tested = run.by_playbook
    width = max(len(name) for name in tested)
    for name, own in tested.items():
        failed = sum(not each.passed for each in own)
        counted = f"{len(own)} {plural(len(own), 'test')}"
        went = f"{counted}, {failed} failed" if failed else f"{counted} passed"
        yield f"{name:<{width}}  {went}"


def summary_of(run: Run) -> str:
    """The last line: how many passed, and what else must be mended."""
    total, failed = len(run.verdicts), len(run.failed)
    tested = len(run.by_playbook)
    among = f"in {tested} {plural(tested, 'playbook')}"
    parts = []
    if not total:
        parts.append("no tests found; docs/tests.md says how to write one")
    elif failed:
        parts.append(f"{failed} of {total} tests {among} failed in {run.seconds:.1f} s")
    else:
        parts.append(f"{total} {plural(total, 'test')} {among} passed in {run.seconds:.1f} s")
    if run.errors:
        files = len({each.path for each in run.errors})
        errors = f"{len(run.errors)} {plural(len(run.errors), 'error')}"
        parts.append(f"{errors} in {files} {plural(files, 'file')}")
    if run.warnings:
        parts.append(f"{len(run.warnings)} {plural(len(run.warnings), 'warning')}")
    if run.untested:
        more = len(run.untested) - MOST_NAMED
        named = ", ".join(run.untested[:MOST_NAMED])
        parts.append(f"without a test: {named}" + (f" and {more} more" if more > 0 else ""))
    return "; ".join(parts)


def plural(count: int, word: str) -> str:
    """The word for so many."""
    return word if count == 1 else f"{word}s"
