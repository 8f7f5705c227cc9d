"""Plays a test from the alert to the end, and says what of it was not as expected.

Decides who takes the alert first, as the whole folder's routing says, and at which moments
is looked at what. What happens in between is `domain.rehearsal.staging`.
"""

from dataclasses import dataclass
from datetime import timedelta

from domain.matching import Routing, match_alert
from domain.plan import Plan
from domain.rehearsal import reasons
from domain.rehearsal.case import TestCase, TriggersExpected
from domain.rehearsal.expectations import judged
from domain.rehearsal.given import an_alert, start_of
from domain.rehearsal.rehearsal import EndlessRehearsalError
from domain.rehearsal.staging import Failure, Folder, Stage, stage_for


@dataclass(frozen=True, slots=True)
class Played:
    """How a test went: what failed, and the incident where there was one."""

    plan: Plan
    case: TestCase
    failures: tuple[Failure, ...]
    stage: Stage | None = None

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.failures


def play(case: TestCase, plan: Plan, folder: Folder) -> Played:
    """Play the test and compare; never raises."""
    routing = None
    if case.given.declared is None and case.given.params is None:
        routing = _routing(case, plan, folder)
        failures = _of_routing(case, plan, routing)
        if routing.playbook != plan.name or any(_is_about_taking(case)):
            return Played(plan, case, tuple(failures))
    stage = stage_for(case, plan, folder, routing=routing)
    try:
        stage.open()
        for moment in _moments(case):
            stage.until(moment)
            stage.failures += _unmet(stage, moment)
    except EndlessRehearsalError as error:
        message = f"the test was given up: {error}"
        stage.failures.append(Failure(case.place, message, reasons.last_entries(stage)))
    return Played(plan, case, _in_order(stage.failures), stage)


def _in_order(failures: list[Failure]) -> tuple[Failure, ...]:
    return tuple(sorted(failures, key=lambda one: one.place))


# -- who takes it ---------------------------------------------------------------------


def _routing(case: TestCase, plan: Plan, folder: Folder) -> Routing:
    given, start = case.given, start_of(case, plan, folder.roster)
    alert = an_alert(given, start, labels=given.labels, annotations=given.annotations)
    routing = folder.taken_by(alert)
    own = match_alert(alert, {plan.name: plan}, None).verdicts
    return routing.model_copy(update={"verdicts": own})


def _is_about_taking(case: TestCase) -> list[bool]:
    """Whether the test is about an alert that this playbook must not take."""
    return [True for one in case.expected if isinstance(one, TriggersExpected) and not one.triggers]


def _of_routing(case: TestCase, plan: Plan, routing: Routing) -> list[Failure]:
    """What is wrong with who takes the alert."""
    is_ours = routing.playbook == plan.name
    said = [one for one in case.expected if isinstance(one, TriggersExpected)]
    why = reasons.of_routing(plan.name, routing)
    if not said and not is_ours:
        message = f"expected this playbook to take the alert, but {reasons.taken_by(routing)}"
        return [Failure(case.place, message, why)]
    found = []
    for one in said:
        if one.triggers and not is_ours:
            message = f"expected this playbook to take the alert, but {reasons.taken_by(routing)}"
            found.append(Failure(one.place, message, why))
        elif not one.triggers and is_ours:
            message = "expected that this playbook does not take the alert, but it does"
            found.append(Failure(one.place, message, why))
    return found


# -- what happened --------------------------------------------------------------------


def _moments(case: TestCase) -> list[timedelta]:
    """The moments at which something is expected, and the end, in order."""
    named = {each.after for each in case.expected if each.after is not None}
    return sorted({*named, case.lasts})


def _unmet(stage: Stage, moment: timedelta) -> list[Failure]:
    """What is not as expected at this moment."""
    is_end = moment == stage.case.lasts
    due = [
        each
        for each in stage.case.expected
        if each.after == moment or (each.after is None and is_end)
    ]
    return [failure for each in due if (failure := judged(stage, each)) is not None]
