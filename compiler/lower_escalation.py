"""Turns a playbook's ladder into the plan's, with its policy and the defaults.

Decides what wins: the playbook's own value, then its policy's, then the default.
"""

from collections.abc import Iterator
from typing import Any

from compiler import defaults
from compiler.document import EscalationForm, ExhaustedForm, PlaybookForm, PolicyForm
from compiler.house import HouseForm
from compiler.written_values import BySeverity
from domain.plan import Escalation, EscalationCriterion, Exhausted
from domain.roster import Roster
from domain.severity import PerSeverity, Severity

NO_POLICY = PolicyForm()


def policy_of(form: PlaybookForm, house: HouseForm) -> PolicyForm:
    """The policy that the playbook, or else the house, uses."""
    own = form.escalation.use if form.escalation else None
    shared = house.defaults.escalation.use if house.defaults.escalation else None
    name = (own or shared or "").removeprefix("policy:")
    return house.policies.get(name, NO_POLICY)


def levels_of(form: PlaybookForm, house: HouseForm) -> tuple[tuple[str, ...], ...]:
    """Who is on the ladder, level by level; empty if nobody says."""
    own = form.escalation.levels if form.escalation else None
    return form.page or own or policy_of(form, house).levels or ()


def lower_escalation(form: PlaybookForm, *, house: HouseForm, roster: Roster) -> Escalation:
    """The ladder with every timer, its end and its criteria."""
    own = form.escalation or EscalationForm()
    sources = (own, policy_of(form, house))
    repeat = _first(sources, "repeat")
    return Escalation(
        levels=levels_of(form, house),
        ack_within=_timers(_first(sources, "ack_within"), defaults.ACK_WITHIN),
        repeat=PerSeverity[int](**_values(repeat, defaults.REPEAT)),
        exhausted=_exhausted(sources, form, roster),
        ack_expires=_timers(_first(sources, "ack_expires"), defaults.ACK_EXPIRES),
        criteria=tuple(_criteria(own)),
    )


def _first(sources: tuple[PolicyForm, ...], field: str) -> Any:
    """What the first source that says anything says."""
    return next((value for each in sources if (value := getattr(each, field)) is not None), None)


def _values(written: BySeverity[Any] | None, default: PerSeverity[Any]) -> dict[str, Any]:
    if written is None:
        return {each.value: default.at(each) for each in Severity}
    return written.resolved(default)


def _timers(written: BySeverity[Any] | None, default: defaults.Timers) -> defaults.Timers:
    return defaults.Timers(**_values(written, default))


def _exhausted(sources: tuple[PolicyForm, ...], form: PlaybookForm, roster: Roster) -> Exhausted:
    said = [each.exhausted or ExhaustedForm() for each in sources]
    page = next((each.page for each in said if each.page), None)
    again = next((each.again_every for each in said if each.again_every), None)
    return Exhausted(
        page=page or (manager_of(form.owner, roster),),
        again_every=_timers(again, defaults.AGAIN_EVERY),
    )


def manager_of(owner: str, roster: Roster) -> str:
    """The owner team's manager as a reference; a team without one falls to its members."""
    team = roster.teams.get(owner.removeprefix("team:"))
    return f"user:{team.manager}" if team and team.manager else owner


def _criteria(own: EscalationForm) -> Iterator[EscalationCriterion]:
    for each in own.criteria:
        yield EscalationCriterion(
            after=_timers(each.after, defaults.NEVER) if each.after else None,
            when=each.when,
            unless=each.unless,
            raise_to=each.raise_,
            page=each.page or (),
            because=each.because,
        )
