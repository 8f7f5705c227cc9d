"""SMS through Twilio, to a bare number."""

from activities.channels.outgoing import Outgoing
from activities.channels.sms_text import sms_text
from activities.channels.tools import ChannelTools
from activities.channels.twilio import call_twilio
from domain.incident.effects import SendResult


async def send_sms(tools: ChannelTools, number: str, outgoing: Outgoing) -> SendResult:
    """Hand one message to Twilio; `delivered` means that Twilio has accepted it."""
    text = sms_text(outgoing, answerable=tools.settings.public_url is not None)
    return await call_twilio(tools, "Messages", {"To": number, "Body": text})
