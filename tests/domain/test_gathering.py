"""What one person's pages promise, whatever comes in which order."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.bundle import Answered, Asked, Departure, call_of, least_gap
from domain.gathering import Gathering
from domain.incident.effects import Message, Outcome, SendPage, SendResult
from domain.roster import Method
from domain.severity import Severity

START = datetime(2026, 11, 25, 3, 30, tzinfo=UTC)
WINDOW = timedelta(minutes=1)
METHODS = (Method.PUSH, Method.SMS, Method.PHONE)


def a_page(
    incident: int, method: Method = Method.PUSH, severity: str = "SEV2", **changes: object
) -> SendPage:
    """The page of one incident to Ann."""
    reference = f"INC-{incident:06d}"
    page = SendPage(
        id=f"{reference}/1/level-1/0/ann/{method}",
        summary=f"Page Ann by {method}",
        person="ann",
        person_name="Ann",
        method=method,
        level="level-1",
        message=Message(
            reference=reference,
            severity=Severity(severity),
            title=f"Disk full db-{incident}",
            headline=f"Disk full db-{incident}",
            at=START,
        ),
    )
    return page.model_copy(update=changes)


@dataclass
class Ann:
    """One person's pages under a fake clock. Messages leave at their moment.

    The provider answers at once, or only when it is asked to `land` where it is slow.
    """

    now: datetime = START
    outcome: Outcome = Outcome.DELIVERED
    pages: Gathering = field(
        default_factory=lambda: Gathering(person="ann", name="Ann", window=WINDOW, began=START)
    )
    is_slow: bool = False
    left: list[Departure] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    answers: dict[str, SendResult] = field(default_factory=dict)
    asked: dict[str, SendPage] = field(default_factory=dict)

    def first(self, page: SendPage) -> None:
        """A page that its own activity sends."""
        self.pages.went_alone(Asked(page=page, incident=page.id[:10], at=self.now))

    def ask(self, page: SendPage) -> None:
        """A page that finds somebody paging already."""
        self.asked[page.id] = page
        self.answers.pop(page.id, None)
        self._keep(self.pages.take(Asked(page=page, incident=page.id[:10], at=self.now)))
        self.go()

    def go(self) -> None:
        """What is due leaves."""
        for departure in self.pages.depart(self.now):
            self.left.append(departure)
            if not self.is_slow:
                self.land()

    def land(self) -> None:
        """The provider answers what is on its way; then what waited for that leaves."""
        for departure in list(self.pages.flying):
            self.outcomes[departure] = self.outcome
            self._keep(self.pages.arrive(departure, SendResult(outcome=self.outcome)))
        due = self.pages.next_moment()
        if due is not None and due <= self.now:
            self.go()

    def _keep(self, answers: tuple[Answered, ...]) -> None:
        self.answers |= {one.id: one.result for one in answers}

    def until(self, seconds: float) -> None:
        """Time passes; what gathered leaves at its moment."""
        end = START + timedelta(seconds=seconds)
        while (due := self.pages.next_moment()) is not None and due <= end:
            self.now = max(self.now, due)
            self.go()
        self.now = max(self.now, end)

    @property
    def said(self) -> list[tuple[float, str, str]]:
        """(second, method, title) of what left."""
        return [
            ((one.at - START).total_seconds(), one.method.value, one.bundle.page.message.title)
            for one in self.left
        ]


def test_what_comes_within_a_minute_of_the_first_page_is_one_page_at_its_end() -> None:
    ann = Ann()
    ann.first(a_page(0))
    for number in range(1, 40):
        ann.ask(a_page(number))

    ann.until(300)

    (one,) = ann.left
    assert ann.said == [(60.0, "push", "Disk full db-0 +39 more")]
    assert one.bundle.page.message.ask == "Acknowledge all 40"
    assert one.bundle.page.message.lines[-2:] == ("and 34 more", "At most one push in 1 min.")
    assert len(ann.answers) == 39


def test_a_text_of_one_incident_covers_all_others_that_page_the_person() -> None:
    ann = Ann()
    ann.first(a_page(0))
    for number in range(1, 40):
        ann.ask(a_page(number))
    ann.until(60)
    for number in range(40):
        ann.ask(a_page(number, Method.SMS))

    assert ann.said[1:] == [(60.0, "sms", "Disk full db-0 +39 more")]
    assert ann.left[1].bundle.page.message.lines[-1] == "At most one SMS in 2 min."
    assert all(ann.answers[a_page(n, Method.SMS).id].bundled for n in range(40))


def test_a_worse_page_goes_at_once_and_takes_along_what_gathered() -> None:
    ann = Ann()
    ann.first(a_page(0, severity="SEV3"))
    ann.ask(a_page(1, severity="SEV3"))
    ann.until(10)
    ann.ask(a_page(2, severity="SEV1"))

    assert ann.said == [(10.0, "push", "Disk full db-2 +1 more")]
    assert ann.left[0].bundle.page.message.severity is Severity.SEV1


def test_a_single_page_that_gathered_leaves_as_it_is() -> None:
    ann = Ann()
    ann.first(a_page(0))
    ann.ask(a_page(1))
    ann.until(60)

    assert ann.left[0].bundle.page == a_page(1)
    assert ann.left[0].bundle.since is None


def test_who_left_is_neither_counted_nor_named() -> None:
    ann = Ann()
    ann.first(a_page(0))
    for number in range(1, 5):
        ann.ask(a_page(number))
    ann.pages.leave(call_of(a_page(0).id))
    ann.pages.leave(call_of(a_page(2).id))

    ann.until(60)

    assert ann.said == [(60.0, "push", "Disk full db-1 +2 more")]


def test_earlier_rounds_of_who_left_count_no_more_unless_they_wait() -> None:
    """The incident may have forgotten them and cannot take them back itself."""
    ann = Ann()
    ann.first(a_page(0))
    ann.ask(a_page(1))
    ann.until(60)
    later = a_page(1, id="INC-000001/1/level-1/1/ann/push")
    ann.ask(later)

    ann.pages.leave(call_of(later.id))

    assert [known.reference for known in ann.pages.members] == ["INC-000000"]


def test_nothing_is_sent_when_all_have_left() -> None:
    ann = Ann()
    ann.first(a_page(0))
    ann.ask(a_page(1))
    ann.pages.leave(call_of(a_page(1).id))

    ann.until(600)

    assert ann.left == []


def test_a_first_page_that_failed_holds_nothing_back() -> None:
    ann = Ann()
    ann.first(a_page(0))
    ann.ask(a_page(1))
    ann.now += timedelta(seconds=1)
    ann.pages.undelivered(a_page(0).id, Outcome.FAILED)
    ann.go()

    assert [second for second, _, _ in ann.said] == [1.0]


def test_a_bundle_that_did_not_get_through_is_tried_again_once_for_all() -> None:
    ann = Ann(outcome=Outcome.RETRY)
    ann.first(a_page(0))
    for number in range(1, 5):
        ann.ask(a_page(number))
    ann.until(60)
    ann.outcome = Outcome.DELIVERED
    ann.until(90)
    for number in range(1, 5):
        ann.ask(a_page(number, attempt=2))

    assert [second for second, _, _ in ann.said] == [60.0, 90.0]
    assert {one.outcome for one in ann.answers.values()} == {Outcome.DELIVERED}


def test_a_bundle_tried_again_has_the_same_key_whoever_comes_back_first() -> None:
    ann = Ann(outcome=Outcome.RETRY)
    ann.first(a_page(0))
    for number in (1, 2, 3):
        ann.ask(a_page(number))
    ann.until(90)
    for number in (3, 1, 2):
        ann.ask(a_page(number, attempt=2))

    first, again = [one.bundle.page.id for one in ann.left]
    assert first == again


def test_a_bundle_tried_again_with_one_incident_more_has_another_key() -> None:
    """A receiver that drops keys it has seen would else never tell of the new one."""
    ann = Ann(outcome=Outcome.RETRY)
    ann.first(a_page(0))
    for number in (1, 2):
        ann.ask(a_page(number))
    ann.until(60)
    ann.ask(a_page(3))
    ann.until(90)

    first, again = [one.bundle.page.id for one in ann.left]
    assert first != again


def test_the_only_incident_of_a_person_is_never_held_back() -> None:
    ann = Ann()
    ann.first(a_page(0))
    ann.ask(a_page(0, id="INC-000000/2/level-1/0/ann/push"))

    assert ann.said == [(0.0, "push", "Disk full db-0")]


def test_of_several_pages_of_one_incident_the_worst_speaks() -> None:
    """It once was the first that gathered: a raise was told as what had been before it."""
    ann = Ann()
    ann.first(a_page(9))
    ann.ask(a_page(0))
    ann.ask(a_page(0, severity="SEV1", id="INC-000000/2/level-1/0/ann/push"))

    (one,) = ann.left
    assert one.bundle.page.message.severity is Severity.SEV1


def test_lone_pages_are_forgotten_after_a_minute_and_bundles_when_all_have_left() -> None:
    lone, many = Ann(), Ann()
    lone.first(a_page(0))
    many.first(a_page(0))
    many.ask(a_page(1))
    many.until(60)

    assert lone.pages.ends_at() == START + WINDOW
    assert many.pages.ends_at() == START + 15 * WINDOW
    for number in range(2):
        many.pages.leave(call_of(a_page(number).id))
    assert many.pages.ends_at() == START + 2 * WINDOW


steps = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.integers(0, 5), st.sampled_from(METHODS), st.integers(1, 3)),
        st.tuples(st.just("pass"), st.integers(1, 90)),
        st.tuples(st.just("leave"), st.integers(0, 5)),
        st.tuples(st.just("provider"), st.sampled_from(list(Outcome)[:3])),
        st.tuples(st.just("slow"), st.booleans()),
        st.tuples(st.just("land")),
    ),
    max_size=40,
)


@given(steps)
def test_no_page_is_lost_and_no_method_is_overdone(story: list[tuple[object, ...]]) -> None:
    """Whatever comes: every page that is still wanted is answered, and limits hold."""
    ann = Ann()
    ann.first(a_page(9))
    gone: set[str] = set()
    for serial, (what, *rest) in enumerate(story):
        match what, rest:
            case "ask", [int(incident), Method() as method, int(severity)]:
                key = f"INC-{incident:06d}/{serial}/level-1/0/ann/{method}"
                ann.ask(a_page(incident, method, f"SEV{severity}", id=key))
                _worse_is_not_held_back(ann, key)
            case "pass", [int(seconds)]:
                ann.until((ann.now - START).total_seconds() + seconds)
            case "leave", [int(incident)]:
                calls = [call for call in ann.pages.calls if call.startswith(f"INC-{incident:06d}")]
                gone.update(calls)
                for call in calls:
                    ann.pages.leave(call)
            case "provider", [Outcome() as outcome]:
                ann.outcome = outcome
            case "slow", [bool(is_slow)]:
                ann.is_slow = is_slow
            case "land", []:
                ann.land()
    ann.is_slow, ann.outcome = False, Outcome.DELIVERED
    ann.land()
    ann.until((ann.now - START).total_seconds() + 600)

    lost = [key for key in ann.asked if key not in ann.answers and call_of(key) not in gone]
    assert lost == []
    assert not ann.pages.gathered
    assert ann.pages.ends_at() is not None
    _limits_hold(ann)


def _worse_is_not_held_back(ann: Ann, key: str) -> None:
    """A page worse than all that this method said lately, or is saying, has left by now."""
    page = ann.asked[key]
    gap = least_gap(page.method, WINDOW)
    lately = [
        one
        for one in ann.left
        if one.method is page.method and (one.at > ann.now - gap or one.id in ann.pages.flying)
    ]
    told = [one.bundle.page.message.severity for one in lately if key not in one.keys]
    if page.method is Method.PUSH and ann.now <= START + WINDOW:
        told.append(Severity.SEV2)
    if all(page.message.severity.is_worse_than(severity) for severity in told):
        assert any(key in one.keys for one in ann.left)


def _limits_hold(ann: Ann) -> None:
    """Two messages by a method stand apart, unless the later one says something worse."""
    for method in METHODS:
        mine = [one for one in ann.left if one.method is method]
        for before, after in pairwise(mine):
            severities = [one.bundle.page.message.severity for one in (after, before)]
            assert (
                after.at - before.at >= least_gap(method, WINDOW)
                or severities[0].is_worse_than(severities[1])
                or ann.outcomes[before.id] is not Outcome.DELIVERED
                or len({key[:10] for key in (*before.keys, *after.keys)}) == 1
            )
