"""The incident's clock: real, sped up, or stepped by messages.

Decides what "now" is for the rules and how long a timer must really run. All moments
that leave this module are aware UTC. Real time comes from the workflow's own clock.
"""

from datetime import UTC, datetime, timedelta

from temporalio import workflow

from domain.incident.input import ClockSettings


class IncidentClock:
    """Virtual time that starts at `settings.start` and runs at `settings.speed`."""

    def __init__(self, settings: ClockSettings, origin: datetime | None = None) -> None:
        """Begin now, or at the `origin` that an earlier run carried over."""
        self.settings = settings
        self.origin = origin or workflow.now()
        self._start = (settings.start or self.origin).astimezone(UTC)
        self._stepped_to = self._start

    def now(self) -> datetime:
        """The present virtual moment."""
        if self.settings.stepped:
            return self._stepped_to
        passed = workflow.now() - self.origin
        return self._start + passed * self.settings.speed

    def step_to(self, moment: datetime) -> None:
        """Move a stepped clock forward; it never goes back."""
        self._stepped_to = max(self._stepped_to, moment.astimezone(UTC))

    def real_delay(self, moment: datetime) -> timedelta:
        """How long a timer must run to reach this moment; zero if it is past."""
        left = max(moment - self.now(), timedelta(0))
        return left / self.settings.speed

    def real_lateness_s(self, moment: datetime) -> float:
        """Seconds of real time since this moment; zero on a stepped clock."""
        if self.settings.stepped:
            return 0.0
        return max(0.0, (self.now() - moment).total_seconds() / self.settings.speed)
