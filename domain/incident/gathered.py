"""Pages that travel together with the person's other pages, as their incident sees them.

Decides which page never gathers, how long its incident waits for the word of what became
of it, and when the incident takes it back. What gathers is `domain.gathering`'s.
"""

from datetime import datetime, timedelta

from domain.incident.effects import LeaveBundle, Message, SendPage, SendResult
from domain.incident.state import Attempt, AttemptState, Call
from domain.incident.turn import Turn

PATIENCE = timedelta(minutes=2)
"""How long after the latest moment a gathered page may stay unanswered. Then it goes out
by itself: two pages are better than none."""


def goes_alone(call: Call, attempt: Attempt, message: Message) -> bool:
    """Whether the page waits for no other: an offer, a drill, one that gathered in vain."""
    return attempt.alone or message.drill or call.level.startswith("offer-")


def answer_due(now: datetime, result: SendResult) -> datetime:
    """When an unanswered gathered page goes out by itself."""
    return max(now, result.until or now) + PATIENCE


def mark_bundled(turn: Turn, key: str) -> None:
    """Others have gathered behind this page: its incident leaves them when it is answered."""
    for call in list(turn.state.calls.values()):
        if any(attempt.key == key for attempt in call.attempts):
            bundled = call.model_copy(update={"bundled": True})
            turn.state.calls[call.id] = bundled
            if bundled.is_over:
                leave_bundle(turn, bundled)


def leave_bundle(turn: Turn, call: Call) -> None:
    """Nobody needs this person's answer any more: what gathered for it does not go out."""
    sent = [effect.id for effect in turn.effects if isinstance(effect, SendPage)]
    asked = [one for one in call.attempts if one.key not in sent]
    if not call.bundled or not asked:
        return
    turn.effects.append(
        LeaveBundle(
            id=turn.next_id("leave"),
            summary=f"{call.person.name} need not answer: leave their gathered pages",
            person=call.person.id,
            call=asked[0].key.rpartition("/")[0],
        )
    )


def note_gathered(turn: Turn, call: Call, attempt: Attempt, result: SendResult) -> None:
    """One entry for a page that waits for others, the first time."""
    if attempt.tries == 1:
        who = f"{call.person.name} by {attempt.method}"
        text = f"Page to {who} joined other pages to them: {result.detail}."
        turn.note("page.gathered", text, {"key": attempt.key, "tries": str(attempt.tries)})


def still_open(attempt: Attempt, result: SendResult) -> bool:
    """Whether this answer is news: a page counts as gathered only while it is being sent."""
    match attempt.state:
        case AttemptState.SENDING:
            return True
        case AttemptState.GATHERED:
            return result.outcome != "gathered"
        case AttemptState.RETRYING:
            return result.outcome == "delivered"
        case AttemptState.DELIVERED | AttemptState.FAILED:
            return False
