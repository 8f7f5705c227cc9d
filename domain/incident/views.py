"""From the state to the view that others see.

Decides what of the state is shown, and how it is ordered. Nothing reads it back.
"""

from datetime import datetime

from domain.incident.effects import Outcome
from domain.incident.hand_views import role_asks_of, snooze_of, tasks_of
from domain.incident.handoff_summary import suggested_summary
from domain.incident.state import IncidentState, PagedState
from domain.incident.steps.views import fact_views, step_views
from domain.incident.view import (
    AlertCounts,
    AlertView,
    AskView,
    DeadlineView,
    IncidentView,
    OfferView,
    PagedView,
    RoleView,
)
from domain.plan import Plan

ALERTS_SHOWN = 50
"""Alerts in the view, firing first; the counts say how many there are."""


def view_of(plan: Plan, state: IncidentState, now: datetime) -> IncidentView:
    """The incident as others see it at this moment."""
    return IncidentView(
        id=state.id,
        reference=state.reference,
        playbook=plan.name,
        playbook_version=plan.version,
        plan_sha256=plan.sha256,
        title=state.title,
        severity=state.severity,
        phase=state.phase,
        service=state.service,
        owner=plan.owner,
        drill=state.drill,
        alone=state.alone,
        exhausted=state.exhausted,
        reopened=state.reopened,
        bridge=plan.bridge,
        dedup_key=state.dedup_key,
        labels=state.labels,
        roles=_roles(state),
        alerts=AlertCounts(
            firing=len(state.firing),
            total=len(state.alerts) + state.untracked,
            duplicates=state.duplicates,
        ),
        alert_list=_alerts(state),
        offers=_offers(state),
        asks=_asks(state),
        role_asks=role_asks_of(state),
        paged=_paged(state),
        steps=step_views(plan, state),
        facts=fact_views(plan, state),
        parent=state.parent.reference if state.parent else None,
        tasks=tasks_of(state),
        snoozed=snooze_of(state),
        **state.facts.model_dump(),
        deadlines=_deadlines(state),
        latest=state.latest,
        handoff_require=plan.handoff.require,
        handoff_suggestion=suggested_summary(plan, state, now),
        opened_at=state.opened_at,
        acknowledged_at=state.acknowledged_at,
        mitigated_at=state.mitigated_at,
        recovered_at=state.recovered_at,
        resolved_at=state.resolved_at,
        closed_at=state.closed_at,
        updated_at=now,
        seq=state.seq,
    )


def _roles(state: IncidentState) -> dict[str, tuple[RoleView, ...]]:
    return {
        role: tuple(
            RoleView(
                person=one.person,
                name=one.name,
                since=one.since,
                acting=one.acting,
                on_paper=one.on_paper,
            )
            for one in holdings
        )
        for role, holdings in state.roles.items()
        if holdings
    }


def _alerts(state: IncidentState) -> tuple[AlertView, ...]:
    ordered = sorted(state.alerts.values(), key=lambda alert: not alert.is_firing)
    return tuple(
        AlertView(
            source=alert.source,
            fingerprint=alert.fingerprint,
            status=alert.status.value,
            starts_at=alert.starts_at,
            summary=alert.summary,
            labels=alert.labels,
            count=alert.count,
        )
        for alert in ordered[:ALERTS_SHOWN]
    )


def _offers(state: IncidentState) -> tuple[OfferView, ...]:
    return tuple(
        OfferView(
            id=offer.id,
            role=offer.role,
            offered_by=offer.by,
            to=offer.person.id if offer.person else offer.to,
            summary=offer.summary,
            automatic=offer.automatic,
            expires_at=offer.expires_at,
        )
        for offer in state.offers.values()
        if offer.is_open
    )


def _asks(state: IncidentState) -> tuple[AskView, ...]:
    return tuple(AskView(**known.model_dump()) for known in state.asks.values())


def _paged(state: IncidentState) -> tuple[PagedView, ...]:
    active = {
        attempt.key: attempt.state.value
        for call in state.calls.values()
        if not call.is_over
        for attempt in call.attempts
    }
    return tuple(
        PagedView(
            person=paged.person,
            name=paged.name,
            level=paged.level,
            method=paged.method.value,
            state=active.get(paged.key) or _ended(paged),
            at=paged.at,
            is_live=paged.key in active,
        )
        for paged in state.paged
    )


def _ended(paged: PagedState) -> str:
    """What became of a page that nobody waits for any more."""
    match paged.outcome:
        case Outcome.DELIVERED:
            return "delivered"
        case Outcome.FAILED | Outcome.RETRY | Outcome.GATHERED:
            return "not delivered"
        case None:
            return "stopped"


def _deadlines(state: IncidentState) -> tuple[DeadlineView, ...]:
    ordered = sorted(state.deadlines.items(), key=lambda pair: pair[1].at)
    return tuple(
        DeadlineView(name=name, summary=deadline.summary, at=deadline.at)
        for name, deadline in ordered
    )
