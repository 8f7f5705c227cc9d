"""How `explain --alert` reads in a terminal of 80 columns.

Decides the wording and the order: who takes it, why nobody else does, under which key and
severity, who serves, and then minute by minute who is paged.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from textwrap import wrap
from zoneinfo import ZoneInfo

from cli.explain.explained import AlertTold, Explanation, IncidentTold
from cli.plain_text import plain
from domain.clock_text import duration_text
from domain.incident.messages import readable
from domain.rehearsal.outlook import Course, Outlook
from domain.rehearsal.plan_lines import PlanLine
from domain.rehearsal.severity_told import RuleTold, SeverityTold
from domain.rehearsal.staffing import RoleTold, Serving

WIDTH = 80
LABEL = 10
ALERTS_SHOWN = 5
OTHERS_SHOWN = 12
SOON = timedelta(hours=12)
"""Changes of shift within this are told beside who serves."""

REASONS_SHOWN = 8


def lines_of(explanation: Explanation, course: Course) -> Iterator[str]:
    """The whole answer."""
    for note in explanation.notes:
        yield from _wrapped(f"note: {note}")
    for place, incident in enumerate(explanation.incidents):
        if place:
            yield ""
        yield from _incident(incident, course)
    yield from _resolved(explanation)
    if explanation.incidents:
        yield ""
        yield from _wrapped(f"Not known here: {'; '.join(explanation.not_known)}.")


def _incident(incident: IncidentTold, course: Course) -> Iterator[str]:
    count = len(incident.alerts)
    what = f"{count} alerts as one incident" if count > 1 else "this alert"
    if incident.playbook is None:
        yield from _wrapped("NOTHING TAKES THIS ALERT: NOBODY IS PAGED")
    else:
        yield f"{incident.playbook} takes {what}"
    yield from _alerts(incident.alerts)
    yield ""
    if incident.playbook is None:
        for note in incident.notes:
            yield from _item("because", note)
        yield from _others(incident)
        yield from _item("mend", "name a playbook that pages in house.yaml: fallback: …")
        return
    yield from _item("because", incident.reason)
    yield from _others(incident)
    yield ""
    yield from _item("key", incident.dedup_key)
    yield from _item("", f"from {incident.dedup_from}")
    yield from _item("workflow", incident.workflow_id)
    if incident.hold:
        yield from _item("hold", f"pages if it still fires after {duration_text(incident.hold)}")
    for note in incident.notes[1:] if incident.is_fallback else incident.notes:
        yield from _item("note", note)
    if incident.severity is not None:
        yield from _severity(incident.severity)
    yield ""
    if incident.plan is not None and incident.at is not None:
        yield from serving_lines(incident.serving, incident.timezone, incident.at)
        yield from role_lines(incident.roles)
        yield ""
        yield f"If {heading(incident.plan, course, incident.at, incident.timezone)}"
        yield from plan_text(incident.plan, incident.timezone)


def _alerts(alerts: tuple[AlertTold, ...]) -> Iterator[str]:
    """Their names and summaries, those that read the same once."""
    told: Counter[tuple[str, str, tuple[str, ...]]] = Counter()
    for alert in alerts:
        name = alert.labels.get("alertname") or alert.fingerprint
        told[name, alert.summary if alert.summary != name else "", alert.notes] += 1
    shown = list(told.items())[:ALERTS_SHOWN]
    for (name, summary, notes), count in shown:
        times = f"  ({count} times)" if count > 1 else ""
        yield from _wrapped(f"{name}  {summary}".rstrip() + times, indent=2, hang=4)
        for note in notes:
            yield from _wrapped(f"note: {note}", indent=4)
    if left := len(alerts) - sum(count for _, count in shown):
        yield f"  and {left} more"


def _others(incident: IncidentTold) -> Iterator[str]:
    """Why not another one; those that want another value of the same label together."""
    told: dict[str, list[str]] = {}
    for other in incident.others:
        found = [_WANTS.match(part) for part in other.reason.split("; or: ")]
        given = {one[1] for one in found if one}
        if len(given) == 1 and all(found):
            wanted = " or ".join(one[2].removeprefix("one of ") for one in found if one)
            missing = "wanted by" if next(iter(given)).endswith("missing") else "another wanted by"
            head = f"{given.pop()}, {missing}: "
            told.setdefault(head, []).append(f"{other.playbook} ({wanted})")
        else:
            told.setdefault(f": {other.reason}", []).append(other.playbook)
    label, shown = "not", list(told.items())[:REASONS_SHOWN]
    for reason, names in shown:
        more = f" and {len(names) - OTHERS_SHOWN} more" if len(names) > OTHERS_SHOWN else ""
        listed = f"{', '.join(names[:OTHERS_SHOWN])}{more}"
        text = f"{listed}{reason}" if reason.startswith(":") else f"{reason}{listed}"
        yield from _item(label, text, hang=2)
        label = ""
    if len(told) > REASONS_SHOWN:
        left = sum(len(names) for names in list(told.values())[REASONS_SHOWN:])
        yield from _item("", f"and {left} more playbooks; --json has all of them")


_WANTS = re.compile(r"(label \S+ is (?:missing|'.*')), wants (.+)$")


def _severity(told: SeverityTold) -> Iterator[str]:
    yield from _item("severity", f"{told.severity}: {told.reason}")
    for number, rule in enumerate(told.rules, 1):
        yield from _item("", f"rule {number} ({rule.set}) {_verdict(rule)}", hang=2)
    is_open = any(rule.verdict == "unknown" for rule in told.rules)
    holds = any(rule.verdict == "holds" for rule in told.rules)
    if holds and not is_open:
        return
    if told.label is not None:
        yield from _item("", f"label {told.label} is {told.label_severity} in the house's table")
    if told.default is not None:
        yield from _item("", f"the playbook's default is {told.default}")
    if is_open and [holds, bool(told.label), bool(told.default)].count(True) > 1:
        yield from _item("", "the worst of these counts until the rule can be evaluated")


def _verdict(rule: RuleTold) -> str:
    match rule.verdict:
        case "holds":
            return f"holds: {rule.when}"
        case "false":
            return f"is false: {rule.why}"
        case "unknown":
            return f"cannot be evaluated, {rule.why}: {rule.when}"
        case "not_asked":
            return f"is not asked: {rule.when}"


def serving_lines(serving: tuple[Serving, ...], zone: str, at: datetime) -> Iterator[str]:
    """Who stands behind each reference, and until when where that is soon."""
    label = "on call"
    width = max((len(_ref(one.ref)) for one in serving), default=0)
    for one in serving:
        names = ", ".join(one.names) or "NOBODY"
        until = ""
        if one.until is not None and one.until - at < SOON:
            follow = ", ".join(one.next_names) or "nobody"
            until = f" until {one.until.astimezone(ZoneInfo(zone)):%a %H:%M}, then {follow}"
        note = f" ({one.note})" if one.note else ""
        text = f"{_ref(one.ref):<{width}}  {names}{until}{note}"
        yield from _item(label, text, hang=width + 2)
        label = ""


def role_lines(roles: tuple[RoleTold, ...]) -> Iterator[str]:
    """How each role is filled."""
    label = "roles"
    width = max((len(readable(one.role)) for one in roles), default=0)
    for one in roles:
        text = f"{readable(one.role):<{width}}  {one.how}"
        yield from _item(label, text, hang=width + 2)
        label = ""


def heading(outlook: Outlook, course: Course, at: datetime, zone: str) -> str:
    """What is supposed, and whose clock the times are of."""
    if outlook.answered_by and course.answers is not None:
        who = f"{outlook.answered_by} acknowledges after {duration_text(course.answers)}"
    else:
        who = "nobody answers"
    gone = course.resolves
    ends = f", resolved after {duration_text(gone)}" if gone is not None else ""
    return f"{who}{ends} ({zone}, {at.astimezone(ZoneInfo(zone)):%Z})"


def plan_text(outlook: Outlook, zone: str) -> Iterator[str]:
    """The plan, a line a moment; the day stands where it changes."""
    day = ""
    for line in (*outlook.lines, *outlook.later):
        here = line.at.astimezone(ZoneInfo(zone))
        if f"{here:%a %d %b}" != day:
            day = f"{here:%a %d %b}"
            yield f"  {here:%a %Y-%m-%d}"
        yield from _wrapped(f"{_clock(here)}  {_said(line)}", indent=4, hang=11)
    if not outlook.lines:
        yield "    nobody is paged"
    if outlook.is_paged_anew:
        yield "    and from here on as if nobody had answered"


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M}" if moment.second == 0 else f"{moment:%H:%M:%S}"


def _said(line: PlanLine) -> str:
    quiet = ", which wakes nobody" if line.quiet else ""
    match line.kind:
        case "page":
            return f"{line.where}: {line.text} by {line.method}{quiet}"
        case "note":
            return f"· {line.text.rstrip('.')}"
        case "round":
            return f"{line.text}:"
        case "again":
            return f"{line.where}: {line.text}" if line.where else line.text


def _resolved(explanation: Explanation) -> Iterator[str]:
    """Alerts that are over."""
    over = explanation.resolved
    if not explanation.incidents and not over:
        yield "No alert in it: nothing is opened."
        return
    if not over:
        return
    if explanation.incidents:
        yield ""
    yield f"Resolved, opens nothing: {_count(len(over))}"
    yield from _alerts(over)
    yield from _wrapped("An open incident that owns such an alert hears that it is over.", indent=2)


def _count(number: int) -> str:
    return f"{number} alert{'' if number == 1 else 's'}"


def _ref(ref: str) -> str:
    kind, _, name = ref.partition(":")
    return name if kind == "schedule" else f"{kind} {name}"


def _item(label: str, text: str, *, hang: int = 0) -> Iterator[str]:
    first = f"  {label:<{LABEL}} "
    rest = " " * (len(first) + hang)
    yield from _filled(text, first, rest)


def _wrapped(text: str, *, indent: int = 0, hang: int | None = None) -> Iterable[str]:
    rest = " " * (indent if hang is None else hang)
    return _filled(text, " " * indent, rest)


def _filled(text: str, first: str, rest: str) -> list[str]:
    """The text in lines; blanks inside it are the author's, or columns."""
    return wrap(
        plain(text),
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
        break_long_words=False,
        drop_whitespace=True,
        replace_whitespace=False,
    ) or [first.rstrip()]
