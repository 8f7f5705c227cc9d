"""The clock that incidents are opened with.

Decides that it is real time, unless a test setting says otherwise.
"""

from domain.incident.input import ClockSettings
from settings import Settings


def clock_of(settings: Settings) -> ClockSettings:
    """Real time, unless the test setting allows another speed for opened incidents."""
    if settings.test_clock and settings.test_speed:
        return ClockSettings(speed=settings.test_speed)
    return ClockSettings()
