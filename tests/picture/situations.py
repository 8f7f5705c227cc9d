"""Shipped playbooks and incidents under way, for pictures to be drawn of."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import count
from pathlib import Path

from cli.folders import read_folder
from compiler.compile import Compiled, compile_folder
from domain.alert import Alert, AlertStatus
from domain.incident.commands import Acknowledge, Command
from domain.incident.commands_of_steps import StepChoose, StepDone
from domain.incident.step_effects import CallResult, MakeCall
from domain.incident.view import IncidentView
from domain.plan import Plan
from domain.rehearsal.cast import Cast
from domain.rehearsal.rehearsal import Rehearsal
from tests.processes import ROOT

START = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
PLAYBOOKS = ROOT / "playbooks"
FULL_EXAMPLE = ROOT / "tests" / "compiler" / "full_example"
DEPLOYS = CallResult(outcome="ok", values={"count": 2, "latest": "r-281"})
FAILED = CallResult(outcome="failed", detail="statuspage answered 503")

_REQUESTS = count(1)


@lru_cache
def compiled(folder: Path = PLAYBOOKS) -> Compiled:
    """The folder, compiled once."""
    return compile_folder(read_folder(folder))


def shipped(name: str) -> Plan:
    """A shipped playbook's plan."""
    return compiled().plans[name]


def burning() -> Rehearsal:
    """30 % of payments fail at 03:00 in Berlin; nobody has answered yet."""
    plan = shipped("payment_api_5xx")
    rehearsal = Rehearsal(plan, Cast(compiled().roster, machine=_machine), START)
    labels = {"alertname": "PaymentApi5xx", "service": "payments-api", "env": "prod"}
    rehearsal.measure({"error_ratio": 0.3, "regions_down": ("eu-1", "eu-2", "eu-3")})
    alert = Alert(
        source="alertmanager",
        fingerprint="f1",
        status=AlertStatus.FIRING,
        starts_at="2026-03-04T02:00:00Z",
        labels=labels,
        annotations={"error_ratio": "0.3"},
        summary="Payment API error ratio 30 %",
    )
    rehearsal.fire(alert)
    return rehearsal


def unanswered() -> IncidentView:
    """Seven minutes later nobody has answered: level 2 is paged."""
    rehearsal = burning()
    rehearsal.let_pass(timedelta(minutes=7))
    return rehearsal.view()


def decided() -> IncidentView:
    """Acknowledged and in the middle of shifting regions."""
    rehearsal = burning()
    rehearsal.let_pass(timedelta(minutes=2))
    first = rehearsal.view().paged[0]
    _say(rehearsal, Acknowledge(**_by(first.person, first.name)))
    rehearsal.let_pass(timedelta(minutes=1))
    _say(rehearsal, StepDone(**_by(first.person, first.name), step="first_look"))
    rehearsal.let_pass(timedelta(minutes=4))
    choice = StepChoose(
        **_by(first.person, first.name), step="choose_mitigation", option="failover"
    )
    _say(rehearsal, choice)
    rehearsal.let_pass(timedelta(minutes=1))
    return rehearsal.view()


def _machine(call: MakeCall) -> CallResult | None:
    """Deploys are found, the status page fails, one region has moved and one still moves."""
    match call.step:
        case "recent_deploys":
            return DEPLOYS
        case "provider_status":
            return FAILED
        case "shift_region@2":
            return None
        case _:
            return CallResult(outcome="ok", detail="200 OK")


def _say(rehearsal: Rehearsal, command: Command) -> None:
    said = rehearsal.say(command)
    assert not said.refused, said.sentence


def _by(person: str, name: str) -> dict[str, str]:
    return {"actor": f"user:{person}", "actor_name": name, "request_id": str(next(_REQUESTS))}
