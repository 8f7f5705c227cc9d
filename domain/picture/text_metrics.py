"""How wide a text will be, and where it breaks, without a screen to measure on.

Decides with the widths of DejaVu Sans, the widest of the fonts that a picture asks for, so
that a text never leaves its box. Characters it does not know are guessed; the writer then
fits the line to the guess.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from domain.picture.pieces import Face

ELLIPSIS = "…"
_MONO = 0.605
_WIDE, _UNKNOWN, _SYMBOL = 1.0, 0.8, 1.4

_FIRST = 32
_PLAIN_WIDTHS = (
    "318 401 460 838 636 950 780 275 390 390 500 838 318 361 318 337 636 636 636 636 636 636 "
    "636 636 636 636 337 337 838 838 838 531 1000 684 686 698 770 632 575 775 752 295 295 656 "
    "557 863 748 787 603 787 695 635 611 732 684 989 685 611 685 390 337 390 838 500 500 613 "
    "635 550 635 615 352 635 634 278 278 579 278 974 634 612 635 635 411 521 392 634 592 818 "
    "592 592 525 636 337 636 838"
)
_BOLD_WIDTHS = (
    "348 456 521 838 696 1002 872 306 457 457 523 838 380 415 380 365 696 696 696 696 696 696 "
    "696 696 696 696 400 400 838 838 838 580 1000 774 762 734 830 683 683 821 837 372 372 775 "
    "637 995 837 850 733 850 770 720 682 812 774 1103 771 724 725 457 365 457 838 500 500 675 "
    "716 593 716 678 435 716 712 343 343 665 343 1042 712 687 716 716 493 595 478 712 652 924 "
    "645 652 582 712 365 712 838"
)
_MORE = {
    "…": 1000,
    "·": 380,
    "→": 838,
    "‹": 412,
    "›": 412,
    "–": 500,
    "—": 1000,
    "’": 380,
    "“": 657,
    "”": 657,
    "☐": 900,
    "☑": 900,
    "°": 500,
    "€": 696,
    "×": 838,
}


def _table(widths: str) -> dict[str, float]:
    ascii_widths = {
        chr(_FIRST + place): int(width) / 1000 for place, width in enumerate(widths.split())
    }
    return ascii_widths | {char: width / 1000 for char, width in _MORE.items()}


_PLAIN = _table(_PLAIN_WIDTHS)
_BOLD = _table(_BOLD_WIDTHS)

_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Categories that no picture shows: control, direction overrides, surrogates, unassigned."""

_BREAK_AFTER = frozenset("/.,?&_-=:;)]}")
"""Where a word that is too long for its line may be broken."""


def plain_text(text: str) -> str:
    """The text on one line, without what would not be seen or would turn its surroundings."""
    kept = (
        char if unicodedata.category(char) not in _DROPPED else " " if char in "\n\r\t" else ""
        for char in text
    )
    return " ".join("".join(kept).split())


def width_of(text: str, face: Face) -> float:
    """The width in points; at least what the line will have with any of our fonts."""
    return sum(_em(char, bold=face.bold, mono=face.mono) for char in text) * face.size


def is_known(text: str) -> bool:
    """Whether every character's width is measured and not guessed."""
    return all(char in _PLAIN for char in text)


@lru_cache(maxsize=8192)
def _em(char: str, *, bold: bool, mono: bool) -> float:
    if char in _PLAIN:
        width = (_BOLD if bold else _PLAIN)[char]
        return _MONO if mono and char not in _MORE else max(width, _MONO if mono else 0.0)
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":
        return _WIDE if unicodedata.category(char).startswith("L") else _SYMBOL
    base = unicodedata.normalize("NFD", char)[0]
    if base in _PLAIN:
        return _em(base, bold=bold, mono=mono)
    return _UNKNOWN if unicodedata.category(char).startswith("L") else _SYMBOL


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A text broken into lines; `is_cut` where not all of it found room."""

    lines: tuple[str, ...]
    is_cut: bool = False


def wrapped(text: str, face: Face, width: float, most: int) -> Wrapped:
    """The text in at most so many lines of this width; what is cut ends in an ellipsis."""
    words = [part for word in plain_text(text).split(" ") for part in _parts(word, face, width)]
    lines: list[str] = []
    for word, glue in words:
        longer = f"{lines[-1]}{glue}{word}" if lines else word
        if lines and width_of(longer, face) <= width:
            lines[-1] = longer
        elif len(lines) == most:
            return Wrapped((*lines[:-1], _cut(f"{lines[-1]}{glue}{word}", face, width)), True)
        else:
            lines.append(word)
    return Wrapped(tuple(line for line in lines if line))


def fitted(text: str, face: Face, width: float) -> str:
    """The text on one line of this width, cut with an ellipsis if it must be."""
    lines = wrapped(text, face, width, 1).lines
    return lines[0] if lines else ""


def _cut(text: str, face: Face, width: float) -> str:
    room = width - width_of(ELLIPSIS, face)
    kept = ""
    for char in text:
        room -= _em(char, bold=face.bold, mono=face.mono) * face.size
        if room < 0:
            break
        kept += char
    return f"{kept.rstrip()}{ELLIPSIS}"


def _parts(word: str, face: Face, width: float) -> list[tuple[str, str]]:
    """The word, in pieces that fit a line where it does not; each with what stands before it."""
    if width_of(word, face) <= width:
        return [(word, " ")]
    pieces: list[str] = [""]
    good = 0
    for char in word:
        longer = pieces[-1] + char
        if pieces[-1] and width_of(longer, face) > width and unicodedata.category(char) != "Mn":
            at = good if good > len(pieces[-1]) // 2 else len(pieces[-1])
            rest = pieces[-1][at:] + char
            pieces[-1] = pieces[-1][:at]
            pieces.append(rest)
            good = 0
            continue
        pieces[-1] = longer
        if char in _BREAK_AFTER:
            good = len(longer)
    return [(piece, " " if place == 0 else "") for place, piece in enumerate(pieces)]
