"""Writes a plan out as a playbook with every default filled in.

Decides how `watchbill explain` says a plan in the language; compiled in the same folder
the text gives the same plan. Defaults that have no value of their own stand in comments.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from textwrap import wrap
from typing import Any

from compiler.durations import written
from compiler.long_form_facts import fact_of, output_of, param_of, reassess_of
from compiler.long_form_steps import steps_of, without_none
from compiler.yaml_text import as_yaml
from domain.plan import AlertTrigger, Escalation, EscalationCriterion, Plan, RolePlan
from domain.severity import PerSeverity

_TITLE = "title: the alert's summary, since none is written"
_KEY = "dedup.key: those of the labels service, cluster, namespace, env that exist"
_MITIGATED = "mitigated: only a person says so"


def long_form(plan: Plan, files: Mapping[str, str]) -> str:
    """The playbook's long form; `files` are the folder's, for the runbooks it names."""
    return "".join(_sections(plan, files))


def _sections(plan: Plan, files: Mapping[str, str]) -> Iterator[str]:
    yield as_yaml(_head(plan))
    if plan.title is None:
        yield f"# {_TITLE}\n"
    yield "\n" + as_yaml({"triggers": _triggers(plan)})
    if plan.dedup.key is None:
        yield f"# {_KEY}, else the alert's fingerprint\n"
    yield as_yaml(
        {"dedup": without_none(key=plan.dedup.key, reopen_within=_span(plan.dedup.reopen_within))}
    )
    yield from _declared(plan)
    yield "\n" + _severity(plan)
    yield as_yaml({"urgency": _plain(plan.urgency)})
    yield "\n" + as_yaml({"escalation": _escalation(plan.escalation)})
    yield "\n" + as_yaml({"roles": {name: _role(role) for name, role in plan.roles.items()}})
    if plan.steps:
        yield "\n" + as_yaml({"steps": steps_of(plan.steps, files)})
    if plan.announce:
        announce: list[Any] = [{"to": list(each.to), "on": list(each.on)} for each in plan.announce]
        yield "\n" + as_yaml({"announce": announce})
    yield "\n" + as_yaml({"handoff": _handoff(plan)})
    yield "\n" + _ending(plan)


def _declared(plan: Plan) -> Iterator[str]:
    """Parameters, facts and outputs, where there are any."""
    params = {name: param_of(each) for name, each in plan.params.items()}
    facts = {name: fact_of(each) for name, each in plan.facts.items()}
    outputs = {name: output_of(each) for name, each in plan.outputs.items()}
    for section, said in (("params", params), ("facts", facts), ("outputs", outputs)):
        if said:
            yield "\n" + as_yaml({section: said})


def _span(duration: timedelta | None) -> str:
    return written(duration)


def _timers(values: PerSeverity[timedelta | None]) -> dict[str, str]:
    return {severity: written(value) for severity, value in values}


def _plain(values: PerSeverity[Any]) -> dict[str, Any]:
    return dict(values)


def _head(plan: Plan) -> dict[str, Any]:
    return without_none(
        language=plan.language,
        name=plan.name,
        version=plan.version,
        title=plan.title,
        owner=plan.owner,
        service=plan.service,
        bridge=plan.bridge,
        review_by=str(plan.review_by) if plan.review_by else None,
        timezone=plan.timezone,
        priority=plan.priority,
    )


def _triggers(plan: Plan) -> list[Any]:
    allow = plan.manual.allow
    manual: dict[str, Any] = {"manual": {"allow": list(allow)} if allow else {}}
    heartbeats = (
        {"heartbeat": {"name": each.name, "missing_after": _span(each.missing_after)}}
        for each in plan.heartbeats
    )
    return [*({"alert": _alert(each)} for each in plan.triggers), *heartbeats, manual]


def _alert(trigger: AlertTrigger) -> dict[str, Any]:
    match = {name: list(values) for name, values in trigger.match.items()}
    return without_none(match=match, when=trigger.when, hold=_span(trigger.hold))


def _severity(plan: Plan) -> str:
    severity = plan.severity
    words = ", ".join(f"{word} {meant}" for word, meant in severity.table.items())
    lines = wrap(f"severity labels: {words}", 98)
    comment = (
        ""
        if severity.default
        else "# severity.default: what the alert's severity or priority label says, else SEV3\n"
    )
    comment += "".join(f"# {line}\n" for line in lines)
    fields = without_none(
        default=severity.default and severity.default.value,
        rules=[
            {"set": rule.set.value, "when": rule.when, "criteria": rule.criteria}
            for rule in severity.rules
        ]
        or None,
        reassess=reassess_of(severity.reassess),
    )
    return comment + as_yaml({"severity": fields})


def _escalation(ladder: Escalation) -> dict[str, Any]:
    exhausted = {
        "page": list(ladder.exhausted.page),
        "again_every": _timers(ladder.exhausted.again_every),
    }
    return without_none(
        ack_within=_timers(ladder.ack_within),
        levels=[list(level) for level in ladder.levels],
        repeat=_plain(ladder.repeat),
        exhausted=exhausted,
        ack_expires=_timers(ladder.ack_expires),
        criteria=[_criterion(each) for each in ladder.criteria] or None,
    )


def _criterion(criterion: EscalationCriterion) -> dict[str, Any]:
    fields = without_none(
        after=_timers(criterion.after) if criterion.after else None,
        when=criterion.when,
        unless=criterion.unless,
        page=list(criterion.page) or None,
        because=criterion.because,
    )
    return fields | ({"raise": criterion.raise_to.value} if criterion.raise_to else {})


def _role(role: RolePlan) -> dict[str, Any]:
    return without_none(
        page=list(role.page) or None,
        fill=role.fill,
        at=[each.value for each in role.at],
        many=role.many,
        pick=[
            {"when": each.when, "page": list(each.page), "at": [at.value for at in each.at]}
            for each in role.pick
        ]
        or None,
    )


def _handoff(plan: Plan) -> dict[str, Any]:
    handoff = plan.handoff
    return {
        "max_shift": _timers(handoff.max_shift),
        "warn_before": _span(handoff.warn_before),
        "require": list(handoff.require),
        "offer_also": list(handoff.offer_also),
        "accept_within": _span(handoff.accept_within),
    }


def _ending(plan: Plan) -> str:
    over = plan.resolve
    resolve: dict[str, Any] = {
        "when": over.when,
        "hold": _span(over.hold),
        "confirm": _plain(over.confirm),
        "confirm_within": _span(over.confirm_within),
        "on_timeout": over.on_timeout,
    }
    text = as_yaml({"resolve": resolve})
    if plan.mitigated is None:
        return f"# {_MITIGATED}\n{text}"
    mitigated = {"when": plan.mitigated.when, "hold": _span(plan.mitigated.hold)}
    return as_yaml({"mitigated": mitigated}) + text
