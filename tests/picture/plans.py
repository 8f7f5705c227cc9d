"""Plans of any shape, with any text: what authors, alerts and their enemies may write."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from domain.plan import (
    Announce,
    Dedup,
    Duration,
    Escalation,
    EscalationCriterion,
    Exhausted,
    HandoffPlan,
    Plan,
    ResolvePlan,
    RolePlan,
    SeverityPlan,
    SeverityRule,
)
from domain.plan_facts import FactPlan
from domain.plan_steps import (
    ApproveStep,
    AskStep,
    ChecklistItem,
    ChecklistStep,
    CommandStep,
    DecideOption,
    DecideStep,
    ForEachStep,
    HttpStep,
    NotifyStep,
    ParallelStep,
    PlaybookStep,
    PluginStep,
    RunbookStep,
    Step,
    Tradeoff,
    WaitForStep,
    WaitStep,
)
from domain.severity import PerSeverity, Severity

_NASTY = (
    "]]>",
    "-->",
    '"quoted" & <b>bold</b>',
    "'; DROP TABLE plans; --",
    "%%{init: {}}%%",
    "end",
    "`code`",
    "#35; #quot; #",
    "style x:#fff;",
    "1. first",
    "- dash",
    "\u202eright to left\u202c",
    "שלום עולם كيف الحال",
    "🔥🚒👩\u200d🚒 火事です 火事です 火事です",
    "﷽" * 9,
    "Ｗ" * 90,
    "W" * 300,
    "a b " * 200,
    "\x00\x1b[31mred\ud800\ufffe",
    "line one\nline two\r\n\ttab",
    "{{ labels.x }}/{{ facts.y | percent }}",
    "https://deploy.example/" + "a/b" * 60,
    "",
)

texts = st.one_of(st.sampled_from(_NASTY), st.text(max_size=120))
ids = st.one_of(
    st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True), st.just("w" * 80), st.just("end")
)
refs = st.one_of(
    st.builds("{}:{}".format, st.sampled_from(["role", "user", "schedule", "destination"]), ids),
    texts,
)
durations = st.one_of(st.none(), st.integers(0, 10**7).map(lambda s: timedelta(seconds=s)))
times = st.integers(0, 10**7).map(lambda seconds: timedelta(seconds=seconds))
severities = st.lists(st.sampled_from(list(Severity)), min_size=1, unique=True).map(tuple)


def per_severity(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A value for each severity."""
    return st.builds(PerSeverity, **{severity.value: values for severity in Severity})


def tuples(values: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[Any]:
    """Up to `most` of them."""
    return st.lists(values, max_size=most).map(tuple)


_CARRIED: dict[str, Any] = {
    "id": ids,
    "when": st.one_of(st.none(), texts),
    "at": severities,
    "deadline": per_severity(durations),
    "on_timeout": st.sampled_from(["remind", "escalate", "skip", "fail"]),
    "on_error": st.sampled_from(["ask", "continue"]),
    "assign": st.one_of(st.none(), refs),
}
_ITEMS = st.builds(ChecklistItem, id=ids, text=texts, required=st.booleans())

plain_steps: st.SearchStrategy[Step] = st.one_of(
    st.builds(NotifyStep, **_CARRIED, to=tuples(refs), text=texts),
    st.builds(ChecklistStep, **_CARRIED, items=tuples(_ITEMS, 7)),
    st.builds(RunbookStep, **_CARRIED, source=texts, text=texts, sha256=st.just("0")),
    st.builds(AskStep, **_CARRIED, of=refs, question=texts, one_of=tuples(texts)),
    st.builds(ApproveStep, **_CARRIED, by=tuples(refs), need=st.integers(1, 9)),
    st.builds(WaitStep, **_CARRIED, lasting=times),
    st.builds(WaitForStep, **_CARRIED, until=texts, hold=times),
    st.builds(HttpStep, **_CARRIED, url=texts),
    st.builds(CommandStep, **_CARRIED, command=texts),
    st.builds(PluginStep, **_CARRIED, plugin=texts),
    st.builds(PlaybookStep, **_CARRIED, name=ids, params=st.dictionaries(ids, texts, max_size=2)),
)


def _around(inside: st.SearchStrategy[Step]) -> st.SearchStrategy[Step]:
    blocks = tuples(inside)
    option = st.builds(
        DecideOption,
        id=ids,
        label=texts,
        suggest_when=st.one_of(st.none(), texts),
        tradeoff=st.builds(Tradeoff, time=texts, risk=texts, reversible=st.booleans()),
        do=blocks,
    )
    return st.one_of(
        st.builds(DecideStep, **_CARRIED, by=refs, question=texts, options=tuples(option, 5)),
        st.builds(
            ParallelStep,
            **_CARRIED,
            join=st.sampled_from(["settled", "all", "any"]),
            branches=tuples(blocks, 5),
        ),
        st.builds(
            ForEachStep, **_CARRIED, values=texts, item=ids, most=st.integers(1, 99), do=blocks
        ),
    )


steps = st.recursive(plain_steps, _around, max_leaves=14)

_ESCALATION = st.builds(
    Escalation,
    levels=st.lists(tuples(refs), min_size=1, max_size=6).map(tuple),
    ack_within=per_severity(durations),
    repeat=per_severity(st.integers(0, 9)),
    exhausted=st.builds(Exhausted, page=tuples(refs), again_every=per_severity(durations)),
    ack_expires=per_severity(durations),
    criteria=tuples(
        st.builds(
            EscalationCriterion,
            after=st.one_of(st.none(), per_severity(durations)),
            when=st.one_of(st.none(), texts),
            page=tuples(refs),
            because=texts,
        ),
        2,
    ),
)
_RULES = tuples(
    st.builds(SeverityRule, set=st.sampled_from(list(Severity)), when=texts, criteria=texts)
)
plans = st.builds(
    Plan,
    name=ids,
    title=st.one_of(st.none(), texts),
    owner=refs,
    service=st.one_of(st.none(), texts),
    bridge=st.one_of(st.none(), texts),
    dedup=st.builds(Dedup, key=st.one_of(st.none(), texts)),
    severity=st.builds(SeverityPlan, rules=_RULES),
    escalation=_ESCALATION,
    roles=st.dictionaries(
        ids, st.builds(RolePlan, page=tuples(refs), at=severities, many=st.booleans()), max_size=4
    ),
    facts=st.dictionaries(
        ids, st.builds(FactPlan, type=st.just("string"), first=texts, question=texts), max_size=3
    ),
    steps=tuples(steps, 4),
    announce=tuples(st.builds(Announce, to=tuples(refs), on=st.just(("opened",))), 2),
    handoff=st.just(HandoffPlan(max_shift=PerSeverity[Duration].same(None))),
    resolve=st.builds(ResolvePlan, when=texts, confirm=per_severity(refs)),
)
