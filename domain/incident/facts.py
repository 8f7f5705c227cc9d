"""What an incident knows: where each declared fact begins, and what changes it.

Decides which value stands: what a person has set, else the latest that was measured, read
off an alert or answered. A page never waits for a fact. What is asked of people is
`fact_asks`, what becomes of the severity `reassessing`.
"""

from collections.abc import Iterable

from domain.alert import Alert
from domain.clock_text import local_time
from domain.expressions import value_of
from domain.incident.conditions import values_of
from domain.incident.events import FactsMeasured
from domain.incident.fact_text import shown
from domain.incident.step_effects import MeasureFacts, Reading
from domain.incident.step_state import FactSource, FactState
from domain.incident.turn import Turn
from domain.incident.view import Phase
from domain.measuring import differs
from domain.plan_facts import FactPlan
from domain.scope import Scope, trigger_values
from domain.templates import render_url
from domain.values import Value, WrongTypeError, as_value

UNKNOWN = FactState()

NOT_MEASURED = "it was not measured while nobody had to do anything"


def known_fact(turn: Turn, name: str) -> FactState:
    """What is remembered of the fact."""
    return turn.state.known_facts.get(name, UNKNOWN)


def put_fact(turn: Turn, name: str, **changes: object) -> None:
    """Change what is remembered of the fact."""
    turn.state.known_facts[name] = known_fact(turn, name).model_copy(update=changes)


def begin_facts(turn: Turn, firing: Iterable[Alert] = ()) -> None:
    """At the opening: parameters, and what the first alerts say."""
    alerts = tuple(firing)
    if not turn.state.params:
        _begin_params(turn)
    for name, fact in turn.plan.facts.items():
        if fact.first is not None and alerts:
            _take_from(turn, name, fact.first, alerts[0], source="first")
    facts_of_alerts(turn, alerts)


def _begin_params(turn: Turn) -> None:
    for name, param in turn.plan.params.items():
        given = turn.state.labels.get(param.label) if param.label is not None else None
        value = param.default
        if given is not None:
            try:
                value = as_value(given, param.type)
            except WrongTypeError as error:
                turn.note("param.unknown", f"The label {param.label} gives no {name}: {error}.")
        if value is not None:
            turn.state.params[name] = value


def facts_of_alerts(turn: Turn, alerts: Iterable[Alert]) -> None:
    """What firing alerts say of the facts that are read off them, in order of arrival."""
    reading = [(name, fact.alert) for name, fact in turn.plan.facts.items() if fact.alert]
    if not reading:
        return
    for alert in alerts:
        for name, expression in reading:
            if alert.is_firing:
                _take_from(turn, name, expression, alert, source="alert")


def _take_from(turn: Turn, name: str, expression: str, alert: Alert, *, source: FactSource) -> None:
    """Evaluate over one alert; what gives no value of the type is noted once."""
    fact = turn.plan.facts[name]
    found = value_of(expression, Scope.TRIGGER, trigger_values(alert))
    why = found.why
    if found.value is not None:
        try:
            take_value(turn, name, as_value(found.value, fact.type), source)
        except WrongTypeError as error:
            why = str(error)
        else:
            return
    where = f"fact {name}"
    if where not in turn.state.unevaluated:
        turn.state.unevaluated = (*turn.state.unevaluated, where)
        turn.note("fact.unknown", f"Fact {name} cannot be read off the alert ({why}).")


def take_value(turn: Turn, name: str, value: Value, source: FactSource) -> None:
    """A machine says what it is; what a person has set stands against it."""
    known = known_fact(turn, name)
    if known.source == "set":
        put_fact(turn, name, measured=value, why="")
        return
    fact = turn.plan.facts[name]
    if known.value is None or known.stale or differs(fact, known.value, value):
        before = f"{shown(known.value)} → " if known.value is not None else ""
        how = f"Fact {name} is fresh again:" if known.stale else f"Fact {name}: {before}".strip()
        text = f"{how} {shown(value)} ({_FROM[source]})."
        turn.note("fact", text, {"fact": name, "value": shown(value)})
    put_fact(turn, name, value=value, source=source, at=turn.now, stale=False, why="")


