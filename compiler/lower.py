"""Turns a playbook's document into a Plan with every default filled in.

Decides what the plan says where the author, or the house, says nothing. What is wrong
with a playbook is not judged here but in `compiler.checks`.
"""

from collections.abc import Mapping
from typing import Any

from compiler import defaults
from compiler.document import PlaybookForm
from compiler.fact_marks import with_marks
from compiler.house import HouseForm
from compiler.lower_escalation import lower_escalation
from compiler.lower_facts import lower_fact, lower_output, lower_param, lower_reassess
from compiler.lower_steps import StepsOf
from compiler.written_values import BySeverity
from domain.alert import DEFAULT_SEVERITY_TABLE
from domain.plan import (
    OPERATIONS,
    URGENCY,
    AlertTrigger,
    Announce,
    Dedup,
    HandoffPlan,
    HeartbeatTrigger,
    ManualTrigger,
    Mitigated,
    Plan,
    ResolvePlan,
    RolePick,
    RolePlan,
    SeverityPlan,
    SeverityRule,
    Urgency,
)
from domain.roster import Roster
from domain.severity import PerSeverity, Severity


def lower(
    form: PlaybookForm, *, house: HouseForm, roster: Roster, files: Mapping[str, str]
) -> Plan:
    """The playbook's plan, to be linked and sealed; `files` holds the runbooks it snapshots."""
    return with_marks(_plan(form, house=house, roster=roster, files=files))


def _plan(
    form: PlaybookForm, *, house: HouseForm, roster: Roster, files: Mapping[str, str]
) -> Plan:
    return Plan(
        language=form.language,
        name=form.name,
        version=form.version,
        title=form.title,
        owner=form.owner,
        service=form.service,
        bridge=form.bridge,
        review_by=form.review_by,
        timezone=form.timezone or house.defaults.timezone or "UTC",
        priority=form.priority,
        triggers=_alert_triggers(form),
        heartbeats=tuple(
            HeartbeatTrigger(**_said(each.heartbeat))
            for each in form.triggers or ()
            if each.heartbeat
        ),
        manual=_manual(form),
        dedup=Dedup(**_said(form.dedup)),
        severity=_severity(form, house),
        urgency=PerSeverity[Urgency](**filled(form.urgency, URGENCY)),
        escalation=lower_escalation(form, house=house, roster=roster),
        roles=_roles(form),
        facts={name: lower_fact(fact) for name, fact in form.facts.items()},
        params={name: lower_param(param) for name, param in form.params.items()},
        outputs={name: lower_output(output) for name, output in form.outputs.items()},
        steps=StepsOf(files, house.retries).lower_all(form.steps),
        announce=_announce(form),
        handoff=_handoff(form),
        mitigated=Mitigated(**_said(form.mitigated)) if form.mitigated else None,
        resolve=_resolve(form),
    )


def _said(form: Any) -> dict[str, Any]:
    """The fields of a form that have a value."""
    if form is None:
        return {}
    return {name: value for name, value in form if value is not None}


def filled(written: BySeverity[Any] | None, default: Any) -> dict[str, Any]:
    """One value for each severity from the map, the default's where it says nothing."""
    if written is None:
        return {each.value: default.at(each) for each in Severity}
    return written.resolved(default)


def _alert_triggers(form: PlaybookForm) -> tuple[AlertTrigger, ...]:
    if form.on_alert is not None:
        return (AlertTrigger(match=form.on_alert),)
    alerts = [trigger.alert for trigger in form.triggers or () if trigger.alert]
    return tuple(AlertTrigger(**_said(alert)) for alert in alerts)


def _manual(form: PlaybookForm) -> ManualTrigger:
    manual = next((each.manual for each in form.triggers or () if each.manual), None)
    return ManualTrigger(allow=manual.allow if manual else None)


def _severity(form: PlaybookForm, house: HouseForm) -> SeverityPlan:
    written = form.severity
    rules = written.rules if written else ()
    return SeverityPlan(
        default=written.default if written else None,
        rules=tuple(SeverityRule(**_said(rule)) for rule in rules),
        table=severity_table(house),
        reassess=lower_reassess(written.reassess if written else None),
    )


def severity_table(house: HouseForm) -> dict[str, Severity]:
    """What a sender's severity label means: the built-in words, then the house's own."""
    own = {word.strip().lower(): severity for word, severity in house.severity_from.items()}
    return DEFAULT_SEVERITY_TABLE | own


def _roles(form: PlaybookForm) -> dict[str, RolePlan]:
    roles = dict(defaults.ROLES)
    for name, written in form.roles.items():
        at = written.at or tuple(Severity)
        fill = written.fill
        if name == OPERATIONS and not (fill or written.page or written.pick):
            fill = "first_acknowledger"
        roles[name] = RolePlan(
            page=written.page or (),
            fill=fill,
            at=at,
            many=written.many,
            pick=tuple(
                RolePick(when=pick.when, page=pick.page, at=pick.at or at) for pick in written.pick
            ),
        )
    return roles


def _announce(form: PlaybookForm) -> tuple[Announce, ...]:
    return tuple(Announce(to=each.to, on=each.on or defaults.ANNOUNCE_ON) for each in form.announce)


def _handoff(form: PlaybookForm) -> HandoffPlan:
    said = _said(form.handoff)
    said["max_shift"] = filled(said.get("max_shift"), defaults.MAX_SHIFT)
    return HandoffPlan(**said)


def _resolve(form: PlaybookForm) -> ResolvePlan:
    said = _said(form.resolve)
    written = said.get("confirm")
    confirm = PerSeverity[str](**filled(written, defaults.CONFIRM))
    return ResolvePlan(**(said | {"confirm": confirm}))
