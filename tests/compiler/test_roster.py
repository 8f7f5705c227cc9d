"""Roster files become people, turns and places, with every mistake at its place."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from compiler.diagnostics import Diagnostic
from compiler.roster import compile_roster
from compiler.source import load
from domain.on_call import can_be_woken
from domain.roster import (
    CalendarImport,
    Hours,
    Layer,
    Method,
    NotifyRule,
    Override,
    Roster,
    Rotation,
)

PEOPLE = """language: 1
users:
  ann: { contact: { push: "ntfy://ntfy.example/ann" } }
  bo: { contact: { push: "ntfy://ntfy.example/bo" } }
"""


def compiled(*texts: str) -> tuple[Roster, list[Diagnostic]]:
    """The roster of these files, and all that is wrong in them, their text included."""
    files = {f"roster/{number}.yaml": text for number, text in enumerate(texts, 1)}
    return of_files(files)


def of_files(files: Mapping[str, str]) -> tuple[Roster, list[Diagnostic]]:
    loaded = {path: load(path, text) for path, text in files.items()}
    roster, found = compile_roster(loaded)
    return roster, [*(each for file in loaded.values() for each in file.diagnostics), *found]


def a_schedule(body: str) -> str:
    indented = "".join(f"    {line}\n" for line in body.strip().splitlines())
    return f"{PEOPLE}schedules:\n  primary:\n{indented}"


def rotating(turns: str) -> str:
    """A schedule's body in which ann takes these turns."""
    return f"tz: UTC\nrotate: {{ users: [ann], {turns}, from: 2026-01-05 }}"


LAYER_TURNS = (
    "tz: UTC\nlayers: [{ users: [ann], rotate: "
    '{ every: day, hands_over: "mon 9:00", from: 2026-01-05 } }]'
)
EVERY_HOUR = (
    'tz: UTC\nlayers: [{ users: [ann], between: ["06:00", "18:00"] }, '
    '{ users: [bo], between: ["18:00", "06:00"] }]'
)


def an_override(span: str) -> str:
    """A schedule's body with ann's override over this span."""
    return f"tz: UTC\nlayers: [{{ users: [ann] }}]\noverrides: [{{ user: ann, {span} }}]"


def placed(text: str, diagnostic: Diagnostic) -> str:
    """The source from the place of the diagnostic on."""
    return text.splitlines()[diagnostic.line - 1][diagnostic.column - 1 :]


def test_shipped_roster_is_sound():
    files = {
        f"roster/{path.name}": path.read_text() for path in Path("playbooks/roster").glob("*.yaml")
    }

    roster, found = of_files(files)

    assert found == []
    assert {"ann", "bo", "cleo", "dev", "nora_eng_director", "oncall"} <= set(roster.users)
    assert {"payments_primary", "datacenter_primary"} <= set(roster.schedules)
    assert all(can_be_woken(user) for user in roster.users.values())
    assert roster.users["oncall"].high == (
        NotifyRule(via=Method.PUSH),
        NotifyRule(via=Method.EMAIL, after=timedelta(minutes=1)),
    )


def test_every_section_is_read():
    roster, found = compiled(
        PEOPLE
        + """teams: { storage: { members: [ann, "user:bo"], manager: ann } }
services:
  disks: { owner: team:storage, tier: 1, depends_on: [power] }
  power: { owner: team:storage }
destinations:
  news: { email: news@example.org }
  desk: { email: [a@example.org, b@example.org], webhook: "https://h.example/x",
          push: "ntfys://n.example/t", slack: "slack://token/#desk" }
"""
    )

    assert found == []
    assert (roster.teams["storage"].members, roster.teams["storage"].manager) == (
        ("ann", "bo"),
        "ann",
    )
    assert roster.services["disks"].depends_on == ("power",)
    assert roster.destinations["news"].email == ("news@example.org",)
    assert roster.destinations["desk"].slack == "slack://token/#desk"


def test_calendar_stands_where_a_rotation_would_and_is_read_every_15_minutes():
    """`webcal` is how calendar programs write https; who serves is not known to the compiler."""
    roster, found = compiled(
        a_schedule('tz: UTC\nimport: { ical: "webcal://c.example/x.ics?token=t" }')
    )
    often, _ = compiled(
        a_schedule('tz: UTC\nimport: { ical: "http://c.example/x.ics", refresh: 5m }')
    )

    assert found == []
    assert roster.schedules["primary"].imports == CalendarImport(
        ical="https://c.example/x.ics?token=t", refresh=timedelta(minutes=15)
    )
    imports = often.schedules["primary"].imports
    assert imports is not None
    assert imports.refresh == timedelta(minutes=5)


