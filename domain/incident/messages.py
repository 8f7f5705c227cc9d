"""The wording of pages, notices and announcements.

Decides what people read at 03:00: what is wrong, how bad, who leads, what is asked.
Where a message goes is the other rules'; how it is sent is `activities.channels`.
"""

from domain.clock_text import local_time
from domain.incident.background import with_background
from domain.incident.effects import Message
from domain.incident.state import AlertState, Call, Offer
from domain.incident.turn import Turn
from domain.plan import COMMANDER

NAMED_ALERTS = 3
"""How many firing alerts a message lists before it counts the rest."""


def situation(turn: Turn) -> tuple[str, ...]:
    """What fires, since when, and who leads: the lines under every page."""
    state, zone = turn.state, turn.plan.timezone
    lines = [f"{alert.summary or alert.fingerprint}" for alert in state.firing[:NAMED_ALERTS]]
    more = len(state.firing) - NAMED_ALERTS
    if more > 0:
        lines.append(f"and {more} more firing")
    if state.facts.impact:
        lines.append(f"Impact: {state.facts.impact}")
    lines.append(f"Since {local_time(state.opened_at, zone)}, playbook {turn.plan.name}.")
    lines.append(f"Led by {leader(turn)}.")
    return tuple(dict.fromkeys(lines))


def leader(turn: Turn) -> str:
    """Who commands, as people read it."""
    for holding in turn.state.holders(COMMANDER):
        if not holding.on_paper:
            return f"{holding.name} (acting)" if holding.acting else holding.name
    return "nobody yet"


def level_page(turn: Turn, level_text: str, call: Call | None = None) -> Message:
    """A page of the escalation ladder; `call` where it has begun already."""
    page = turn.message(
        f"{turn.state.title}",
        lines=(f"You are paged as {level_text}.", *situation(turn)),
        ask="Acknowledge",
    )
    return with_background(turn, page, call)


def quiet_page(turn: Turn, role: str | None, when: str) -> Message:
    """A page that wakes nobody: what waits, and until when."""
    first = f"the role {readable(role)} is called for" if role else "level 1 is paged"
    return turn.message(
        f"{turn.state.title}",
        lines=(f"Nobody is woken for it. Without an answer {first} {when}.", *situation(turn)),
        ask=f"Accept {readable(role)}" if role else "Acknowledge",
    )


def role_page(turn: Turn, role: str, call: Call | None = None) -> Message:
    """A page that asks somebody to take a role."""
    page = turn.message(
        f"{turn.state.title}: take {readable(role)}",
        lines=(f"You are asked to take the role {readable(role)}.", *situation(turn)),
        ask=f"Accept {readable(role)}",
    )
    return with_background(turn, page, call)


def offer_page(turn: Turn, offer: Offer, call: Call | None = None) -> Message:
    """A page that carries a handoff offer with its summary."""
    fields = tuple(f"{readable(name)}: {text}" for name, text in offer.summary.items())
    until = local_time(offer.expires_at, turn.plan.timezone)
    verb = "offers you" if offer.kind == "handoff" else "asks you to take"
    headline = f"{offer.by_name} {verb} {readable(offer.role)}: {turn.state.title}"
    if offer.automatic:
        headline = f"{offer.because}: take {readable(offer.role)}? {turn.state.title}"
    page = turn.message(
        headline,
        lines=(*fields, f"Answer until {until} (offer {offer.id}).", *situation(turn)),
        ask=f"Accept {readable(offer.role)}",
    )
    return with_background(turn, page.model_copy(update={"offer": offer.id}), call)


def firing_text(alerts: list[AlertState]) -> str:
    """`2 firing: dc1, dc2`: told apart by the first label in which they differ."""
    return f"{len(alerts)} firing: {', '.join(distinguished(alerts))}"


def distinguished(alerts: list[AlertState]) -> list[str]:
    """A short name for each alert: the value of the label in which all differ."""
    names = sorted({name for alert in alerts for name in alert.labels})
    for name in names:
        values = [alert.labels.get(name, "") for alert in alerts]
        if len(alerts) > 1 and all(values) and len(set(values)) == len(values):
            return [_short(value) for value in values[:5]] + _rest(values)
    values = [alert.summary or alert.fingerprint for alert in alerts]
    return [_short(value) for value in values[:5]] + _rest(values)


def _short(text: str) -> str:
    limit = 60
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _rest(values: list[str]) -> list[str]:
    shown = 5
    return [f"and {len(values) - shown} more"] if len(values) > shown else []


def named(refs: tuple[str, ...]) -> str:
    """References as people read them: without their kinds."""
    return ", ".join(ref.partition(":")[2] or ref for ref in refs)


def readable(name: str) -> str:
    """A snake_case id, or a rung of a page key, as words."""
    return name.replace("_", " ").replace("-", " ")


def help_page(turn: Turn, because: str, call: Call | None = None) -> Message:
    """A page that brings more people in."""
    page = turn.message(
        f"{turn.state.title}: you are needed",
        lines=(f"Because: {because}.", *situation(turn)),
        ask="Acknowledge",
    )
    return with_background(turn, page, call)
