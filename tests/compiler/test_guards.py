"""What a condition makes sure of before it reads a result of a step."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.checks.results_named import Named, condition_holds, named_in_condition, named_in_text
from domain.expressions import check, evaluate
from domain.scope import Declared, Scope
from domain.templates import render

DECLARED: Declared = (("steps.a.ok", "bool"), ("steps.a.timed_out", "bool"), ("steps.a.n", "int"))
BLANK = {"ok": False, "timed_out": False}
FAILED = {"labels": {"x": "y", "y": "z"}, "steps": {"a": BLANK, "b": BLANK, "d": BLANK}}


def unguarded(expression: str) -> list[str]:
    """The results that the condition reads without asking first."""
    return [
        f"{each.step}.{each.output}"
        for each in named_in_condition(expression)
        if each.output not in ("ok", "chosen") and not each.guards and not each.asks_only
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "steps.a.ok && steps.a.n > 1",
        "steps.a.n > 1 && steps.a.ok",
        "labels.x == '||' && (steps.a.ok) && (steps.a.n > 1 || steps.a.m)",
        "!steps.a.ok || steps.a.n > 1",
        "steps.a.ok ? steps.a.n > 1 : false",
        "!steps.a.ok ? false : steps.a.n > 1",
        "labels.a == 'x' ? labels.b == 'y' : steps.a.ok ? steps.a.n > 1 : false",
        "steps.a.ok == true && steps.a.n > 1",
        "steps.a.ok != false && steps.a.n > 1",
        "has(steps.a.n) && steps.a.n > 1",
        "steps.d.chosen == 'go' && steps.a.n > 1",
        "steps.d.chosen != 'go' || steps.a.n > 1",
        "!(steps.a.ok && labels.x == 'y') || !(!steps.a.ok || steps.a.n > 1)",
        "has(steps.a.n)",
    ],
)
def test_condition_that_asks_first_is_guarded(expression: str) -> None:
    assert unguarded(expression) == []


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("steps.a.n > 1", ["a.n"]),
        ("steps.a.ok || steps.a.n > 1", ["a.n"]),
        ("!steps.a.ok && steps.a.n > 1", ["a.n"]),
        ("(steps.a.ok || labels.x == 'y') && steps.a.n > 1", ["a.n"]),
        ("steps.a.ok ? false : steps.a.n > 1", ["a.n"]),
        ("steps.a.ok == false && steps.a.n > 1", ["a.n"]),
        ("labels.x == 'steps.a.ok && ' || steps.a.n > 1", ["a.n"]),
        ("'steps.b.n' == labels.x", []),
        ("(" * 70 + "steps.a.ok && steps.a.n" + ")" * 70, ["a.n"]),
    ],
)
def test_condition_that_does_not_ask_is_not_guarded(expression: str, names: list[str]) -> None:
    assert unguarded(expression) == names


def test_offsets_point_at_the_names() -> None:
    expression = "labels.x == 'é' && steps.a.ok ? steps . b . n > 1 : steps.c.n == 2"

    found = [expression[each.offset :][:9] for each in named_in_condition(expression)]

    assert found == ["steps.a.o", "steps . b", "steps.c.n"]


def _is_sure(named: Named) -> bool:
    return named.asks_only or any(guard[1] in ("a", "d") for guard in named.guards)


@pytest.mark.parametrize(
    ("template", "guarded"),
    [
        ("{% if steps.a.ok %}{{ steps.a.n }}{% endif %}", [True]),
        ("{%- if steps.a.ok -%}{{ steps.a.n }}{%- endif -%}", [True]),
        ("{% if steps.a.ok and labels.x %}{{ steps.a.n | upper }}{% endif %}", [True]),
        ("{% if not steps.a.ok %}no{% else %}{{ steps.a.n }}{% endif %}", [True]),
        ("{% if labels.x %}x{% elif steps.a.ok %}{{ steps.a.n }}{% endif %}", [True]),
        ("{% if not steps.a.ok %}x{% elif steps.a.n > 1 %}y{% endif %}", [True]),
        (
            "{% for x in labels.y %}{% if steps.a.ok %}{{ steps.a.n }}{% endif %}{% endfor %}",
            [True],
        ),
        ("{{ steps.a.n if steps.a.ok else 'none' }}", [True]),
        ("{{ 'none' if not steps.a.ok else steps.a.n }}", [True]),
        ("{{ steps.a.n | default('?') }}", [True]),
        ("{{ steps.a.n | percent | default('?') }}", [True]),
        ("{{ steps.a.n | round(2) | default('?') }}", [False]),
        ("{{ steps.a.n | upper | default('?') }}", [False]),
        ("{% if steps.a.n is defined %}{{ steps.a.n }}{% endif %}", [True, True]),
        ("{% if steps.d.chosen == 'go' %}{{ steps.a.n }}{% endif %}", [True]),
        ("{{ steps.a.n }}", [False]),
        ("{% if steps.a.ok or labels.x %}{{ steps.a.n }}{% endif %}", [False]),
        ("{% if steps.a.ok %}x{% else %}{{ steps.a.n }}{% endif %}", [False]),
        ("{% if steps.a.ok %}x{% endif %}{{ steps.a.n }}", [False]),
        ("{% if steps.b.ok %}{{ steps.a.n }}{% endif %}", [False]),
        ("{{ steps.a.n ~ (labels.x | default('?')) }}", [False]),
        ("{% endif %}{% else %}{{ steps.a.n }}{% if %}", [False]),
    ],
)
def test_text_is_guarded_by_its_own_ifs_and_defaults(template: str, guarded: list[int]) -> None:
    found = [each for each in named_in_text(template) if each.output == "n"]

    assert [_is_sure(each) for each in found] == guarded
    if all(guarded):
        rendered = render(template, FAILED)
        assert (rendered.missing, rendered.problem) == ((), None)


def test_what_a_condition_makes_sure_of_is_known_to_what_stands_behind_it() -> None:
    assert condition_holds("steps.a.ok && (steps.b.ok || labels.x == 'y')") == {("ok", "a")}
    assert condition_holds("(steps.a.ok && steps.b.ok) || steps.a.ok") == {("ok", "a")}
    assert condition_holds("labels.x == 'y'") == frozenset()


LEAVES = ("steps.a.ok", "steps.a.n > 1", "has(steps.a.n)", "labels.x == 'y'", "labels.x == 'z'")


def conditions() -> st.SearchStrategy[str]:
    """Conditions of and, or, not and choice over a step that has failed."""
    return st.recursive(
        st.sampled_from(LEAVES),
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from((" && ", " || ")), inner).map("".join),
            inner.map("({})".format),
            inner.map("!({})".format),
            st.tuples(inner, inner, inner).map(lambda each: "({}) ? ({}) : ({})".format(*each)),
            st.tuples(inner, inner, inner).map(lambda each: "({} ? {} : {})".format(*each)),
        ),
        max_leaves=8,
    )


@settings(max_examples=400)
@given(conditions())
def test_condition_taken_for_guarded_always_has_an_answer(expression: str) -> None:
    """What is not refused as E306 can be evaluated although the step has failed."""
    if unguarded(expression) or check(expression, Scope.INCIDENT, DECLARED):
        return
    verdict = evaluate(expression, Scope.INCIDENT, FAILED, DECLARED)

    assert verdict.holds is not None, (expression, verdict.why)
