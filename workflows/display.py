"""What the Temporal UI shows: the live incident document and the search attributes.

Decides the Markdown of the current details (workflow page, "User metadata") and which
attributes the list can be filtered by.
"""

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from domain.clock_text import local_date_time, local_moment, local_time, wall_time
from domain.incident.view import IncidentView, Phase, RoleView
from domain.plan import COMMANDER, Plan
from workflows.display_steps import facts_block, steps_block
from workflows.search_attributes import NAMES

KEYS = {name: SearchAttributeKey.for_keyword(name) for name in NAMES}

KEYWORD_LIMIT = 200
LATEST_SHOWN = 10
TASKS_SHOWN = 15

DETAILS_BYTES = 15_000
"""The UI carries the whole document in an address, once for every look."""


def search_attributes(view: IncidentView) -> TypedSearchAttributes:
    """The attributes of the incident as it is; empty ones are left out."""
    commander = next((one.person for one in view.roles.get(COMMANDER, ())), "")
    values = {
        "IncidentSeverity": view.severity.value,
        "IncidentPhase": view.phase.value,
        "IncidentService": view.service or "",
        "IncidentCommander": commander,
        "IncidentReference": view.reference,
        "IncidentTeam": view.owner.partition(":")[2],
        "IncidentDrill": "true" if view.drill else "false",
        "IncidentTitle": view.title,
    }
    pairs: list[SearchAttributePair[str]] = [
        SearchAttributePair(KEYS[name], value[:KEYWORD_LIMIT])
        for name, value in values.items()
        if value
    ]
    return TypedSearchAttributes(pairs)


def details(plan: Plan, view: IncidentView) -> str:
    """The incident as Markdown: while nobody is on it who is paged, then what is done."""
    zone = plan.timezone
    work = [
        steps_block(zone, view, _plain),
        facts_block(zone, view, _plain),
        _tasks(plan, view),
    ]
    ladder = [_paging(plan, view), _next(plan, view)]
    is_waiting = view.phase in (Phase.PENDING, Phase.TRIGGERED)
    blocks = [
        _headline(plan, view),
        _said(plan, view),
        _people(view),
        _asks(plan, view),
        *([*ladder, *work] if is_waiting else [*work, *reversed(ladder)]),
        _latest(plan, view),
        _small_print(plan, view),
    ]
    return _bounded("\n\n".join(block for block in blocks if block), view.reference)


def _bounded(text: str, reference: str) -> str:
    """The document, cut at a line if it is longer than the UI should carry."""
    if len(text.encode()) <= DETAILS_BYTES:
        return text
    kept = text.encode()[: DETAILS_BYTES - 200].decode(errors="ignore")
    return f"{kept.rpartition(chr(10))[0]}\n\nThere is more: `watchbill show {reference}`"


def _headline(plan: Plan, view: IncidentView) -> str:
    flags = [
        flag
        for flag, is_set in (
            ("DRILL", view.drill),
            ("EXHAUSTED: nobody acknowledged", view.exhausted),
            (f"reopened {view.reopened}×", view.reopened > 0),
        )
        if is_set
    ]
    opened = local_time(view.opened_at, plan.timezone)
    lines = [
        f"# {view.severity} · {view.phase.value} · {_plain(view.title)}",
        (
            f"**{view.reference}**, opened at {opened}. "
            f"{view.alerts.firing} of {view.alerts.total} alerts firing. "
            f"All times below are {plan.timezone}."
        ),
    ]
    if flags:
        lines.append(f"**{' · '.join(flags)}**")
    if view.bridge:
        lines.append(f"Bridge: {view.bridge}")
    if view.parent:
        lines.append(f"Called by {view.parent}")
    return "\n\n".join(lines)


