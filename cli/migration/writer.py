"""Writes a draft as files of our language, with its remarks as comments.

Decides where a comment stands: above the key or the entry that it is about. The style of
everything else is `compiler.yaml_text`.
"""

import textwrap
from collections.abc import Iterator, Mapping
from typing import cast

from cli.migration.draft import HOUSE, SECTIONS, Draft, Fields, Place, Remark
from compiler.yaml_text import Written, as_yaml

_WIDTH = 100

Remarks = Mapping[Place, list[Remark]]


def files_of(draft: Draft) -> dict[str, str]:
    """Each file's path inside the folder and its text, by path."""
    roster: Fields = {"language": 1}
    roster |= {name: draft.roster[name] for name in SECTIONS if draft.roster[name]}
    documents: dict[str, Fields] = {draft.roster_file: roster}
    house: Fields = {"language": 1}
    if draft.policies:
        house["policies"] = draft.policies
    if draft.fallback:
        house["fallback"] = draft.fallback
    if len(house) > 1 or any(place[0] == HOUSE for place in draft.remarks):
        documents[HOUSE] = house
    documents |= {f"{name}.yaml": fields for name, fields in draft.playbooks.items()}
    return {path: _text(path, fields, draft) for path, fields in sorted(documents.items())}


def _text(path: str, fields: Fields, draft: Draft) -> str:
    title = {"oncall": "Grafana OnCall", "pagerduty": "PagerDuty"}.get(
        draft.system, draft.system.title()
    )
    head = f"# Imported from {title}. Where a comment says `decide:`, a person must.\n"
    lines = list(_comments(draft.remarks.get((path,), []), ""))
    lines += _mapping(fields, "", (path,), draft.remarks)
    return head + "".join(f"{line}\n" for line in lines)


def _comments(remarks: list[Remark], indent: str) -> Iterator[str]:
    for remark in remarks:
        text = " ".join(remark.text.split())
        said = "".join(char if char.isprintable() else " " for char in text)
        yield from textwrap.wrap(
            f"decide: {said}" if remark.decide else said,
            _WIDTH - 1,
            initial_indent=f"{indent}# ",
            subsequent_indent=f"{indent}#   ",
            break_long_words=False,
            break_on_hyphens=False,
        )


def _mapping(
    fields: Mapping[str, object], indent: str, where: Place, remarks: Remarks
) -> list[str]:
    lines: list[str] = []
    for name, value in fields.items():
        here = (*where, name)
        lines += _comments(remarks.get(here, []), indent)
        lines += _entry(name, value, indent, here, remarks)
    return lines


def _entry(name: str, value: object, indent: str, here: Place, remarks: Remarks) -> list[str]:
    inner = f"{indent}  "
    if not _is_remarked(here, remarks):
        return as_yaml({name: cast("Written", value)}, indent).splitlines()
    key = as_yaml({name: 0}, indent).splitlines()[0].removesuffix(" 0")
    if isinstance(value, Mapping):
        return [key, *_mapping(value, inner, here, remarks)]
    if isinstance(value, list | tuple):
        lines = [key]
        for index, item in enumerate(value):
            lines += _item(item, inner, (*here, index), remarks)
        return lines
    return as_yaml({name: cast("Written", value)}, indent).splitlines()


def _item(item: object, indent: str, here: Place, remarks: Remarks) -> list[str]:
    lines = list(_comments(remarks.get(here, []), indent))
    if isinstance(item, Mapping) and _is_remarked(here, remarks):
        first = next(iter(item))
        lines += _comments(remarks.get((*here, first), []), indent)
        rest = {place: said for place, said in remarks.items() if place != (*here, first)}
        written = _mapping(item, f"{indent}  ", here, rest)
        return [*lines, f"{indent}- {written[0].strip()}", *written[1:]]
    written = as_yaml({"x": cast("Written", [item])}).splitlines()
    if len(written) == 1:
        return [*lines, f"{indent}- {written[0].removeprefix('x: [').removesuffix(']')}"]
    return [*lines, *(f"{indent}{line.removeprefix('  ')}" for line in written[1:])]


def _is_remarked(here: Place, remarks: Remarks) -> bool:
    """Whether something inside this value has a comment of its own."""
    depth = len(here)
    return any(len(place) > depth and place[:depth] == here for place in remarks)
