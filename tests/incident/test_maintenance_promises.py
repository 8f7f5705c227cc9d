"""Whatever happens under maintenance: no page too early, nothing forgotten."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.incident.events import WindowChanged
from domain.incident.view import Phase
from domain.maintenance import Window, covering
from tests.incident.plans import a_plan
from tests.incident.world import START, World, a_person, a_window, an_alert

DISKS = ("db-1", "db-2")
NAMES = ("a1", "a2", "a3")


def a_disks_window(disk: str, until: float) -> Window:
    """Maintenance of one disk."""
    return a_window(until, id=f"mw-{disk}", matchers={"disk": (disk,)})


EVENTS = st.one_of(
    st.tuples(
        st.just("alert"),
        st.sampled_from(NAMES),
        st.sampled_from(("firing", "firing", "resolved")),
        st.sampled_from(("sev1", "sev4")),
    ),
    st.tuples(st.just("window"), st.sampled_from(DISKS), st.integers(-30, 90)),
    st.tuples(st.just("wait"), st.integers(1, 40)),
    st.tuples(
        st.just("say"),
        st.sampled_from(("acknowledge", "escalate", "resolve", "cancel", "reopen", "note")),
    ),
)


class Maintained:
    """One incident, two disks, and a window on each that comes and goes."""

    def __init__(self) -> None:
        self.world = World(a_plan(), {"schedule:first": [a_person("ann")]})
        self.windows: dict[str, Window] = {}

    def do(self, event: tuple[Any, ...]) -> None:
        """One thing that happens."""
        paged, was = len(self.world.pages), self.world.phase
        match event:
            case ("alert", name, status, severity):
                self._alert(name, status, severity)
            case ("window", disk, minutes):
                self._move(disk, minutes)
            case ("wait", minutes):
                self.world.until(self.world.minute + minutes)
            case ("say", what) if self.world.state.title:
                extra = {"text": "hm"} if what == "note" else {}
                self.world.say("bo", what, **extra)
        self._look(paged, was)

    def _alert(self, name: str, status: str, severity: str) -> None:
        if self.world.state.finished:
            return
        disk = DISKS[NAMES.index(name) % 2]
        alert = an_alert(name, status=status, severity=severity, disk=disk)
        now = tuple(one for one in self.windows.values() if one.is_active(self.world.now))
        self.world.fire(
            alert, maintenance=tuple(one for one in now if one.covers(alert.labels, ""))
        )

    def _move(self, disk: str, minutes: int) -> None:
        until = self.world.now + timedelta(minutes=minutes)
        window = a_disks_window(disk, 0).model_copy(update={"starts_at": START, "ends_at": until})
        self.windows[disk] = window
        self.world.take(WindowChanged(window=window))

    def _look(self, paged: int, was: Phase) -> None:
        state, now = self.world.state, self.world.now
        if state.phase is not Phase.SUPPRESSED:
            assert "maintenance" not in state.deadlines
            return
        assert state.deadlines["maintenance"].at > now, "a suppression without an end"
        assert was is not Phase.SUPPRESSED or len(self.world.pages) == paged, "paged too early"
        lasting = [one for one in state.windows.values() if one.ends_at > now]
        firing = [one for one in state.firing if one.key in state.held]
        assert firing, "nothing is held back"
        assert all(covering(lasting, one.labels, None) for one in firing), "held without a window"


@settings(max_examples=300)
@given(st.lists(EVENTS, max_size=25))
def test_a_suppression_always_ends_and_pages_nobody_before(events: list[tuple[Any, ...]]) -> None:
    maintained = Maintained()
    maintained.do(("window", "db-1", 60))

    for event in events:
        maintained.do(event)
