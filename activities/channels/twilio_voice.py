"""Telephone calls through Twilio: text to speech, and the key 1 acknowledges.

Decides what Twilio is asked to do. Who is called back is `api.callbacks_twilio`.
"""

from activities.channels.outgoing import Outgoing
from activities.channels.tools import ChannelTools
from activities.channels.twilio import call_twilio
from activities.channels.twiml import page_words, statement
from activities.links import callback_token
from domain.incident.effects import SendResult

VOICE_PATH = "/v1/channels/twilio/voice"
"""Where Twilio asks what to say; a token follows that is signed for person and incident."""

CANNOT_ANSWER = "This call cannot be answered: open the link of the page to answer it."
NOTHING_ASKED = "Nothing is asked of you. Goodbye."

RING_S = 30
"""Before a voice box answers; what it hears is never an acknowledgement anyway."""


async def place_call(tools: ChannelTools, number: str, outgoing: Outgoing) -> SendResult:
    """Have Twilio call once; `delivered` means that Twilio has accepted the call."""
    form = {"To": number, "Timeout": str(RING_S), **_script(tools, outgoing)}
    return await call_twilio(tools, "Calls", form)


def _script(tools: ChannelTools, outgoing: Outgoing) -> dict[str, str]:
    """Our own address where Twilio reaches it and a key can answer, else the words."""
    settings, message = tools.settings, outgoing.message
    if settings.public_url and outgoing.person and outgoing.acknowledge_address:
        token = callback_token(settings, "voice", outgoing.answered, outgoing.person)
        return {"Url": f"{settings.public_address}{VOICE_PATH}/{token}", "Method": "POST"}
    words = page_words(
        outgoing.person_name or "you", message.severity.value, message.headline, drill=message.drill
    )
    return {"Twiml": statement(words, CANNOT_ANSWER if message.ask else NOTHING_ASKED)}
