"""Why a test failed, in the words that help its author most.

Decides wording only; whether something failed is `domain.rehearsal.expectations`.
"""

from datetime import timedelta

from domain.incident.conditions import verdict_on
from domain.incident.turn import Turn
from domain.incident.view import StepView
from domain.matching import Routing
from domain.rehearsal.case import NOBODY
from domain.rehearsal.machines import SIMULATED
from domain.rehearsal.staging import Stage

MOST_NAMED = 8
"""Pages, announcements or steps that one reason lists."""

_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def span(time: timedelta | None) -> str:
    """A duration as authors write it: `5m`, `1h30m`."""
    left = round(time.total_seconds()) if time is not None else 0
    parts = []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def after(time: timedelta) -> str:
    """`at once`, or `after 5m`."""
    return f"after {span(time)}" if time else "at once"


def taken_by(routing: Routing) -> str:
    """Who takes the alert instead."""
    if routing.playbook is None:
        return "no playbook does"
    if routing.is_fallback:
        return f"the fallback {routing.playbook} takes it"
    return f"{routing.playbook} takes it"


def of_routing(name: str, routing: Routing) -> str:
    """Why this playbook takes it or not."""
    own = next((one for one in routing.verdicts if one.name == name), None)
    if own is None:
        return ""
    if own.matched and routing.playbook != name:
        return f"{name} matches too ({own.reason}), but more labels or a higher priority win"
    return f"{name}: {own.reason}"


def of_severity(stage: Stage) -> str:
    """The last word on the severity, and what each rule gives now, up to one that decides."""
    rehearsal = stage.rehearsal
    said = [one.text for one in rehearsal.record.entries if one.kind == "severity"]
    lines = [f"the timeline says {said[-1]}"] if said else []
    turn = Turn(rehearsal.plan, rehearsal.state, rehearsal.now)
    for rule in rehearsal.plan.severity.rules:
        verdict = verdict_on(turn, rule.when)
        lines.append(f"{rule.set} asks {rule.when}: {verdict.why}")
        if verdict.holds is not False:
            break
    return "; ".join(line.rstrip(".") for line in lines)


def of_pages(stage: Stage, ref: str) -> str:
    """Who was paged when, and why nobody stood behind the reference."""
    rehearsal = stage.rehearsal
    lines = []
    if ref and not rehearsal.cast.behind(ref, rehearsal.now).people:
        lines.append(rehearsal.cast.behind(ref, rehearsal.now).note or f"nobody is {ref}")
    seen: dict[tuple[str, str], str] = {}
    for at, page in rehearsal.record.pages:
        quietly = ", waking nobody" if page.urgency == "low" else ""
        when = span(at - stage.began_at)
        text = f"{when} {page.person_name} ({page.level.replace('-', ' ')}{quietly})"
        seen.setdefault((page.person, page.level), text)
    told = list(seen.values())
    more = f", and {len(told) - MOST_NAMED} more" if len(told) > MOST_NAMED else ""
    lines.append(f"paged: {', '.join(told[:MOST_NAMED])}{more}" if told else "nobody was paged")
    acknowledged = [one for one in rehearsal.record.entries if one.kind == "acknowledged"]
    lines += [f"{span(one.at - stage.began_at)}: {one.text}" for one in acknowledged[:1]]
    waits = [one for name, one in rehearsal.state.deadlines.items() if name.startswith("hours/")]
    lines += [one.summary for one in waits[:1]]
    return "; ".join(lines)


def of_announcements(stage: Stage) -> str:
    """What was announced, and when."""
    told = stage.rehearsal.record.announcements[:MOST_NAMED]
    lines = [
        f"{span(at - stage.began_at)} {', '.join(one.to)}: {one.message.headline}"
        for at, one in told
    ]
    return f"announced: {'; '.join(lines)}" if lines else "nothing was announced"


def of_step(stage: Stage, view: StepView) -> str:
    """What the step waits for, or what became of it."""
    if view.state == "pending":
        return of_steps(stage)
    if view.detail == SIMULATED.detail:
        return "the test gives no answer of its machine, so it succeeds"
    told = [view.detail] if view.detail else []
    if view.needs:
        who = f" by {view.owner}" if view.owner else ""
        told.append(f"it waits for: {', '.join(view.needs)}{who}")
    if view.by_name:
        told.append(f"by {view.by_name}")
    return "; ".join(told) or view.about


def of_steps(stage: Stage) -> str:
    """The steps that run now or wait for somebody, and for what."""
    running, waiting = [], list(stage.rehearsal.view().steps)
    while waiting:
        view = waiting.pop(0)
        waiting = [*view.steps, *waiting]
        if view.needs:
            running.append(f"{view.id} ({view.state}) waits for {', '.join(view.needs)}")
        elif view.state == "running" and not view.steps:
            running.append(f"{view.id} is running")
    named = ", ".join(running[:MOST_NAMED])
    return f"at that moment {named}" if named else last_entries(stage)


def of_role(stage: Stage, role: str) -> str:
    """What the timeline says of the role."""
    readable = role.replace("_", " ")
    entries = stage.rehearsal.record.entries
    told = [one.text for one in entries if readable in one.text.lower()]
    return told[-1] if told else last_entries(stage)


def last_entries(stage: Stage) -> str:
    """The last lines of the timeline."""
    entries = stage.rehearsal.record.entries[-3:]
    return " ".join(f"{span(one.at - stage.began_at)}: {one.text}" for one in entries)


def called(stage: Stage, ref: str) -> str:
    """The reference, with the names of those behind it."""
    if ref == NOBODY:
        return NOBODY
    people = stage.rehearsal.cast.behind(ref, stage.rehearsal.now).people
    names = ", ".join(person.name for person in people)
    return f"{ref} ({names})" if names else ref
