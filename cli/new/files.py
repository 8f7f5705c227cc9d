"""The text of the files that a new playbook starts with.

Decides what is in them and what their comments teach. They are in the layout of
`watchbill fmt`; every answer is quoted where YAML would read it as something else.
"""

import textwrap
from collections.abc import Mapping
from datetime import date, timedelta

from cli.new.answers import Answers, Person
from compiler.layout.formatted import formatted
from compiler.yaml_text import Written, as_yaml

LAST_RESORT = "unmatched_alerts"
_SECOND_PERSON = 2

Tests = list[Mapping[str, Written]]


def playbook_path(name: str) -> str:
    """Where the playbook stands inside its folder."""
    return f"{name}.yaml"


def runbook_path(name: str) -> str:
    """Where its runbook stands."""
    return f"runbooks/{name.replace('_', '-')}.md"


def playbook_text(answers: Answers, levels: tuple[str, ...], tests: Tests) -> str:
    """The playbook, with comments that teach and with its tests."""
    parts = [
        "# Try it without a server: watchbill check, watchbill test, watchbill graph.\n",
        _field("language", 1),
        _field("name", answers.name),
        _field("version", 1, "raise it when the behaviour changes"),
        _field("title", answers.title) if answers.title else "",
        _field("owner", answers.owner, "whose playbook it is; its manager is the last resort"),
        _trigger(answers),
        _dedup(answers),
        _severity(answers),
        _escalation(levels),
        _steps(answers),
        _tests(tests),
    ]
    return formatted(playbook_path(answers.name), "".join(parts))


def _field(name: str, value: Written, comment: str = "") -> str:
    line = as_yaml({name: value}).rstrip("\n")
    return f"{line.ljust(27)}  # {comment}\n" if comment else f"{line}\n"


def _trigger(answers: Answers) -> str:
    match = textwrap.indent(as_yaml({"match": answers.labels}), " " * 6)
    return (
        "\ntriggers:                    # what opens an incident\n"
        "  - alert:                   # an alert that has all of these labels\n" + match
    )


def _dedup(answers: Answers) -> str:
    if not answers.same:
        return (
            "\n# One incident for each service, cluster, namespace and env that the alert names."
            "\n# For something else: dedup: { key: ... }, a template over labels.\n"
        )
    key = "/".join(f"{{{{ labels.{each} }}}}" for each in answers.same)
    return "\n" + _field("dedup", {"key": key}, "alerts with the same text are one incident")


def _severity(answers: Answers) -> str:
    if answers.severity == "alert":
        return (
            "\n# The alert's severity label says how bad it is: critical is SEV2, warning SEV3."
            "\n# Rules of your own: severity: { rules: [{ set: SEV1, when: ... }] }\n"
        )
    return "\n" + _field("severity", {"default": answers.severity}, "rules may say more")


def _escalation(levels: tuple[str, ...]) -> str:
    lines = [f"    - [{each}]\n" for each in levels]
    return (
        "\nescalation:                  # who is paged, one level after the other\n  levels:\n"
        + "".join(lines)
    )


def _steps(answers: Answers) -> str:
    source = f"{runbook_path(answers.name)}#first-things-to-do"
    return (
        "\nsteps:                       # what is to be done, from top to bottom\n"
        "  - id: first_look\n"
        + textwrap.indent(as_yaml({"checklist": {"from": source}}), " " * 4)
        + "    assign: role:operations_lead    # whoever acknowledges first\n"
        "    deadline: { SEV1: 15m, SEV2: 30m, else: 4h }    # then they are reminded\n"
    )


def _tests(tests: Tests) -> str:
    if not tests:
        return ""
    items = [textwrap.indent(f"- {as_yaml(each, '  ').lstrip()}", "  ") for each in tests]
    comment = "# watchbill test plays them under a simulated clock"
    return f"\ntests:                       {comment}\n{''.join(items)}"


def runbook_text(answers: Answers) -> str:
    """The runbook; its `- [ ]` lines are what people tick in the incident."""
    lines = "".join(f"- [ ] {each}\n" for each in answers.first)
    heading = answers.name.replace("_", " ").capitalize()
    return (
        f"# {heading}\n\n"
        "Each `- [ ]` line below is a line to tick in the incident. Keep them short: they are\n"
        "read at night.\n\n"
        f"## First things to do\n\n{lines}"
    )


