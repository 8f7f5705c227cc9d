"""What the author of a new playbook answers, read as it is given.

Decides how each answer is written and what is said of one that cannot be taken. Which
schedules and teams exist is `cli.new.folder`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from compiler.diagnostics import near
from compiler.roster_document import ContactForm
from compiler.written_values import Id, Zone

SEVERITIES = ("alert", "SEV1", "SEV2", "SEV3", "SEV4")
"""`alert` leaves it to the sender's severity label; at SEV5 nobody would be paged."""

USUAL_STEPS = (
    "Is it real? Open the graph behind the alert and look at the last hour",
    "What changed? Look at the latest deploys and changes of configuration",
    "Who is hurt? Say it in the incident, and raise or lower its severity",
)
"""What anybody does first, where the author names nothing."""

_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)
_NUMBER = re.compile(r"\+[0-9 ().\-/]+\Z")
_REFERENCE = re.compile(r"(schedule|team|user):[^=\s]+\Z")
_ID = TypeAdapter(Id)
_ZONE = TypeAdapter(Zone)


class UnfitAnswerError(ValueError):
    """An answer that cannot be taken; its text says why, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is new to the roster."""

    id: str
    name: str
    contact: dict[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """Whom to page, level by level: references to what exists, or new people."""

    levels: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that is asked, and what has a default."""

    name: str
    labels: dict[str, str]
    same: tuple[str, ...]
    page: Page
    severity: str
    first: tuple[str, ...]
    owner: str
    title: str | None = None
    zone: str = "UTC"


def read_name(text: str) -> str:
    """The playbook's id.

    Raises:
        UnfitAnswerError: with the id that was probably meant.
    """
    return _read_as(_ID, text)


def read_zone(text: str) -> str:
    """An IANA time zone.

    Raises:
        UnfitAnswerError: for anything else.
    """
    return _read_as(_ZONE, text)


def read_team(text: str) -> str:
    """A team as a reference, `team:` before it or not.

    Raises:
        UnfitAnswerError: if its name is no id.
    """
    return f"team:{read_name(text.strip().removeprefix('team:'))}"


def _read_as(wanted: TypeAdapter[str], text: str) -> str:
    try:
        return wanted.validate_python(text.strip())
    except ValidationError as error:
        context = error.errors()[0].get("ctx", {})
        raise UnfitAnswerError(f"{context.get('text')}; {context.get('help')}") from None


def name_from(text: str, fallback: str) -> str:
    """An id made from free text: `DiskFull` is disk_full."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    words = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")[:60].strip("_")
    return words if re.match(r"[a-z]", words) else fallback


def read_labels(parts: Iterable[str]) -> dict[str, str]:
    """Labels from `name=value`; a word alone is the alertname.

    Raises:
        UnfitAnswerError: if there is none, or one has no value.
    """
    labels: dict[str, str] = {}
    for part in filter(None, map(str.strip, parts)):
        name, equals, value = (each.strip() for each in part.partition("="))
        if not equals:
            name, value = "alertname", name
        if not value:
            raise UnfitAnswerError(f"the label '{name}' has no value; write {name}=something")
        labels[_label(name)] = value
    if not labels:
        raise UnfitAnswerError("no label; write such as alertname=DiskFull")
    return labels


def read_same(text: str) -> tuple[str, ...]:
    """The labels whose values make one incident; none for the usual ones."""
    return tuple(dict.fromkeys(_label(each) for each in _listed(text)))


def _label(name: str) -> str:
    if _LABEL.match(name):
        return name
    better = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")
    meant = f"; did you mean '{better}'?" if _LABEL.match(better) else ""
    raise UnfitAnswerError(f"'{name}' is not the name of a label{meant}")


def read_severity(text: str) -> str:
    """How bad it is by default.

    Raises:
        UnfitAnswerError: for any other word, and for SEV5, which pages nobody.
    """
    word = text.strip()
    by_case = {each.lower(): each for each in SEVERITIES}
    if word.lower() in by_case:
        return by_case[word.lower()]
    allowed = ", ".join(SEVERITIES)
    if word.upper() == "SEV5":
        raise UnfitAnswerError(f"at SEV5 nobody is paged; choose one of {allowed}")
    meant = near(word.upper(), SEVERITIES)
    hint = f"did you mean '{meant}'? " if meant else ""
    raise UnfitAnswerError(f"'{word}' is not a severity; {hint}allowed: {allowed}")


def read_first(parts: Iterable[str]) -> tuple[str, ...]:
    """The first things to do, each on one line and printable."""
    lines = (" ".join("".join(filter(_prints, part)).split()) for part in parts)
    return tuple(line for line in lines if line)


def _prints(character: str) -> bool:
    return character.isprintable() or character.isspace()


def read_page(parts: Iterable[str]) -> Page:
    """Schedules and teams that exist, or new people as `Ann Berg=+4930123456`.

    Raises:
        UnfitAnswerError: if there is nobody, both kinds are mixed, or a contact is none.
    """
    written = [each for part in parts for each in _listed(part)]
    people = [each for each in written if "=" in each and not _REFERENCE.match(each)]
    levels = [each if ":" in each else f"schedule:{each}" for each in written if each not in people]
    if not written:
        raise UnfitAnswerError("nobody to page; write schedule:name, or Ann Berg=+4930123456")
    if people and levels:
        raise UnfitAnswerError(
            "name schedules that exist, or new people, not both: add the people to the roster"
        )
    return Page(tuple(dict.fromkeys(levels)), _people(people))


def _people(written: list[str]) -> tuple[Person, ...]:
    found: dict[str, Person] = {}
    for at, each in enumerate(written, start=1):
        name, _, address = (part.strip() for part in each.partition("="))
        user = name_from(name, f"person_{at}")
        if user in found:
            user = f"{user}_{at}"
        found[user] = Person(user, name or user, _contact(address))
    return tuple(found.values())


def _contact(address: str) -> dict[str, str]:
    """How to wake somebody at this address.

    Raises:
        UnfitAnswerError: if it is no address, or one that wakes nobody.
    """
    if "@" in address and "://" not in address:
        raise UnfitAnswerError(
            f"an e-mail to '{address}' wakes nobody; give a number or an ntfy address, "
            "such as +4930123456 or ntfys://ntfy.sh/your-topic"
        )
    number = _NUMBER.match(address)
    contact = {"sms": address, "phone": address} if number else {"push": address}
    try:
        ContactForm.model_validate(contact)
    except ValidationError:
        raise UnfitAnswerError(
            f"'{address}' is no address that wakes; write a number with its country, "
            "+4930123456, or ntfys://server/topic"
        ) from None
    return contact


def _listed(text: str) -> list[str]:
    return [each for each in map(str.strip, text.split(",")) if each]
