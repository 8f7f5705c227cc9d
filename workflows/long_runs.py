"""How long one run of an incident may grow before it continues as new.

Decides two bounds: from the first a run ends as soon as no call is under way, since another
run would make it a second time; at the second it waits no longer. The engine ends a run at
51,200 events, 10,000 signals or 2,000 updates.
"""

from dataclasses import dataclass

from temporalio import workflow

from workflows.options import (
    BYTES_AT_MOST,
    EVENTS_AT_MOST,
    MESSAGES_AT_MOST,
    MESSAGES_BEFORE_CONTINUE,
    PATIENCE_WITH_CALLS,
    UPDATES_AT_MOST,
    UPDATES_BEFORE_CONTINUE,
)


@dataclass(frozen=True)
class Length:
    """What one run has taken in; `after` is the number of events that tests ask for."""

    signals: int
    updates: int
    after: int | None


def is_long(length: Length) -> bool:
    """Whether the run should end once no call is under way."""
    info = workflow.info()
    return (
        info.is_continue_as_new_suggested()
        or (length.after is not None and info.get_current_history_length() >= length.after)
        or length.signals >= MESSAGES_BEFORE_CONTINUE
        or length.updates >= UPDATES_BEFORE_CONTINUE
    )


def cannot_wait(length: Length) -> bool:
    """Whether the run must end, whatever is under way."""
    info = workflow.info()
    most = EVENTS_AT_MOST if length.after is None else length.after * PATIENCE_WITH_CALLS
    return (
        info.get_current_history_length() >= most
        or info.get_current_history_size() >= BYTES_AT_MOST
        or length.signals >= MESSAGES_AT_MOST
        or length.updates >= UPDATES_AT_MOST
    )
