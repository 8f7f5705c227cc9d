"""What the world does in a drill: sources say the facts given, and the alert ends.

Decides it from the incident's state alone: the alert ends some minutes after the harm was
stopped, or once nothing is left to do, at the latest after `lasts`; the facts of afterwards
hold from then on; past an outer limit the drill is called off.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from domain.alert import Alert, AlertStatus
from domain.drill import DrillScript
from domain.incident.events import AlertsArrived, FactsMeasured, ParentSaid
from domain.incident.state import AlertState, IncidentState
from domain.incident.step_effects import ParentNews, Reading
from domain.plan import Plan
from domain.rehearsal.acts import Act, Scene
from domain.rehearsal.responders import answers_of
from domain.values import Value

NOTHING_SAID = timedelta(minutes=15)
"""The alert ends so long after nothing is left to do, where nobody says it is mitigated."""

CALLED_OFF = "the drill's time is over"


def acts_of(
    plan: Plan, state: IncidentState, script: DrillScript, now: datetime
) -> tuple[Act, ...]:
    """Everything that is about to happen by itself, people's answers included."""
    if state.finished:
        return ()
    scene = Scene(plan, state, script, now)
    return (*_readings(scene), *_end_of_alert(scene), *_called_off(scene), *answers_of(scene))


def _readings(scene: Scene) -> Iterator[Act]:
    """What sources say and the incident does not know yet, at once.

    A playbook called by another has no alert: what holds afterwards is said to it some time
    after nothing is left to do.
    """
    news = {
        name: value
        for name, fact in scene.plan.facts.items()
        if fact.is_measured and (value := _said_now(scene, name)) is not None
        if _is_news(scene.state, name, value)
    }
    if news:
        yield from _told(scene, news, scene.now)
    elif scene.state.parent is not None and scene.is_idle:
        after = {
            name: value
            for name, value in scene.script.facts_after.items()
            if name in scene.plan.facts and _measured(scene.state, name) != value
        }
        yield from _told(scene, after, scene.idle_since + scene.script.ends_after)


def _told(scene: Scene, news: Mapping[str, Value], at: datetime) -> Iterator[Act]:
    measuring = scene.state.measuring
    if measuring is None or not news:
        return
    readings = tuple(Reading(fact=name, value=value, at=at) for name, value in news.items())
    summary = f"Sources say {', '.join(news)} (as the drill gives it)"
    event = FactsMeasured(id=measuring, readings=readings)
    yield Act(key=f"facts/{measuring}", at=at, summary=summary, event=event)


def _said_now(scene: Scene, name: str) -> Value | None:
    """What sources say of it; once they say what holds afterwards, they stay with it."""
    before, after = scene.script.facts.get(name), scene.script.facts_after.get(name)
    has_ended = bool(scene.state.alerts) and not scene.state.firing
    if after is not None and (has_ended or _measured(scene.state, name) == after):
        return after
    return before


def _measured(state: IncidentState, name: str) -> Value | None:
    known = state.known_facts.get(name)
    if known is None:
        return None
    return known.measured if known.source == "set" else known.value


def _is_news(state: IncidentState, name: str, value: Value) -> bool:
    known = state.known_facts.get(name)
    is_stale = known is not None and bool(known.why)
    from_source = known is not None and known.source in ("measured", "set")
    return is_stale or not from_source or _measured(state, name) != value


def _end_of_alert(scene: Scene) -> Iterator[Act]:
    """The drill's alert is over: its sender says so."""
    firing = scene.state.firing
    if not firing:
        return
    state, script = scene.state, scene.script
    latest = state.opened_at + script.lasts
    at = latest
    if state.mitigated_at is not None:
        at = min(latest, state.mitigated_at + script.ends_after)
    elif scene.is_idle:
        at = min(latest, scene.idle_since + NOTHING_SAID)
    event = AlertsArrived(batch_id="drill-ends", alerts=tuple(_resolved(one) for one in firing))
    yield Act(key="alert/ends", at=at, summary="The drill's alert ends", event=event)


def _resolved(alert: AlertState) -> Alert:
    return Alert(
        source=alert.source,
        fingerprint=alert.fingerprint,
        status=AlertStatus.RESOLVED,
        starts_at=alert.starts_at,
        labels=alert.labels,
        summary=alert.summary,
    )


def _called_off(scene: Scene) -> Iterator[Act]:
    state = scene.state
    if not state.phase.is_open or state.parent is not None:
        return
    news = ParentNews(severity=state.severity, ended=True, because=CALLED_OFF)
    at = state.opened_at + scene.script.called_off_after
    summary = "The drill is called off: its time is over"
    yield Act(key="called_off", at=at, summary=summary, event=ParentSaid(news=news))
