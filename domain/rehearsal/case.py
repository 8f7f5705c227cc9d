"""One test of a playbook: what is given, what happens, and what its author expects.

Decides the shape, with the place in the file of everything that may turn out wrong. Reading
it from YAML is `compiler.lower_tests`; playing it is `domain.rehearsal.staging`. A time counts
from the moment at which the incident was triggered.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from domain.incident.step_effects import CallResult
from domain.incident.view import Phase
from domain.severity import Severity
from domain.values import Value

NOBODY = "nobody"

MOST_TESTS = 200
"""Tests of one playbook."""

MOST_LINES = 500
"""Lines of one story."""

LONGEST_TEST = timedelta(days=100)


class CasePart(BaseModel):
    """A frozen part of a test."""

    model_config = ConfigDict(frozen=True)


class Place(NamedTuple):
    """Where something stands in the file; line and column count from 1."""

    line: int
    column: int


class DeclaredByHand(CasePart):
    """The incident is declared; `by` is a reference, or None for the first who may."""

    title: str
    severity: Severity | None = None
    by: str | None = None


class Given(CasePart):
    """What holds from the start: an alert, a declaration, or a call with `params`.

    `facts` are what sources say, None where one cannot be read. `steps` are the answers of
    machines by the step's id or address. `on_call` says who serves, by user id.
    """

    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    summary: str = ""
    source: str = "alertmanager"
    declared: DeclaredByHand | None = None
    params: dict[str, Value] | None = None
    on_call: dict[str, tuple[str, ...]] = {}
    facts: dict[str, Value | None] = {}
    steps: dict[str, CallResult] = {}


class Says(CasePart):
    """A person gives a command; `refused` if the author expects that it is refused."""

    by: str
    command: str
    arguments: dict[str, Any] = {}
    refused: bool = False


class SourcesSay(CasePart):
    """Sources say this of measured facts from now on."""

    facts: dict[str, Value | None]


class Fires(CasePart):
    """Another alert, with all its labels."""

    labels: dict[str, str]
    annotations: dict[str, str] = {}


class Ends(CasePart):
    """The alerts with these labels end; all of them where none are said."""

    labels: dict[str, str] = {}


Happening = Says | SourcesSay | Fires | Ends


class Line(CasePart):
    """One line of a story; with `from_alert` its time counts from the first alert."""

    place: Place
    after: timedelta
    what: Happening
    from_alert: bool = False


class Expected(CasePart):
    """Something expected at `after`, or at the end where that is None."""

    place: Place
    after: timedelta | None = None


class TriggersExpected(Expected):
    """Whether this playbook takes the alert."""

    triggers: bool


class DedupExpected(Expected):
    """The incident's key."""

    key: str


class SeverityExpected(Expected):
    """The severity then."""

    severity: Severity


class PhaseExpected(Expected):
    """The phase then."""

    phase: Phase


class PagedExpected(Expected):
    """When the reference is paged first, None for never; `quietly` by what wakes nobody."""

    ref: str
    at: timedelta | None
    quietly: bool = False


class OnlyPagedExpected(Expected):
    """Nobody is paged but those behind these references."""

    refs: tuple[str, ...]
    quietly: bool = False


class AnnouncedExpected(Expected):
    """When the destination hears of it first, None for never."""

    ref: str
    at: timedelta | None


class StepExpected(Expected):
    """A step's state, the option chosen, or one of its results."""

    step: str
    what: str
    value: Value


class RoleExpected(Expected):
    """Who holds a role then: a reference, or `nobody`."""

    role: str
    holder: str


class FactExpected(Expected):
    """What is known of a fact then; None for nothing."""

    fact: str
    value: Value | None


Expectation = (
    TriggersExpected
    | DedupExpected
    | SeverityExpected
    | PhaseExpected
    | PagedExpected
    | OnlyPagedExpected
    | AnnouncedExpected
    | StepExpected
    | RoleExpected
    | FactExpected
)


class TestCase(CasePart):
    """One test. `at` is a local moment in the playbook's time zone."""

    __test__ = False  # pytest takes a class of this name for one of its own

    name: str
    place: Place
    given: Given = Given()
    at: datetime | None = None
    story: tuple[Line, ...] = ()
    expected: tuple[Expectation, ...] = ()
    lasts: timedelta = timedelta(0)
    """Until the latest moment that it names."""
