"""Which playbook takes an alert, why, and under which identity.

Decides routing: of all playbooks whose trigger matches, most `match` labels wins, then
the higher priority, then the name; what nothing matches goes to the fallback. Here every
playbook is judged, with its reason, for who asks why; `domain.routing_index` finds the same
winner without judging them all. Starting the workflow is the gateway's.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from domain.alert import Alert
from domain.condition_parts import false_parts
from domain.expressions import Scope, evaluate, trigger_values
from domain.plan import AlertTrigger, Plan
from domain.templates import render

DEFAULT_KEY_LABELS = ("service", "cluster", "namespace", "env")
"""Labels that make the default dedup key, as far as an alert has them."""

LONGEST_WORKFLOW_ID = 120

_REFERENCE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_REFERENCE_LENGTH = 6
_REFERENCE = re.compile(rf"INC-[{_REFERENCE_ALPHABET}]{{{_REFERENCE_LENGTH}}}")
_HASH_LENGTH = 8


class MatchingPart(BaseModel):
    """A frozen part of a routing decision."""

    model_config = ConfigDict(frozen=True)


class PlaybookVerdict(MatchingPart):
    """Whether one playbook takes the alert; `reason` is a sentence."""

    name: str
    matched: bool
    reason: str
    labels_matched: int = 0


class Routing(MatchingPart):
    """Where an alert goes; `playbook` is None if nothing takes it, not even a fallback.

    `notes` are for the timeline (a condition that could not be evaluated, a key that
    fell back); `verdicts` holds every playbook, the winner first, where all were judged;
    `hold` is how long the alert must keep firing before the incident is triggered.
    """

    playbook: str | None = None
    is_fallback: bool = False
    dedup_key: str = ""
    workflow_id: str = ""
    hold: timedelta = timedelta(0)
    notes: tuple[str, ...] = ()
    verdicts: tuple[PlaybookVerdict, ...] = ()


class DedupKey(MatchingPart):
    """An alert's key within its playbook; `note` says why it is not the declared one."""

    key: str
    note: str | None = None


class TriggerVerdict(MatchingPart):
    """Whether one trigger takes the alert; `note` is for the timeline."""

    matched: bool
    reason: str
    labels_matched: int = 0
    hold: timedelta = timedelta(0)
    note: str | None = None


def match_alert(
    alert: Alert,
    plans: Mapping[str, Plan],
    fallback: str | None,
    *,
    judge_conditions: bool = True,
) -> Routing:
    """The playbook that takes the alert, with the verdict on every other one.

    With `judge_conditions` off, only labels decide: the one try for a resolve without an
    owner, which is never matched against conditions.
    """
    judged = {
        name: _judge_plan(plans[name], alert, judge_conditions=judge_conditions)
        for name in sorted(plans)
    }
    order = sorted(
        judged,
        key=lambda name: (
            not judged[name].matched,
            -judged[name].labels_matched,
            -plans[name].priority,
            name,
        ),
    )
    verdicts = tuple(_verdict(name, judged[name]) for name in order)
    winner = order[0] if order and judged[order[0]].matched else None
    if winner is not None:
        routing = routed_to(plans[winner], alert, judged[winner])
    else:
        routing = unmatched(alert, plans, fallback)
    return routing.model_copy(update={"verdicts": verdicts})


def _verdict(name: str, judged: TriggerVerdict) -> PlaybookVerdict:
    return PlaybookVerdict(
        name=name,
        matched=judged.matched,
        reason=judged.reason,
        labels_matched=judged.labels_matched,
    )


def routed_to(plan: Plan, alert: Alert, trigger: TriggerVerdict) -> Routing:
    """The playbook takes the alert by this trigger; nothing is said of the others."""
    key = dedup_key(plan, alert)
    return Routing(
        playbook=plan.name,
        dedup_key=key.key,
        workflow_id=workflow_id(plan.name, key.key),
        hold=trigger.hold,
        notes=tuple(note for note in (trigger.note, key.note) if note),
    )


def unmatched(alert: Alert, plans: Mapping[str, Plan], fallback: str | None) -> Routing:
    """Where an alert goes that no playbook matches: to the fallback, or nowhere."""
    if fallback is not None and fallback in plans:
        taken = routed_to(plans[fallback], alert, TriggerVerdict(matched=False, reason=""))
        note = f"no playbook matches; the fallback {fallback} takes it"
        return taken.model_copy(update={"is_fallback": True, "notes": (note, *taken.notes)})
    missing = f"; the fallback {fallback} is not loaded" if fallback else ", and no fallback is set"
    return Routing(notes=(f"no playbook matches{missing}",))


