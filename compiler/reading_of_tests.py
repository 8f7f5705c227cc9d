"""One test of a playbook while it is read: its tree, its playbook, and what is wrong so far.

Decides how names and values in tests are checked: E703 for what the playbook does not have,
E201 and E202 for references and roles, E112 for a value of another type.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from compiler.checks.references import declared_roles, problems_of
from compiler.diagnostics import Diagnostic, choice
from compiler.document_errors import at_key, at_value
from compiler.nodes import Loc, Mark, Node, Scalar, descend, key_at, scalars
from compiler.nodes import Mapping as MappingNode
from compiler.subject import Subject
from compiler.typed_values import fits, misfit
from domain.declared import ALWAYS, results_of
from domain.plan import Plan
from domain.plan_facts import FactPlan
from domain.plan_steps import CallStep, PlaybookStep, Step, all_steps
from domain.rehearsal.case import Place
from domain.values import Value, ValueType, WrongTypeError, as_value


def place_of(node: Node) -> Place:
    """Where the node stands."""
    return Place(*node.mark)


@dataclass(frozen=True, slots=True)
class Reading:
    """Locations are inside the test."""

    subject: Subject
    root: MappingNode
    plan: Plan
    found: list[Diagnostic] = field(default_factory=list)

    # -- what is said -----------------------------------------------------------------

    def value(self, loc: Loc, code: str, message: str, help_text: str = "") -> None:
        """Something is wrong with the value at this location."""
        path = self.subject.path
        self.found.append(at_value(path, self.root, loc, code, message, help_text=help_text))

    def key(self, loc: Loc, code: str, message: str, help_text: str = "") -> None:
        """Something is wrong with the key at this location."""
        path = self.subject.path
        self.found.append(at_key(path, self.root, loc, code, message, help_text=help_text))

    def mark(self, place: Place, code: str, message: str, help_text: str = "") -> None:
        """Something is wrong at this place."""
        self.found.append(self.subject.mark(Mark(*place), code, message, help_text))

    def unknown(
        self, loc: Loc, what: str, name: str, known: Iterable[str], *, owner: str = "the playbook"
    ) -> None:
        """E703: its owner has nothing of this name; the last step of `loc` is its key."""
        message = f"{owner} has no {what} '{name}'"
        self.key(loc, "E703", message, choice(name, known, of="it has"))

    # -- where things stand -----------------------------------------------------------

    def place(self, loc: Loc) -> Place:
        """Where the value at this location stands."""
        return place_of(descend(self.root, loc))

    def key_place(self, loc: Loc) -> Place:
        """Where the key at this location stands."""
        return place_of(key_at(self.root, loc) or descend(self.root, loc))

    # -- references -------------------------------------------------------------------

    def references(self, loc: Loc) -> None:
        """E201 and E202 for every reference among the values at or below this location."""
        for _, scalar in scalars(descend(self.root, loc)):
            self.found.extend(problems_of(self.subject, scalar))

    def reference_key(self, loc: Loc, ref: str) -> None:
        """E201 for a reference that is a key of the mapping at this location."""
        key = key_at(self.root, (*loc, ref))
        if isinstance(key, Scalar):
            self.found.extend(problems_of(self.subject, key))

    def role(self, loc: Loc, name: str) -> None:
        """E202 if the playbook has no such role; the last step of `loc` is its key."""
        roles = declared_roles(self.subject)
        if name not in roles:
            help_text = choice(name, roles, of="declared")
            self.key(loc, "E202", f"role '{name}' is not declared", help_text)

    # -- facts and steps --------------------------------------------------------------

    def fact(self, loc: Loc, name: str) -> FactPlan | None:
        """The fact of this name; E703 without one."""
        fact = self.plan.facts.get(name)
        if fact is None:
            self.unknown(loc, "fact", name, self.plan.facts)
        return fact

    def measured(self, loc: Loc, facts: Mapping[str, object]) -> dict[str, Value | None]:
        """What sources say, each of its type; only measured facts have one."""
        found: dict[str, Value | None] = {}
        for name, value in facts.items():
            fact = self.fact((*loc, name), name)
            if fact is None:
                continue
            if not fact.is_measured:
                message = f"no source measures the fact '{name}'"
                self.key((*loc, name), "E703", message, _how_it_is_said(name, fact))
            elif value is None:
                found[name] = None
            elif self.fits((*loc, name), value, fact.type):
                found[name] = as_value(value, fact.type)
        return found

    def step(self, loc: Loc, address: str) -> Step | None:
        """The step of this id or address; E703 without one."""
        steps = {each.id: each for each in all_steps(self.plan.steps)}
        step = steps.get(address.partition("@")[0])
        if step is None:
            self.unknown(loc, "step", address, steps)
        return step

    def is_done_by_machine(self, step: Step) -> bool:
        """Whether a machine, or another playbook, answers it."""
        return isinstance(step, CallStep | PlaybookStep)

    def outputs(self, step: Step) -> dict[str, ValueType]:
        """The results of a step beside `ok` and `timed_out`."""
        return results_of(step, self.plan)

    def results(self, step: Step) -> dict[str, ValueType]:
        """Every result of a step."""
        return {**self.outputs(step), **dict.fromkeys(ALWAYS, "bool")}

    # -- values -----------------------------------------------------------------------

    def fits(self, loc: Loc, value: object, wanted: ValueType) -> bool:
        """Whether the value has the type; E112 if not."""
        if not fits(value, wanted):
            self.value(loc, "E112", *misfit(value, wanted))
            return False
        try:
            as_value(value, wanted)
        except WrongTypeError as error:
            self.value(loc, "E112", f"{error}", f"its type is {wanted}")
            return False
        return True

    def typed(
        self, loc: Loc, values: Mapping[str, object], step: Step, known: Mapping[str, ValueType]
    ) -> dict[str, Value]:
        """The results of the step by name, each known and of its type."""
        found = {}
        for name, value in values.items():
            if name not in known:
                owner = f"the step '{step.id}'"
                self.unknown((*loc, name), "result", name, known, owner=owner)
            elif self.fits((*loc, name), value, known[name]):
                found[name] = as_value(value, known[name])
        return found


def _how_it_is_said(name: str, fact: FactPlan) -> str:
    if fact.ask is not None:
        return f"it is asked of people: in the story, say: fact_set, fact: {name}, value: …"
    if fact.alert is not None or fact.first is not None:
        return "it is read off the alert: give the label or annotation that it is read from"
    return f"people set it: in the story, say: fact_set, fact: {name}, value: …"
