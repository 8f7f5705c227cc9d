"""Compiles a folder part by part, so that several processes can, and little is held at once.

Decides in which order: what all share first; then every playbook by itself; then those that
call others, beside what they call; at the end what needs the outlines of all. What is said
of the folder is what `compiler.compile` says of it as a whole.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from compiler.checks.called import check_called
from compiler.checks.folder import warn_of_broken
from compiler.compile import (
    HOUSE,
    SOURCES,
    Compiled,
    checked,
    compiled,
    in_the_folder,
    is_playbook,
    is_yaml,
    read_playbook,
    surroundings,
)
from compiler.diagnostics import Diagnostic, cut, in_order
from compiler.known_plugins import KnownPlugins
from compiler.linking import Playbooks
from compiler.outline import Outline, outline_of
from compiler.source import Loaded, load
from compiler.sources import compile_sources
from compiler.subject import Subject, Surroundings
from domain.source_mapping import SourceMapping


@dataclass(frozen=True, slots=True)
class Shared:
    """What all playbooks of a folder share, and what is wrong in it."""

    files: Mapping[str, str]
    around: Surroundings
    house: Loaded | None
    sources: dict[str, SourceMapping]
    found: tuple[Diagnostic, ...]

    @property
    def playbooks(self) -> list[str]:
        """The paths of all playbooks, in order."""
        return sorted(path for path in self.files if is_playbook(path))


@dataclass(frozen=True, slots=True)
class Part:
    """What became of one playbook; `waits` until what it calls is known.

    `outline` is None where the file cannot be read.
    """

    path: str
    outline: Outline | None
    found: tuple[Diagnostic, ...] = ()
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Playbooks that call others, and the paths of what they call that calls nothing itself.

    `errors` are those of them that are known already, `names` the names of all playbooks.
    """

    callers: tuple[str, ...]
    called: tuple[str, ...]
    errors: tuple[Diagnostic, ...]
    names: frozenset[str]
    all_read: bool


def shared_by_all(
    files: Mapping[str, str], *, today: date | None = None, plugins: KnownPlugins | None = None
) -> Shared:
    """House, roster, ops and sources of the folder."""
    paths = [path for path in sorted(files) if is_yaml(path) and not is_playbook(path)]
    loaded = {path: load(path, files[path]) for path in paths}
    sources, sources_found = compile_sources(loaded.get(SOURCES))
    around, around_found = surroundings(loaded, files, today=today, plugins=plugins)
    unread = [each for file in loaded.values() for each in file.diagnostics]
    found = (*unread, *sources_found, *around_found)
    return Shared(files, around, loaded.get(HOUSE), sources, found)


def by_itself(path: str, shared: Shared) -> tuple[Part, Compiled | None]:
    """One playbook, and what it means; one that calls others is only outlined."""
    subject, found = _read(path, shared)
    if subject is None:
        return Part(path, None, tuple(found)), None
    outline = outline_of(subject)
    if outline.calls:
        return Part(path, outline, waits=True), None
    found += checked(subject)
    alone = Playbooks({path: subject}, {}, all_read=True).with_plans_of_calls()
    meaning = compiled(alone, shared.around, shared.sources, in_order(found))
    return Part(path, outline, tuple(found)), meaning


def groups_of(parts: Mapping[str, Part], beside: Iterable[Diagnostic]) -> Iterator[Group]:
    """Those that wait, each with all that it leads to or that leads to the same."""
    outlines = [part.outline for part in parts.values() if part.outline]
    by_name: dict[str, list[str]] = {}
    for each in outlines:
        by_name.setdefault(each.written or "", []).append(each.path)
    leads = {
        each.path: [path for name, _ in each.calls for path in by_name.get(name, ())]
        for each in outlines
        if parts[each.path].waits
    }
    names = frozenset(each.name for each in outlines if each.name)
    errors = _errors_by_path([*beside, *(one for part in parts.values() for one in part.found)])
    for members in _connected(leads):
        yield Group(
            callers=tuple(sorted(path for path in members if path in leads)),
            called=tuple(sorted(path for path in members if path not in leads)),
            errors=tuple(one for path in sorted(members) for one in errors.get(path, ())),
            names=names,
            all_read=len(outlines) == len(parts),
        )


def _errors_by_path(found: Iterable[Diagnostic]) -> dict[str, list[Diagnostic]]:
    by_path: dict[str, list[Diagnostic]] = {}
    for each in found:
        if each.refuses:
            by_path.setdefault(each.path, []).append(each)
    return by_path


def _connected(leads: Mapping[str, list[str]]) -> Iterator[set[str]]:
    """The paths in groups that nothing leads out of, either way."""
    beside: dict[str, set[str]] = {path: set() for path in leads}
    for path, targets in leads.items():
        for target in targets:
            beside[path].add(target)
            beside.setdefault(target, set()).add(path)
    seen: set[str] = set()
    for start in leads:
        if start in seen:
            continue
        members, ahead = {start}, [start]
        while ahead:
            fresh = beside[ahead.pop()] - members
            members |= fresh
            ahead.extend(fresh)
        seen |= members
        yield members


def together(group: Group, shared: Shared) -> tuple[list[Part], Compiled]:
    """The callers of a group, and what they mean, with what they call."""
    read = {path: _read(path, shared) for path in sorted((*group.callers, *group.called))}
    subjects = {path: subject for path, (subject, _) in read.items() if subject}
    playbooks = Playbooks(subjects, {}, group.all_read).with_plans_of_calls()
    calls = tuple(check_called(playbooks, group.names))
    parts = []
    for path in group.callers:
        subject = playbooks.subjects[path]
        found = (*read[path][1], *checked(subject), *(each for each in calls if each.path == path))
        parts.append(Part(path, outline_of(subject), found))
    found_now = [each for part in parts for each in part.found]
    problems = in_order([*group.errors, *found_now])
    meaning = compiled(playbooks, shared.around, shared.sources, problems)
    own = {name: path for name, path in meaning.plan_paths.items() if path in group.callers}
    plans = {name: meaning.plans[name] for name in own}
    return parts, meaning.model_copy(update={"plans": plans, "plan_paths": own})


def _read(path: str, shared: Shared) -> tuple[Subject | None, list[Diagnostic]]:
    """The playbook, and what is wrong in its text and its shape."""
    file = load(path, shared.files[path])
    subject, found = read_playbook(file, shared.around)
    return subject, [*file.diagnostics, *found]


def beside_each_other(parts: Mapping[str, Part], shared: Shared) -> list[Diagnostic]:
    """What is wrong with the playbooks beside each other, whatever each calls."""
    outlines = {path: part.outline for path, part in sorted(parts.items()) if part.outline}
    all_read = len(outlines) == len(parts)
    return in_the_folder(outlines, shared.house, shared.around, all_read=all_read)


def joined(
    parts: Mapping[str, Part], shared: Shared, beside: list[Diagnostic]
) -> tuple[Diagnostic, ...]:
    """Everything that is wrong in the folder, in order."""
    outlines = {path: part.outline for path, part in sorted(parts.items()) if part.outline}
    found = [*shared.found, *beside, *(each for part in parts.values() for each in part.found)]
    broken = {each.path for each in found if each.refuses}
    sound = {each.name for path, each in outlines.items() if each.name and path not in broken}
    found += warn_of_broken(outlines, broken, sound)
    return cut(in_order(found))
