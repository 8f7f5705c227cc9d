"""Drills over real HTTP: starting one, its score, what runs by itself, and what counts last."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from api.answering_pages import paging
from api.drill_watch import gone, wanted_schedules
from api.gateway_errors import EngineUnavailable
from catalog import Snapshot
from catalog.snapshot import BrokenFile
from domain.drill import DrillPlan, Every
from domain.drill_run import DrillSchedule
from domain.incident.view import IncidentView, PagedView, Phase
from domain.plan import ManualTrigger, Plan
from domain.plan_facts import FactPlan, HttpSource
from domain.rehearsal.score_card import SCORE, Measure, ScoreCard
from domain.severity import Severity
from tests.api.conftest import OPENED, Api, a_plan, a_roster

MONTHLY = Every(interval=timedelta(days=30))
PATIENCE_S = 20.0


def a_view(reference: str = "INC-DR1110", **fields: Any) -> IncidentView:
    """A drill's incident as the worker records it."""
    given = {
        "id": f"drill-{reference.lower()}-incident",
        "reference": reference,
        "playbook": "payments_api",
        "playbook_version": 1,
        "plan_sha256": "00",
        "title": "5xx",
        "severity": Severity.SEV2,
        "phase": Phase.TRIGGERED,
        "owner": "team:payments",
        "drill": True,
        "opened_at": OPENED,
        "updated_at": OPENED,
        "seq": 1,
    }
    return IncidentView.model_validate(given | fields)


def a_card(reference: str = "INC-DR1110") -> ScoreCard:
    """One promise kept, one missed."""
    return ScoreCard(
        reference=reference,
        playbook="payments_api",
        version=1,
        title="5xx",
        severity=Severity.SEV2,
        outcome="resolved",
        is_resolved=True,
        lasted_s=600.0,
        measures=(
            Measure(name="to resolve", verdict="kept"),
            Measure(name="to acknowledge", happened="never", verdict="missed"),
        ),
    )


def with_score(api: Api, reference: str = "INC-DR1110") -> None:
    """A drill that is over and judged stands in the ledger."""
    view = a_view(reference, phase=Phase.CLOSED, closed_at=OPENED, seq=2)
    entry = {
        "seq": 2,
        "at": OPENED.isoformat(),
        "actor": "source:drill",
        "kind": SCORE,
        "text": "Score: 1 of 2 promises kept.",
        "data": {"card": a_card(reference).model_dump_json()},
    }
    api.record(view, entry)


def measuring(**fields: Any) -> Plan:
    """A playbook with one measured fact."""
    source = HttpSource(url="https://x.example/", path="body.ratio")
    return a_plan(facts={"ratio": FactPlan(type="double", http=source)}, **fields)


def test_a_drill_starts_with_what_the_request_says_and_can_be_followed_at_once(
    start_api: Callable[..., Api],
):
    api = start_api(measuring())
    body = {
        "playbook": "payments_api",
        "facts": {"ratio": "0.3"},
        "responders": {"default": "2m", "user:ann": "never"},
    }

    with api.client() as http:
        answer = http.post("/v1/drills", json=body).json()
        incident = http.get(f"/v1/incidents/{answer['reference']}").json()

    [start] = api.gateway.drills_started
    assert answer["sentence"].endswith("at speed 60: nobody is told.")
    assert start.by == "user:ann"
    assert start.changes.facts == {"ratio": 0.3}
    assert start.changes.responders is not None
    assert start.changes.responders.of("ann").after is None
    assert (incident["drill"], incident["alone"]) == (True, True)
    assert incident["id"] == answer["incident"]


def test_a_repeat_with_the_same_key_starts_no_second_drill(api: Api):
    headers = {"Idempotency-Key": "once"}

    with api.client() as http:
        first = http.post("/v1/drills", json={"playbook": "payments_api"}, headers=headers)
        again = http.post("/v1/drills", json={"playbook": "payments_api"}, headers=headers)

    assert first.json() == again.json()
    assert len(api.gateway.drills_started) == 1