def _said(plan: Plan, view: IncidentView) -> str:
    """What people have said: impact, estimate, start, snooze."""
    zone = plan.timezone
    eta = local_time(view.eta_at, zone) if view.eta_at else _plain(view.eta)
    rows = [
        f"**{name}**: {text}"
        for name, text in (
            ("Impact", _plain(view.impact)),
            ("Recovery estimate", eta),
            ("Harm began", local_date_time(view.began_at, zone) if view.began_at else ""),
        )
        if text
    ]
    if view.snoozed is not None:
        because = f": {_plain(view.snoozed.reason)}" if view.snoozed.reason else ""
        until = local_time(view.snoozed.until, zone)
        rows.append(f"**Snoozed** by {_plain(view.snoozed.by_name)} until {until}{because}")
    return "\n\n".join(rows)


def _people(view: IncidentView) -> str:
    rows = [
        f"- **{role.replace('_', ' ')}**: "
        + ", ".join(f"{_plain(one.name)}{_how(one)}" for one in holders)
        for role, holders in view.roles.items()
    ]
    return "## Roles\n" + "\n".join(rows or ["- nobody yet"])


def _how(held: RoleView) -> str:
    marks = [
        mark for mark, is_so in (("acting", held.acting), ("on paper", held.on_paper)) if is_so
    ]
    return f" ({', '.join(marks)})" if marks else ""


def _paging(plan: Plan, view: IncidentView) -> str:
    rows = [
        f"- {wall_time(one.at, plan.timezone)} {_plain(one.name)} by {one.method} "
        f"({one.level}): {one.state}"
        for one in view.paged[-8:]
    ]
    return "## Paged\n" + "\n".join(rows) if rows else ""


def _asks(plan: Plan, view: IncidentView) -> str:
    rows = []
    for ask in view.asks:
        until = f", until {wall_time(ask.until, plan.timezone)}" if ask.until else ""
        of = ", ".join(ask.of) or "level 1"
        what = ask.about or ask.question.replace("_", " ")
        rows.append(f"- {what}: asked {of}{until}")
    for offer in view.offers:
        until = wall_time(offer.expires_at, plan.timezone)
        rows.append(f"- {offer.role.replace('_', ' ')} offered to {offer.to}, until {until}")
    return "## Waiting for an answer\n" + "\n".join(rows) if rows else ""


def _next(plan: Plan, view: IncidentView) -> str:
    rows = [
        f"- {wall_time(deadline.at, plan.timezone)}: {_plain(deadline.summary)}"
        for deadline in view.deadlines[:6]
    ]
    return "## Next, by itself\n" + "\n".join(rows) if rows else ""


_TASK_MARKS = {"done": "x", "dropped": "-"}


def _tasks(plan: Plan, view: IncidentView) -> str:
    rows = []
    for task in view.tasks[:TASKS_SHOWN]:
        due = f", due {wall_time(task.due, plan.timezone)}" if task.due else ""
        mark = _TASK_MARKS.get(task.state, " ")
        rows.append(f"- [{mark}] {task.id}: {_plain(task.text)} ({_plain(task.owner_name)}{due})")
    more = len(view.tasks) - TASKS_SHOWN
    rows += [f"- and {more} more"] if more > 0 else []
    return "## Tasks\n" + "\n".join(rows) if rows else ""


def _latest(plan: Plan, view: IncidentView) -> str:
    rows = [
        f"- {wall_time(entry.at, plan.timezone)} {_plain(entry.text)}"
        for entry in reversed(view.latest[-LATEST_SHOWN:])
    ]
    return "## Latest\n" + "\n".join(rows) if rows else ""


def _small_print(plan: Plan, view: IncidentView) -> str:
    version = f"playbook {view.playbook} version {view.playbook_version}"
    opened = local_moment(view.opened_at, plan.timezone)
    return (
        f"---\n{version}, plan `{view.plan_sha256[:12]}`, key `{view.dedup_key}`. Opened {opened}."
    )


def _plain(text: str) -> str:
    """Text from outside that cannot become Markdown."""
    flat = " ".join(text.split())
    for mark in ("\\", "`", "*", "_", "[", "]", "<", ">", "#", "|"):
        flat = flat.replace(mark, f"\\{mark}")
    return flat
