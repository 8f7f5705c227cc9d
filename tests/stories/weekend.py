"""The people, playbooks and weekends of "a quiet night and a shift change"."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")

CERTIFICATE = """\
language: 1
name: certificate_expires
owner: team:storage
timezone: Europe/Berlin
on_alert: { alertname: CertificateExpires }
severity: { default: SEV3 }
urgency: { SEV1: high, SEV2: high, SEV3: high_in_hours, else: low }
page: [schedule:primary]
"""

DISK_FULL = """\
language: 1
name: disk_full
owner: team:storage
timezone: Europe/Berlin
on_alert: { alertname: DiskFull }
dedup: { key: "{{ labels.host }}" }
severity: { default: SEV2 }
page: [schedule:primary]
resolve: { confirm: { else: nobody } }
"""

ROSTER = """\
language: 1
users:
  first: {{ tz: Europe/Berlin, contact: {first} }}
  second: {{ tz: Europe/Berlin, contact: {second} }}
teams:
  storage:
    members: [first, second]
    hours: {{ tz: Europe/Berlin, days: [mon, tue, wed, thu, fri], between: ["09:15", "18:00"] }}
schedules:
  primary:
    tz: Europe/Berlin
    rotate: {{ users: [first, second], every: week, hands_over: "monday 09:30", from: {monday} }}
"""


def folder(saturday: date) -> dict[str, str]:
    """The playbooks folder in which `first` serves over this weekend, `second` after it."""
    monday = saturday - timedelta(days=5)
    contacts = {
        person: "{ "
        f'push: "ntfys://ntfy.example/{person}", sms: "sms://x/{person}", '
        f'phone: "voice://x/{person}", email: {person}@example.org'
        " }"
        for person in ("first", "second")
    }
    return {
        "certificate_expires.yaml": CERTIFICATE,
        "disk_full.yaml": DISK_FULL,
        "roster/all.yaml": ROSTER.format(monday=monday, **contacts),
    }


def moment(saturday: date, clock_time: str, *, days: int = 0) -> datetime:
    """The UTC moment of Berlin's wall-clock time, so many days after this Saturday."""
    local = datetime.combine(saturday + timedelta(days=days), time.fromisoformat(clock_time))
    return local.replace(tzinfo=BERLIN).astimezone(UTC)


def seen_at(saturday: date, clock_time: str, *, days: int = 0) -> str:
    """The same moment as a stage writes it."""
    return f"{moment(saturday, clock_time, days=days):%a %H:%M}"
