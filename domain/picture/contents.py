"""What a picture shows of a plan, and of an incident that runs on it.

Decides the sections and their words. Steps are `step_contents`, the ladder's times
`ladder_times`, and how it looks is `layout`, `svg` and `mermaid`.
"""

from datetime import datetime, timedelta

from domain.clock_text import duration_text, local_moment, local_week_time, wall_time
from domain.incident.messages import readable
from domain.incident.view import IncidentView, Phase
from domain.picture.ladder_contents import ladder_outline
from domain.picture.outline import (
    Field,
    Moment,
    Outline,
    PhaseOutline,
    RuleOutline,
    Words,
)
from domain.picture.standing import StepsStanding
from domain.picture.step_contents import step_outlines
from domain.picture.table_contents import announce_table, facts_table, roles_table
from domain.picture.wording import (
    by_severity,
    held_for,
    ref_text,
    refs_text,
    template_text,
)
from domain.plan import AlertTrigger, Plan

NEXT_SHOWN = 5
A_DAY = timedelta(hours=20)
"""Within so much a time of day alone is not taken for that of another day."""

_PHASES = (
    Phase.TRIGGERED,
    Phase.ACKNOWLEDGED,
    Phase.MITIGATED,
    Phase.RESOLVED,
    Phase.CLOSED,
)


def outline_of(plan: Plan, view: IncidentView | None = None) -> Outline:
    """Everything a picture of the plan shows; with `view`, where that incident stands."""
    standing = StepsStanding(view.steps, plan.timezone) if view else None
    return Outline(
        name=plan.name,
        title=template_text(plan.title) if plan.title else plan.name.replace("_", " "),
        subtitle=f"{plan.name}, version {plan.version}",
        head=_head(plan),
        moment=_moment(plan, view) if view else None,
        phases=_phases(plan, view),
        rules=_rules(plan, view),
        reassess=_reassess(plan),
        ladder=ladder_outline(plan, view),
        roles=roles_table(plan, view),
        steps=step_outlines(plan.steps, standing),
        tables=tuple(one for one in (facts_table(plan, view), announce_table(plan)) if one.rows),
    )


def _head(plan: Plan) -> tuple[Field, ...]:
    fields = [Field("Owner", (Words(ref_text(plan.owner)),))]
    if plan.service:
        fields.append(Field("Service", (Words(plan.service),)))
    if plan.bridge:
        fields.append(Field("Bridge", (Words(plan.bridge),)))
    opened = [words for trigger in plan.triggers for words in _trigger(trigger)]
    opened += [
        Words(f"no beat from {beat.name} for {duration_text(beat.missing_after)}")
        for beat in plan.heartbeats
    ]
    allow = plan.manual.allow
    by_hand = "any responder" if allow is None else refs_text(allow)
    fields.append(Field("Opened by", (*opened, Words(f"by hand: {by_hand}"))))
    if plan.dedup.key:
        fields.append(Field("One for each", (Words(template_text(plan.dedup.key), "code"),)))
    else:
        default = "service, cluster, namespace and env of the alert, else its fingerprint"
        fields.append(Field("One for each", (Words(default),)))
    return tuple(fields)


def _trigger(trigger: AlertTrigger) -> list[Words]:
    labels = ", ".join(
        f"{name}={' or '.join(values)}" for name, values in sorted(trigger.match.items())
    )
    found = [Words(f"alert {labels}" if labels else "any alert", "code")]
    if trigger.when:
        found.append(Words(f"  and {trigger.when}", "code"))
    if trigger.hold:
        found.append(Words(f"firing for {duration_text(trigger.hold)}"))
    return found


