"""The buttons that one person sees on the page of one incident.

Decides what is asked of them first, and what else somebody who is on it may say.
"""

from pydantic import BaseModel, ConfigDict

from domain.incident.view import IncidentView, OfferView, Phase


class Button(BaseModel):
    """One thing the person can do from the page."""

    model_config = ConfigDict(frozen=True)

    address: str
    text: str
    is_quiet: bool = False


def buttons_for(view: IncidentView, person: str, here: str) -> list[Button]:
    """What the person is asked first, then what they may say; `here` is their page."""
    asked = _asked_of(view, person, here)
    waits = view.phase in (Phase.PENDING, Phase.SUPPRESSED, Phase.TRIGGERED)
    buttons = list(asked)
    if waits:
        text = "Acknowledge: I am on it"
        buttons.append(Button(address=f"{here}/acknowledge", text=text, is_quiet=bool(asked)))
    elif view.phase.is_open and not _holds(view, person) and not asked:
        buttons.append(Button(address=f"{here}/acknowledge", text="Acknowledge: I join in"))
    if view.phase is Phase.ACKNOWLEDGED and _holds(view, person):
        buttons += _of_a_holder(view, here)
    return buttons


def _asked_of(view: IncidentView, person: str, here: str) -> list[Button]:
    """A button for every question, role and offer that waits for this person."""
    mine = {person, f"user:{person}"}
    buttons = [
        Button(
            address=f"{here}/confirm?question={ask.question}",
            text=f"Yes: {ask.about or _question(ask.question)}",
        )
        for ask in view.asks
        if mine & set(ask.of)
    ]
    for one in view.role_asks:
        if person in one.of:
            buttons += _yes_and_no(f"{here}/roles/{one.role}", one.role)
    for offer in offers_to(view, person):
        buttons += _yes_and_no(f"{here}/offers/{offer.id}", offer.role)
    return buttons


def _yes_and_no(at: str, role: str) -> list[Button]:
    name = role.replace("_", " ")
    return [
        Button(address=f"{at}/accept", text=f"Take {name}"),
        Button(address=f"{at}/decline", text=f"Decline {name}", is_quiet=True),
    ]


def _of_a_holder(view: IncidentView, here: str) -> list[Button]:
    """What somebody who is on it may say without being asked."""
    buttons = []
    if not any(ask.question == "still_on_it" for ask in view.asks):
        text = "I am still on it"
        buttons.append(Button(address=f"{here}/still-on-it", text=text, is_quiet=True))
    if view.snoozed is None:
        buttons.append(Button(address=f"{here}/snooze", text="Snooze 1 h", is_quiet=True))
    return buttons


def offers_to(view: IncidentView, person: str) -> list[OfferView]:
    """The open offers of a role to this person."""
    mine = (person, f"user:{person}")
    return [offer for offer in view.offers if offer.to in mine]


_QUESTIONS = {
    "raise": "I saw that it got worse",
    "still_on_it": "I am still on it",
    "resolve": "it is over",
    "take_command": "I take command",
}


def _question(question: str) -> str:
    return _QUESTIONS.get(question, question.replace("_", " "))


def _holds(view: IncidentView, person: str) -> bool:
    return any(holder.person == person for holders in view.roles.values() for holder in holders)
