"""The conditions of Opsgenie's routing rules as conditions over labels.

Decides what each field of their alerts is here (priority, source, entity and details are
labels, the message is the summary), and which operations cannot be said.
"""

from cli.migration.matchers import Matcher, literal, presence
from cli.migration.matchers import condition_of as condition_of_matcher
from cli.migration.opsgenie_document import ConditionExport, CriteriaExport
from domain.patterns import InvalidPatternError, matches_whole

_LABELS = ("priority", "source", "entity")
_CALLS = {"contains": "contains", "starts-with": "startsWith", "ends-with": "endsWith"}


def condition_of(criteria: CriteriaExport) -> tuple[str, list[str]]:
    """The condition, empty if there is none, and what of it a person must say."""
    if criteria.type == "match-all" or not criteria.conditions:
        return "", []
    found: list[str] = []
    asked: list[str] = []
    for each in criteria.conditions:
        said = _said(each)
        if said is None:
            no = "not " if each.negated else ""
            what = f"{each.field} {each.key} {no}{each.operation} '{each.expected}'"
            asked.append(f"a condition is missing: {' '.join(what.split())}")
        else:
            found.append(f"!({said})" if each.negated else said)
    is_any = criteria.type == "match-any-condition"
    if is_any and asked:
        asked.append("any of its conditions was enough")
    joined = (" || " if is_any else " && ").join(found)
    return joined, asked


def _said(each: ConditionExport) -> str | None:
    if each.field == "message":
        return _over("alert.summary", each)
    label = each.key if each.field in ("extra-properties", "details") else each.field
    if not label or (each.field not in ("extra-properties", "details", *_LABELS)):
        return None
    if each.operation in ("equals", "equals-ignore-whitespace") and each.expected:
        return condition_of_matcher(Matcher(label, "=", each.expected))
    there, name = presence(label)
    if each.operation == "is-empty":
        return f"(!{there} || {name} == '')"
    said = _over(name, each)
    return f"({there} && {said})" if said else None


def _over(name: str, each: ConditionExport) -> str | None:
    """The operation over a text that is there; None for those that we cannot say."""
    call = _CALLS.get(each.operation)
    if call:
        return f"{name}.{call}({literal(each.expected)})"
    if each.operation == "equals":
        return f"{name} == {literal(each.expected)}"
    if each.operation == "matches" and _is_pattern(each.expected):
        return f"{name}.matches({literal(each.expected)})"
    return None


def _is_pattern(text: str) -> bool:
    try:
        matches_whole(text, "")
    except InvalidPatternError:
        return False
    return True
