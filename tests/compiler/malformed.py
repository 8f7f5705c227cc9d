"""Malformed files: real ones with an editor's or a disk's mishaps, and bombs.

Decides what one case is, by its number alone, so that a test and the measurement of twenty
thousand speak of the same files; and what must hold of whatever the compiler says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from random import Random

from cli.folders import read_folder
from compiler.compile import compile_folder
from compiler.diagnostics import report, source_lines
from tests.compiler.bombs import BOMBS

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
TODAY = date(2026, 11, 22)
LONGEST_REPORT = 500_000
"""Characters that an author is told about one file at most."""

_HOUSE = "language: 1\nfallback: catch_all\nretries: { patient: { attempts: 5, backoff: 5s } }\n"
_EVERY_BOMB = 8
"""One case in so many is a bomb."""


@dataclass(frozen=True)
class Case:
    """One folder in which `paths` are malformed."""

    name: str
    files: Mapping[str, str]
    paths: tuple[str, ...]


@cache
def _folders() -> tuple[tuple[dict[str, str], tuple[str, ...]], ...]:
    """Each folder with the files that are tampered with; the small one first."""
    context = read_folder(HERE / "context") | {"house.yaml": _HOUSE}
    written = {f"x_{path.stem}.yaml": path.read_text() for path in (HERE / "cases").glob("*.yaml")}
    written["every_step.yaml"] = (HERE / "every_step.yaml").read_text()
    example = read_folder(HERE / "full_example")
    shipped = read_folder(ROOT / "playbooks")
    return (
        (context | written, (*sorted(written), *sorted(context))),
        (example, tuple(sorted(example))),
        (shipped, tuple(sorted(shipped))),
    )


def case_of(seed: int, number: int) -> Case:
    """The case with this number; the same one on every machine."""
    random = Random(f"{seed}/{number}")
    if number % _EVERY_BOMB == 0:
        family = sorted(BOMBS)[number // _EVERY_BOMB % len(BOMBS)]
        return bomb(family, random, f"{seed}/{number} {family}")
    folder, targets = random.choices(_folders(), (5, 4, 1))[0]
    path = random.choice(targets)
    text, done = folder[path], []
    for _ in range(random.randint(1, 4)):
        mishap = random.choice(_MISHAPS)
        text = mishap(text, random)
        done.append(mishap.__name__.strip("_"))
    beside = {each: found for each, found in folder.items() if _belongs(each, path)}
    return Case(f"{seed}/{number} {path} {'+'.join(done)}", beside | {path: text}, (path,))


def bomb(family: str, random: Random, name: str) -> Case:
    """One bomb of this family in the small folder."""
    context = {path: text for path, text in _folders()[0][0].items() if not path.startswith("x_")}
    found = BOMBS[family](random)
    return Case(name, context | found, tuple(found))


def _belongs(other: str, path: str) -> bool:
    """Whether the other file is needed beside this one: other playbooks are not, mostly."""
    shared = ("house.yaml", "sources.yaml", "catch_all.yaml", "grow_volume.yaml")
    return "/" in other or other in shared or other.startswith(("unmatched", "postgres_primary"))


def verdict(case: Case) -> str:
    """What the compiler says of the case, as its author reads it.

    Raises AssertionError where a problem has no place, or the report has no end.
    """
    compiled = compile_folder(case.files, today=TODAY)
    texts = {path: source_lines(case.files.get(path, "")) for path in (*case.files, "house.yaml")}
    for each in compiled.diagnostics:
        lines = texts.get(each.path, [""])
        assert each.path in case.files or each.path == "house.yaml", each
        assert 1 <= each.line <= len(lines), each
        assert 1 <= each.column <= len(lines[each.line - 1]) + 1, each
        assert each.message, each
    printed = report(compiled.diagnostics, case.files)
    assert len(printed) <= LONGEST_REPORT, f"a report of {len(printed)} characters"
    return printed


# -- mishaps ------------------------------------------------------------------------------

Mishap = Callable[[str, Random], str]
_FRAGMENTS = (
    "", " ", "\n", "\t", ":", ": ", "- ", "{", "}", "[", "]", '"', "'", "#", " #", "&a ", "*a",
    "!x ", "<<: *a", "|", ">", "|+9", "@", "%", "null", "~", "never", "SEV1", "12:30", "+49",
    "0755",
    "facts.x", "role:x", "user:", "\x00", "\x85", "\u2028", "\udcff", "é", "🔥", "---", "...", "5",
    "steps.x.ok", "facts.", "{{ ", " }}", "{% if ", "{% for a in b %}", "secret:x", " && ",
    "!(", "?",
    "do:", "parallel:", "for_each:", "- id: x", "{ id: x, wait: 5m }", "no", "yes:", "on:", "PT5M",
    "when: labls.x == 1", "\n---\n", "\r", "\\", "\ufeff", "? ", "[]", "{}", "1e400",
    "Europe/Berln",
)  # fmt: skip
_VALUES = (
    "5",
    "true",
    "[]",
    "{}",
    "null",
    "''",
    "[a, b]",
    "{ a: b }",
    "-1",
    "9e99",
    "~",
    "!!x y",
    "x",
)


def _cut_off(text: str, random: Random) -> str:
    return text[: random.randint(0, len(text))]


def _flipped_bytes(text: str, random: Random) -> str:
    raw = bytearray(text.encode(errors="surrogateescape"))
    for _ in range(random.randint(1, 8) if raw else 0):
        raw[random.randrange(len(raw))] ^= 1 << random.randrange(8)
    return raw.decode(errors="surrogateescape")


def _lines_of(text: str) -> list[str]:
    return text.split("\n")


def _shifted(text: str, random: Random) -> str:
    """Some lines are indented more or less."""
    lines = _lines_of(text)
    start = random.randrange(len(lines))
    shift = random.choice((-4, -2, -1, 1, 2, 4, 40))
    for at in range(start, min(len(lines), start + random.randint(1, 6))):
        lines[at] = " " * shift + lines[at] if shift > 0 else lines[at][-shift:]
    return "\n".join(lines)


def _moved_line(text: str, random: Random) -> str:
    lines = _lines_of(text)
    lines.insert(random.randrange(len(lines)), lines.pop(random.randrange(len(lines))))
    return "\n".join(lines)


def _doubled_line(text: str, random: Random) -> str:
    lines = _lines_of(text)
    at = random.randrange(len(lines))
    lines[at:at] = [lines[at]] * random.choice((1, 1, 2, 50))
    return "\n".join(lines)


def _lost_line(text: str, random: Random) -> str:
    lines = _lines_of(text)
    del lines[random.randrange(len(lines))]
    return "\n".join(lines)


def _another_key(text: str, random: Random) -> str:
    """One line's key stands before another's value."""
    lines = _lines_of(text)
    keyed = [at for at, line in enumerate(lines) if ": " in line]
    if keyed:
        one, other = random.choice(keyed), random.choice(keyed)
        key, _, _ = lines[one].partition(": ")
        lines[one] = f"{key}: {lines[other].partition(': ')[2]}"
    return "\n".join(lines)


def _another_value(text: str, random: Random) -> str:
    lines = _lines_of(text)
    keyed = [at for at, line in enumerate(lines) if ": " in line]
    if keyed:
        at = random.choice(keyed)
        lines[at] = f"{lines[at].partition(': ')[0]}: {random.choice(_VALUES)}"
    return "\n".join(lines)


def _pasted(text: str, random: Random) -> str:
    at = random.randint(0, len(text))
    return text[:at] + random.choice(_FRAGMENTS) + text[at:]


def _pasted_from_elsewhere(text: str, random: Random) -> str:
    folder, targets = random.choice(_folders())
    other = folder[random.choice(targets)]
    start = random.randint(0, len(other))
    at = random.randint(0, len(text))
    return text[:at] + other[start : start + random.randint(1, 400)] + text[at:]


def _cut_out(text: str, random: Random) -> str:
    start = random.randint(0, len(text))
    return text[:start] + text[start + random.randint(0, 60) :]


def _swapped_words(text: str, random: Random) -> str:
    words = text.split(" ")
    one, other = random.randrange(len(words)), random.randrange(len(words))
    words[one], words[other] = words[other], words[one]
    return " ".join(words)


def _many_times(text: str, random: Random) -> str:
    return (text + random.choice(("", "\n", "\n---\n"))) * random.choice((2, 3, 20))


_MISHAPS: tuple[Mishap, ...] = (
    _cut_off, _flipped_bytes, _shifted, _moved_line, _doubled_line, _lost_line, _another_key,
    _another_value, _another_value, _pasted, _pasted, _pasted_from_elsewhere, _cut_out,
    _swapped_words, _many_times,
)  # fmt: skip