def test_every_weekly_gap_is_counted_beside_the_first():
    _, found = compiled(
        a_schedule('tz: UTC\nlayers: [{ users: [ann], between: ["18:00", "06:00"] }]')
    )

    assert [each.code for each in found] == ["E504"]
    assert "Mon 06:00 to Mon 18:00" in found[0].message
    assert "and 6 more times a week" in found[0].message


def test_person_has_a_name_and_a_zone_by_default():
    user = compiled('language: 1\nusers: { nora_eng: { contact: { push: "ntfy://x/n" } } }')[
        0
    ].users["nora_eng"]

    assert (user.name, user.tz) == ("Nora Eng", "UTC")


@pytest.mark.parametrize(
    ("contact", "rules"),
    [
        (
            'phone: "tel://x/y", sms: "sms://x/y", push: "ntfy://x/y", email: a@example.org',
            [("push", 0), ("sms", 60), ("phone", 120)],
        ),
        ('sms: "sms://x/y"', [("sms", 60)]),
        (
            'slack: "slack://x/y", email: a@example.org, webhook: "https://x.example"',
            [("webhook", 0), ("email", 0), ("slack", 0)],
        ),
        ("", []),
    ],
)
def test_person_without_rules_gets_what_they_have_of_the_default(
    contact: str, rules: list[tuple[str, int]]
):
    user = compiled(f"language: 1\nusers: {{ ann: {{ contact: {{ {contact} }} }} }}")[0].users[
        "ann"
    ]

    assert [(rule.via, rule.after.total_seconds()) for rule in user.high] == rules
    assert user.low == ((NotifyRule(via=Method.EMAIL),) if "email" in contact else ())


def test_own_rules_are_kept_in_order_of_time():
    roster, found = compiled(
        """language: 1
users:
  ann:
    contact: { push: "ntfy://x/y", email: a@example.org }
    notify: { high: [{ after: 2m, via: email }, push], low: [push] }
"""
    )

    assert found == []
    assert roster.users["ann"].high == (
        NotifyRule(via=Method.PUSH),
        NotifyRule(via=Method.EMAIL, after=timedelta(minutes=2)),
    )
    assert roster.users["ann"].low == (NotifyRule(via=Method.PUSH),)


@pytest.mark.parametrize(
    ("turns", "rotation"),
    [
        ('every: week, hands_over: "monday 09:30"', {"weekday": "mon", "hands_over": time(9, 30)}),
        ("every: week", {"weekday": "wed"}),
        (
            'every: 2 weeks, hands_over: "Fri 10:00"',
            {"count": 2, "weekday": "fri", "hands_over": time(10)},
        ),
        ("every: 12h", {"unit": "hour", "count": 12}),
        ('every: hour, hands_over: "00:30"', {"unit": "hour", "hands_over": time(0, 30)}),
        ("every: 3 days", {"unit": "day", "count": 3}),
        ("every: 2d", {"unit": "day", "count": 2}),
        ("every: month", {"unit": "month", "day": 7}),
        ('every: month, hands_over: "1 09:00"', {"unit": "month", "day": 1}),
    ],
)
def test_turns_are_read_with_their_defaults(turns: str, rotation: dict[str, object]):
    text = a_schedule(
        f"tz: Europe/Berlin\nrotate: {{ users: [ann, bo], {turns}, from: 2026-01-07 }}"
    )

    roster, found = compiled(text)

    plain: dict[str, object] = {"unit": "week", "weekday": None, "first": date(2026, 1, 7)}
    expected = Rotation.model_validate({"users": ("ann", "bo"), **plain, **rotation})
    assert found == []
    assert roster.schedules["primary"].rotate == expected


def test_layers_and_overrides_are_read():
    roster, found = compiled(
        a_schedule(
            """
tz: Europe/Berlin
coverage: business_hours
layers:
  - { users: [bo], days: [sat, sunday], between: ["18:00", "24:00"] }
  - { users: [ann, bo], rotate: { every: day, from: 2026-01-07 } }
overrides: [{ user: bo, from: "2026-12-24T18:00", to: "2026-12-27 09:30" }]
"""
        )
    )

    schedule = roster.schedules["primary"]
    assert found == []
    assert schedule.layers[0] == Layer(
        users=("bo",), days=("sat", "sun"), between=(time(18), time(0))
    )
    turns = schedule.layers[1].rotate
    assert turns is not None
    assert (turns.users, turns.unit, turns.hands_over) == (("ann", "bo"), "day", time(9))
    start, end = (
        datetime.fromisoformat("2026-12-24T18:00"),
        datetime.fromisoformat("2026-12-27T09:30"),
    )
    assert schedule.overrides == (Override(user="bo", start=start, end=end),)