def roster_text(answers: Answers, today: date) -> str:
    """The roster of the new people: a team and its schedules, who take weekly turns."""
    people = [person.id for person in answers.page.people]
    monday = today - timedelta(days=today.weekday())
    users: dict[str, Written] = {
        person.id: {"name": person.name, "contact": person.contact, **_woken_by(person)}
        for person in answers.page.people
    }
    schedules: dict[str, Written] = {
        name: {"tz": answers.zone, "rotate": _turns(people[at:] + people[:at], monday)}
        for at, name in enumerate(schedules_of(answers))
    }
    team: dict[str, Written] = {"members": people, "manager": people[0]}
    text = (
        "# Who is on call. Numbers and addresses wake people: keep them right.\n"
        + as_yaml({"language": 1})
        + "\n"
        + as_yaml({"users": users})
        + "\n"
        + as_yaml({"teams": {team_of(answers): team}})
        + "\n"
        + as_yaml({"schedules": schedules})
    )
    return formatted(roster_path(answers), text)


def _woken_by(person: Person) -> dict[str, Written]:
    """Without push, a text message wakes at once and a call follows."""
    if "sms" not in person.contact:
        return {}
    return {"notify": {"high": ["sms", {"after": "1m", "via": "phone"}]}}


def _turns(people: list[str], monday: date) -> dict[str, Written]:
    return {
        "users": people,
        "every": "week",
        "hands_over": "monday 09:00",
        "from": monday.isoformat(),
    }


def team_of(answers: Answers) -> str:
    """The owning team's id."""
    return answers.owner.removeprefix("team:")


def roster_path(answers: Answers) -> str:
    """Where the new people's roster stands."""
    return f"roster/{team_of(answers)}.yaml"


def schedules_of(answers: Answers) -> list[str]:
    """The schedules of the new people: a second one only where there is a second person."""
    several = len(answers.page.people) >= _SECOND_PERSON
    return [f"{team_of(answers)}_primary", *([f"{team_of(answers)}_secondary"] if several else [])]


def house_text(zone: str) -> str:
    """The house of a folder that had none."""
    return formatted(
        "house.yaml",
        "# What every playbook shares; a playbook's own value wins.\n"
        + as_yaml({"language": 1, "defaults": {"timezone": zone}})
        + f"fallback: {LAST_RESORT}    # the playbook that takes what nothing matches\n",
    )


def last_resort_text(answers: Answers, levels: tuple[str, ...]) -> str:
    """The playbook that takes what no other one matches."""
    return formatted(
        playbook_path(LAST_RESORT),
        "# Takes what no other playbook matches; house.yaml names it as the fallback.\n"
        + as_yaml({"language": 1, "name": LAST_RESORT, "owner": answers.owner, "page": [*levels]}),
    )


def tests_of(answers: Answers, severity: str, told: dict[str, Written], *, quietly: bool) -> Tests:
    """Two tests: that it opens and who is told when, and that another alert does not open it.

    `told` says after how long by reference; `quietly` that nobody is woken.
    """
    labels = {each: f"example_{each}" for each in answers.same} | answers.labels
    expect: dict[str, Written] = {"triggers": True, "severity": severity}
    if answers.same:
        expect["dedup"] = "/".join(labels[each] for each in answers.same)
    if told:
        expect["quietly" if quietly else "paged"] = told
    first = next(iter(answers.labels))
    verb = "tells" if quietly else "pages"
    who = ", then ".join(f"{each.partition(':')[2]}{_when(at)}" for each, at in told.items())
    return [
        {
            "name": f"it opens and {verb} {who}" if told else "it opens",
            "given": {"labels": labels},
            "expect": expect,
        },
        {
            "name": "another alert does not open it",
            "given": {"labels": labels | {first: f"not_{answers.name}"}},
            "expect": {"triggers": False},
        },
    ]


def _when(at: Written) -> str:
    return " at once" if at == "0s" else f" after {at}"
