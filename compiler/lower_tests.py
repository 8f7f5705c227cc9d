"""Turns the tests of a playbook into cases, and says what is wrong in them.

Decides what is given and how long a test lasts; names that it uses must exist, values must
have their types. A broken test is refused alone: it takes nothing else with it. Stories are
`compiler.lower_story`, expectations `compiler.lower_expectations`.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from compiler.diagnostics import Diagnostic
from compiler.document_errors import validate
from compiler.document_tests import DeclaredForm, GivenForm, TestForm
from compiler.durations import written
from compiler.lower_expectations import expectations
from compiler.lower_story import story_of
from compiler.nodes import Listing, Node, Scalar, descend
from compiler.nodes import Mapping as MappingNode
from compiler.reading_of_tests import Reading, place_of
from compiler.subject import Subject
from domain.incident.step_effects import CallResult
from domain.rehearsal.case import (
    LONGEST_TEST,
    MOST_LINES,
    MOST_TESTS,
    AnnouncedExpected,
    DeclaredByHand,
    Expectation,
    Given,
    Line,
    PagedExpected,
    TestCase,
)
from domain.values import Value, as_value


class TestsRead(NamedTuple):
    """The sound tests of a playbook, and what is wrong in the others."""

    cases: tuple[TestCase, ...]
    problems: tuple[Diagnostic, ...]


def tests_of(subject: Subject) -> TestsRead:
    """The playbook's tests, read once; never raises."""
    return subject.once("tests", lambda: (_tests(subject),))[0]


def _tests(subject: Subject) -> TestsRead:
    node = subject.tests
    if node is None:
        return TestsRead((), ())
    cases: tuple[TestCase, ...] = ()
    if not isinstance(node, Listing):
        help_text = "write it as a list: - name: …"
        found = [subject.mark(node.mark, "E112", "expected a list of tests", help_text)]
    elif len(node.items) > MOST_TESTS:
        message = f"{len(node.items)} tests are more than one playbook can have"
        found = [subject.mark(node.mark, "E704", message, f"keep to {MOST_TESTS}")]
    else:
        read = [_read(subject, item) for item in node.items]
        cases = tuple(case for case, _ in read if case is not None)
        found = [each for _, problems in read for each in problems]
        found += _named_twice(subject, node)
    return TestsRead(cases, tuple(each.model_copy(update={"in_tests": True}) for each in found))


def _named_twice(subject: Subject, node: Listing) -> Iterable[Diagnostic]:
    lines: dict[str, int] = {}
    for item in node.items:
        name = item.get("name") if isinstance(item, MappingNode) else None
        if not isinstance(name, Scalar) or not name.text:
            continue
        first = lines.setdefault(name.text, name.mark.line)
        if first != name.mark.line:
            message = f"the test '{name.text}' stands here twice"
            help_text = f"the first is on line {first}; give each a name of its own"
            yield subject.mark(name.mark, "E108", message, help_text)


def _read(subject: Subject, item: Node) -> tuple[TestCase | None, list[Diagnostic]]:
    """The case, or None with what is wrong in it."""
    form, found = validate(TestForm, item, subject.path)
    if form is None or not isinstance(item, MappingNode) or subject.plan is None:
        return None, found
    reading = Reading(subject, item, subject.plan)
    given = _given(reading, form.given)
    story = story_of(reading, form.story)
    expected = expectations(reading, form.expect)
    lasts = _lasts(reading, form.until, story, expected)
    if reading.found:
        return None, reading.found
    return TestCase(
        name=form.name,
        place=place_of(descend(item, ("name",))),
        given=given,
        at=form.at,
        story=story,
        expected=expected,
        lasts=lasts,
    ), []


