"""An API whose people take turns, and what a request for cover looks like there."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from domain.cover import OPEN, OverrideStatus
from domain.roster import Roster, Rotation, Schedule
from tests.api.conftest import Api, a_user

HOUR = timedelta(hours=1)


def a_rota() -> Roster:
    """`pay` (Berlin) and `dba` (UTC): Ann and Bo take weekly turns; Cleo serves nowhere."""
    turns = Rotation(users=("ann", "bo"), unit="week", weekday="mon", first=date(2026, 1, 5))
    back = turns.model_copy(update={"users": ("bo", "ann")})
    people = (
        a_user("ann", "Ann Berg", "Europe/Berlin"),
        a_user("bo", "Bo Li"),
        a_user("cleo", "Cleo"),
    )
    return Roster(
        users={user.id: user for user in people},
        schedules={
            "pay": Schedule(id="pay", tz="Europe/Berlin", rotate=turns),
            "dba": Schedule(id="dba", tz="UTC", rotate=back),
        },
    )


def a_rota_api(start_api: Callable[..., Api]) -> Api:
    """An API with that roster, whose stand-in engine settles answers in the ledger."""
    api = start_api(roster=a_rota())

    def settle(override: str, status: OverrideStatus) -> None:
        api.ledger.settle(override, status, only=OPEN)

    api.gateway.settle = settle
    return api


def a_body(person: str | None = "bo", begins: timedelta = HOUR, **fields: Any) -> dict[str, Any]:
    """One hour from an hour from now on."""
    now = datetime.now(UTC)
    body = {
        "person": person,
        "from": (now + begins).isoformat(),
        "to": (now + begins + HOUR).isoformat(),
        "reason": "dentist",
    }
    return {name: value for name, value in (body | fields).items() if value is not None}


def add(api: Api, actor: str = "ann", schedule: str = "pay", **fields: Any) -> dict[str, Any]:
    """The answer to a request for cover that must succeed."""
    with api.client(actor) as client:
        answer = client.post(f"/v1/schedules/{schedule}/overrides", json=a_body(**fields))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