_FROM: dict[FactSource, str] = {
    "first": "from the first alert",
    "alert": "from the alert",
    "measured": "measured",
    "answer": "answered",
    "default": "the default",
    "set": "set",
}


def on_measured(turn: Turn, event: FactsMeasured) -> None:
    """What the measurement in flight found; one that was withdrawn tells nothing."""
    if event.id != turn.state.measuring:
        return
    turn.state.measuring = None
    turn.state.watched = dict(event.watched)
    for reading in event.readings:
        fact = turn.plan.facts.get(reading.fact)
        if fact is None or not fact.is_measured:
            continue
        if reading.stale or reading.value is None:
            _grow_stale(turn, reading)
            continue
        take_value(turn, reading.fact, reading.value, "measured")
        if known_fact(turn, reading.fact).source == "measured":
            put_fact(turn, reading.fact, at=min(reading.at, turn.now))


def _grow_stale(turn: Turn, reading: Reading) -> None:
    """It is too old to count; its value is still shown, and a set one stands."""
    name, why = reading.fact, reading.why or "no answer"
    known = known_fact(turn, name)
    if known.source == "set":
        put_fact(turn, name, measured=None, why=why)
        return
    if not known.why:
        since = local_time(min(reading.at, turn.now), turn.plan.timezone)
        state = "unknown" if known.value is None else f"stale since {since}"
        turn.note("fact.stale", f"Fact {name} is {state}: {why}.", {"fact": name})
    put_fact(turn, name, stale=True, why=why)


def watch_measuring(turn: Turn) -> None:
    """One measurement is in flight while the incident is open and real, and none else."""
    facts = {name: fact for name, fact in turn.plan.facts.items() if fact.is_measured}
    phase = turn.state.phase
    wanted = bool(facts) and phase.is_open and phase is not Phase.PENDING
    if not wanted or turn.state.finished:
        if turn.state.measuring is not None:
            turn.withdraw.append(turn.state.measuring)
            turn.state.measuring = None
            turn.state.watched = {}
            turn.state.unmeasured_since = turn.now
    elif turn.state.measuring is None:
        _age(turn, facts)
        _measure(turn, facts)


def _age(turn: Turn, facts: dict[str, FactPlan]) -> None:
    """After a pause: what has grown too old meanwhile does not count until it is read anew."""
    since = turn.state.unmeasured_since
    turn.state.unmeasured_since = None
    if since is None:
        return
    for name, fact in facts.items():
        known = known_fact(turn, name)
        if turn.now - since <= fact.max_age or known.value is None or known.why:
            continue
        _grow_stale(turn, Reading(fact=name, at=since, stale=True, why=NOT_MEASURED))


def _measure(turn: Turn, facts: dict[str, FactPlan]) -> None:
    known = {name: known_fact(turn, name) for name in facts}
    values = {
        name: one.measured if one.source == "set" else one.value for name, one in known.items()
    }
    asked, broken = _questions(turn, facts)
    effect = MeasureFacts(
        id=turn.next_id("measure"),
        summary=f"Measure {', '.join(facts)}"[:200],
        facts=asked,
        broken=broken,
        known={name: value for name, value in values.items() if value is not None},
        stale=tuple(name for name, one in known.items() if one.why),
        watched={name: one for name, one in turn.state.watched.items() if name in facts},
        labels=turn.state.labels,
    )
    turn.state.measuring = effect.id
    turn.effects.append(effect)


def _questions(
    turn: Turn, facts: dict[str, FactPlan]
) -> tuple[dict[str, FactPlan], dict[str, str]]:
    """The facts with their addresses written out, and those whose address has no value."""
    asked, broken = dict(facts), {}
    for name, fact in facts.items():
        if fact.http is None:
            continue
        url = render_url(fact.http.url, values_of(turn))
        if url.missing or url.problem:
            broken[name] = url.problem or f"its url needs {', '.join(url.missing)}"
        else:
            source = fact.http.model_copy(update={"url": url.text})
            asked[name] = fact.model_copy(update={"http": source})
    return asked, broken