def _given(reading: Reading, form: GivenForm) -> Given:
    opened = [name for name in ("declared", "params") if getattr(form, name) is not None]
    if len(opened) > 1:
        message = "an incident is either declared by hand or called with params"
        reading.key(("given", opened[-1]), "E702", message, "make it two tests")
    if not form.labels and not opened:
        message = "the test gives no alert"
        help_text = "add given: { labels: { alertname: … } }, or given: { declared: … }"
        reading.value(("name",), "E102", message, help_text)
    for ref in form.on_call:
        reading.reference_key(("given", "on_call"), ref)
    reading.references(("given", "on_call"))
    return Given(
        labels=form.labels,
        annotations=form.annotations,
        summary=form.summary or "",
        source=form.source or "alertmanager",
        declared=_declared(reading, form.declared) if form.declared else None,
        params=_params(reading, form.params) if form.params is not None else None,
        on_call={
            ref: tuple(user.partition(":")[2] for user in users)
            for ref, users in form.on_call.items()
        },
        facts=reading.measured(("given", "facts"), form.facts),
        steps=_answers(reading, form.steps),
    )


def _declared(reading: Reading, form: DeclaredForm) -> DeclaredByHand:
    if form.by is not None:
        reading.references(("given", "declared", "by"))
    return DeclaredByHand(title=form.title, severity=form.severity, by=form.by)


def _params(reading: Reading, params: dict[str, object]) -> dict[str, Value]:
    """The parameters of a call, each of its type."""
    declared = reading.plan.params
    found: dict[str, Value] = {}
    for name, value in params.items():
        loc = ("given", "params", name)
        if name not in declared:
            reading.unknown(loc, "parameter", name, declared)
        elif reading.fits(loc, value, declared[name].type):
            found[name] = as_value(value, declared[name].type)
    for name, param in declared.items():
        if param.is_required and name not in params:
            message = f"the parameter '{name}' is missing"
            reading.key(("given", "params"), "E702", message, f"add {name}: …")
        elif name not in params and param.default is not None:
            found[name] = param.default
    return found


def _answers(reading: Reading, answers: dict[str, object]) -> dict[str, CallResult]:
    """What machines answer, by the step's id or address."""
    found = {}
    for address, answer in answers.items():
        loc = ("given", "steps", address)
        step = reading.step(loc, address)
        if step is None:
            continue
        outputs = reading.outputs(step)
        if not reading.is_done_by_machine(step):
            message = f"the step '{step.id}' ({step.kind}) is not done by a machine"
            reading.key(loc, "E703", message, "let a person act on it in the story")
        elif isinstance(answer, dict):
            fit = reading.typed(loc, answer, step, outputs)
            found[address] = CallResult(outcome="ok", detail="as the test says", values=fit)
        else:
            outcome = "failed" if answer == "failed" else "unknown"
            found[address] = CallResult(outcome=outcome, detail="as the test says")
    return found


def _lasts(
    reading: Reading,
    until: timedelta | None,
    story: tuple[Line, ...],
    expected: tuple[Expectation, ...],
) -> timedelta:
    """Until the latest moment that the test names."""
    if len(story) > MOST_LINES:
        message = f"a story of {len(story)} lines is too long"
        reading.key(("story",), "E704", message, f"keep to {MOST_LINES} lines")
    timed = [each for each in expected if isinstance(each, PagedExpected | AnnouncedExpected)]
    moments = [timedelta(0), *(line.after for line in story)]
    moments += [each.after for each in expected if each.after is not None]
    moments += [each.at for each in timed if each.at is not None]
    if until is not None:
        moments.append(until)
    lasts = max(moments)
    if lasts > LONGEST_TEST:
        message = f"a test of {written(lasts)} is too long"
        where = "until" if until == lasts else "name"
        reading.value((where,), "E704", message, f"keep to {written(LONGEST_TEST)}")
    nevers = [each for each in timed if each.at is None]
    if nevers and not lasts:
        message = "'never' says nothing in a test that ends at once"
        help_text = "say how long you looked: until: 1h"
        reading.mark(nevers[0].place, "E702", message, help_text)
    return lasts
