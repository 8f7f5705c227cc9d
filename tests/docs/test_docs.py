"""The documentation says what is so: links, commands, settings and samples are real."""

import re
from functools import cache
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from cli.main import build_app
from compiler.compile import compile_folder
from settings import Settings

ROOT = Path(__file__).parents[2]
GUIDES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
OPS = ROOT / "tests" / "compiler" / "context" / "ops"
SAMPLED = ("README.md", "docs/authoring.md")

ROSTER = """
language: 1
users:
  ann: { name: Ann Berg, contact: { push: "ntfys://ntfy.example/ann" } }
  bo: { name: Bo Chen, contact: { push: "ntfys://ntfy.example/bo" } }
teams:
  storage: { members: [ann, bo] }
schedules:
  storage_primary: { tz: UTC, rotate: { users: [ann, bo], every: week, from: 2026-01-05 } }
  storage_secondary: { tz: UTC, rotate: { users: [bo, ann], every: week, from: 2026-01-05 } }
"""
CATCH_ALL = "language: 1\nname: catch_all\nowner: team:storage\npage: team:storage\n"
HOUSE = "language: 1\nfallback: catch_all\n"

LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
MODULE = re.compile(r"`([a-z_/]+\.py)`")
COMMAND = re.compile(r"(?:^|`|&& |bin/)watchbill ([a-z][a-z-]+)(?: ([a-z][a-z-]+))?", re.MULTILINE)
SETTING = re.compile(r"WATCHBILL_([A-Z][A-Z_]*[A-Z])(?![A-Z_])")
ABBREVIATED = re.compile(r"`WATCHBILL_([A-Z]+)_…`")


def name_of(guide: Path) -> str:
    """The guide's path in the repository."""
    return guide.relative_to(ROOT).as_posix()


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@cache
def anchors(file: Path) -> set[str]:
    """The anchors of a Markdown file, without what stands in its samples."""
    text = FENCE.sub("", file.read_text())
    return {slug(line.lstrip("#")) for line in text.splitlines() if line.startswith("#")}


@cache
def python_files() -> frozenset[str]:
    """Every Python file of the product, by path and by name."""
    packages = ("domain", "compiler", "workflows", "activities", "catalog", "ledger", "api", "cli")
    found = [file for package in packages for file in (ROOT / package).rglob("*.py")]
    found += ROOT.glob("*.py")
    return frozenset({name_of(file) for file in found} | {file.name for file in found})


@cache
def commands() -> dict[str, set[str]]:
    """Every command of the program, with those below it."""
    group = typer.main.get_command(build_app([]))
    assert isinstance(group, TyperGroup)
    found = {name: group.get_command(None, name) for name in group.list_commands(None)}
    return {
        name: set(command.commands) if isinstance(command, TyperGroup) else set()
        for name, command in found.items()
    }


@pytest.mark.parametrize("guide", GUIDES, ids=name_of)
def test_every_relative_link_leads_somewhere(guide: Path):
    broken = []
    for target in LINK.findall(FENCE.sub("", guide.read_text())):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (guide.parent / path).resolve() if path else guide
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)

    assert broken == []


@pytest.mark.parametrize("guide", GUIDES, ids=name_of)
def test_every_command_that_is_named_exists(guide: Path):
    unknown = []
    for first, second in COMMAND.findall(guide.read_text()):
        below = commands().get(first)
        if below is None or (below and second and second not in below):
            unknown.append(f"{first} {second}".strip())

    assert unknown == []


@pytest.mark.parametrize("guide", GUIDES, ids=name_of)
def test_every_module_that_is_named_exists(guide: Path):
    named = set(MODULE.findall(guide.read_text()))

    assert {name for name in named if not (ROOT / name).exists()} <= python_files()


def test_every_setting_is_explained_and_every_explained_one_exists():
    known = {name.upper() for name in Settings.model_fields}
    everywhere = {
        name for guide in GUIDES for name in SETTING.findall(guide.read_text()) if name not in known
    }
    operators = (ROOT / "docs" / "operators.md").read_text()
    explained = set(SETTING.findall(operators)) | _abbreviated(operators, known)

    assert everywhere == set()
    assert known - explained == set()


def test_the_services_environment_has_only_settings_that_exist():
    text = (ROOT / "deploy" / "environment.example").read_text()
    named = set(SETTING.findall(text))

    assert named <= {name.upper() for name in Settings.model_fields}
    assert {"LEDGER_URL", "PUBLIC_URL", "LINK_SECRET", "WEBHOOK_SECRET"} <= named


def _abbreviated(text: str, known: set[str]) -> set[str]:
    """`WATCHBILL_SMTP_…` stands for all that begin so."""
    starts = tuple(f"{start}_" for start in ABBREVIATED.findall(text))
    return {name for name in known if name.startswith(starts)}


def samples() -> list[tuple[str, str]]:
    """The YAML samples of the guides that must stand on their own."""
    return [
        (f"{name}:{number}", body)
        for name in SAMPLED
        for number, (kind, body) in enumerate(FENCE.findall((ROOT / name).read_text()), 1)
        if kind == "yaml"
    ]


def files_with(where: str, sample: str) -> dict[str, str]:
    """A small folder with the sample in its place; steps alone continue their guide's playbook."""
    guide = where.partition(":")[0]
    own = [body for other, body in samples() if other.partition(":")[0] == guide]
    commands = next((body for body in own if "\ncommands:" in body), None)
    files = {
        "house.yaml": HOUSE,
        "catch_all.yaml": CATCH_ALL,
        "roster/storage.yaml": sample if "\nusers:" in sample else ROSTER,
    } | {f"ops/{each.name}": each.read_text() for each in OPS.glob("*.yaml")}
    if commands:
        files["ops/commands.yaml"] = commands
    if sample.startswith("steps:"):
        sample = next(body for body in own if "on_alert" in body) + sample
    if "\nusers:" not in sample and "\ncommands:" not in sample:
        files["disk_full.yaml"] = sample
    return files


@pytest.mark.parametrize(("where", "sample"), samples(), ids=[where for where, _ in samples()])
def test_every_yaml_sample_compiles(where: str, sample: str):
    files = files_with(where, sample)

    compiled = compile_folder(files)

    assert [str(problem) for problem in compiled.diagnostics] == []
    assert "disk_full.yaml" not in files or "disk_full" in compiled.plans


def test_readme_playbook_and_roster_belong_together():
    """The two files of the README make a folder of their own, without a warning about people."""
    bodies = [body for where, body in samples() if where.startswith("README")]
    roster = next(body for body in bodies if "\nusers:" in body)
    playbook = next(body for body in bodies if "on_alert" in body)
    compiled = compile_folder({"disk.yaml": playbook, "roster/storage.yaml": roster})

    assert [problem.code for problem in compiled.diagnostics] == ["W212"]
    assert "disk_full" in compiled.plans


def test_the_index_names_every_guide():
    docs = ROOT / "docs"
    named = set(LINK.findall((docs / "README.md").read_text()))

    assert {file.name for file in docs.glob("*.md")} - {"README.md"} <= named


def test_every_picture_is_shown_somewhere_and_is_small():
    shown = {
        (guide.parent / target).resolve()
        for guide in GUIDES
        for target in LINK.findall(guide.read_text())
    }
    pictures = set((ROOT / "docs" / "images").resolve().glob("*.png"))

    assert len(pictures) >= 3
    assert pictures <= shown
    assert max(picture.stat().st_size for picture in pictures) < 300_000


def test_the_changelog_has_the_line_where_news_go():
    assert "<!-- towncrier release notes start -->" in (ROOT / "CHANGELOG.md").read_text()
