"""Keeps the values of secrets out of every text that leaves an activity.

Decides in which forms a value is found: as it is, in base64 at any place, quoted for a URL,
for JSON or for HTML. Each becomes `‹secret name›`. It also decides how long such a text may
be and which characters it keeps.
"""

import base64
import html
import json
import math
import re
from collections.abc import Mapping
from urllib.parse import quote, quote_plus

from activities.automation.errors import CallFailed
from domain.incident.step_effects import LONGEST_DETAIL, LONGEST_OUTPUT

_UNKEPT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\ud800-\udfff]")

_LEAST_LINE = 16
"""Characters of a line of a key that is looked for by itself; others write it with other ends."""

_LEAST_BASE64 = 5
"""A shorter piece would be found in texts that hold no secret at all."""


class Redactor:
    """Knows the secrets of one call, by name."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        """`secrets` are values by name, or by `secret:name`."""
        self._name_of = {
            form: name.removeprefix("secret:")
            for name, value in secrets.items()
            for form in forms_of(value)
        }

    def text(self, text: str) -> str:
        """The text without the secrets, and without characters that no page shows."""
        present = sorted((form for form in self._name_of if form in text), key=len, reverse=True)
        if present:
            any_form = re.compile("|".join(map(re.escape, present)))
            text = any_form.sub(lambda found: self._sign(found.group()), text)
        if text.isprintable():
            return text
        return _UNKEPT.sub("�", text.replace("\r\n", "\n").replace("\r", "\n"))

    def detail(self, text: str) -> str:
        """The text on one line, cut to what a timeline shows."""
        flat = " ".join(self.text(text).split())
        return flat if len(flat) <= LONGEST_DETAIL else flat[: LONGEST_DETAIL - 1] + "…"

    def output(self, text: str) -> str:
        """The text, cut to what is kept of a call's output."""
        return cut(self.text(text), LONGEST_OUTPUT)

    def everything(self, answer: object) -> object:
        """A JSON value with every text and name in it redacted; a number that is one is text.

        Outputs are read from this, so that neither they nor their errors hold a secret.
        """
        match answer:
            case str():
                return self.text(answer)
            case Mapping():
                return {self.text(str(name)): self.everything(one) for name, one in answer.items()}
            case list() | tuple():
                return [self.everything(one) for one in answer]
            case bool() | None:
                return answer
            case int() | float():
                return self._number(answer)
            case _:
                return self.text(str(answer))

    def failure(self, error: CallFailed) -> CallFailed:
        """The same failure with texts that may be shown."""
        error.detail = self.detail(error.detail)
        error.output = self.output(error.output)
        error.args = (error.detail,)
        return error

    def _number(self, number: float) -> float | str:
        if not self._name_of or not math.isfinite(number):
            return number
        shown = f"{number} {number:.0f}"
        found = next((form for form in self._name_of if form in shown), None)
        return number if found is None else self._sign(found)

    def _sign(self, form: str) -> str:
        return f"‹secret {self._name_of[form]}›"


def cut(text: str, most: int) -> str:
    """At most so many bytes of the text, with a sign where it was cut."""
    whole = text.encode()
    if len(whole) <= most:
        return text
    return whole[: most - len("…".encode())].decode(errors="ignore") + "…"


def forms_of(value: str) -> frozenset[str]:
    """Every way of writing the value, or one of its longer lines, that is looked for."""
    lines = [line for line in value.splitlines() if len(line) >= _LEAST_LINE]
    return frozenset().union(*(_forms(one) for one in {value, *lines}))


def _forms(value: str) -> frozenset[str]:
    urls = {quote(value), quote(value, safe=""), quote_plus(value)}
    lower = {re.sub(r"%[0-9A-F]{2}", lambda found: found.group().lower(), url) for url in urls}
    escaped = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    slashed = {one.replace("/", "\\/") for one in escaped}
    pages = {html.escape(value), html.escape(value, quote=False)}
    packed = _base64_pieces(value.encode())
    return frozenset({value} | urls | lower | escaped | slashed | pages | packed)


def _base64_pieces(value: bytes) -> set[str]:
    """What base64 writes for the value wherever it stands in something longer.

    Characters that also depend on what stands before or behind it are left out.
    """
    pieces = {base64.b64encode(value).decode(), base64.urlsafe_b64encode(value).decode()}
    for before in range(3):
        first = -(-before * 8 // 6)
        last = (before + len(value)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            piece = encode(bytes(before) + value).decode()[first:last]
            if len(piece) >= _LEAST_BASE64:
                pieces.add(piece)
    return pieces
