"""Whatever tree of steps an author writes, its long form is the same tree."""

from collections.abc import Callable
from datetime import date
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compiler.compile import compile_folder
from compiler.long_form import long_form
from compiler.yaml_text import as_yaml
from domain.plan_steps import all_steps

HEAD: dict[str, Any] = {
    "language": 1,
    "name": "disk_full",
    "owner": "team:storage",
    "on_alert": {"alertname": "DiskFull"},
    "page": ["schedule:storage_primary", "schedule:storage_secondary"],
}
TEXTS = st.sampled_from(
    ["a", "yes", "12:30", "#1", "a: b", "it's", 'say "x"', "é 🔥", " x", "a\nb"]
)
DEADLINES = st.sampled_from(["5m", "never", {"SEV1": "1m", "else": "1h"}])
URL = "https://a.example/"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
).filter(lambda value: value is not None)

PLAIN: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({"wait": st.sampled_from(["30s", "1h30m"])}),
    st.fixed_dictionaries(
        {"notify": st.fixed_dictionaries({"to": st.just(["user:ann"]), "text": TEXTS})},
        optional={"at": st.just(["SEV1", "SEV3"])},
    ),
    st.fixed_dictionaries(
        {
            "http": st.fixed_dictionaries(
                {"url": st.just("https://a.example")}, optional={"json": JSON}
            )
        },
        optional={
            "timeout": st.just("20s"),
            "on_error": st.sampled_from(["ask", "continue"]),
            "on_timeout": st.sampled_from(["remind", "fail", "skip", "escalate"]),
            "retry": st.sampled_from(["policy:patient", {"attempts": 2}]),
            "out": st.just({"a": {"path": 'headers["x y"]', "type": "int"}}),
        },
    ),
    st.fixed_dictionaries(
        {
            "checklist": st.fixed_dictionaries({"items": st.lists(TEXTS, min_size=1, max_size=2)}),
            "deadline": DEADLINES,
        },
        optional={"assign": st.sampled_from(["user:bo", "role:operations_lead"])},
    ),
)


def around(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Steps that hold other steps."""
    block = st.lists(inner, min_size=1, max_size=2)
    loop = {"in": "alerts.labels.host", "max": 9}
    decision = {"by": "role:incident_commander", "question": "Which?"}
    return st.one_of(
        st.builds(
            lambda branches, join: {"parallel": branches, "join": join},
            st.lists(block, min_size=1, max_size=3),
            st.sampled_from(["all", "any", "settled"]),
        ),
        st.builds(lambda steps: {"for_each": loop, "do": steps}, block),
        st.builds(
            lambda label, steps, deadline: {
                "decide": decision
                | {"options": {"a": {"label": label, "do": steps}, "b": {"label": "B", "do": []}}},
                "deadline": deadline,
            },
            TEXTS.filter(str.strip),
            block,
            DEADLINES,
        ),
    )


TREES = st.lists(st.recursive(PLAIN, around, max_leaves=6), min_size=1, max_size=3)


def named(steps: list[dict[str, Any]], next_id: Callable[[], int]) -> list[dict[str, Any]]:
    """The same steps, each with an id of its own."""
    found = []
    for step in steps:
        one = {"id": f"s{next_id()}", **step}
        if "parallel" in one:
            one["parallel"] = [named(branch, next_id) for branch in one["parallel"]]
        if "do" in one:
            one["for_each"] = one["for_each"] | {"as": f"value_of_{one['id']}"}
            one["do"] = named(one["do"], next_id)
        if "decide" in one:
            options = one["decide"]["options"]
            inside = {
                key: option | {"do": named(option["do"], next_id)}
                for key, option in options.items()
            }
            one["decide"] = one["decide"] | {"options": inside}
        found.append(one)
    return found


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TREES)
def test_long_form_of_any_tree_of_steps_is_the_same_tree(
    context: dict[str, str], steps: list[dict[str, Any]]
) -> None:
    numbers = count()
    text = as_yaml(HEAD | {"steps": named(steps, lambda: next(numbers))})

    first = compile_folder({**context, "disk_full.yaml": text}, today=date(2026, 11, 22))
    plan = first.plans["disk_full"]
    again = compile_folder({**context, "disk_full.yaml": long_form(plan, context)})

    assert again.plans["disk_full"] == plan
    assert len(all_steps(plan.steps)) == next(numbers)
