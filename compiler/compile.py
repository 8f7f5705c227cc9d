"""Compiles a playbooks folder: text in, plans and diagnostics out.

Decides the order of the work and what a broken file takes with it: only itself. The one
public entry of the compiler.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial

from pydantic import BaseModel, ConfigDict

from compiler.checks import ON_MEANING, ON_TEXT
from compiler.checks.called import check_called
from compiler.checks.folder import (
    check_heartbeats,
    check_names,
    check_shadows,
    unknown_fallback,
    warn_of_broken,
)
from compiler.checks.house import check_house
from compiler.diagnostics import Diagnostic, cut, in_order
from compiler.document import PlaybookForm
from compiler.document_errors import at_value, diagnostic, validate
from compiler.house import NO_HOUSE, HouseForm
from compiler.known_names import known_names
from compiler.known_plugins import KnownPlugins
from compiler.language import newer_language
from compiler.limits import too_much_in_playbook
from compiler.linking import Playbooks, linked
from compiler.lower import lower
from compiler.lower_drill import drill_of
from compiler.lower_tests import tests_of
from compiler.memory import FORGETFUL, Forgetful
from compiler.nodes import Mapping as MappingNode
from compiler.nodes import Mark
from compiler.ops import compile_ops
from compiler.outline import Outline, outline_of
from compiler.roster import compile_roster
from compiler.source import Loaded, load
from compiler.sources import compile_sources
from compiler.subject import Subject, Surroundings
from compiler.tests_section import tests_node, without_tests
from domain.drill import DrillPlan
from domain.ops import Ops
from domain.plan import Plan
from domain.rehearsal.case import TestCase
from domain.roster import Roster
from domain.source_mapping import SourceMapping

HOUSE = "house.yaml"
SOURCES = "sources.yaml"
_YAML = (".yaml", ".yml")


class Compiled(BaseModel):
    """What a folder means; `plans` holds only playbooks without errors."""

    model_config = ConfigDict(frozen=True)

    plans: dict[str, Plan]
    plan_paths: dict[str, str]
    roster: Roster
    fallback: str | None
    sources: dict[str, SourceMapping]
    ops: Ops
    tests: dict[str, tuple[TestCase, ...]] = {}
    drills: dict[str, DrillPlan] = {}
    diagnostics: tuple[Diagnostic, ...]

    @property
    def has_errors(self) -> bool:
        """Whether anything in the folder is refused."""
        return any(each.is_error for each in self.diagnostics)


def compile_folder(
    files: Mapping[str, str],
    *,
    today: date | None = None,
    standing_in: Mapping[str, Plan] | None = None,
    plugins: KnownPlugins | None = None,
    memory: Forgetful = FORGETFUL,
) -> Compiled:
    """The folder's plans, roster, fallback, sources, ops and diagnostics; never raises.

    `files` maps the path inside the folder to its text. Without `today` nothing is said
    about dates that have passed. `standing_in` are earlier plans by path: where a file is
    broken now, playbooks that call its playbook are linked with it. Without `plugins` nothing is
    said about steps that call one. `memory` is what earlier compilations left.
    """
    loaded = {
        path: memory.once("load", path, (text,), partial(load, path, text))
        for path, text in sorted(files.items())
        if is_yaml(path)
    }
    found = [each for file in loaded.values() for each in file.diagnostics]
    sources, sources_found = compile_sources(loaded.get(SOURCES))
    shared = {path: file for path, file in loaded.items() if not is_playbook(path)}
    around, around_found = memory.once(
        "around",
        "",
        (*shared.values(), today, plugins),
        lambda: surroundings(shared, files, today=today, plugins=plugins),
    )
    found += [*sources_found, *around_found]
    playbooks, playbooks_found = _playbooks(loaded, around, standing_in or {}, memory)
    found += playbooks_found
    outlines = {path: outline_of(each) for path, each in playbooks.subjects.items()}
    found += in_the_folder(outlines, loaded.get(HOUSE), around, all_read=playbooks.all_read)
    broken = {each.path for each in found if each.refuses}
    found += warn_of_broken(outlines, broken, playbooks.callable(broken))
    return compiled(playbooks, around, sources, in_order(found), memory=memory)


def _playbooks(
    loaded: Mapping[str, Loaded],
    around: Surroundings,
    standing_in: Mapping[str, Plan],
    memory: Forgetful,
) -> tuple[Playbooks, list[Diagnostic]]:
    """Every playbook as far as it can be read, linked, and everything wrong in them."""
    read = {
        path: memory.once(
            "read", path, (file, around), partial(read_playbook, file, around, memory)
        )
        for path, file in loaded.items()
        if is_playbook(path)
    }
    found = [each for _, problems in read.values() for each in problems]
    subjects = {path: subject for path, (subject, _) in read.items() if subject}
    all_read = len(subjects) == len(read)
    playbooks = Playbooks(subjects, standing_in, all_read).with_plans_of_calls(memory)
    for path, subject in playbooks.subjects.items():
        found += memory.once("checked", path, (subject,), partial(checked, subject))
    found += check_called(playbooks)
    return playbooks, found


def surroundings(
    loaded: Mapping[str, Loaded],
    files: Mapping[str, str],
    *,
    today: date | None,
    plugins: KnownPlugins | None,
) -> tuple[Surroundings, list[Diagnostic]]:
    """House, roster and ops, compiled once for all playbooks, and what is wrong in them."""
    house, house_found = _house(loaded.get(HOUSE))
    rosters = {path: file for path, file in loaded.items() if path.startswith("roster/")}
    roster, roster_found = compile_roster(rosters)
    ops, ops_found = compile_ops(loaded)
    unread = [each for file in rosters.values() for each in file.diagnostics]
    around = Surroundings(
        house=house or NO_HOUSE,
        house_is_sound=house is not None,
        roster=roster,
        roster_is_sound=not any(each.is_error for each in (*roster_found, *unread)),
        names=known_names(rosters),
        files=files,
        today=today,
        ops=ops,
        plugins=plugins,
    )
    return around, house_found + roster_found + ops_found


def is_playbook(path: str) -> bool:
    """Whether the file at this path inside the folder is a playbook."""
    return is_yaml(path) and "/" not in path and path not in (HOUSE, SOURCES)


def is_yaml(path: str) -> bool:
    """Whether the file at this path is read as YAML."""
    return path.endswith(_YAML)


def _house(file: Loaded | None) -> tuple[HouseForm | None, list[Diagnostic]]:
    """The house, or None where it is broken."""
    if file is None:
        return NO_HOUSE, []
    if file.root is None and file.diagnostics:
        return None, []
    newer = newer_language(file)
    if newer:
        return None, [newer]
    house, found = validate(HouseForm, file.root, file.path)
    if house and isinstance(file.root, MappingNode):
        found += check_house(house, file.root, file.path)
    return house, found


def read_playbook(
    file: Loaded, around: Surroundings, memory: Forgetful = FORGETFUL
) -> tuple[Subject | None, list[Diagnostic]]:
    """The playbook with its plan as far as it can be read, and what is wrong in its shape."""
    if file.root is None and file.diagnostics:
        return None, []
    refused = newer_language(file) or too_much_in_playbook(file)
    if refused:
        return None, [refused]
    root, tests = without_tests(file.root), tests_node(file.root)
    form, found = validate(PlaybookForm, root, file.path)
    if not isinstance(root, MappingNode):
        return None, found
    around = replace(around, files=memory.texts(file.path, around.files))
    plan = None
    if form:
        plan = lower(form, house=around.house, roster=around.roster, files=around.files)
    subject = Subject(file.path, root, around, form=form, plan=plan, tests=tests)
    return subject, found


def checked(subject: Subject) -> tuple[Diagnostic, ...]:
    """Everything wrong in the playbook beyond its shape."""
    checks = (*(ON_MEANING if subject.form else ()), *ON_TEXT)
    found = [each for check in checks for each in check(subject)]
    return (*found, *tests_of(subject).problems)


def in_the_folder(
    outlines: Mapping[str, Outline], house: Loaded | None, around: Surroundings, *, all_read: bool
) -> list[Diagnostic]:
    """What is wrong with the playbooks beside each other, and with what nothing matches."""
    return [
        *check_names(outlines),
        *check_heartbeats(outlines),
        *check_shadows(outlines),
        *_fallback(house, around, outlines, all_read=all_read),
    ]


def _no_fallback(file: Loaded | None) -> Diagnostic:
    """W212 at the first field of the house, where there is one."""
    message = "no playbook takes what nothing matches"
    if file is None:
        help_text = "write one with language: 1 and fallback: unmatched_alerts"
        return diagnostic(HOUSE, Mark(1, 1), "W212", f"{message}: there is no {HOUSE}", help_text)
    entries = file.root.entries if isinstance(file.root, MappingNode) else ()
    mark = entries[0][0].mark if entries else Mark(1, 1)
    help_text = "name one in house.yaml: fallback: unmatched_alerts"
    return diagnostic(HOUSE, mark, "W212", message, help_text)


def _fallback(
    file: Loaded | None,
    around: Surroundings,
    outlines: Mapping[str, Outline],
    *,
    all_read: bool,
) -> Iterator[Diagnostic]:
    """W212 without a fallback, E201 if there is no such playbook."""
    name = around.house.fallback
    if not outlines or not around.house_is_sound:
        return
    if file is None or file.root is None or name is None:
        yield _no_fallback(file)
        return
    help_text = unknown_fallback(name, outlines, all_read=all_read) or ""
    if help_text:
        message = f"unknown playbook '{name}'"
        yield at_value(HOUSE, file.root, ("fallback",), "E201", message, help_text=help_text)


def compiled(
    playbooks: Playbooks,
    around: Surroundings,
    sources: dict[str, SourceMapping],
    diagnostics: tuple[Diagnostic, ...],
    *,
    memory: Forgetful = FORGETFUL,
) -> Compiled:
    """Only playbooks without an error of their own, and with somebody to page, are taken."""
    broken = {each.path for each in diagnostics if each.refuses}
    sound = {
        path: each.plan
        for path, each in playbooks.subjects.items()
        if each.plan and each.plan.escalation.levels and path not in broken
    }
    named = {plan.name: plan for plan in sound.values()}
    plans = linked(named, playbooks.callable(broken), memory=memory, purpose="served")
    fallback = around.house.fallback
    return Compiled(
        plans=plans,
        plan_paths={plan.name: path for path, plan in sound.items()},
        roster=around.roster,
        fallback=fallback if fallback in plans else None,
        sources=sources,
        ops=around.ops.ops,
        tests={plan.name: tests_of(playbooks.subjects[path]).cases for path, plan in sound.items()},
        drills=_drills(playbooks, sound),
        diagnostics=cut(diagnostics),
    )


def _drills(playbooks: Playbooks, sound: Mapping[str, Plan]) -> dict[str, DrillPlan]:
    """What the playbooks in service are rehearsed with, by name."""
    forms = {plan.name: playbooks.subjects[path].form for path, plan in sound.items()}
    found = {name: drill_of(form) for name, form in forms.items() if form is not None}
    return {name: drill for name, drill in found.items() if drill is not None}
