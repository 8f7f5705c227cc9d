"""What a picture shows of the escalation ladder, and where a running incident is on it.

Decides the rows; their times are `domain.picture.ladder_times`.
"""

from domain.incident.view import IncidentView, PagedView, Phase
from domain.picture import ladder_times
from domain.picture.outline import Field, LadderOutline, RungOutline, Standing, Words
from domain.picture.wording import refs_text, timers_text
from domain.plan import EscalationCriterion, Plan
from domain.severity import Severity


def ladder_outline(plan: Plan, view: IncidentView | None) -> LadderOutline:
    """The ladder's rows from the first page to the last resort, and what else pages people."""
    ladder = plan.escalation
    rungs = [
        RungOutline(
            name=f"Level {number}",
            people=refs_text(level),
            times=ladder_times.page_times(plan, number - 1),
            standing=_standing(view, number) if view else None,
        )
        for number, level in enumerate(ladder.levels, start=1)
    ]
    people = refs_text((*ladder.exhausted.page, *ladder.levels[0]) if ladder.levels else ())
    last = _last_resort(view) if view else None
    rungs += [
        RungOutline("Last resort", people, ladder_times.exhausted_times(plan), last),
        _row("", "and again every", ladder_times.again_times(plan)),
        _row("Rounds", "the levels are climbed", ladder_times.round_times(plan)),
        _row("Sound", "whether people are woken", ladder_times.sounds(plan)),
        _row("Still on it?", "asked after silence of", ladder_times.expiry_times(plan)),
    ]
    return LadderOutline(
        severities=tuple(Severity),
        rungs=tuple(rungs),
        present=view.severity if view else None,
        criteria=tuple(_criterion(each) for each in ladder.criteria),
    )


def _row(name: str, people: str, times: tuple[str, ...]) -> RungOutline:
    return RungOutline(name, people, times, is_level=False)


def _standing(view: IncidentView, number: int) -> Standing | None:
    """Whether this level is paged now, was paged, or waits for its turn."""
    paged = [one for one in view.paged if _is_rung(one, number)]
    live = [one for one in paged if one.is_live]
    if live and view.phase is Phase.TRIGGERED:
        return Standing("[>]", f"paging {_names(live)}", "live")
    if paged:
        return Standing("[x]", f"paged {_names(paged)}", "over")
    return None


def _last_resort(view: IncidentView) -> Standing | None:
    if not view.exhausted:
        return None
    return Standing("[>]", "nobody answered: this is where it is", "live")


def _is_rung(page: PagedView, number: int) -> bool:
    return page.level.replace("-", " ").lower() == f"level {number}"


def _names(pages: list[PagedView]) -> str:
    return ", ".join(dict.fromkeys(page.name for page in pages))


def _criterion(criterion: EscalationCriterion) -> Field:
    when = [f"after {timers_text(criterion.after)}"] if criterion.after else []
    unless = f", unless {criterion.unless}" if criterion.unless else ""
    words = [Words("".join(when) + unless)] if when else []
    if criterion.when:
        words.append(Words(f"if {criterion.when}{unless if not when else ''}", "code"))
    done = []
    if criterion.raise_to:
        done.append(f"raised to {criterion.raise_to.value}")
    if criterion.page:
        done.append(f"{refs_text(criterion.page)} paged")
    words.append(Words(", ".join(done)))
    return Field(criterion.because or "More people", tuple(words))
