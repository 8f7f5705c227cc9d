"""What must hold of a playbook beyond the shape of its fields, one theme a module."""

from collections.abc import Callable, Iterator

from compiler.checks.calls import check_calls
from compiler.checks.choices import check_choices
from compiler.checks.conditions import check_conditions
from compiler.checks.drill import check_drill
from compiler.checks.head import check_head
from compiler.checks.human_steps import check_human_steps
from compiler.checks.ladder import check_ladder
from compiler.checks.plain_texts import check_plain_texts
from compiler.checks.plugins import check_plugins
from compiler.checks.references import check_references
from compiler.checks.repeats import check_repeats
from compiler.checks.results import check_results
from compiler.checks.roles import check_roles
from compiler.checks.rules import check_rules
from compiler.checks.secrets import check_secrets
from compiler.checks.severities import check_severities
from compiler.checks.steps import check_steps
from compiler.checks.timeline import check_timeline
from compiler.checks.triggers import check_triggers
from compiler.diagnostics import Diagnostic
from compiler.subject import Subject

Check = Callable[[Subject], Iterator[Diagnostic]]

ON_TEXT: tuple[Check, ...] = (
    check_conditions,
    check_choices,
    check_results,
    check_references,
    check_secrets,
)
"""Checks that need only the tree, so that they speak also where the shape is broken."""

ON_MEANING: tuple[Check, ...] = (
    check_head,
    check_severities,
    check_rules,
    check_ladder,
    check_human_steps,
    check_repeats,
    check_roles,
    check_steps,
    check_calls,
    check_plugins,
    check_plain_texts,
    check_timeline,
    check_triggers,
    check_drill,
)
"""Checks that need the document and its plan."""

__all__ = ["ON_MEANING", "ON_TEXT"]
