"""Judges a drill: what was promised, what happened, and what was kept.

Decides what is measured: from the timeline, the incident's last view and its plan alone, so
that a drill on the engine and one without a server are judged alike. Times are the drill's.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from domain.clock_text import duration_text
from domain.incident.view import IncidentView, Phase, StepView, TimelineEntry
from domain.plan import COMMANDER, Plan
from domain.rehearsal.score_card import Measure, ScoreCard
from domain.severity import Severity


def score(
    plan: Plan, view: IncidentView, entries: Sequence[TimelineEntry], *, speed: float = 1.0
) -> ScoreCard:
    """The card of a drill whose incident ended with this view after these entries."""
    story = _Story(plan, view, entries)
    return ScoreCard(
        reference=view.reference,
        playbook=plan.name,
        version=plan.version,
        title=view.title,
        severity=story.severity,
        outcome=_outcome(view),
        is_resolved=_is_resolved(view),
        lasted_s=(story.ended_at - view.opened_at).total_seconds(),
        speed=speed,
        measures=tuple(_measures(story)),
    )


class _Story:
    """The timeline with the questions that the card asks of it."""

    def __init__(self, plan: Plan, view: IncidentView, entries: Sequence[TimelineEntry]) -> None:
        self.plan = plan
        self.view = view
        self.entries = entries
        triggered = self.first("triggered")
        self.began_at = triggered.at if triggered else view.opened_at
        found = re.search(r"SEV[1-5]", triggered.text) if triggered else None
        self.severity = Severity(found[0]) if found else view.severity
        """That of the first page."""

    def first(self, *kinds: str) -> TimelineEntry | None:
        """The first entry of one of these kinds."""
        return next((one for one in self.entries if one.kind in kinds), None)

    def all(self, *kinds: str) -> list[TimelineEntry]:
        """Every entry of one of these kinds."""
        return [one for one in self.entries if one.kind in kinds]

    def until(self, entry: TimelineEntry | None) -> timedelta | None:
        """How long after the first page that was."""
        return entry.at - self.began_at if entry else None

    @property
    def ended_at(self) -> datetime:
        """When it was over."""
        return self.view.resolved_at or self.view.updated_at

    @property
    def steps(self) -> list[StepView]:
        """Every step, those inside others too."""
        return list(_flat(self.view.steps))


def _flat(steps: Iterable[StepView]) -> Iterator[StepView]:
    for step in steps:
        yield step
        yield from _flat(step.steps)


def _is_resolved(view: IncidentView) -> bool:
    return view.resolved_at is not None and view.phase in (Phase.RESOLVED, Phase.CLOSED)


def _outcome(view: IncidentView) -> str:
    return "resolved" if _is_resolved(view) else f"not resolved ({view.phase.value})"


def _measures(story: _Story) -> Iterator[Measure]:
    yield _to_acknowledge(story)
    yield _to_command(story)
    yield _to_first_word(story)
    yield Measure(name="cadences", verdict="not measured yet")
    yield _to_mitigate(story)
    yield _resolved(story)
    yield _not_exhausted(story)
    yield from _steps(story)
    yield from _plain_counts(story)


def _timed(name: str, promised: timedelta | None, took: timedelta | None) -> Measure:
    """A time against its promise; what never happened is missed where it was promised."""
    happened = duration_text(took) if took is not None else "never"
    if promised is None:
        return Measure(name=name, happened=happened)
    kept = took is not None and took <= promised
    within = f"within {duration_text(promised)}"
    return Measure(
        name=name, promised=within, happened=happened, verdict="kept" if kept else "missed"
    )


def _to_acknowledge(story: _Story) -> Measure:
    if story.severity in story.plan.pages_nobody_at:
        return Measure(name="to acknowledge", happened=f"{story.severity} pages nobody")
    promised = story.plan.escalation.ack_within.at(story.severity)
    return _timed("to acknowledge", promised, story.until(story.first("acknowledged")))


def _to_command(story: _Story) -> Measure:
    """Whoever accepted command; acting is not commanding. Promised where it is paged for."""
    taken = [
        one
        for one in story.all("role.held")
        if one.data.get("role") == COMMANDER and " acts as " not in one.text
    ]
    took = story.until(taken[0] if taken else None)
    role, within = story.plan.roles.get(COMMANDER), None
    if role is not None and role.page and story.severity in role.at:
        one_level = story.plan.escalation.ack_within.at(story.severity)
        within = one_level * len(role.page) if one_level is not None else None
    found = _timed("to command", within, took)
    if took is None and within is None:
        return found.model_copy(update={"happened": "acting only: nobody is paged to command"})
    return found


_ANNOUNCED = {
    "opened": ("triggered",),
    "severity": ("severity",),
    "commander": ("role.held",),
    "mitigated": ("mitigated",),
    "resolved": ("resolved",),
}


def _to_first_word(story: _Story) -> Measure:
    """The first line to any destination that the playbook announces to."""
    name = "to first public word"
    changes = [on for announcement in story.plan.announce for on in announcement.on]
    found = [entry for on in changes if (entry := _announced(story, on)) is not None]
    if not changes:
        return Measure(name=name, happened="the playbook announces nothing")
    first = min(found, key=lambda entry: entry.at, default=None)
    return _timed(name, None, story.until(first))


def _announced(story: _Story, on: str) -> TimelineEntry | None:
    """The entry that goes with the first announcement of this change."""
    if on == "commander":
        kept = (one for one in story.all("role.held") if one.data.get("role") == COMMANDER)
        return next((one for one in kept if " acts as " not in one.text), None)
    after = (one for one in story.all(*_ANNOUNCED[on]) if one.at >= story.began_at)
    return next(after, None)


def _to_mitigate(story: _Story) -> Measure:
    """Promised where more people are called in unless it is mitigated by then."""
    limits = [
        criterion.after.at(story.severity)
        for criterion in story.plan.escalation.criteria
        if criterion.after is not None and criterion.unless == "mitigated"
    ]
    promised = min((one for one in limits if one is not None), default=None)
    return _timed("to mitigate", promised, story.until(story.first("mitigated")))


def _resolved(story: _Story) -> Measure:
    if not _is_resolved(story.view):
        happened, verdict = _outcome(story.view), "missed"
    else:
        happened, verdict = duration_text(story.ended_at - story.began_at), "kept"
    return Measure.model_validate(
        {"name": "to resolve", "promised": "resolved", "happened": happened, "verdict": verdict}
    )


def _not_exhausted(story: _Story) -> Measure:
    silent = len(story.all("level.timeout"))
    happened = f"{_counted(silent, 'level')} without an answer" if silent else "the first level"
    if story.first("exhausted") is not None:
        happened, verdict = "nobody: the ladder is exhausted", "missed"
    else:
        verdict = "kept"
    given = {"name": "somebody answers", "promised": "before the ladder ends"}
    return Measure.model_validate(given | {"happened": happened, "verdict": verdict})


def _steps(story: _Story) -> Iterator[Measure]:
    steps = [one for one in story.steps if not one.steps]
    if not steps:
        return
    late = {one.data.get("step", one.text) for one in story.all("step.overdue")}
    late |= {one.id for one in steps if one.timed_out}
    timely = ", ".join(sorted(late)) or "all"
    verdict = "missed" if late else "kept"
    given = {"name": "steps in time", "promised": "before their deadlines", "verdict": verdict}
    yield Measure.model_validate(given | {"happened": f"late: {timely}" if late else timely})
    failed = [one.id for one in steps if one.state == "failed"]
    failed += [one.data.get("step", "") for one in story.all("step.failed")]
    broken = list(dict.fromkeys(one for one in failed if one))
    given = {"name": "steps succeed", "promised": "none fails"}
    given |= {"happened": f"failed: {', '.join(broken)}" if broken else "all"}
    yield Measure.model_validate(given | {"verdict": "missed" if broken else "kept"})
    yield Measure(name="steps", happened=_states(steps))


def _states(steps: Sequence[StepView]) -> str:
    """`9 done, 2 skipped, 1 never begun`."""
    counted: dict[str, int] = {}
    for step in steps:
        state = "never begun" if step.state == "pending" else step.state
        counted[state] = counted.get(state, 0) + 1
    return ", ".join(f"{count} {state}" for state, count in counted.items())


def _plain_counts(story: _Story) -> Iterator[Measure]:
    pages = story.all("paged")
    people = {one.data.get("person") for one in pages}
    yield Measure(
        name="pages",
        happened=f"{_counted(len(pages), 'page')} to {_counted(len(people), 'person', 'people')}",
    )
    glass = len(story.all("approval.broken_glass"))
    if glass:
        yield Measure(name="broken glass", happened=_counted(glass, "approval"))
    offers = [len(story.all(f"offer.{end}")) for end in ("accepted", "declined", "expired")]
    if any(offers):
        yield Measure(
            name="handoffs",
            happened=f"{offers[0]} accepted, {offers[1]} declined, {offers[2]} expired",
        )


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or f'{one}s'}"
