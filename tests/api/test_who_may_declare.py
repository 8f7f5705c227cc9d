"""Who may declare an incident by hand: users, teams and whoever is on call now."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from api.incidents import check_may_declare
from api.problems import Problem
from api.security import Caller, Scope
from domain.plan import ManualTrigger, Plan
from domain.roster import Method, NotifyRule, Roster, Rotation, Schedule, Team, User
from tests.incident.plans import a_plan


def a_roster() -> Roster:
    """Ann is on call, bo is of the team, cleo is neither."""
    rules = (NotifyRule(via=Method.PUSH),)
    users = {
        name: User(id=name, name=name, contact={Method.PUSH: "ntfys://x/y"}, high=rules)
        for name in ("ann", "bo", "cleo")
    }
    turns = Rotation(users=("ann",), unit="week", weekday="mon", first=date(2024, 1, 1))
    return Roster(
        users=users,
        teams={"storage": Team(id="storage", members=("bo",))},
        schedules={"primary": Schedule(id="primary", tz="UTC", rotate=turns)},
    )


@pytest.fixture
def declare() -> Callable[[str], None]:
    """Asks whether a person may declare by hand; raises Problem if not."""
    parts: Any = SimpleNamespace(snapshot=SimpleNamespace(roster=a_roster()))
    allow = ("team:storage", "schedule:primary")
    plan: Plan = a_plan(manual=ManualTrigger(allow=allow))

    def ask(person: str) -> None:
        caller = Caller(
            actor=f"user:{person}", name=person, scopes=frozenset({Scope.RESPOND}), key="k"
        )
        check_may_declare(parts, plan, caller)

    return ask


def test_members_of_an_allowed_team_and_whoever_is_on_call_may_declare(
    declare: Callable[[str], None],
) -> None:
    declare("bo")
    declare("ann")


def test_others_are_refused_and_told_who_may(declare: Callable[[str], None]) -> None:
    with pytest.raises(Problem) as refused:
        declare("cleo")

    assert refused.value.response().status_code == 403
    assert "team:storage, schedule:primary" in str(refused.value)
