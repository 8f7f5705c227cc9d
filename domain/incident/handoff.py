"""Handoff and assignment: an offer of one role, answered or expired.

Decides who may offer what to whom, and that the holder keeps the role until the other
accepts.
"""

from typing import Literal

from domain.clock_text import duration_text, local_time
from domain.incident.calls import Rung, call_person, drop_reason
from domain.incident.commands import Assign, OfferHandoff
from domain.incident.messages import named, offer_page, readable
from domain.incident.people import LookedUp, Person
from domain.incident.quiet import ASKED, LOUD, QUIET
from domain.incident.roles import grant, holds
from domain.incident.state import Offer, OfferStatus, OnShift, Told
from domain.incident.turn import Turn
from domain.plan import COMMANDER

OFFERS_KEPT = 20


def make(turn: Turn, command: OfferHandoff | Assign, person: str) -> Offer:
    """Make the offer and look up whom it is for."""
    kind: Literal["handoff", "assign"] = "handoff"
    summary: dict[str, str] = {}
    if isinstance(command, OfferHandoff):
        summary = {name: text.strip() for name, text in command.summary.items() if text.strip()}
    else:
        kind = "assign"
    offer = Offer(
        id=next_offer_id(turn),
        kind=kind,
        role=command.role,
        by=person,
        by_name=command.who,
        to=command.to,
        summary=summary,
        made_at=turn.now,
        expires_at=turn.after(turn.plan.handoff.accept_within),
    )
    _put(turn, offer)
    verb = "offers" if kind == "handoff" else "assigns"
    turn.note(
        "offer.made",
        f"{command.who} {verb} {readable(offer.role)} to {named((offer.to,))}.",
        {"offer": offer.id, "role": offer.role, **{f"summary.{k}": v for k, v in summary.items()}},
    )
    turn.look_up(
        f"offer:{offer.id}",
        (offer.to,),
        f"Who is {named((offer.to,))} ({readable(offer.role)} offered)",
    )
    within = duration_text(turn.plan.handoff.accept_within)
    to = named((offer.to,))
    what = f"{readable(offer.role).capitalize()} offered to {to}: {within} to accept"
    turn.set_deadline(f"offer/{offer.id}", offer.expires_at, what)
    turn.offer = offer.id
    return offer


def next_offer_id(turn: Turn) -> str:
    """A fresh id of an offer."""
    turn.state.serial += 1
    return f"offer-{turn.state.serial}"


def offer_by_itself(turn: Turn, offer: Offer, person: Person) -> None:
    """Offer a role whose holder's shift has ended, in the holder's name."""
    role = readable(offer.role)
    data = {"offer": offer.id, "role": offer.role}
    data |= {f"summary.{name}": text for name, text in offer.summary.items()}
    turn.note("offer.made", f"{offer.because}: {role} is offered to {person.name}.", data)
    within = duration_text(turn.plan.handoff.accept_within)
    what = f"{role.capitalize()} offered to {person.name}: {within} to accept"
    turn.set_deadline(f"offer/{offer.id}", offer.expires_at, what)
    _page(turn, offer, person)


def _put(turn: Turn, offer: Offer) -> None:
    turn.state.offers[offer.id] = offer
    ended = [known.id for known in turn.state.offers.values() if not known.is_open]
    for offer_id in ended[:-OFFERS_KEPT]:
        turn.state.offers.pop(offer_id)


def on_people(turn: Turn, offer_id: str, found: tuple[LookedUp, ...]) -> None:
    """Page the person the offer is for; without such a person it ends at once."""
    offer = turn.state.offers.get(offer_id)
    if offer is None or offer.status != "looking_up":
        return
    people = [person for answer in found for person in answer.people]
    person = next((one for one in people if one.id != offer.by or offer.kind == "assign"), None)
    until = next((answer.until for answer in found), None)
    if person is None:
        note = next((answer.note for answer in found if answer.note), "nobody stands behind it")
        if people:
            note = f"{people[0].name} made the offer"
        _end(turn, offer, "withdrawn", f"The offer to {offer.to} ends: {note}.")
        _tell_giver(turn, offer, f"Your offer to {offer.to} ended: {note}.")
        return
    _page(turn, offer.model_copy(update={"until": until}), person)


def _page(turn: Turn, offer: Offer, person: Person) -> None:
    offer = offer.model_copy(update={"status": "open", "person": person})
    _put(turn, offer)
    if offer.quiet and not person.low:
        told = Told(person=person.id, name=person.name)
        turn.tell(told, offer_page(turn, offer), why=f"{readable(offer.role)} is offered")
        return
    if not person.rules:
        text = f"{person.name} has no contact method that can be used: tell them yourself."
        turn.note("offer.unreachable", text)
        _tell_giver(turn, offer, text)
        return
    rung = Rung(cycle=turn.state.cycle, round=0, level=offer.id)
    message = offer_page(turn, offer)
    reason = f"offer:{offer.id}"
    loud = LOUD if offer.automatic else ASKED
    sound = QUIET if offer.quiet else loud
    call_person(turn, person, rung, reason=reason, message=message, sound=sound)


