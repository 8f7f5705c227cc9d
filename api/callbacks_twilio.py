"""What Twilio brings back: replies by SMS, and keys pressed during a call.

Decides which words and keys are understood, and what is said back. Every request must
bear Twilio's signature; who speaks is told by the number or by the signed call.
"""

import re
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from activities.channels.twilio_voice import VOICE_PATH
from activities.channels.twiml import answer_message, go_to, goodbye, page_words, question
from activities.links import read_callback
from api.acknowledging import Said
from api.answering_pages import (
    ALL,
    answer,
    paging,
    people_with_number,
    reference_of,
    waiting_for,
)
from api.callback_signatures import TwilioForm
from api.find import find_seen, is_over
from api.problems import Problem
from api.security import shown_name
from api.services import Parts, Services
from domain.roster import User

router = APIRouter(tags=["callbacks"], include_in_schema=False)

HELP = "Send 'ack' and the code of the page, such as: ack M4T9WC. Or: ack all."

_ACK = re.compile(
    r"\s*(?:ack|acknowledge|acknowledged)\b[\s:]*(?P<what>all|(?:inc-)?[0-9a-z]{6})?[\s.!]*\Z",
    re.IGNORECASE,
)
_LISTED = 3


@router.post("/v1/channels/twilio/sms")
async def take_reply(parts: Parts, form: TwilioForm) -> Response:
    """`ack M4T9WC`, `ack` or `ack all`, from the number of a person in the roster."""
    people = people_with_number(parts.snapshot.roster, form.get("From", ""))
    if not people:
        return _twiml(answer_message("Watchbill does not know this number: nothing was done."))
    if len(people) > 1:
        names = " and ".join(user.name for user in people)
        text = f"This number is that of {names}: open the link of the page instead."
        return _twiml(answer_message(text))
    said = await _obey(parts, people[0], form.get("Body", ""), f"twilio/{form.get('MessageSid')}")
    return _twiml(answer_message(said.sentence))


async def _obey(parts: Services, user: User, body: str, key: str) -> Said:
    """Carry out what the message says; a repeat of the same message changes nothing."""
    found = _ACK.match(body)
    if found is None:
        return Said(f"Not understood, nothing was done. {HELP}", is_done=False)
    if found["what"]:
        return await answer(parts, user.id, found["what"], key)
    waiting = await paging(parts, user.id)
    if len(waiting) == 1:
        return await answer(parts, user.id, waiting[0].reference, key)
    if not waiting:
        return Said(f"Nothing pages you now. {HELP}", is_done=False)
    listed = ", ".join(view.reference.removeprefix("INC-") for view in waiting[:_LISTED])
    more = f" and {len(waiting) - _LISTED} more" if len(waiting) > _LISTED else ""
    text = f"{len(waiting)} incidents page you: {listed}{more}. Which one? Or: ack all."
    return Said(text, is_done=False)


class Call:
    """A call of ours: whom it was made to, and for which incident (or for all)."""

    def __init__(self, person: str, answered: str, token: str) -> None:
        self.person = person
        self.answered = answered
        self.token = token


async def called(parts: Parts, form: TwilioForm, token: str) -> Call:  # noqa: ARG001
    """The call of this token, once Twilio's signature is; Problem 403 if it is not ours."""
    read = read_callback(parts.settings, "voice", token)
    if read is None:
        raise Problem(403, "This is not a call of ours.")
    answered, person = read
    users = parts.snapshot.roster.users
    if users and person not in users:
        raise Problem(403, f"{person!r} is not in the roster any more.")
    return Call(person, answered, token)


TheCall = Annotated[Call, Depends(called)]


@router.post(f"{VOICE_PATH}/{{token}}")
async def say_page(parts: Parts, call: TheCall) -> Response:
    """What the person hears when they pick up."""
    name = shown_name(parts.snapshot.roster, f"user:{call.person}")
    if call.answered == ALL:
        return await _say_all(parts, call, name)
    try:
        view = (await find_seen(parts, reference_of(call.answered))).view
    except Problem:
        return _twiml(goodbye("This incident is not known here. Goodbye."))
    if is_over(view) or not view.phase.is_open:
        return _twiml(goodbye(f"{view.title} is {view.phase.value}. Nothing is left to do."))
    words = page_words(name, view.severity.value, view.title, drill=view.drill)
    return _twiml(question(words, _pressed_at(parts, call)))


async def _say_all(parts: Services, call: Call, name: str) -> Response:
    waiting = await waiting_for(parts, call.person)
    if not waiting:
        return _twiml(goodbye("Nothing pages you any more. Goodbye."))
    worst = waiting[0]
    more = f", and {len(waiting) - 1} more" if len(waiting) > 1 else ""
    words = page_words(name, worst.severity.value, f"{worst.title}{more}", drill=worst.drill)
    return _twiml(question(words, _pressed_at(parts, call)))


@router.post(f"{VOICE_PATH}/{{token}}/pressed")
async def take_key(parts: Parts, call: TheCall, form: TwilioForm) -> Response:
    """1 acknowledges as the person who was called, 2 says it again."""
    again = f"{parts.settings.public_address}{VOICE_PATH}/{call.token}"
    match form.get("Digits", ""):
        case "1":
            key = f"twilio/{form.get('CallSid')}"
            said = await answer(parts, call.person, call.answered, key)
            return _twiml(goodbye(said.sentence))
        case "2":
            return _twiml(go_to(again))
        case _:
            return _twiml(go_to(again, "Only 1 and 2 do something."))


def _pressed_at(parts: Services, call: Call) -> str:
    return f"{parts.settings.public_address}{VOICE_PATH}/{call.token}/pressed"


def _twiml(document: str) -> Response:
    return Response(document, media_type="application/xml")