def _moment(plan: Plan, view: IncidentView) -> Moment:
    zone = plan.timezone
    fields: list[Field] = []
    for role, holders in view.roles.items():
        names = ", ".join(f"{one.name}{' (acting)' if one.acting else ''}" for one in holders)
        fields.append(Field(readable(role).capitalize(), (Words(names),)))
    live = [
        Words(f"{page.name} by {page.method}, for {readable(page.level)}: {page.state}")
        for page in view.paged
        if page.is_live
    ]
    if live:
        fields.append(Field("Being paged", tuple(live)))
    due = [
        Words(f"{_time(one.at, view.updated_at, zone)} {one.summary}")
        for one in view.deadlines[:NEXT_SHOWN]
    ]
    if due:
        fields.append(Field("Next, by itself", tuple(due)))
    said = view.phase.value + (", nobody answered" if view.exhausted else "")
    return Moment(
        reference=f"{view.reference} (drill)" if view.drill else view.reference,
        title=view.title,
        severity=view.severity,
        phase=said,
        as_of=f"as of {local_moment(view.updated_at, zone)}",
        fields=tuple(fields),
    )


def _phases(plan: Plan, view: IncidentView | None) -> tuple[PhaseOutline, ...]:
    ending = plan.resolve
    confirm = by_severity(ending.confirm, lambda who: f"by {ref_text(who)}")
    within = duration_text(ending.confirm_within)
    reopen = duration_text(plan.dedup.reopen_within)
    by_hand = Words("a person says that the harm is stopped")
    mitigated: tuple[Words, ...] = (by_hand,)
    if plan.mitigated is not None:
        held = f"holds{held_for(plan.mitigated.hold)}, or a person says so"
        mitigated = (Words(plan.mitigated.when, "code"), Words(held))
    resolved: tuple[Words, ...] = (
        Words(ending.when, "code"),
        Words(f"holds{held_for(ending.hold)}; then confirmed {confirm}"),
        Words(f"asked again when it is not confirmed within {within}", "small"),
    )
    if all(who == "nobody" for _, who in ending.confirm):
        resolved = (resolved[0], Words(f"holds{held_for(ending.hold)}"))
    onwards = (
        (Words("somebody acknowledges"),),
        mitigated,
        resolved,
        (Words(f"nothing new for {reopen}; what fires before that opens it again"),),
        (),
    )
    return tuple(
        PhaseOutline(
            name=phase.value,
            onwards=said,
            is_present=view is not None and view.phase is phase,
            reached=_reached(plan, view, phase),
        )
        for phase, said in zip(_PHASES, onwards, strict=True)
    )


def _reached(plan: Plan, view: IncidentView | None, phase: Phase) -> str:
    if view is None:
        return ""
    moments = {
        Phase.TRIGGERED: view.opened_at,
        Phase.ACKNOWLEDGED: view.acknowledged_at,
        Phase.MITIGATED: view.mitigated_at,
        Phase.RESOLVED: view.resolved_at,
        Phase.CLOSED: view.closed_at,
    }
    at = moments[phase]
    return _time(at, view.updated_at, plan.timezone) if at else ""


def _time(at: datetime, now: datetime, zone: str) -> str:
    """`03:04`, with its day where it is not within hours of now."""
    return wall_time(at, zone) if abs(at - now) < A_DAY else local_week_time(at, zone)


def _rules(plan: Plan, view: IncidentView | None) -> tuple[RuleOutline, ...]:
    present = view.severity if view else None
    rules = [
        RuleOutline(rule.set, rule.criteria, rule.when, is_present=rule.set is present)
        for rule in plan.severity.rules
    ]
    default = plan.severity.default
    said = "otherwise" if plan.severity.rules else "always, unless a person says else"
    if default is None:
        said = "otherwise" if plan.severity.rules else ""
        said = f"{said + ': ' if said else ''}what the alert's severity label says, else SEV3"
    is_present = default is not None and default is present
    is_present = is_present and not any(rule.is_present for rule in rules)
    return (*rules, RuleOutline(default, said, "", is_present=is_present))


def _reassess(plan: Plan) -> str:
    if not plan.severity.rules:
        return ""
    again = plan.severity.reassess
    raised = _change("raised", again.raise_by)
    after = duration_text(again.lower_after)
    lowered = _change("lowered", again.lower_by)
    if again.lower_by != "never":
        lowered += f", once it has been better for {after}"
    return f"While it is open: {raised}; {lowered}."


def _change(verb: str, by: str) -> str:
    if by == "never":
        return f"never {verb} by itself"
    return f"{verb} at once" if by == "auto" else f"{verb} if {ref_text(by)} agrees"