@pytest.mark.parametrize(
    ("person", "code", "points_at", "says"),
    [
        ('tz: "+02:00"', "E111", '"+02:00"', "not a time zone"),
        ("contact: { sms: +49301 }", "E008", "+49301", "read as a number"),
        ('contact: { sms: "+49301" }', "E112", '"+49301"', "not a number for sms"),
        ('contact: { sms: "030 123456" }', "E112", '"030 123456"', "not a number for sms"),
        ('contact: { slack: "ann" }', "E112", '"ann"', "not a slack address"),
        ('contact: { teams: "@ann" }', "E112", '"@ann"', "not a web address"),
        ("contact: { phone: nope }", "E112", "nope", "not a number for phone"),
        ("contact: { sms: 5 }", "E112", "5", "expected a telephone number"),
        ("contact: { push: nope }", "E112", "nope", "not a push address"),
        ("contact: { push: 5 }", "E112", "5", "expected a URL"),
        ("contact: { email: nope }", "E112", "nope", "not an e-mail address"),
        ('contact: { webhook: "ftp://x" }', "E112", '"ftp://x"', "not a web address"),
        ("contact: { pusch: x }", "E101", "pusch", "unknown field"),
        ("notify: { high: [pus] }", "E112", "pus", "not a way to reach a person"),
        ("notify: { high: [zzz] }", "E112", "zzz", "not a way to reach a person"),
        ("notify: { high: [3] }", "E112", "3", "expected a mapping"),
        ("notify: { high: [{ via: push, after: 5 }] }", "E104", "5", "has no unit"),
        ("notify: { low: [email] }", "E213", "email", "'ann' has no email address"),
    ],
)
def test_mistake_in_a_person_is_told_at_its_place(
    person: str, code: str, points_at: str, says: str
):
    text = f"language: 1\nusers:\n  ann: {{ {person} }}\n"

    roster, found = compiled(text)

    assert found[0].code == code
    assert placed(text, found[0]).startswith(points_at)
    assert says in found[0].message
    assert roster.users == {}


@pytest.mark.parametrize(
    ("schedule", "code", "points_at", "says"),
    [
        (
            "rotate: { users: [ann], every: day, from: 2026-01-05 }",
            "E102",
            "rotate",
            "'tz' is missing",
        ),
        ("tz: UTC", "E102", "tz", "nobody serves"),
        ("tz: UTC\nimport: { ical: x }", "E112", "x", "not the address of a calendar"),
        ("tz: UTC\nimport: {}", "E102", "{}", "'ical' is missing"),
        (
            'tz: UTC\nimport: { ical: "https://c.example/x.ics", refresh: 5s }',
            "E112",
            "5s",
            "not read every 5s",
        ),
        (
            (
                "tz: UTC\nrotate: { users: [ann], every: week, from: 2026-01-05 }\n"
                'import: { ical: "https://c.example/x.ics" }'
            ),
            "E103",
            "import",
            "both rotate and import",
        ),
        ("tz: UTC\nlayers: [{ users: [] }]", "E112", "[]", "the list is empty"),
        ("tz: UTC\nlayers: [{ users: [ann], days: [moday] }]", "E112", "moday", "day of the week"),
        ("tz: UTC\nlayers: [{ users: [ann], days: [zzz] }]", "E112", "zzz", "day of the week"),
        ('tz: UTC\nlayers: [{ users: [ann], between: ["9:00"] }]', "E112", '["9', "window of time"),
        (
            'tz: UTC\nlayers: [{ users: [ann], between: ["9:00", "25:00"] }]',
            "E112",
            '"25',
            "time of day",
        ),
        (
            'tz: UTC\nlayers: [{ users: [ann], between: ["9:00", "nine"] }]',
            "E112",
            '"nine',
            "time of day",
        ),
        (
            "tz: UTC\nlayers: [{ users: [ann], between: [9, 10] }]",
            "E112",
            "9, 10",
            "expected a time",
        ),
        (
            rotating("every: fortnight"),
            "E112",
            "fort",
            "turn",
        ),
        (rotating("every: h"), "E112", "h,", "turn"),
        (rotating("every: 0h"), "E112", "0h", "no time"),
        (rotating("every: 3"), "E112", "3", "turn"),
        ("tz: UTC\nrotate: { users: [ann], every: day, from: soon }", "E112", "soon", "not a date"),
        (
            rotating("every: day, hands_over: 09:30"),
            "E007",
            "09:30",
            "unquoted",
        ),
        (
            rotating('every: day, hands_over: "noon"'),
            "E112",
            '"noon"',
            "when turns change",
        ),
        (
            rotating('every: month, hands_over: "32 09:00"'),
            "E112",
            '"32',
            "day of the month",
        ),
        (
            rotating('every: week, hands_over: "1 09:00"'),
            "E112",
            '"1 09',
            "by the week cannot change",
        ),
        (
            rotating('every: 8h, hands_over: "1 09:00"'),
            "E112",
            '"1 09',
            "by the hour cannot change",
        ),
        (
            LAYER_TURNS,
            "E112",
            '"mon',
            "by the day cannot change",
        ),
        (
            rotating('every: month, hands_over: "mon 9:00"'),
            "E112",
            '"mon',
            "by the month cannot change",
        ),
        ("tz: UTC\nlayers: [{ users: [anne] }]", "E201", "anne", "unknown user 'anne'"),
        (
            'tz: UTC\nlayers: [{ users: [ann] }]\noverrides: [{ user: ann, from: "x", to: "y" }]',
            "E112",
            '"x"',
            "not a date and time",
        ),
        (
            (
                "tz: UTC\nlayers: [{ users: [ann] }]\n"
                'overrides: [{ user: ann, from: "2026-01-05T09:00Z", to: "2026-01-06T09:00" }]'
            ),
            "E112",
            '"2026-01-05',
            "has an offset",
        ),
        (
            (
                "tz: UTC\nlayers: [{ users: [ann] }]\n"
                'overrides: [{ user: ann, from: "2026-01-05T09:00", to: "2026-01-05T09:00" }]'
            ),
            "E112",
            '"2026-01-05T09:00" }',
            "ends before it starts",
        ),
    ],
)
def test_mistake_in_a_schedule_is_told_at_its_place(
    schedule: str, code: str, points_at: str, says: str
):
    text = a_schedule(schedule)

    roster, found = compiled(text)

    assert found[0].code == code
    assert placed(text, found[0]).startswith(points_at)
    assert says in found[0].message
    assert roster == Roster()


