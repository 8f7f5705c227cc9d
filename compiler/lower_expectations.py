"""Reads what a test expects into one expectation for each thing, each with its place.

Decides that a test must expect something, and nothing that contradicts itself.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from compiler.document_errors import described
from compiler.document_tests import ExpectForm, StepForm
from compiler.nodes import Listing, Loc, descend
from compiler.reading_of_tests import Reading
from domain.plan_steps import DecideStep
from domain.rehearsal.case import (
    NOBODY,
    AnnouncedExpected,
    DedupExpected,
    Expectation,
    FactExpected,
    OnlyPagedExpected,
    PagedExpected,
    PhaseExpected,
    RoleExpected,
    SeverityExpected,
    StepExpected,
    TriggersExpected,
)
from domain.values import as_value


def expectations(reading: Reading, forms: tuple[ExpectForm, ...]) -> tuple[Expectation, ...]:
    """Everything that is expected, in the order of the file."""
    is_list = isinstance(descend(reading.root, ("expect",)), Listing)
    found: list[Expectation] = []
    for index, form in enumerate(forms):
        loc: Loc = ("expect", index) if is_list else ("expect",)
        found += _Entry(reading, loc, form.after).read(form)
    _must_make_sense(reading, found)
    return tuple(found)


def _must_make_sense(reading: Reading, found: list[Expectation]) -> None:
    if not found and not reading.found:
        message = "the test expects nothing"
        help_text = "say what should be: triggers, severity, dedup, paged, steps, roles, phase …"
        reading.key(("expect",), "E702", message, help_text)
    refuses = [each for each in found if isinstance(each, TriggersExpected) and not each.triggers]
    others = [each for each in found if not isinstance(each, TriggersExpected)]
    if refuses and others:
        message = "what another playbook takes has nothing more to expect here"
        reading.mark(others[0].place, "E702", message, "leave it out, or write triggers: true")
    for each in found:
        if isinstance(each, TriggersExpected | DedupExpected) and not _is_by_alert(reading):
            message = "no alert opens the incident of this test"
            reading.mark(each.place, "E702", message, "leave it out, or give labels: of an alert")


def _is_by_alert(reading: Reading) -> bool:
    given = reading.root.get("given")
    plain = given.plain() if given is not None else {}
    return not isinstance(plain, dict) or not {"declared", "params"} & plain.keys()


class _Entry:
    """One entry of `expect`."""

    def __init__(self, reading: Reading, loc: Loc, after: timedelta | None) -> None:
        self.reading = reading
        self.loc = loc
        self.after = after

    def read(self, form: ExpectForm) -> Iterator[Expectation]:
        """What it expects."""
        if form.triggers is not None:
            yield TriggersExpected(**self._at("triggers"), triggers=form.triggers)
        if form.dedup is not None:
            yield DedupExpected(**self._at("dedup"), key=form.dedup)
        if form.severity is not None:
            yield SeverityExpected(**self._at("severity"), severity=form.severity)
        if form.phase is not None:
            yield PhaseExpected(**self._at("phase"), phase=form.phase)
        yield from self._paged("paged", form.paged or {})
        yield from self._paged("quietly", form.quietly or {})
        for ref, at in (form.announced or {}).items():
            self.reading.reference_key((*self.loc, "announced"), ref)
            yield AnnouncedExpected(**self._at("announced", ref), ref=ref, at=at)
        for address, step in (form.steps or {}).items():
            yield from self._step(address, step)
        yield from self._roles(form.roles or {})
        yield from self._facts(form.facts or {})

    def _at(self, *inside: str) -> dict[str, Any]:
        place = self.reading.place((*self.loc, *inside))
        return {"place": place, "after": self.after}

    def _paged(self, name: str, paged: dict[str, Any]) -> Iterator[Expectation]:
        quietly = name == "quietly"
        refs = tuple(ref for ref in paged if ref != "only")
        for ref in refs:
            at = paged[ref]
            self.reading.reference_key((*self.loc, name), ref)
            if isinstance(at, bool):
                loc = (*self.loc, name, ref)
                hint = "write after what time, such as 0s or 5m, or never"
                self.reading.value(loc, "E112", f"{described(at)} is not a time", hint)
                continue
            yield PagedExpected(**self._at(name, ref), ref=ref, at=at, quietly=quietly)
        if "only" not in paged:
            return
        if paged["only"] is not True:
            hint = "write only: true, or leave it out"
            self.reading.value((*self.loc, name, "only"), "E112", "'only' is true or absent", hint)
        wanted = tuple(ref for ref in refs if paged[ref] is not None)
        yield OnlyPagedExpected(**self._at(name, "only"), refs=wanted, quietly=quietly)

    def _step(self, address: str, form: StepForm) -> Iterator[Expectation]:
        loc = (*self.loc, "steps", address)
        step = self.reading.step(loc, address)
        if step is None:
            return
        short = form.model_fields_set == {"state"} and not form.results
        if form.state is not None:
            where = ("steps", address) if short else ("steps", address, "state")
            yield StepExpected(**self._at(*where), step=address, what="state", value=form.state)
        if form.choice is not None:
            options = [one.id for one in step.options] if isinstance(step, DecideStep) else []
            if form.choice not in options:
                owner = f"the step '{step.id}'"
                inside = (*loc, "choice")
                self.reading.unknown(inside, "option", form.choice, options, owner=owner)
            at = self._at("steps", address, "choice")
            yield StepExpected(**at, step=address, what="choice", value=form.choice)
        known = self.reading.results(step)
        fit = self.reading.typed((*loc, "results"), form.results, step, known)
        for name, value in fit.items():
            at = self._at("steps", address, "results", name)
            yield StepExpected(**at, step=address, what=name, value=value)

    def _roles(self, roles: dict[str, str]) -> Iterator[Expectation]:
        for role, holder in roles.items():
            self.reading.role((*self.loc, "roles", role), role)
            if holder != NOBODY:
                self.reading.references((*self.loc, "roles", role))
            yield RoleExpected(**self._at("roles", role), role=role, holder=holder)

    def _facts(self, facts: dict[str, object]) -> Iterator[Expectation]:
        for name, value in facts.items():
            loc = (*self.loc, "facts", name)
            fact = self.reading.fact(loc, name)
            if fact is None:
                continue
            if value is None:
                yield FactExpected(**self._at("facts", name), fact=name, value=None)
            elif self.reading.fits(loc, value, fact.type):
                typed = as_value(value, fact.type)
                yield FactExpected(**self._at("facts", name), fact=name, value=typed)
