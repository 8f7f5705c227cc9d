"""Compiles roster files: people, teams, services, destinations and schedules.

Decides how the files join: one that has an error takes down itself and not the others;
a name that two files define belongs to the first.
"""

from collections.abc import Iterator, Mapping

from compiler.diagnostics import Diagnostic, in_order
from compiler.document_errors import at_key, at_value, validate
from compiler.known_names import KnownNames, known_names
from compiler.language import newer_language
from compiler.limits import too_much_in_roster
from compiler.nodes import Mapping as MappingNode
from compiler.roster_checks import CHECKS, RosterSubject, gap_text, uncovered
from compiler.roster_document import RosterForm
from compiler.roster_lower import lower_roster
from compiler.source import Loaded
from domain.roster import Roster

_SECTIONS = ("users", "teams", "services", "destinations", "schedules")


GAP = "E504"


def compile_roster(
    loaded: Mapping[str, Loaded], *, despite: frozenset[str] = frozenset()
) -> tuple[Roster, list[Diagnostic]]:
    """The roster of all files without an error, and what is wrong in any of them.

    What is wrong with a file's text as YAML is in its `Loaded` and not repeated. Errors of
    the codes in `despite` take no file down.
    """
    names = known_names(loaded)
    parts: dict[str, dict[str, object]] = {section: {} for section in _SECTIONS}
    found: list[Diagnostic] = []
    for _, file in sorted(loaded.items()):
        roster, problems = _compile_file(file, names)
        found += problems
        errors = {each.code for each in (*problems, *file.diagnostics) if each.is_error}
        if roster is None or errors - despite:
            continue
        for section in _SECTIONS:
            parts[section] |= getattr(roster, section)
    return Roster.model_validate(parts), list(in_order(found))


def _compile_file(file: Loaded, names: KnownNames) -> tuple[Roster | None, list[Diagnostic]]:
    if file.root is None and file.diagnostics:
        return None, []
    refused = newer_language(file) or too_much_in_roster(file)
    if refused:
        return None, [refused]
    form, found = validate(RosterForm, file.root, file.path)
    if isinstance(file.root, MappingNode):
        found += _taken(file.path, file.root, names)
    if form is None or not isinstance(file.root, MappingNode):
        return None, found
    subject = RosterSubject(path=file.path, root=file.root, form=form, names=names)
    found += [each for check in CHECKS for each in check(subject)]
    roster = lower_roster(form)
    found += _gaps(subject, roster)
    return roster, found


def _taken(path: str, root: MappingNode, names: KnownNames) -> Iterator[Diagnostic]:
    """E108 for each name that an earlier file defines."""
    for kind, places in names.places.items():
        section = f"{kind}s"
        node = root.get(section)
        for key, _ in node.entries if isinstance(node, MappingNode) else ():
            first = places.get(key.text, "")
            if first and first.rpartition(":")[0] != path:
                message = f"the {kind} '{key.text}' is already defined ({first})"
                help_text = "rename one, or remove it here"
                loc = (section, key.text)
                yield at_key(path, root, loc, "E108", message, help_text=help_text)


def _gaps(subject: RosterSubject, roster: Roster) -> Iterator[Diagnostic]:
    """E504 for each schedule that should always have somebody and does not."""
    for name, schedule in roster.schedules.items():
        gaps = uncovered(schedule)
        if gaps:
            more = f", and {len(gaps) - 1} more times a week" if len(gaps) > 1 else ""
            message = f"nobody serves {gap_text(schedule, gaps[0])}{more}"
            help_text = "add rotate, widen the layers, or write coverage: business_hours"
            loc = ("schedules", name, "layers")
            yield at_value(subject.path, subject.root, loc, GAP, message, help_text=help_text)