REFUSED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"playbook": "payment_api"}, "did you mean 'payments_api'"),
    ({"playbook": "payments_api", "facts": {"ration": 1}}, "did you mean 'ratio'"),
    ({"playbook": "payments_api", "facts": {"ratio": "much"}}, "'much' is no number"),
    ({"playbook": "payments_api", "responders": {"user:anne": "3m"}}, "did you mean 'ann'"),
    ({"playbook": "payments_api", "responders": {"default": "nevr"}}, "did you mean 'never'"),
    ({"playbook": "payments_api", "responders": {"ann": "3m"}}, "'user:ann'"),
    ({"playbook": "payments_api", "speed": 0}, "greater than or equal to 1"),
)


def test_what_a_drill_cannot_be_is_422_with_the_mend(start_api: Callable[..., Api]):
    with start_api(measuring()).client() as http:
        answers = [(http.post("/v1/drills", json=body), said) for body, said in REFUSED]

    assert [answer.status_code for answer, _ in answers] == [422] * len(REFUSED)
    assert [said for answer, said in answers if said not in answer.text] == []


def test_a_second_drill_of_a_playbook_is_409_while_the_first_is_under_way(api: Api):
    api.record(a_view())

    with api.client() as http:
        answer = http.post("/v1/drills", json={"playbook": "payments_api"})

    assert answer.status_code == 409
    assert "watchbill cancel INC-DR1110" in answer.json()["detail"]


def test_real_people_are_paged_only_by_who_may_declare(start_api: Callable[..., Api]):
    plan = a_plan(manual=ManualTrigger(allow=("user:bo",)))
    api = start_api(plan)
    body = {"playbook": "payments_api", "people": "real"}
    key = api.ledger.add_key("ann", ["respond"], "user:ann")

    with api.client(key=key) as http:
        refused = http.post("/v1/drills", json=body)
        alone = http.post("/v1/drills", json={"playbook": "payments_api"})

    assert (refused.status_code, alone.status_code) == (403, 200)


def test_a_drill_is_shown_with_its_score_and_a_real_incident_is_none(api: Api):
    with_score(api)
    api.record(a_view("INC-REA110", drill=False, id="real"))

    with api.client() as http:
        found = http.get("/v1/drills/inc-dr1110").json()
        real = http.get("/v1/drills/INC-REA110")
        nobody = http.get("/v1/drills/INC-N0B0DY")

    assert (found["state"], found["kept"], found["missed"]) == ("scored", 1, 1)
    assert found["text"] == a_card().text()
    assert (real.status_code, nobody.status_code) == (404, 404)
    assert "is no drill" in real.json()["detail"]


def test_the_list_has_what_runs_by_itself_also_while_the_engine_is_away(api: Api):
    with_score(api)
    serve(api, payments_api=MONTHLY)
    api.gateway.error = EngineUnavailable()

    with api.client() as http:
        found = http.get("/v1/drills").json()

    [scheduled] = found["scheduled"]
    assert (scheduled["every"], scheduled["source"]) == ("every 30 d", "payments_api.yaml")
    assert not scheduled["is_known_to_the_engine"]
    assert [one["reference"] for one in found["items"]] == ["INC-DR1110"]


def serve(api: Api, **every: Every) -> None:
    """The files say that these drills run by themselves, from now on."""
    plans = {name: a_plan(name) for name in {"payments_api", *every}}
    api.catalog.snapshot = a_snapshot(plans, every)


def a_snapshot(plans: dict[str, Plan], every: dict[str, Every], *broken: str) -> Snapshot:
    """What is in service."""
    return Snapshot(
        plans=plans,
        plan_paths={name: f"{name}.yaml" for name in plans},
        roster=a_roster(),
        drills={name: DrillPlan(every=each) for name, each in every.items()},
        broken=tuple(
            BrokenFile(path=path, since=OPENED, serving_last_good=True) for path in broken
        ),
        loaded_at=OPENED,
    )