def _end(turn: Turn, offer: Offer, status: OfferStatus, text: str) -> None:
    _put(turn, offer.model_copy(update={"status": status, "ended_at": turn.now}))
    turn.clear_deadline(f"offer/{offer.id}")
    drop_reason(turn, f"offer:{offer.id}")
    turn.note(f"offer.{status}", text, {"offer": offer.id, "role": offer.role})


def _tell_giver(turn: Turn, offer: Offer, text: str) -> None:
    told = Told(person=offer.by, name=offer.by_name)
    turn.tell(told, turn.message(text), why=f"{offer.id} ended")


def tell_commander(turn: Turn, text: str, *, but: tuple[str, ...], why: str) -> None:
    """Tell whoever commands how it stands, unless they know."""
    for held in turn.state.holders(COMMANDER):
        if not held.on_paper and held.person not in but:
            told = Told(person=held.person, name=held.name)
            turn.tell(told, turn.message(text), why=why)


def accept(turn: Turn, offer: Offer, person: Told) -> None:
    """The role changes hands; a giver whose shift has ended hears that they are free."""
    _end(turn, offer, "accepted", f"{person.name} accepts {readable(offer.role)}.")
    shift = None
    if offer.to.startswith("schedule:"):
        shift = OnShift(schedule=offer.to, until=offer.until, purpose=f"offer:{offer.id}")
    grant(turn, offer.role, person, shift=shift)
    if offer.automatic:
        _tell_giver(turn, offer, f"{person.name} took over {readable(offer.role)}: you are free.")


def decline(turn: Turn, offer: Offer, person: Told, reason: str) -> None:
    """The holder keeps the role and hears of it."""
    because = f": {reason}" if reason else ""
    text = f"{person.name} declines {readable(offer.role)}{because}."
    _end(turn, offer, "declined", text)
    _tell_giver(turn, offer, f"{text} {_keeper(turn, offer)}")
    _tell_commander_of(turn, offer, f"{text} {_keeper(turn, offer)}")


def expire(turn: Turn, offer_id: str) -> None:
    """Nobody answered in time: the holder keeps the role, both are told."""
    offer = turn.state.offers.get(offer_id)
    if offer is None or not offer.is_open:
        return
    name = offer.person.name if offer.person else offer.to
    text = f"The offer of {readable(offer.role)} to {name} has expired."
    _end(turn, offer, "expired", f"{text} {_keeper(turn, offer)}")
    _tell_giver(turn, offer, f"{text} {_keeper(turn, offer)}")
    _tell_commander_of(turn, offer, f"{text} {_keeper(turn, offer)}")
    if offer.person is not None:
        told = Told(person=offer.person.id, name=offer.person.name)
        turn.tell(told, turn.message(f"{text} Nothing is asked of you."), why="offer expired")


def _tell_commander_of(turn: Turn, offer: Offer, text: str) -> None:
    """How an offer nobody made by hand ended in vain: the commander decides what follows."""
    if offer.automatic:
        knows = (offer.by, offer.person.id if offer.person else "")
        tell_commander(turn, text, but=knows, why=f"{offer.id} ended")


def _keeper(turn: Turn, offer: Offer) -> str:
    held = turn.state.holders(offer.role)
    return f"{held[0].name} keeps it." if held else "Nobody holds it."


def withdraw_all(turn: Turn, why: str) -> None:
    """End every open offer."""
    for offer in list(turn.state.offers.values()):
        if offer.is_open:
            _end(turn, offer, "withdrawn", f"The offer of {readable(offer.role)} ends: {why}.")


def withdraw_offers_of(turn: Turn, role: str, why: str) -> None:
    """End the open offer of this role; who was asked is told so."""
    for offer in list(turn.state.offers.values()):
        if offer.is_open and offer.role == role:
            withdraw(turn, offer, why)


def withdraw(turn: Turn, offer: Offer, why: str) -> None:
    """End one open offer; who was asked is told so."""
    text = f"The offer of {readable(offer.role)} ends: {why}."
    _end(turn, offer, "withdrawn", text)
    if offer.person is not None:
        told = Told(person=offer.person.id, name=offer.person.name)
        turn.tell(told, turn.message(text), why="offer ended")


def open_offer_to(turn: Turn, person: str, role: str) -> Offer | None:
    """The open offer of this role to this person."""
    for offer in turn.state.offers.values():
        if offer.role == role and offer.is_open and offer.person and offer.person.id == person:
            return offer
    return None


def ended_text(turn: Turn, offer: Offer) -> str:
    """How an offer ended, for someone who answers too late."""
    when = local_time(offer.ended_at or turn.now, turn.plan.timezone)
    return f"{offer.id} was {offer.status} at {when}"


def may_offer(turn: Turn, person: str, role: str) -> bool:
    """The holder may, and so may the commander."""
    return holds(turn, person, role) or holds(turn, person, COMMANDER)
