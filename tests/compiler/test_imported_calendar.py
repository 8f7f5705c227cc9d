"""What the compiler can and cannot say of a ladder whose people a calendar names."""

from tests.compiler.conftest import Compile

PLAYBOOK = """language: 1
name: disk_full
owner: team:storage
on_alert: { alertname: DiskFull }
page: [user:ann, schedule:imported]
"""


def a_roster(who: str) -> str:
    """A schedule `imported` whose people are said so."""
    return f"language: 1\nschedules:\n  imported: {{ tz: UTC, {who} }}\n"


def test_ladder_with_an_imported_calendar_is_not_one_of_a_single_person(compiled: Compile):
    """Anybody may stand behind it; with a rotation of the same person it is warned of."""
    turns = "rotate: { users: [ann], every: week, from: 2026-01-05 }"
    calendar = 'import: { ical: "https://c.example/x.ics" }'

    alone = compiled(PLAYBOOK, {"roster/imported.yaml": a_roster(turns)})
    anybody = compiled(PLAYBOOK, {"roster/imported.yaml": a_roster(calendar)})

    assert [each.code for each in alone.diagnostics] == ["W508"]
    assert anybody.diagnostics == ()
