"""A page in at most three segments of SMS, worst first.

Decides what is left out where it does not fit: first the lines of the situation, then
the end of the title, and the link only if nothing else helps.
"""

from activities.channels.outgoing import Outgoing

SEGMENTS = 3
GSM_BUDGET = SEGMENTS * 153
UCS2_BUDGET = SEGMENTS * 67
"""Units of a message of several segments: 7-bit characters, or UTF-16 where it needs more."""

TITLE_AT_LEAST = 24

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = frozenset("^{}\\[~]|€\f")
_PLAINER = str.maketrans(
    {
        "\u200b": "",
        "\u00a0": " ",
        "–": "-",
        "—": "-",
        "…": "...",
        "“": '"',
        "”": '"',
        "„": '"',
        "‘": "'",
        "’": "'",
        "‹": "<",
        "›": ">",
        "→": "->",
        "≥": ">=",
        "≤": "<=",
        "×": "x",
        "•": "-",
        "·": "-",
    }
)
"""Typography that would double the price of a message and says nothing more."""


def sms_text(outgoing: Outgoing, *, answerable: bool) -> str:
    """The text; `answerable` if a reply reaches us."""
    message = outgoing.message
    mark = "DRILL " if message.drill else ""
    first = _plain(f"{mark}{message.severity.value} {message.headline}")
    asked = answerable and outgoing.acknowledge_address is not None
    reply = f"Reply: ack {outgoing.answered}" if asked else message.reference
    lines = [first, reply, *([outgoing.link] if outgoing.link else [])]
    if not _fits([_cut_to(first, TITLE_AT_LEAST), *lines[1:]]):
        lines = lines[:2]
    while not _fits(lines):
        lines[0] = _cut_to(lines[0], len(lines[0]) - 2)
    for line in map(_plain, message.lines):
        if not _fits([*lines, line]):
            break
        lines.append(line)
    return "\n".join(lines)


def units(text: str) -> tuple[int, int]:
    """How long the text is, and how long it may be, in the units of its alphabet."""
    if all(char in _GSM or char in _GSM_TWICE for char in text):
        return sum(2 if char in _GSM_TWICE else 1 for char in text), GSM_BUDGET
    return len(text.encode("utf-16-le")) // 2, UCS2_BUDGET


def _fits(lines: list[str]) -> bool:
    length, limit = units("\n".join(lines))
    return length <= limit


def _plain(text: str) -> str:
    return " ".join(text.translate(_PLAINER).split())


def _cut_to(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: max(0, length - 3)].rstrip('. ')}..."
