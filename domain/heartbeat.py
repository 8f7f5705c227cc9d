"""Heartbeats: something beats, and its silence is an alert.

Decides when one is missing, and the alert that says so or takes it back. The timer is
`workflows.heartbeat`, who receives beats is `api.heartbeats`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from domain.alert import Alert, AlertStatus
from domain.incident.input import ClockSettings, MaintenanceChanged
from domain.maintenance import Window
from domain.plan import HeartbeatTrigger, Plan

SOURCE = "heartbeat"
"""The sender of the alerts of heartbeats; the fingerprint is the heartbeat's name."""

ALERT_NAME = "HeartbeatMissing"

SHORTEST = timedelta(seconds=10)
"""Below this a slow network is a missing heartbeat."""

LATE = timedelta(seconds=10)
"""A timer that fires so much later than due says that we were away ourselves."""

GRACE = timedelta(minutes=1)
"""What senders get, at most, to beat again after we were away: until then they may have
been refused, and their silence proves nothing."""

SAID_AGAIN = timedelta(hours=24)
"""A heartbeat that stays away is said again so often, as a monitor repeats its alerts:
an incident that was resolved by hand absorbs it for as long, and no longer."""


class HeartbeatPart(BaseModel):
    """A frozen part of a heartbeat, or a message to its workflow."""

    model_config = ConfigDict(frozen=True)


class Beat(HeartbeatPart):
    """One beat as the API received it; the playbook may have changed `missing_after`."""

    at: datetime
    missing_after: timedelta


class Heartbeat(HeartbeatPart):
    """All that a heartbeat's workflow remembers, and its start input.

    `missing_since` is the last beat before the silence, `incident` the workflow id that
    was told of it, `told_at` when that was last. `patient_until` is the end of the time
    that senders get after we were away.
    """

    name: str
    last_at: datetime
    missing_after: timedelta
    missing_since: datetime | None = None
    incident: str | None = None
    told_at: datetime | None = None
    patient_until: datetime | None = None

    @property
    def due_at(self) -> datetime:
        """When it is missing if it stays silent; if it is missing, when that is said again."""
        if self.told_at is not None:
            return self.told_at + SAID_AGAIN
        due = self.last_at + self.missing_after
        return max(due, self.patient_until) if self.patient_until else due

    @property
    def has_returned(self) -> bool:
        """Whether it has beaten since it was missed."""
        return self.missing_since is not None and self.last_at > self.missing_since


class HeartbeatTarget(HeartbeatPart):
    """Where the alert of a missing heartbeat goes: the newest plan that declares it.

    `owner` is the incident that has this alert as far as the ledger knows; `windows` are
    those of maintenance that hold now.
    """

    plan: Plan
    missing_after: timedelta
    reference: str
    clock: ClockSettings = ClockSettings()
    continue_as_new_after: int | None = None
    owner: str | None = None
    windows: tuple[Window, ...] = ()


class HeartbeatTold(HeartbeatPart):
    """What became of the alert, for the ledger; `reference` where it opened an incident."""

    alert: Alert
    workflow_id: str
    reference: str | None = None
    outcome: str
    windows: tuple[Window, ...] = ()


class HeartbeatSettled(HeartbeatPart):
    """Windows that have changed since the incident was told of them."""

    changed: tuple[MaintenanceChanged, ...] = ()


def heard(heartbeat: Heartbeat, beat: Beat, now: datetime) -> Heartbeat:
    """The heartbeat after a beat; a beat from the future counts as one of now."""
    at = max(heartbeat.last_at, min(beat.at, now))
    return heartbeat.model_copy(update={"last_at": at, "missing_after": beat.missing_after})


def after_absence(heartbeat: Heartbeat, due: datetime, now: datetime) -> Heartbeat:
    """With time for senders to beat again, if the timer of `due` fired much too late."""
    was_given = heartbeat.patient_until is not None and heartbeat.patient_until >= due
    if heartbeat.told_at is not None or was_given or now - due < LATE:
        return heartbeat
    patience = min(GRACE, heartbeat.missing_after)
    return heartbeat.model_copy(update={"patient_until": now + patience})


def missed(heartbeat: Heartbeat, incident: str, now: datetime) -> Heartbeat:
    """The heartbeat after this incident was told of its silence."""
    since = heartbeat.missing_since or heartbeat.last_at
    update = {"missing_since": since, "incident": incident, "told_at": now, "patient_until": None}
    return heartbeat.model_copy(update=update)


def returned(heartbeat: Heartbeat) -> Heartbeat:
    """The heartbeat after its return was told."""
    update = {"missing_since": None, "incident": None, "told_at": None}
    return heartbeat.model_copy(update=update)


def alert_of(heartbeat: Heartbeat, service: str | None, status: AlertStatus) -> Alert:
    """The alert on this silence, or its resolve; one silence is one episode."""
    since = heartbeat.missing_since or heartbeat.last_at
    labels = {"alertname": ALERT_NAME, "heartbeat": heartbeat.name}
    return Alert(
        source=SOURCE,
        fingerprint=heartbeat.name,
        status=status,
        starts_at=since.isoformat(),
        labels=labels | ({"service": service} if service else {}),
        summary=f"Heartbeat {heartbeat.name} is missing: silent since {since:%H:%M:%S} UTC",
    )


def declared(plans: Mapping[str, Plan]) -> dict[str, tuple[Plan, HeartbeatTrigger]]:
    """Every heartbeat by its name, with the playbook that declares it."""
    return {
        trigger.name: (plan, trigger)
        for _, plan in sorted(plans.items())
        for trigger in plan.heartbeats
    }


def workflow_id_of(name: str) -> str:
    """The workflow of this heartbeat. No incident's id has this form: it ends in a hash."""
    return f"heartbeat-{name}"


def covering(windows: Iterable[Window], alert: Alert, plan: Plan) -> tuple[Window, ...]:
    """The windows that cover the alert in this playbook."""
    return tuple(one for one in windows if one.covers(alert.labels, plan.service))
