"""Announcements: one line per change to the destinations the playbook names.

Decides which change is announced and its wording.
"""

from domain.incident.turn import Turn
from domain.plan import AnnounceOn


def announce(turn: Turn, change: AnnounceOn, text: str) -> None:
    """Tell every destination that wants to hear of this kind of change.

    A called playbook announces nothing: its caller does.
    """
    if turn.state.parent is not None:
        return
    for announcement in turn.plan.announce:
        if change in announcement.on:
            headline = f"[{turn.state.severity}] {turn.state.title}: {text}"
            turn.announce_to(announcement.to, turn.message(headline), why=change)
