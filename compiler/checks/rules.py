"""Checks that each severity rule can be the first that holds (E501).

Decides which rules are hidden by an earlier one, and which hold for no incident at all. What
follows from conditions is `compiler.condition_logic`.
"""

from collections.abc import Iterator

from compiler.condition_logic import Part, contradictions, implies, ways_of
from compiler.diagnostics import Diagnostic
from compiler.document import RuleForm
from compiler.nodes import Loc
from compiler.subject import Subject
from domain.expressions import evaluate
from domain.scope import Scope

Found = tuple[str, str]
"""What is wrong with a rule, and the mend."""


def check_rules(subject: Subject) -> Iterator[Diagnostic]:
    """E501 for each rule that sets no incident's severity."""
    severity = subject.form.severity if subject.form else None
    rules = severity.rules if severity else ()
    useful: list[tuple[int, RuleForm]] = []
    for index, rule in enumerate(rules):
        loc: Loc = ("severity", "rules", index, "when")
        found = _impossible(rule) or _hidden(rule, useful)
        if found:
            yield subject.value(loc, "E501", f"this rule can never match: {found[0]}", found[1])
        else:
            useful.append((index, rule))


def _impossible(rule: RuleForm) -> Found | None:
    """Why the rule holds for no incident, or None if it may."""
    if evaluate(rule.when, Scope.INCIDENT, {}).holds is False:
        return "its condition is always false", "compare labels, alerts or facts, or remove it"
    clashes = [next(contradictions(way), None) for way in ways_of(rule.when)]
    if all(clashes):
        return _contradiction(clashes[0] or ())
    return None


def _contradiction(parts: tuple[Part, ...]) -> Found:
    said = " and ".join(part.text for part in parts)
    if len(parts) == 1:
        return f"{said} holds for no value", "mend it, or remove the rule"
    is_either = all(part.op in ("==", "in") for part in parts)
    mend = "write || where one of them is enough" if is_either else "mend one of the bounds"
    return f"{said} never hold at once", mend


def _hidden(rule: RuleForm, earlier: list[tuple[int, RuleForm]]) -> Found | None:
    """Which rule before it takes everything, or None if none does."""
    condition = " ".join(rule.when.split())
    for index, other in earlier:
        name = f"rule {index + 1}"
        if evaluate(other.when, Scope.INCIDENT, {}).holds:
            return f"{name} always holds", "move the rule that always holds to the end"
        if condition == " ".join(other.when.split()):
            return f"{name} has its condition", "the first rule that holds wins; remove one"
        if implies(rule.when, other.when):
            mend = f"the first rule that holds wins: move this one before {name}"
            return f"{name} holds whenever it does: {_short(other.when)}", mend
    return None


def _short(condition: str) -> str:
    whole = " ".join(condition.split())
    return whole if len(whole) <= _LONGEST else f"{whole[:_LONGEST]}…"


_LONGEST = 60
