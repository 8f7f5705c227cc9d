"""Alerts under maintenance: durable, answered as suppressed, and nobody forgotten."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from domain.maintenance import Window
from tests.api.intake_api import Api, an_api
from tests.api.intake_setup import a_recorder, an_engine

pytestmark = pytest.mark.engine

ALERTS = "/v1/alerts/generic"


@pytest.fixture(scope="module")
async def own_engine() -> AsyncIterator[WorkflowEnvironment]:
    async with an_engine() as environment:
        yield environment


@pytest.fixture
async def api(tmp_path: Path, own_engine: WorkflowEnvironment) -> AsyncIterator[Api]:
    async with a_recorder(own_engine.client), an_api(tmp_path, own_engine.client) as api:
        yield api


def planned(api: Api, **fields: Any) -> Window:
    """Maintenance of payments-api from now, for an hour."""
    now = datetime.now(UTC)
    given = {
        "id": "mw-1",
        "service": "payments_api",
        "starts_at": now,
        "ends_at": now + timedelta(hours=1),
        "reason": "db upgrade",
        "by": "Ann",
    }
    window = Window.model_validate(given | fields)
    api.ledger.maintenance.add(window, "user:ann")
    return window


async def posted(api: Api, fingerprint: str, **labels: str) -> dict[str, Any]:
    """What became of one firing alert."""
    alert = {"fingerprint": fingerprint, "status": "firing", "labels": labels, "summary": "Down"}
    answer = await api.post(ALERTS, alert)
    assert answer.status_code == 202, answer.text
    became: dict[str, Any] = answer.json()["alerts"][0]
    return became


async def maintenance_of(client: Client, workflow_id: str) -> list[Window]:
    """The windows that the incident was told of, in order."""
    found: list[Window] = await client.get_workflow_handle(workflow_id).query(
        "maintenance", result_type=list[Window]
    )
    return found


async def test_a_covered_alert_is_answered_and_recorded_as_suppressed(
    api: Api, own_engine: WorkflowEnvironment
) -> None:
    window = planned(api)

    became = await posted(api, "f1", service="payments-api")

    assert became["outcome"] == "suppressed"
    assert became["notes"][-1] == (
        f"suppressed until {window.ends_at:%Y-%m-%d %H:%M} UTC: maintenance mw-1, db upgrade"
    )
    assert await maintenance_of(own_engine.client, became["incident"]) == [window]
    held = api.ledger.maintenance.holding_back(window.starts_at)
    assert held == (became["incident"],)


async def test_what_no_window_covers_opens_as_ever(api: Api) -> None:
    planned(api, service="search_api")

    assert (await posted(api, "f1", service="payments-api"))["outcome"] == "opened"


async def test_a_planned_and_a_past_window_cover_nothing(api: Api) -> None:
    now = datetime.now(UTC)
    planned(api, id="mw-later", starts_at=now + timedelta(minutes=30))
    planned(api, id="mw-before", starts_at=now - timedelta(hours=1), ends_at=now)

    assert (await posted(api, "f1", service="payments-api"))["outcome"] == "opened"


async def test_an_incident_suppressed_by_a_window_that_was_just_ended_hears_of_it(
    api: Api, own_engine: WorkflowEnvironment
) -> None:
    window = planned(api)
    await posted(api, "f0", service="something-else")
    ended = datetime.now(UTC)
    api.ledger.maintenance.move_end(window.id, ended, "user:ann")

    became = await posted(api, "f1", service="payments-api")

    told = await maintenance_of(own_engine.client, became["incident"])
    assert [one.ends_at for one in told] == [window.ends_at, ended]


async def test_a_ledger_that_does_not_tell_its_windows_holds_nothing_back(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(api)

    def unreadable(*_: object) -> None:
        raise OSError("disk I/O error")

    monkeypatch.setattr(api.ledger.maintenance, "active", unreadable)

    assert (await posted(api, "f1", service="payments-api"))["outcome"] == "opened"
