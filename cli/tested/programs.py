"""How tests went, for programs: JSON, and JUnit's XML as CI servers read it.

Decides the shape of both.
"""

import json
import re
from xml.sax.saxutils import escape, quoteattr

from cli.tested import Run
from compiler.diagnostics import Diagnostic, rendered, source_lines
from compiler.rehearsing import Tested

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def json_of(run: Run) -> str:
    """One object with every test and every problem."""
    return json.dumps(
        {
            "passed": len(run.verdicts) - len(run.failed),
            "failed": len(run.failed),
            "seconds": round(run.seconds, 3),
            "errors": [each.model_dump() for each in run.errors],
            "warnings": [each.model_dump() for each in run.warnings],
            "untested": run.untested,
            "tests": [
                {
                    "playbook": each.playbook,
                    "path": each.path,
                    "name": each.name,
                    "passed": each.passed,
                    "problems": [one.model_dump() for one in each.problems],
                }
                for each in run.verdicts
            ],
        },
        indent=2,
        ensure_ascii=False,
    )


def junit_of(run: Run) -> str:
    """A suite for each playbook; problems of files are a suite of their own."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>']
    failures, errors = len(run.failed), len({each.path for each in run.errors})
    total = len(run.verdicts) + errors
    counts = f'tests="{total}" failures="{failures}" errors="{errors}"'
    lines.append(f'<testsuites name="watchbill" {counts} time="{run.seconds:.3f}">')
    for name, own in run.by_playbook.items():
        failed = sum(not each.passed for each in own)
        suite = f'tests="{len(own)}" failures="{failed}" errors="0"'
        lines.append(f"  <testsuite name={_attribute(name)} {suite}>")
        lines += [line for each in own for line in _case(each, run)]
        lines.append("  </testsuite>")
    for path in sorted({each.path for each in run.errors}):
        own_errors = [each for each in run.errors if each.path == path]
        lines.append(f'  <testsuite name={_attribute(path)} tests="1" failures="0" errors="1">')
        lines.append(f'    <testcase classname={_attribute(path)} name="it can be read">')
        lines.append(f"      <error message={_attribute(own_errors[0].message)}>")
        lines.append(f"{_body(own_errors, run)}</error>")
        lines += ["    </testcase>", "  </testsuite>"]
    lines.append("</testsuites>")
    return "\n".join(lines)


def _case(each: Tested, run: Run) -> list[str]:
    head = f"    <testcase classname={_attribute(each.playbook)} name={_attribute(each.name)}"
    head += f" file={_attribute(each.path)}"
    if each.passed:
        return [f"{head} />"]
    message = _attribute(each.problems[0].message)
    return [
        f"{head}>",
        f"      <failure message={message}>{_body(each.problems, run)}</failure>",
        "    </testcase>",
    ]


def _body(problems: list[Diagnostic] | tuple[Diagnostic, ...], run: Run) -> str:
    lines = {each.path: source_lines(run.texts.get(each.path, "")) for each in problems}
    return escape(_clean("\n".join(rendered(one, lines[one.path]) for one in problems)))


def _attribute(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    """The text without what XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