def becomes(is_so: Callable[[], bool]) -> bool:
    """Whether it becomes so while one would wait."""
    last = time.monotonic() + PATIENCE_S
    while not is_so() and time.monotonic() < last:
        time.sleep(0.02)
    return is_so()


def test_schedules_follow_the_files_and_nothing_is_asked_twice(api: Api):
    serve(api, payments_api=MONTHLY)
    assert becomes(lambda: sorted(api.gateway.drills_kept) == ["payments_api"])

    serve(api, orders=Every(cron="0 10 * * 1", tz="UTC"))

    assert becomes(lambda: sorted(api.gateway.drills_kept) == ["orders"])
    assert api.gateway.drills_kept["orders"].text == "0 10 * * 1 in UTC, says orders.yaml"


def test_a_broken_file_keeps_its_schedule_and_a_removed_one_does_not():
    plans = {"orders": a_plan("orders")}

    assert gone(a_snapshot(plans, {}, "orders.yaml"), {"orders"}) == ()
    assert gone(a_snapshot(plans, {}), {"orders"}) == ("orders",)
    assert gone(a_snapshot({}, {}), {"orders"}) == ("orders",)


def test_while_nobody_knows_which_playbook_a_broken_file_is_no_schedule_goes():
    snapshot = a_snapshot({"orders": a_plan("orders")}, {}, "strange.yaml")

    assert gone(snapshot, {"payments"}) == ()
    assert gone(snapshot, {"orders"}) == ("orders",)


def test_only_drills_with_a_time_of_their_own_are_scheduled():
    snapshot = a_snapshot({"orders": a_plan("orders")}, {"orders": MONTHLY})
    without = snapshot.model_copy(update={"drills": {"orders": DrillPlan()}})

    expected = DrillSchedule(playbook="orders", every=MONTHLY, source="orders.yaml")
    assert wanted_schedules(snapshot) == {"orders": expected}
    assert wanted_schedules(without) == {}


async def test_a_bare_ack_means_real_incidents_first_and_never_a_drill_alone(api: Api):
    paged = PagedView(person="ann", name="Ann", level="1", method="sms", state="sent", at=OPENED)
    api.record(a_view("INC-DR1111", paged=(paged,), severity=Severity.SEV1))
    api.record(a_view("INC-DR1112", paged=(paged,), alone=True, id="alone"))
    api.record(a_view("INC-REA111", paged=(paged,), drill=False, severity=Severity.SEV4, id="x"))

    found = await paging(api.app.state.services, "ann")

    assert [one.reference for one in found] == ["INC-REA111", "INC-DR1111"]


def test_mine_leaves_out_drills_of_simulated_people_and_marks_the_others(api: Api):
    role = {"operations_lead": [{"person": "ann", "name": "Ann", "since": OPENED}]}
    api.record(a_view("INC-DR1111", roles=role))
    api.record(a_view("INC-DR1112", roles=role, alone=True, id="alone"))
    api.record(a_view("INC-REA111", roles=role, drill=False, id="x"))

    with api.client() as http:
        held = http.get("/v1/me").json()["roles"]

    assert [(one["reference"], one["title"]) for one in held] == [
        ("INC-REA111", "5xx"),
        ("INC-DR1111", "[DRILL] 5xx"),
    ]


def test_drills_count_in_no_gauge_and_own_no_alert(api: Api):
    alert = {"source": "drill", "fingerprint": "x", "status": "firing"}
    api.record(a_view(alert_list=(alert,)))

    with api.client() as http:
        metrics = http.get("/metrics").text

    assert 'watchbill_incidents_open{phase="triggered"} 0.0' in metrics
    assert api.ledger.owners([("drill", "x")]) == {}
    assert api.ledger.last_at("paged") is None
