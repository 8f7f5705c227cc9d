"""Simulated people: what they say to what an incident asks of them, and after how long.

Decides it from the incident's state alone, with absolute moments: asked twice, the same
people say the same. Who answers after how long is the drill's `Responders`. Nobody says
what the incident's rules would refuse.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.drill import NEVER, Behaviour
from domain.incident.commands import (
    AcceptHandoff,
    AcceptRole,
    Acknowledge,
    Command,
    Confirm,
    DeclineHandoff,
    DeclineRole,
    Escalate,
    Mitigate,
    Resolve,
)
from domain.incident.commands_of_steps import FactSet
from domain.incident.ladder import ESCALATION
from domain.incident.refusals import refusal
from domain.incident.state import Ask, Call
from domain.incident.steps.moves import commanders, operators
from domain.incident.view import Phase
from domain.plan_facts import FactPlan
from domain.rehearsal.acts import Act, Scene
from domain.rehearsal.machines import PLAIN
from domain.rehearsal.step_answers import Asked, step_answers
from domain.values import Value

STEPS_IN = timedelta(minutes=10)
"""So much longer it takes until somebody does what was not asked of them."""

NOT_FOR_EVER = timedelta(minutes=30)
"""So long a commander waits for open steps before they say that it is over."""


def answers_of(scene: Scene) -> Iterator[Act]:
    """Everything that simulated people are about to say, as things stand."""
    state = scene.state
    if scene.script.responders is None or state.finished or not state.phase.is_open:
        return
    for act in _answers(scene):
        if _is_allowed(scene, act):
            yield act


def _is_allowed(scene: Scene, act: Act) -> bool:
    said: Command = act.event  # type: ignore[assignment]  # people give commands alone
    return refusal(scene.turn, said) is None


def _answers(scene: Scene) -> Iterator[Act]:
    for call in scene.state.calls.values():
        if not call.is_over and call.is_delivered:
            yield from _to_call(scene, call)
    yield from _to_role_asks(scene)
    yield from _to_offers(scene)
    for ask in scene.state.asks.values():
        yield from _to_question(scene, ask)
    for asked in step_answers(scene):
        yield from _to_step(scene, asked)
    yield from _to_facts(scene)
    yield from _said_unasked(scene)


def _act(said: Command, at: datetime, about: str = "") -> Act:
    name = said.actor_name
    words = _WORDS.get(said.kind, said.kind.replace("_", " "))
    summary = f"{name} {words}{f' {about}' if about else ''} (simulated)"
    return Act(key=said.request_id, at=at, summary=summary, event=said)


_WORDS = {
    "acknowledge": "acknowledges",
    "escalate": "cannot: pages the next level",
    "accept_role": "takes the role",
    "decline_role": "declines the role",
    "accept_handoff": "accepts the handoff of",
    "decline_handoff": "declines the handoff of",
    "confirm": "says yes to",
    "mitigate": "says that the harm is stopped",
    "resolve": "says that it is over",
    "fact_set": "says the fact",
    "step_done": "has done",
    "step_choose": "decides",
    "step_answer": "answers",
    "step_approve": "approves",
    "step_retry": "wants done again:",
    "step_skip": "skips",
}


def _by(scene: Scene, person: str, key: str) -> dict[str, str]:
    """Who speaks, and the one id of what they say."""
    known = scene.state.name_of(person)
    name = scene.script.names.get(person, known) if known == person else known
    return {"actor": f"user:{person}", "actor_name": name, "request_id": f"drill/{person}/{key}"}


def _to_call(scene: Scene, call: Call) -> Iterator[Act]:
    """A page of the ladder, or one that calls for help; roles and offers have their own."""
    person = call.person.id
    behaviour = scene.behaviour(person)
    wanted = [one for one in call.reasons if not one.startswith(("role:", "offer:"))]
    if behaviour.after is None or not wanted:
        return
    by, at = _by(scene, person, f"call/{call.id}"), call.started_at + behaviour.after
    if not behaviour.declines:
        yield _act(Acknowledge(**by), at)
        return
    ladder = scene.state.ladders.get(ESCALATION)
    if ladder is not None and ladder.stage == "waiting" and call.id in ladder.here:
        yield _act(Escalate(**by, reason="cannot take it"), at)


def _to_role_asks(scene: Scene) -> Iterator[Act]:
    for ladder in scene.state.ladders.values():
        if ladder.role is None or ladder.stage == "over":
            continue
        for person in ladder.asked:
            behaviour = scene.behaviour(person)
            since = _called_at(scene, person, ladder.id) or ladder.since
            if behaviour.after is None or since is None:
                continue
            by = _by(scene, person, f"role/{ladder.id}/{since.isoformat()}")
            kind = DeclineRole if behaviour.declines else AcceptRole
            said = kind(**by, role=ladder.role)
            yield _act(said, since + behaviour.after, ladder.role.replace("_", " "))


def _called_at(scene: Scene, person: str, reason: str) -> datetime | None:
    calls = [one for one in scene.state.calls.values() if one.person.id == person]
    return max((one.started_at for one in calls if reason in one.reasons), default=None)


def _to_offers(scene: Scene) -> Iterator[Act]:
    for offer in scene.state.offers.values():
        if not offer.is_open or offer.person is None:
            continue
        behaviour = scene.behaviour(offer.person.id)
        if behaviour.after is None:
            continue
        by = _by(scene, offer.person.id, offer.id)
        kind = DeclineHandoff if behaviour.declines else AcceptHandoff
        said = kind(**by, offer=offer.id)
        yield _act(said, offer.made_at + behaviour.after, offer.role.replace("_", " "))


def _to_question(scene: Scene, ask: Ask) -> Iterator[Act]:
    """Whoever takes pages says yes; to "is it over?" once nothing is left to do."""
    for person in ask.of:
        behaviour = scene.behaviour(person)
        if not behaviour.answers or behaviour.after is None:
            continue
        at = ask.asked_at + behaviour.after
        if ask.question == "resolve":
            at = _end_of_work(scene, at, behaviour)
        by = _by(scene, person, f"ask/{ask.question}/{ask.asked_at.isoformat()}")
        about = ask.about or ask.question.replace("_", " ")
        yield _act(Confirm(**by, question=ask.question), at, about)


def _end_of_work(scene: Scene, at: datetime, behaviour: Behaviour) -> datetime:
    if not scene.is_idle or behaviour.after is None:
        return at + NOT_FOR_EVER
    return max(at, scene.idle_since + behaviour.after)


def _to_step(scene: Scene, asked: Asked) -> Iterator[Act]:
    """Whose step it is; somebody else steps in later where none of them would do it.

    Where the voices of several count, each speaks for themselves.
    """
    own = [one for one in asked.people if scene.behaviour(one).answers]
    others = [one for one in (*_leads(scene), *scene.state.holder_ids()) if one not in own]
    helpers = [one for one in dict.fromkeys(others) if scene.behaviour(one).answers]
    acts = [_step_act(scene, asked, one) for one in own]
    found = [act for act in acts if _is_allowed(scene, act)]
    if not found:
        acts = [_step_act(scene, asked, one, steps_in=True) for one in helpers]
        found = [act for act in acts if _is_allowed(scene, act)]
    if asked.each:
        yield from found
    elif found:
        yield min(found, key=lambda act: (act.at, act.key))


def _step_act(scene: Scene, asked: Asked, person: str, *, steps_in: bool = False) -> Act:
    after = scene.behaviour(person).after or timedelta(0)
    since = max(asked.since, _on_it_since(scene, person) or asked.since)
    at = since + after + (STEPS_IN if steps_in else timedelta(0))
    by = _by(scene, person, f"{asked.key}{'/instead' if steps_in else ''}")
    said = asked.instead(by) if steps_in else asked.command(by)
    return _act(said, at, asked.label)


def _on_it_since(scene: Scene, person: str) -> datetime | None:
    held = [one for holders in scene.state.roles.values() for one in holders]
    return min((one.since for one in held if one.person == person), default=None)


def _leads(scene: Scene) -> list[str]:
    return [one.person for one in (*commanders(scene.turn), *operators(scene.turn))]


def _to_facts(scene: Scene) -> Iterator[Act]:
    for name, known in scene.state.known_facts.items():
        fact = scene.plan.facts.get(name)
        if fact is None or known.asked_at is None or known.value is not None:
            continue
        for person in known.asked:
            behaviour = scene.behaviour(person)
            if not behaviour.answers or behaviour.after is None:
                continue
            at = max(known.asked_at, _on_it_since(scene, person) or known.asked_at)
            by = _by(scene, person, f"fact/{name}/{known.asked_at.isoformat()}")
            said = FactSet(**by, fact=name, value=_value_of(scene, name, fact))
            yield _act(said, at + behaviour.after, name)


def _value_of(scene: Scene, name: str, fact: FactPlan) -> Value:
    """What the drill gives, else the default, else the first choice."""
    given = scene.script.facts.get(name)
    if given is None:
        given = fact.default
    if given is None and fact.one_of:
        given = fact.one_of[0]
    return PLAIN[fact.type] if given is None else given


def _said_unasked(scene: Scene) -> Iterator[Act]:
    """The leader says that the harm is stopped, and that it is over where no rule sees it."""
    state = scene.state
    leader = next((one for one in _leads(scene) if scene.behaviour(one).answers), None)
    after = (scene.behaviour(leader) if leader else NEVER).after
    if leader is None or after is None or state.parent is not None:
        return
    if state.phase is Phase.ACKNOWLEDGED and state.firing and scene.is_idle:
        by = _by(scene, leader, f"mitigate/{scene.idle_since.isoformat()}")
        text = "nothing is left to do but to wait"
        yield _act(Mitigate(**by, text=text), scene.idle_since + after)
    ended = max((one.last_at for one in state.alerts.values()), default=None)
    if state.firing or ended is None or state.resolve_since is not None:
        return
    by = _by(scene, leader, f"resolve/{ended.isoformat()}")
    at = ended + STEPS_IN if scene.is_idle else ended + NOT_FOR_EVER
    yield _act(Resolve(**by, text="nothing fires any more"), max(at, _idle(scene)) + after)


def _idle(scene: Scene) -> datetime:
    return scene.idle_since if scene.is_idle else scene.state.opened_at
