"""The end of a drill: its score stands on the timeline, and nothing waits any more.

Decides that a drill that is over closes with its score: nobody reopens one. How it is
scored is `domain.rehearsal.score`.
"""

from domain.incident.events import DrillScored
from domain.incident.resolution import close
from domain.incident.turn import Turn
from domain.incident.view import Phase


def on_scored(turn: Turn, event: DrillScored) -> None:
    """Note the score; what is over but could still reopen closes."""
    turn.actor = "source:drill"
    turn.note(event.entry, event.sentence, dict(event.data))
    is_over = turn.state.phase in (Phase.RESOLVED, Phase.CANCELLED)
    if is_over and not turn.state.finished:
        close(turn)
