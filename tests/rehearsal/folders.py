"""A small folder of playbooks for rehearsals, and how its tests are run."""

from compiler.compile import Compiled, compile_folder
from compiler.rehearsing import Tested, run_tests

HOUSE = """language: 1
fallback: rest
defaults: { timezone: Europe/Berlin }
"""
ROSTER = """language: 1
users:
  ann: { name: Ann, contact: { push: "ntfys://ntfy.example/ann", email: ann@example.org } }
  bo: { name: Bo, contact: { push: "ntfys://ntfy.example/bo", email: bo@example.org } }
  cy: { name: Cy, contact: { push: "ntfys://ntfy.example/cy", email: cy@example.org } }
teams:
  shop:
    members: [ann, bo]
    manager: cy
    hours: { tz: Europe/Berlin, days: [mon, tue, wed, thu, fri], between: ["09:00", "17:00"] }
destinations:
  news: { email: news@example.org }
schedules:
  first:
    tz: Europe/Berlin
    rotate: { users: [ann, bo], every: week, hands_over: "monday 09:00", from: 2026-01-05 }
  second:
    tz: Europe/Berlin
    rotate: { users: [bo, ann], every: week, hands_over: "monday 09:00", from: 2026-01-05 }
"""
REST = """language: 1
name: rest
owner: team:shop
page: [user:cy]
"""
HEAD = """language: 1
name: down
owner: team:shop
"""


def compiled(playbook: str, **others: str) -> Compiled:
    """The folder with this playbook; others by name."""
    files = {"house.yaml": HOUSE, "roster/shop.yaml": ROSTER, "rest.yaml": REST}
    files |= {f"{name}.yaml": text for name, text in others.items()}
    return compile_folder(files | {"down.yaml": HEAD + playbook})


def verdicts(playbook: str, **others: str) -> dict[str, list[str]]:
    """What failed in each test, by the test's name; the folder must be sound."""
    folder = compiled(playbook, **others)
    assert [(one.code, one.message) for one in folder.diagnostics if one.is_error] == []
    return {one.name: said(one) for one in run_tests(folder, ["down"])}


def said(tested: Tested) -> list[str]:
    """The failures of one test without its name."""
    return [one.message.partition(": ")[2] for one in tested.problems]
