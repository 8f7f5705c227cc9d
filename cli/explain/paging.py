"""`watchbill explain NAME --plan`: the paging plan of a playbook at each severity.

Decides that severities with the same plan share it. The plan is a rehearsal's, of an
incident declared at that severity; how a line reads is `cli.explain.text`'s.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from cli.explain.alert import (
    EXPLAINED,
    WRONG_USAGE,
    Circumstances,
    WrongUsageError,
    asked_of,
    compiled_folder,
    tell_left_out,
)
from cli.explain.explained import Asked, moment_in
from cli.explain.text import heading, plan_text, serving_lines
from compiler.compile import Compiled
from compiler.diagnostics import choice
from domain.incident.input import Declaration
from domain.plan import Plan
from domain.rehearsal.cast import Cast
from domain.rehearsal.outlook import foresee
from domain.rehearsal.rehearsal import EndlessRehearsalError, Rehearsal
from domain.rehearsal.staffing import who_serves
from domain.severity import Severity


def explain_paging(
    name: str, severities: Sequence[Severity], folder: Path, circumstances: Circumstances
) -> int:
    """Prints who is paged when; the exit status."""
    try:
        compiled = compiled_folder(folder)
        asked = asked_of(circumstances._replace(resolves=None), compiled)
        plan = _plan(name, compiled)
        plans = {severity: _lines(plan, severity, compiled, asked) for severity in severities}
    except (WrongUsageError, EndlessRehearsalError) as error:
        print(f"watchbill explain: {error}", file=sys.stderr)
        return WRONG_USAGE
    at = moment_in(asked.at, plan.timezone)
    serving = who_serves(plan, min(severities), Cast(compiled.roster), at)
    print("\n".join([name, *serving_lines(serving, plan.timezone, at)]))
    for severity, lines in plans.items():
        print("\n".join(["", f"{severity}, if {lines[0]}", *lines[1:]]))
    broken = {each.path for each in compiled.diagnostics if each.is_error}
    tell_left_out(tuple(sorted(broken)))
    return EXPLAINED


def _plan(name: str, compiled: Compiled) -> Plan:
    if name in compiled.plans:
        return compiled.plans[name]
    help_text = choice(name, compiled.plans, of="playbooks without errors")
    raise WrongUsageError(f"no sound playbook '{name}'; {help_text}")


def _lines(plan: Plan, severity: Severity, compiled: Compiled, asked: Asked) -> list[str]:
    at = moment_in(asked.at, plan.timezone)
    rehearsal = Rehearsal(plan, Cast(compiled.roster), at)
    rehearsal.measure(asked.facts)
    declaration = Declaration(title=plan.name, actor="system", severity=severity)
    outlook = foresee(rehearsal, lambda: rehearsal.declare(declaration), asked.course)
    head = heading(outlook, asked.course, at, plan.timezone)
    return [head, *plan_text(outlook, plan.timezone)]
