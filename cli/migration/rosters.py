"""Parts of a roster that every import writes: people, schedules, owners.

Decides what stands in where an export lacks what we need: nobody is left without a way
that can wake them, since a playbook that pages such a person does not compile.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cli.migration.draft import Draft, Fields
from cli.migration.shifts import Shift, gap_in, lanes, schedule_of
from domain.roster import WAKING, Method

_ORDER = ("push", "sms", "phone", "email", "slack", "teams", "webhook")


@dataclass
class PersonDraft:
    """One person as an export has them; rules are (method, minutes after the page)."""

    name: str
    email: str | None = None
    tz: str = ""
    contact: dict[str, str] = field(default_factory=dict)
    high: list[tuple[str, int]] = field(default_factory=list)
    low: list[tuple[str, int]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


def known_zone(zone: str) -> bool:
    """Whether the name is an IANA time zone."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def span(minutes: float) -> str:
    """`90s`, `5m`, `1h`, `1d`: a duration of our language."""
    seconds = round(minutes * 60)
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def add_person(draft: Draft, person: PersonDraft) -> str:
    """The id of a new user of the roster."""
    local = (person.email or "").partition("@")[0]
    user = draft.names.unique("user", person.name or local)
    where = draft.in_roster("users", user)
    fields: Fields = {"name": person.name or local or user}
    if person.tz and known_zone(person.tz):
        fields["tz"] = person.tz
    elif person.tz:
        draft.decide(where, f"unknown time zone '{person.tz}'")
    contact = dict(person.contact)
    if person.email:
        contact.setdefault("email", person.email)
    high = [rule for rule in person.high if rule[0] in contact or rule[0] == "push"]
    needs_push = any(via == "push" for via, _ in (*high, *person.low))
    if not any(via in WAKING for via in contact) or (high and not _wakes(high, contact)):
        needs_push = True
    if needs_push and "push" not in contact:
        contact["push"] = f"ntfys://ntfy.example/{user}"
        said = "the push address: a topic that only this person reads (see the channels guide)"
        draft.decide(where, said)
        if high and not _wakes(high, contact):
            high.insert(0, ("push", 0))
            draft.decide(where, "nothing in the export's rules wakes this person; push comes first")
    fields["contact"] = {via: contact[via] for via in _ORDER if via in contact}
    low = [rule for rule in person.low if rule[0] in contact]
    rules = {name: _rules(said) for name, said in (("high", high), ("low", low)) if said}
    if rules:
        fields["notify"] = rules
    for said in person.asked:
        draft.decide(where, said)
    draft.roster["users"][user] = fields
    return user


def _wakes(rules: Iterable[tuple[str, int]], contact: dict[str, str]) -> bool:
    return any(Method(via) in WAKING and via in contact for via, _ in rules)


def _rules(rules: Sequence[tuple[str, int]]) -> list[object]:
    written: list[object] = []
    for via, after in sorted(dict.fromkeys(rules), key=lambda rule: rule[1]):
        written.append({"after": span(after), "via": via} if after else via)
    return written


def add_schedules(
    draft: Draft, name: str, tz: str, shifts: Sequence[Shift], overrides: Sequence[Fields]
) -> list[str]:
    """The ids of the schedules that the shifts need, side by side if people serve together."""
    found = []
    side_by_side = lanes(shifts) or [[]]
    for lane in side_by_side:
        schedule = draft.names.unique("schedule", name)
        where = draft.in_roster("schedules", schedule)
        fields = schedule_of(tz, lane, overrides)
        if len(fields.keys() - {"tz", "overrides"}) == 0:
            fields["layers"] = [{"users": [draft.somebody()]}]
            draft.decide(where, "nobody of the export could be taken over into this schedule")
        gap = gap_in(fields)
        if gap:
            fields = {"tz": tz, "coverage": "best_effort"} | fields
            draft.decide((*where, "coverage"), f"nobody serves {gap}, as before the import")
        _say(draft, where, fields, lane)
        if len(side_by_side) > 1:
            others = (
                "people served side by side there; here each side is a schedule, paged together"
            )
            draft.explain(where, others)
        draft.roster["schedules"][schedule] = fields
        found.append(schedule)
    return found


def _say(draft: Draft, where: tuple[str | int, ...], fields: Fields, lane: Sequence[Shift]) -> None:
    """The name of each shift above its first layer, and what is to be decided of it."""
    index = 0
    for number, shift in enumerate(lane):
        if number == 0 and "rotate" in fields:
            at: tuple[str | int, ...] = (*where, "rotate")
        else:
            at = (*where, "layers", index)
            index += len(shift.layers())
        if shift.name:
            draft.explain(at, shift.name)
        if shift.remark:
            draft.decide(at, shift.remark)


def ladder_times(waits: Sequence[timedelta]) -> tuple[Fields, str]:
    """`ack_within` for these waits between levels, and what is to be decided of it.

    Ours is one time for all levels. The shortest is taken: too early wakes one more person,
    too late nobody.
    """
    if not waits:
        return {}, ""
    shortest = min(waits)
    fields: Fields = {"ack_within": span(shortest / timedelta(minutes=1))}
    if len(set(waits)) == 1:
        return fields, ""
    said = ", ".join(span(each / timedelta(minutes=1)) for each in waits)
    return fields, f"the waits between levels were {said}; ours is one for all: the shortest"