@pytest.mark.parametrize(
    ("more", "code", "points_at", "help_says"),
    [
        (
            "teams: { t: { members: [anne] } }",
            "E201",
            "anne",
            "did you mean 'ann' (roster/1.yaml:3)?",
        ),
        ("teams: { t: { members: [ann], manager: zoe } }", "E201", "zoe", "use one of: ann, bo"),
        ("teams: { t: { members: [ann], hours: 3 } }", "E112", "3", ""),
        ("teams: { t: { members: [ann], hours: { days: [mon] } } }", "E102", "days", "tz"),
        (
            "teams: { t: { members: [ann], hours: { tz: UTC, between: [9] } } }",
            "E112",
            "[9]",
            "write two times",
        ),
        ("services: { s: { owner: user:ann } }", "E113", "user:ann", "team:<id>"),
        (
            "services: { s: { owner: team:t } }",
            "E201",
            "team:t",
            "define it in roster/*.yaml under teams",
        ),
        ("services: { s: { owner: team:t, depends_on: [q] } }", "E201", "team:t", "teams"),
        ("destinations: { d: {} }", "E102", "{}", "add one of email"),
        ("destinations: { d: { slack: inc } }", "E112", "inc", "#channel"),
    ],
)
def test_mistake_elsewhere_is_told_with_the_mend(
    more: str, code: str, points_at: str, help_says: str
):
    text = f"{PEOPLE}{more}\n"

    found = compiled(text)[1]

    assert found[0].code == code
    assert placed(text, found[0]).startswith(points_at)
    assert help_says in found[0].help


@pytest.mark.parametrize(
    ("layers", "gap"),
    [
        ('- { users: [ann], between: ["06:00", "18:00"] }', "Mon 00:00 to Mon 06:00"),
        ("- { users: [ann], days: [tue, wed, thu, fri, sat, sun] }", "Mon 00:00 to Tue 00:00"),
        ("- { users: [ann], days: [mon, tue, wed, thu, fri, sat] }", "Sun 00:00 to Mon 00:00"),
    ],
)
def test_schedule_that_should_always_have_somebody_tells_its_gap(layers: str, gap: str):
    text = a_schedule(f"tz: Europe/Berlin\nlayers:\n  {layers}")

    found = compiled(text)[1]

    assert [each.code for each in found] == ["E504"]
    assert found[0].message.startswith(f"nobody serves {gap} Europe/Berlin")
    assert "UTC in January" in found[0].message


