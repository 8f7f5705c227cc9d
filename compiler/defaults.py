"""What a playbook means where its author says nothing.

Decides the default of every field that varies by severity; `docs/playbooks.md` lists
them. A careful team would choose the same.
"""

from datetime import timedelta

from domain.plan import COMMANDER, OPERATIONS, AnnounceOn, RolePlan
from domain.severity import PerSeverity

Timers = PerSeverity[timedelta | None]
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


def _timers(
    first: timedelta | None,
    second: timedelta | None,
    third: timedelta | None,
    fourth: timedelta | None,
    fifth: timedelta | None = None,
) -> Timers:
    return Timers(SEV1=first, SEV2=second, SEV3=third, SEV4=fourth, SEV5=fifth)


ACK_WITHIN = _timers(5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, 60 * _MINUTE)
AGAIN_EVERY = _timers(15 * _MINUTE, 15 * _MINUTE, None, None)
ACK_EXPIRES = _timers(30 * _MINUTE, 2 * _HOUR, None, None)
MAX_SHIFT = _timers(4 * _HOUR, 6 * _HOUR, 8 * _HOUR, 8 * _HOUR, 8 * _HOUR)
NEVER = Timers.same(None)
REPEAT = PerSeverity[int].same(2)
CONFIRM = PerSeverity[str](
    SEV1=f"role:{COMMANDER}",
    SEV2=f"role:{COMMANDER}",
    SEV3=f"role:{COMMANDER}",
    SEV4="nobody",
    SEV5="nobody",
)
ROLES = {
    COMMANDER: RolePlan(),
    OPERATIONS: RolePlan(fill="first_acknowledger"),
    "responders": RolePlan(many=True),
}
ANNOUNCE_ON: tuple[AnnounceOn, ...] = ("opened", "severity", "commander", "mitigated", "resolved")
