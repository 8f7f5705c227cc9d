"""Puts the plans of called playbooks into those of their callers.

Decides which plan a step calls: the playbook of that name, in the version that the step
says. What is wrong with a call is `compiler.checks.called`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from compiler.memory import FORGETFUL, Forgetful
from compiler.nodes import Scalar
from compiler.subject import Subject
from domain.plan import Plan, sealed
from domain.plan_steps import PlaybookStep, all_steps


@dataclass(frozen=True, slots=True)
class Playbooks:
    """The playbooks of a folder as their callers see them.

    `standing_in` are earlier plans by path, for files that are broken now. `all_read` is off
    where a file's name is not known, so that any name may be its.
    """

    subjects: Mapping[str, Subject]
    standing_in: Mapping[str, Plan]
    all_read: bool

    def with_plans_of_calls(self, memory: Forgetful = FORGETFUL) -> "Playbooks":
        """The same, each plan linked with those it calls as far as they can be read."""
        plans = {each.plan.name: each.plan for each in self.subjects.values() if each.plan}
        unread = {path for path, each in self.subjects.items() if each.plan is None}
        links = linked(plans, self._standing_in_for(unread), memory=memory)
        subjects = {
            path: _with_plan(each, links[each.plan.name], memory)
            if each.plan and each.plan is plans[each.plan.name]
            else each
            for path, each in self.subjects.items()
        }
        return replace(self, subjects=subjects)

    def callable(self, broken: set[str]) -> dict[str, Plan]:
        """What can be called if the files at these paths are broken, by name."""
        sound = {
            each.plan.name: each.plan
            for path, each in self.subjects.items()
            if each.plan and path not in broken
        }
        return {**self._standing_in_for(broken), **sound}

    def names_of(self, paths: set[str]) -> dict[str, str]:
        """The names in these files as far as they can be read, with their paths."""
        named = {_name(self.subjects[path]): path for path in paths if path in self.subjects}
        return {name: path for name, path in named.items() if name}

    def _standing_in_for(self, broken: set[str]) -> dict[str, Plan]:
        gone = {path for path in self.standing_in if path not in self.subjects}
        paths = broken | gone
        return {plan.name: plan for path, plan in self.standing_in.items() if path in paths}


def _with_plan(subject: Subject, plan: Plan, memory: Forgetful) -> Subject:
    """The playbook with its linked plan; what was found in it with another is forgotten."""
    made_of = (subject, plan)
    return memory.once(
        "subject", subject.path, made_of, lambda: replace(subject, plan=plan, _found={})
    )


def _name(subject: Subject) -> str | None:
    node = subject.root.get("name")
    return node.text if isinstance(node, Scalar) else None


def calls_of(plan: Plan) -> tuple[PlaybookStep, ...]:
    """The steps that call another playbook, however deep."""
    return tuple(step for step in all_steps(plan.steps) if isinstance(step, PlaybookStep))


def linked(
    plans: Mapping[str, Plan],
    standing_in: Mapping[str, Plan],
    *,
    memory: Forgetful = FORGETFUL,
    purpose: str = "linked",
) -> dict[str, Plan]:
    """Every plan with those it calls, sealed; anew where that changes it.

    Plans that stand in for broken playbooks are taken as they are. A call in a circle, of
    another version, or of what is in neither, is left out. `memory` keeps plans by `purpose`.
    """
    links = _Links(plans, dict(standing_in), memory, purpose)
    return {name: links.of(plan, ()) for name, plan in plans.items()}


@dataclass(slots=True)
class _Links:
    plans: Mapping[str, Plan]
    standing_in: dict[str, Plan]
    memory: Forgetful
    purpose: str
    done: dict[str, Plan] = field(default_factory=dict)

    def of(self, plan: Plan, callers: tuple[str, ...]) -> Plan:
        """The plan with all that it calls."""
        if plan.name in self.done:
            return self.done[plan.name]
        subplans: dict[str, Plan] = {}
        calls = self.memory.once(
            f"calls {self.purpose}", plan.name, (plan,), lambda: calls_of(plan)
        )
        for step in calls:
            called = self._called(step.name, (*callers, plan.name))
            if called and step.version in (None, called.version):
                subplans[step.name] = called
        if not plan.sha256 or _seals(subplans) != _seals(plan.subplans):
            made_of = (plan, *subplans.values())
            anew = partial(_with_subplans, plan, subplans)
            plan = self.memory.once(self.purpose, plan.name, made_of, anew)
        self.done[plan.name] = plan
        return plan

    def _called(self, name: str, callers: tuple[str, ...]) -> Plan | None:
        if name in callers:
            return None
        plan = self.plans.get(name)
        return self.of(plan, callers) if plan else self.standing_in.get(name)


def _with_subplans(plan: Plan, subplans: dict[str, Plan]) -> Plan:
    return sealed(plan.model_copy(update={"subplans": subplans}))


def _seals(plans: Mapping[str, Plan]) -> dict[str, str]:
    return {name: plan.sha256 for name, plan in plans.items()}
