"""Compiles a playbooks folder: text in, plans and diagnostics out.

Decides the order of the work and what a broken file takes with it: only itself. The one
public entry of the compiler.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath

from pydantic import BaseModel, ConfigDict

from compiler.checks import ON_MEANING, ON_TEXT
from compiler.checks.called import check_called, warn_of_broken
from compiler.checks.folder import (
    check_heartbeats,
    check_names,
    check_shadows,
    unknown_fallback,
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
from compiler.nodes import Mapping as MappingNode
from compiler.nodes import Mark
from compiler.ops import compile_ops
from compiler.roster import compile_roster
from compiler.source import Loaded, load
from compiler.sources import compile_sources
from compiler.subject import Subject, Surroundings
from domain.ops import Ops
from domain.plan import Plan
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
) -> Compiled:
    """The folder's plans, roster, fallback, sources, ops and diagnostics; never raises.

    `files` maps the path inside the folder to its text. Without `today` nothing is said
    about dates that have passed. `standing_in` are earlier plans by path: where a file is
    broken now, playbooks that call its playbook are linked with it. Without `plugins` nothing is
    said about steps that call one.
    """
    loaded = {path: load(path, text) for path, text in sorted(files.items()) if _is_yaml(path)}
    found = [each for file in loaded.values() for each in file.diagnostics]
    sources, sources_found = compile_sources(loaded.get(SOURCES))
    around, around_found = _surroundings(loaded, files, today)
    around = replace(around, plugins=plugins)
    found += [*sources_found, *around_found]
    playbooks, playbooks_found = _playbooks(loaded, around, standing_in or {})
    subjects = playbooks.subjects
    found += playbooks_found
    found += _fallback(loaded.get(HOUSE), around, subjects, all_read=playbooks.all_read)
    broken = {each.path for each in found if each.is_error}
    found += warn_of_broken(playbooks, broken)
    return _compiled(playbooks, around, sources, in_order(found))


def _playbooks(
    loaded: Mapping[str, Loaded], around: Surroundings, standing_in: Mapping[str, Plan]
) -> tuple[Playbooks, list[Diagnostic]]:
    """Every playbook as far as it can be read, linked, and everything wrong in them."""
    read = {path: _read(file, around) for path, file in loaded.items() if is_playbook(path)}
    found = [each for _, problems in read.values() for each in problems]
    subjects = {path: subject for path, (subject, _) in read.items() if subject}
    all_read = len(subjects) == len(read)
    playbooks = Playbooks(subjects, standing_in, all_read).with_plans_of_calls()
    subjects = dict(playbooks.subjects)
    found += [each for subject in subjects.values() for each in _checked(subject)]
    found += [*check_names(subjects), *check_heartbeats(subjects), *check_shadows(subjects)]
    found += check_called(playbooks)
    return playbooks, found


def _surroundings(
    loaded: Mapping[str, Loaded], files: Mapping[str, str], today: date | None
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
    )
    return around, house_found + roster_found + ops_found


def is_playbook(path: str) -> bool:
    """Whether the file at this path inside the folder is a playbook."""
    return _is_yaml(path) and "/" not in path and path not in (HOUSE, SOURCES)


def _is_yaml(path: str) -> bool:
    return PurePosixPath(path).suffix in _YAML


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


def _read(file: Loaded, around: Surroundings) -> tuple[Subject | None, list[Diagnostic]]:
    """The playbook with its plan as far as it can be read, and what is wrong in its shape."""
    if file.root is None and file.diagnostics:
        return None, []
    refused = newer_language(file) or too_much_in_playbook(file)
    if refused:
        return None, [refused]
    form, found = validate(PlaybookForm, file.root, file.path)
    if not isinstance(file.root, MappingNode):
        return None, found
    plan = None
    if form:
        plan = lower(form, house=around.house, roster=around.roster, files=around.files)
    return Subject(path=file.path, root=file.root, around=around, form=form, plan=plan), found


def _checked(subject: Subject) -> Iterator[Diagnostic]:
    """Everything wrong in the playbook beyond its shape."""
    for check in (*(ON_MEANING if subject.form else ()), *ON_TEXT):
        yield from check(subject)


def _fallback(
    file: Loaded | None,
    around: Surroundings,
    subjects: Mapping[str, Subject],
    *,
    all_read: bool,
) -> Iterator[Diagnostic]:
    """W212 without a fallback, E201 if there is no such playbook."""
    name = around.house.fallback
    if not subjects or not around.house_is_sound:
        return
    if file is None or file.root is None or name is None:
        message = "no playbook takes what nothing matches"
        help_text = "name one in house.yaml: fallback: unmatched_alerts"
        yield diagnostic(HOUSE, Mark(1, 1), "W212", message, help_text)
        return
    help_text = unknown_fallback(name, subjects, all_read=all_read) or ""
    if help_text:
        message = f"unknown playbook '{name}'"
        yield at_value(HOUSE, file.root, ("fallback",), "E201", message, help_text=help_text)


def _compiled(
    playbooks: Playbooks,
    around: Surroundings,
    sources: dict[str, SourceMapping],
    diagnostics: tuple[Diagnostic, ...],
) -> Compiled:
    """Only playbooks without an error of their own, and with somebody to page, are taken."""
    broken = {each.path for each in diagnostics if each.is_error}
    sound = {
        path: each.plan
        for path, each in playbooks.subjects.items()
        if each.plan and each.plan.escalation.levels and path not in broken
    }
    named = {plan.name: plan for plan in sound.values()}
    plans = linked(named, playbooks.callable(broken))
    fallback = around.house.fallback
    return Compiled(
        plans=plans,
        plan_paths={plan.name: path for path, plan in sound.items()},
        roster=around.roster,
        fallback=fallback if fallback in plans else None,
        sources=sources,
        ops=around.ops.ops,
        diagnostics=cut(diagnostics),
    )
