"""Who is on call, asked 5,000 times of a company: 1,000 people, 200 schedules.

Measures the activity that every page waits for, with what the ledger adds to the roster:
overrides people accepted, and an imported calendar. The engine is left out.
"""

import random
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path

from activities.on_call import OnCallActivities
from bench.report import Report, percentile
from catalog.effective import EffectiveRoster
from domain.calendar_feed import schedule_feed
from domain.incident.effects import LookUpOnCall
from domain.roster import (
    CalendarImport,
    Layer,
    Method,
    NotifyRule,
    Override,
    Roster,
    Rotation,
    Schedule,
    User,
)
from ledger import Ledger, Writer
from ledger.override_book import OverrideRecord, OverrideStatus

PEOPLE, SCHEDULES, LOOK_UPS = 1_000, 200, 5_000
AIM_MS = 5.0
NOW = datetime.now(UTC)

ZONES = (
    *("Europe/Berlin", "Europe/London", "America/New_York", "America/Denver"),
    *("Asia/Kolkata", "Australia/Sydney", "Pacific/Auckland", "UTC"),
)
UNITS = ("hour", "day", "week", "month")


def a_company(chance: random.Random) -> Roster:
    """Rotations of every unit; layers by night, by weekend and round the clock; overrides."""
    users = {f"person_{number}": _person(number) for number in range(PEOPLE)}
    names = list(users)
    schedules = [_schedule(number, names, chance) for number in range(SCHEDULES)]
    return Roster(users=users, schedules={each.id: each for each in schedules})


def _person(number: int) -> User:
    name = f"person_{number}"
    contact = {Method.PUSH: f"ntfy://127.0.0.1/{name}", Method.EMAIL: f"{name}@example.org"}
    rules = (NotifyRule(via=Method.PUSH), NotifyRule(via=Method.EMAIL, after=timedelta(minutes=1)))
    return User(id=name, name=f"Person {number}", contact=contact, high=rules, low=rules[1:])


def _schedule(number: int, names: list[str], chance: random.Random) -> Schedule:
    crew = tuple(chance.sample(names, 8))
    nights = Layer(users=crew[:1], days=("fri", "sat"), between=(clock(18), clock(6)))
    regions = tuple(
        Layer(users=crew[at : at + 3], between=(clock(8 * at), clock((8 * at + 8) % 24)))
        for at in range(3)
    )
    begin = NOW.replace(tzinfo=None, minute=0, second=0, microsecond=0)
    overrides = tuple(
        Override(
            user=crew[at], start=begin + timedelta(days=at), end=begin + timedelta(days=at + 1)
        )
        for at in range(number % 5)
    )
    layers: tuple[tuple[Layer, ...], ...] = ((), (nights,), regions, (*regions, nights))
    return Schedule(
        id=f"schedule_{number}",
        tz=ZONES[number % len(ZONES)],
        rotate=_rotation(crew, number, chance),
        layers=layers[number % len(layers)],
        overrides=overrides,
        imports=CalendarImport(ical="https://calendar.example/x.ics") if number % 10 == 0 else None,
    )


def _rotation(crew: tuple[str, ...], number: int, chance: random.Random) -> Rotation:
    users = crew if number % 20 else crew[:1]
    unit = UNITS[number % len(UNITS)]
    count = 12 if unit == "hour" else chance.randint(1, 3)
    return Rotation.model_validate(
        {
            "users": users,
            "unit": unit,
            "count": count,
            "hands_over": clock(9, 30),
            "weekday": "mon" if unit == "week" else None,
            "day": 1 if unit == "month" else None,
            "first": date(2020, 1, 6),
        }
    )


async def measure(report: Report, *, quick: bool) -> None:
    """The time of one look-up of one schedule now, and of one at any moment of two years."""
    chance = random.Random(7)  # a fixed company, no secret
    roster = a_company(chance)
    with tempfile.TemporaryDirectory(prefix="watchbill-bench-") as name:
        ledger = Ledger.from_url(f"sqlite:///{Path(name) / 'ledger.db'}")
        ledger.migrate()
        _fill(ledger, roster)
        writer = Writer(ledger)
        effective = EffectiveRoster(writer)
        await effective.refresh()
        asking = OnCallActivities(lambda: effective.over(roster))
        for what, span in (("now", timedelta(0)), ("at any time of two years", timedelta(365))):
            times = LOOK_UPS // (10 if quick else 1)
            took, computed = await _ask(asking, chance, span, times)
            _tell(report, what, took, computed)
        await writer.close()
        ledger.close()


def _fill(ledger: Ledger, roster: Roster) -> None:
    """Every fifth schedule has an accepted override, every tenth a calendar's copy."""
    for number, schedule in enumerate(roster.schedules.values()):
        if schedule.imports is not None:
            written = schedule.model_copy(update={"imports": None})
            text = schedule_feed(written, roster.users, NOW).decode()
            ledger.keep_calendar(schedule.id, "hash", text)
        if number % 5 == 0:
            ledger.propose(
                OverrideRecord(
                    id=f"override-{number}",
                    schedule=schedule.id,
                    person=f"person_{number}",
                    starts_at=NOW + timedelta(hours=number % 48),
                    ends_at=NOW + timedelta(hours=number % 48 + 12),
                    status=OverrideStatus.ACCEPTED,
                    requested_by="user:person_1",
                    requested_at=NOW,
                    answered_at=NOW,
                )
            )


async def _ask(
    asking: OnCallActivities, chance: random.Random, span: timedelta, times: int
) -> tuple[list[float], list[float]]:
    """Milliseconds of each look-up: as they pass, and of the processor."""
    took, computed = [], []
    for _ in range(times):
        at = NOW + span * chance.uniform(-1, 1)
        ref = f"schedule:schedule_{chance.randrange(SCHEDULES)}"
        asked = LookUpOnCall(id="look-up", summary="Who is on call", refs=(ref,), at=at)
        began, used = time.perf_counter(), time.thread_time()
        await asking.look_up_on_call(asked)
        computed.append((time.thread_time() - used) * 1000)
        took.append((time.perf_counter() - began) * 1000)
    return took, computed


def _tell(report: Report, what: str, took: list[float], computed: list[float]) -> None:
    p50, p99, worst = percentile(took, 0.5), percentile(took, 0.99), max(took)
    used = percentile(computed, 0.99)
    figures = {"p50": p50, "p99": p99, "max": worst, "processor_p99": used}
    report.figures[f"on_call_look_up_ms {what}"] = figures
    report.add(
        f"on-call look-up {what}, p50 / p99 / max",
        f"{p50:.2f} / {p99:.2f} / {worst:.2f} ms",
        f"p99 < {AIM_MS:.0f} ms",
        holds=p99 < AIM_MS,
    )
    report.add("  processor time of it, p99", f"{used:.2f} ms")