@pytest.mark.parametrize(
    "schedule",
    [
        EVERY_HOUR,
        "tz: UTC\ncoverage: best_effort\nlayers: [{ users: [ann], days: [mon] }]",
        rotating("every: day") + "\nlayers: [{ users: [bo], days: [mon] }]",
    ],
)
def test_schedule_without_a_gap_or_that_may_have_one_is_sound(schedule: str):
    assert compiled(a_schedule(schedule))[1] == []


def test_two_overrides_at_once_are_warned_about_at_the_later():
    text = a_schedule(
        """
tz: UTC
layers: [{ users: [ann] }]
overrides:
  - { user: bo, from: "2026-12-24T18:00", to: "2026-12-27T09:30" }
  - { user: ann, from: "2026-12-26T18:00", to: "2026-12-28T09:30" }
  - { user: bo, from: "2026-12-28T09:30", to: "2026-12-29T09:30" }
"""
    )

    roster, found = compiled(text)

    assert [(each.code, each.line) for each in found] == [("W505", 11)]
    assert "the one at line 10; this later line wins" in found[0].message
    assert len(roster.schedules["primary"].overrides) == 3


def test_broken_file_takes_down_itself_and_not_those_that_refer_to_it():
    broken = "language: 1\nusers: { cleo: { contact: 3 } }\n"
    team = "language: 1\nteams: { t: { members: [ann, cleo] } }\n"

    roster, found = compiled(PEOPLE, broken, team)

    assert {each.path for each in found} == {"roster/2.yaml"}
    assert sorted(roster.users) == ["ann", "bo"]
    assert roster.teams["t"].members == ("ann", "cleo")


def test_file_that_is_no_yaml_hides_no_other_problem_and_adds_none():
    roster, found = compiled(
        "language: 1\nusers: [\n", "language: 1\nteams: { t: { members: [zoe] } }\n"
    )

    assert [each.code for each in found] == ["E001"]
    assert "t" in roster.teams


def test_name_defined_twice_belongs_to_the_first_file():
    second = 'language: 1\nusers: { ann: { contact: { push: "ntfy://other/ann" } }, cleo: {} }\n'

    roster, found = compiled(PEOPLE, second)

    assert [(each.path, each.code, each.line) for each in found] == [("roster/2.yaml", "E108", 2)]
    assert "already defined (roster/1.yaml:3)" in found[0].message
    assert roster.users["ann"].contact[Method.PUSH] == "ntfy://ntfy.example/ann"
    assert "cleo" not in roster.users


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "E112"), ("- a list", "E112"), ("language: 2\nstuff: 1", "E106"), ("users: {}", "E102")],
)
def test_file_that_is_no_roster_says_so(text: str, code: str):
    assert [each.code for each in compiled(text)[1]] == [code]


@pytest.mark.parametrize(
    ("method", "written", "address"),
    [
        ("sms", "+49 30 123456", "+4930123456"),
        ("phone", "+1 (555) 010-9999", "+15550109999"),
        ("sms", "twilio://sid:token@+15550001/+15550002", "twilio://sid:token@+15550001/+15550002"),
        ("slack", "U0123ABCD", "U0123ABCD"),
        ("slack", "@ann.berg", "@ann.berg"),
        ("slack", "#inc-db", "#inc-db"),
        ("teams", "https://hooks.example/ann", "https://hooks.example/ann"),
    ],
)
def test_numbers_and_chat_addresses_are_written_plainly(method: str, written: str, address: str):
    """A number's spacing is the author's; what is sent to has none."""
    text = f'language: 1\nusers:\n  ann: {{ contact: {{ {method}: "{written}" }} }}\n'
    roster, found = compiled(text)

    assert list(found) == []
    assert roster.users["ann"].contact == {Method(method): address}


def test_hours_of_a_team_are_monday_to_friday_unless_written() -> None:
    """Only the zone has to be said."""
    text = f"{PEOPLE}teams: {{ t: {{ members: [ann], hours: {{ tz: Europe/Berlin }} }} }}\n"

    roster, found = compiled(text)

    assert not found
    assert roster.teams["t"].hours == Hours(tz="Europe/Berlin")


def test_hours_of_a_team_are_as_written() -> None:
    """Local times in quotes; an end that is not after its start is on the next day."""
    hours = 'hours: { tz: UTC, days: [sun, mon], between: ["22:00", "06:30"] }'
    roster, found = compiled(f"{PEOPLE}teams: {{ t: {{ members: [ann], {hours} }} }}\n")

    assert not found
    assert roster.teams["t"].hours == Hours(
        tz="UTC", days=("sun", "mon"), between=(time(22), time(6, 30))
    )
