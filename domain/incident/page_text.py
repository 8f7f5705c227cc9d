"""The text of a page that goes out later than the call began.

Decides only which wording fits the first reason for which a person is being paged.
"""

from domain.incident.effects import Message
from domain.incident.messages import help_page, level_page, offer_page, readable, role_page
from domain.incident.state import Call
from domain.incident.turn import Turn


def message_for(turn: Turn, call: Call) -> Message:
    """What the next method of this call says."""
    topic, _, rest = (call.reasons or ("escalation",))[0].partition(":")
    if topic == "role":
        return role_page(turn, rest.partition(":")[0], call)
    if topic == "offer" and rest in turn.state.offers:
        return offer_page(turn, turn.state.offers[rest], call)
    if topic == "help":
        return help_page(turn, rest, call)
    return level_page(turn, readable(call.level), call)