def _judge_plan(plan: Plan, alert: Alert, *, judge_conditions: bool) -> TriggerVerdict:
    """The best of the plan's triggers: the one that matches with the most labels."""
    if not plan.triggers:
        return TriggerVerdict(matched=False, reason="it has no trigger for alerts")
    judged = [
        judge_trigger(trigger, alert, judge_conditions=judge_conditions)
        for trigger in plan.triggers
    ]
    matching = [verdict for verdict in judged if verdict.matched]
    if matching:
        return max(matching, key=lambda verdict: verdict.labels_matched)
    reasons = dict.fromkeys(verdict.reason for verdict in judged)
    return TriggerVerdict(matched=False, reason="; or: ".join(reasons))


def judge_trigger(
    trigger: AlertTrigger, alert: Alert, *, judge_conditions: bool = True
) -> TriggerVerdict:
    """Whether this one trigger takes the alert, and why."""
    if not trigger.match and trigger.when is None:
        return TriggerVerdict(matched=False, reason="it names neither labels nor a condition")
    if mismatch := _mismatch(trigger.match, alert):
        return TriggerVerdict(matched=False, reason=mismatch)
    words = _labels_match(trigger)
    note = None
    if trigger.when is not None and judge_conditions:
        values = trigger_values(alert)
        verdict = evaluate(trigger.when, Scope.TRIGGER, values)
        if verdict.holds is False:
            parts = "; ".join(map(str, false_parts(trigger.when, Scope.TRIGGER, values)))
            return TriggerVerdict(matched=False, reason=f"the condition is false: {parts}")
        if verdict.holds is None:
            note = f"the condition cannot be evaluated ({verdict.why}), so it counts as matching"
        words.append(note or "the condition holds")
    return TriggerVerdict(
        matched=True,
        reason="; ".join(words) or "the condition was not asked",
        labels_matched=len(trigger.match),
        hold=trigger.hold,
        note=note,
    )


def _labels_match(trigger: AlertTrigger) -> list[str]:
    match sorted(trigger.match):
        case []:
            return []
        case [one]:
            return [f"label {one} matches"]
        case many:
            return [f"labels {', '.join(many)} match"]


def _mismatch(match: Mapping[str, tuple[str, ...]], alert: Alert) -> str | None:
    """Why the labels do not match, or None if they do."""
    for name, wanted in match.items():
        accepted = wanted[0] if len(wanted) == 1 else f"one of {', '.join(wanted)}"
        if name not in alert.labels:
            return f"label {name} is missing, wants {accepted}"
        if alert.labels[name] not in wanted:
            return f"label {name} is '{alert.labels[name]}', wants {accepted}"
    return None


def dedup_key(plan: Plan, alert: Alert) -> DedupKey:
    """What makes two alerts one incident of this playbook.

    The declared template; or those of service, cluster, namespace and env that the alert
    has; or its fingerprint, also when the template lacks a value or fails.
    """
    if plan.dedup.key is None:
        named = [alert.labels[name] for name in DEFAULT_KEY_LABELS if alert.labels.get(name)]
        return DedupKey(key="/".join(named) or alert.fingerprint)
    rendered = render(plan.dedup.key, trigger_values(alert), for_people=False)
    if rendered.missing:
        note = f"the dedup key lacks {', '.join(rendered.missing)}; its fingerprint stands in"
        return DedupKey(key=alert.fingerprint, note=note)
    if rendered.problem or not rendered.text.strip():
        why = rendered.problem or "it is empty"
        note = f"the dedup key cannot be rendered ({why}); its fingerprint stands in"
        return DedupKey(key=alert.fingerprint, note=note)
    return DedupKey(key=rendered.text.strip())


def workflow_id(playbook: str, key: str) -> str:
    """The readable, stable workflow id of this playbook and key: `[a-z0-9-]`, at most 120."""
    digest = hashlib.sha256(f"{playbook}\0{key}".encode(errors="surrogatepass")).digest()
    suffix = base64.b32encode(digest).decode()[:_HASH_LENGTH].lower()
    room = LONGEST_WORKFLOW_ID - _HASH_LENGTH - 1
    slug = re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")[:room].rstrip("-")
    return f"{slug or 'incident'}-{suffix}"


def new_reference(random_bytes: bytes) -> str:
    """A reference such as INC-M4T9WC, without letters that look like digits.

    `random_bytes`: at least six, from the caller's source of randomness.
    """
    drawn = random_bytes[:_REFERENCE_LENGTH]
    if len(drawn) < _REFERENCE_LENGTH:
        raise ValueError(f"a reference needs {_REFERENCE_LENGTH} random bytes")
    return "INC-" + "".join(_REFERENCE_ALPHABET[byte % 32] for byte in drawn)


def is_reference(text: str) -> bool:
    """Whether the text is a whole incident reference."""
    return _REFERENCE.fullmatch(text) is not None
