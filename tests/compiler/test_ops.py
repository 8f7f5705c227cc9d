"""The files under `ops/` say what automation may touch, and each mistake in them has a place."""

from datetime import timedelta
from typing import Any

import pytest

from compiler.compile import compile_folder
from domain.ops import CommandParam, CommandSpec, QueryServer, QuerySpec
from domain.plan_steps import AuthPlan

COMMANDS = "ops/commands.yaml"
QUERIES = "ops/queries.yaml"
CALLER = """
language: 1
name: disk_full
owner: team:storage
on_alert: { alertname: DiskFull }
page: [schedule:storage_primary, schedule:storage_secondary]
steps:
  - id: clean
    run: command:clean_disk
    with: { host: db1 }
"""


def test_command_is_read_with_its_defaults() -> None:
    text = "language: 1\ncommands: { sync: { argv: [/bin/sync] } }"

    ops = compile_folder({COMMANDS: text}).ops

    assert ops.commands == {"sync": CommandSpec(argv=("/bin/sync",))}
    assert ops.commands["sync"].timeout == timedelta(minutes=10)
    assert ops.commands["sync"].success == (0,)


def test_every_field_of_a_command_is_read() -> None:
    text = """
language: 1
commands:
  grow:
    argv: [/bin/grow, "--by={{ by }}", "{{ disks }}"]
    params:
      by: { type: int, one_of: [1, 2], default: 1 }
      disks: { type: list, pattern: "[a-z]+", dash: true }
    env: { TOKEN: secret:grow_token, LANG: C }
    cwd: /srv
    timeout: 2m
    description: Grow some disks
    success: [0, 3]
"""
    compiled = compile_folder({COMMANDS: text})

    assert compiled.diagnostics == ()
    assert compiled.ops.commands["grow"] == CommandSpec(
        argv=("/bin/grow", "--by={{ by }}", "{{ disks }}"),
        params={
            "by": CommandParam(type="int", one_of=(1, 2), default=1),
            "disks": CommandParam(type="list", pattern="[a-z]+", dash=True),
        },
        env={"TOKEN": "secret:grow_token", "LANG": "C"},
        cwd="/srv",
        timeout=timedelta(minutes=2),
        description="Grow some disks",
        success=(0, 3),
    )


def test_query_is_answered_by_the_only_server() -> None:
    text = """
language: 1
servers: { main: { url: "https://prometheus.example/", auth: secret:prometheus } }
queries: { up: { query: 'up{job="{{ labels.job }}"}', list: instance } }
"""
    compiled = compile_folder({QUERIES: text})

    assert compiled.diagnostics == ()
    server = QueryServer(url="https://prometheus.example", auth=AuthPlan(secret="prometheus"))
    assert compiled.ops.servers == {"main": server}
    assert compiled.ops.queries == {
        "up": QuerySpec(server="main", query='up{job="{{ labels.job }}"}', list="instance")
    }


@pytest.mark.parametrize(
    ("command", "code", "column", "words"),
    [
        ("{ argv: [] }", "E112", 14, "no program"),
        ("{ argv: /bin/sync }", "E112", 20, "expected a list"),
        ("{ argv: ['{{ a }}'], params: { a: {} } }", "E112", 21, "program itself"),
        ("{ argv: [a, '{{ b }}'], params: { c: {} } }", "E308", 24, "unknown parameter 'b'"),
        ("{ argv: [a, '{{ labels.x }}'] }", "E112", 24, "not the place of a parameter"),
        ("{ argv: [a, '{% if b %}'] }", "E112", 24, "not the place of a parameter"),
        ("{ argv: [a, 'x={{ b }}'], params: { b: { type: list } } }", "E112", 24, "list"),
        ("{ argv: [a], params: { b: { type: int, default: x } } }", "E112", 60, "whole number"),
        ("{ argv: [a], params: { b: { pattern: '[' } } }", "E112", 49, "regular expression"),
        ("{ argv: [a], env: { A-B: x } }", "E107", 32, "variable"),
        ("{ argv: [a], env: { A: 5 } }", "E112", 35, "expected text"),
        ("{ argv: [a], env: { A: 'secret:Not One' } }", "E107", 35, "not an id"),
        ("{ argv: [a], success: [256] }", "E112", 35, "exit code"),
        ("{ argv: [a], timeout: 30 }", "E104", 34, "no unit"),
        ("{ args: [a] }", "E101", 14, "unknown field 'args'"),
    ],
)
def test_mistake_in_a_command_has_a_code_and_a_place(
    command: str, code: str, column: int, words: str
) -> None:
    text = f"language: 1\ncommands:\n     name: {command}\n"

    found = compile_folder({COMMANDS: text}).diagnostics

    assert [(each.path, each.line, each.code) for each in found] == [(COMMANDS, 3, code)]
    assert words in found[0].message
    assert found[0].column == column
    assert found[0].help or code == "E112"


@pytest.mark.parametrize(
    ("body", "code", "line", "words"),
    [
        ("queries: { a: { query: up } }", "E102", 2, "which server"),
        (
            "servers: { a: { url: 'http://x.example' } }\nqueries: { b: { query: up, server: c } }",
            "E201",
            3,
            "unknown server 'c'",
        ),
        ("servers: { a: { url: x.example } }", "E112", 2, "address"),
        (
            "servers: { a: { url: 'http://x.example' } }\nqueries:\n  b: { query: 'up{{ x }}' }",
            "E308",
            4,
            "cannot stand in a query",
        ),
        ("servers: { a: { url: 'http://x.example', auth: abc } }", "E113", 2, "kind"),
    ],
)
def test_mistake_in_the_queries_has_a_code_and_a_place(
    body: str, code: str, line: int, words: str
) -> None:
    found = compile_folder({QUERIES: f"language: 1\n{body}\n"}).diagnostics

    assert [(each.path, each.line, each.code) for each in found] == [(QUERIES, line, code)]
    assert words in found[0].message


def test_broken_commands_take_down_only_themselves(compiled: Any) -> None:
    broken = "language: 1\ncommands: { clean_disk: { argv: [] } }\n"

    result = compiled(CALLER, {COMMANDS: broken})

    assert {each.path for each in result.diagnostics} == {COMMANDS}
    assert result.ops.commands == {}
    assert result.ops.queries != {}
    assert "disk_full" in result.plans


def test_newer_commands_are_left_to_a_newer_program(compiled: Any) -> None:
    result = compiled(CALLER, {COMMANDS: "language: 2\ncommands: { clean_disk: { shell: x } }\n"})

    assert [each.code for each in result.diagnostics] == ["E106"]
    assert "disk_full" in result.plans


def test_file_under_ops_that_nothing_reads_is_an_error(compiled: Any) -> None:
    result = compiled(CALLER, {"ops/command.yaml": "language: 1\n"})

    assert [(each.path, each.code) for each in result.diagnostics] == [("ops/command.yaml", "E101")]
    assert "did you mean 'ops/commands.yaml'?" in result.diagnostics[0].help


def test_without_the_file_no_command_is_allowed(context: dict[str, str]) -> None:
    files = {path: text for path, text in context.items() if path != COMMANDS}

    found = compile_folder({**files, "disk_full.yaml": CALLER}).diagnostics

    assert [each.code for each in found] == ["E205"]
