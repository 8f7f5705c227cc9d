"""Broken exports: an error that names file and place, never a traceback."""

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.migration.exports import ExportError
from cli.migration.writer import files_of
from compiler.compile import compile_folder
from tests.migration.importing import SYSTEMS, imported, sample

POLICY = '{"id": "P", "escalation_rules": [{"escalation_delay_in_minutes": "soon"}]}'
LAYER = '{"rotation_virtual_start": "2026-01-01T00:00:00Z", "rotation_turn_length_seconds": 0}'
CASES = {
    "not json": ("pagerduty", '{"users": [}', ":1:12: not JSON: expecting value"),
    "a field of the wrong kind": (
        "pagerduty",
        f'{{"escalation_policies": [{POLICY}]}}',
        (
            ": escalation_policies[0].escalation_rules[0].escalation_delay_in_minutes: "
            'expected a whole number, found "soon"'
        ),
    ),
    "a missing field": (
        "pagerduty",
        f'{{"schedules": [{{"id": "S", "schedule_layers": [{LAYER}]}}]}}',
        ": schedules[0].schedule_layers[0].start: this field is missing",
    ),
    "a time without offset": (
        "pagerduty",
        '{"schedules": [{"id": "S", "overrides": [{"start": "2026-01-01", "end": 3}]}]}',
        ": schedules[0].overrides[0].start: input should have timezone info",
    ),
    "not a list": ("pagerduty", '{"users": 3}', ": users: expected a list, found 3"),
    "nothing we know": (
        "opsgenie",
        '{"heartbeats": []}',
        ": the whole file: expected an object with one or more of users",
    ),
    "a list of unknown things": (
        "oncall",
        '{"results": [{"colour": "red"}]}',
        ": cannot tell what this lists; name the file after one of users",
    ),
    "an unknown rotation": (
        "opsgenie",
        '{"schedules": [{"id": "s", "rotations": [{"startDate": "2026-01-01T00:00:00Z"}]}]}',
        ": schedules[0].rotations[0].type: this field is missing",
    ),
    "an unknown frequency": (
        "oncall",
        (
            '{"on_call_shifts": [{"id": "O", "type": "rolling_users", "start": '
            '"2026-01-01T00:00:00", "duration": 60, "frequency": "yearly"}]}'
        ),
        ": on_call_shifts[0].frequency: input should be 'hourly', 'daily', 'weekly' or 'monthly'",
    ),
    "not yaml": ("alertmanager", "route: {receiver: a", ":1:20: not YAML: "),
    "an unknown receiver": (
        "alertmanager",
        "route: { receiver: a, routes: [{ receiver: b }] }\nreceivers: [{ name: a }]",
        ": route.routes[0].receiver: unknown receiver 'b'; receivers are: a",
    ),
    "a broken matcher": (
        "alertmanager",
        "route: { receiver: a, routes: [{ matchers: ['x y'] }] }\nreceivers: [{ name: a }]",
        ": route.routes[0].matchers: 'x y' is no matcher such as severity=",
    ),
    "a broken pattern": (
        "alertmanager",
        "route: { receiver: a, routes: [{ match_re: { x: '(' } }] }\nreceivers: [{ name: a }]",
        ": route.routes[0].match_re: '(' is no regular expression (RE2)",
    ),
    "no route": ("alertmanager", "receivers: []", ": route: this field is missing"),
    "nesting": ("alertmanager", "[" * 500, ": nested too deep to be a configuration"),
    "an alias bomb": (
        "alertmanager",
        "a: &a [x]\n" + "".join(f"b{n}: [*a, *a, *a]\n" for n in range(100)),
        ": not YAML: too many aliases to be a configuration",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_broken_export_is_refused_naming_file_and_place(case: str, tmp_path: Path):
    system, text, wanted = CASES[case]
    path = tmp_path / "export"
    path.write_text(text)
    with pytest.raises(ExportError) as refused:
        imported(system, path)
    said = str(refused.value)
    assert said.startswith(str(path))
    assert wanted in said


def test_a_file_that_is_no_text_or_not_there_is_refused(tmp_path: Path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name, wanted in (("binary", "not UTF-8"), ("gone", "cannot be read: No such file")):
        with pytest.raises(ExportError, match=wanted):
            imported("pagerduty", tmp_path / name)


JUNK: tuple[Any, ...] = (
    None, "", "x", 0, -1, 1e300, True, [], {}, [None], {"id": None}, "2026-13-45T99:99:99Z",
    "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "\x00\u202e'\"{{", "ü" * 300, 10**30, [[]],
)  # fmt: skip


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a document: what holds it, and its key."""
    found: list[tuple[Any, Any]] = []
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in entries:
        found.append((value, key))
        if isinstance(inner, dict | list):
            found += places(inner)
    return found


@pytest.mark.parametrize("system", SYSTEMS)
def test_any_mutation_is_refused_or_compiles(system: str, tmp_path: Path):
    """Whatever stands at any place: an error with its place, or files without errors."""
    chance = random.Random(7)
    original = yaml.safe_load(sample(system).read_text())
    for number in range(60):
        document = copy.deepcopy(original)
        for _ in range(chance.randint(1, 3)):
            holder, key = chance.choice(places(document))
            if chance.random() < 0.2 and isinstance(holder, dict):
                del holder[key]
            else:
                holder[key] = chance.choice(JUNK)
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(document))
        try:
            draft = imported(system, path)
        except ExportError as error:
            assert str(path) in str(error)  # noqa: PT017 - refused or not, both are right
            continue
        made = compile_folder(files_of(draft))
        assert [each for each in made.diagnostics if each.is_error] == [], number
