"""Calling one person: their methods in their order, retries, and the end of it.

Decides when the next method of a person goes out, and what a provider's answer means
for it. Who is called is the ladder's, the roles' and the offers' business.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from domain.incident.effects import Message, Outcome, SendPage, SendResult
from domain.incident.gathered import (
    answer_due,
    goes_alone,
    leave_bundle,
    note_gathered,
    still_open,
)
from domain.incident.messages import readable
from domain.incident.people import Person
from domain.incident.quiet import ASKED, Sound
from domain.incident.state import Attempt, AttemptState, Call, PagedState, Told
from domain.incident.turn import Turn

RETRY_EVERY = timedelta(seconds=30)
"""How often a page that was worth retrying goes out again, under the same key."""

PAGED_KEPT = 30


class Rung(NamedTuple):
    """Where a call comes from: the part of the page key between reference and person."""

    cycle: int
    round: int
    level: str

    def call_id(self, person: str) -> str:
        """One call for each person in a cycle and round; an offer is a call of its own."""
        own = f"/{self.level}" if self.level.startswith("offer-") else ""
        return f"{self.cycle}/{self.round}{own}/{person}"


def call_person(
    turn: Turn,
    person: Person,
    rung: Rung,
    *,
    reason: str,
    message: Message,
    sound: Sound = ASKED,
) -> Call:
    """Page this person unless they have been in this cycle and round already.

    One person gets one page per cycle and round, whatever lists them twice: then the
    reason is added to the call that exists. A call that is over, or that is not heard as
    this one should be, sends nothing more: a new reason begins a new cycle.
    """
    call_id = rung.call_id(person.id)
    known = turn.state.calls.get(call_id)
    if known is not None and (known.is_over or not _is_heard(known, sound, turn.now)):
        turn.state.cycle += 1
        rung = rung._replace(cycle=turn.state.cycle)
        call_id, known = rung.call_id(person.id), None
    if known is not None:
        reasons = tuple(dict.fromkeys((*known.reasons, reason)))
        call = known.model_copy(update={"reasons": reasons})
        turn.state.calls[call_id] = call
        return lengthen(turn, call, sound, message)
    call = Call(
        id=call_id,
        person=person,
        cycle=rung.cycle,
        round=rung.round,
        level=rung.level,
        reasons=(reason,),
        started_at=turn.now,
        urgency=sound.urgency,
        loud_until=sound.until,
        asked=sound.asked,
    )
    _replace_retries(turn, call)
    turn.state.calls[call_id] = call
    turn.state.told[person.id] = Told(person=person.id, name=person.name)
    return send_due(turn, call, message)


def _is_heard(known: Call, sound: Sound, now: datetime) -> bool:
    """Whether the call that exists does what one of this sound would do."""
    if sound.urgency == "high":
        return known.urgency == "high"
    return not known.is_silenced(now)


def lengthen(turn: Turn, call: Call, sound: Sound, message: Message) -> Call:
    """Let a loud call go on for longer, and send what has become due; never for shorter."""
    ends = (call.loud_until, sound.until)
    until = None if None in ends else max(end for end in ends if end is not None)
    asked = call.asked or sound.asked
    if sound.urgency == "low" or (until, asked) == (call.loud_until, call.asked):
        return call
    call = call.model_copy(update={"loud_until": until, "asked": asked})
    return send_due(turn, call, message)


def hush(turn: Turn) -> None:
    """From now on no loud call makes a sound, but for those that a person asked for."""
    for call in list(turn.state.calls.values()):
        if call.urgency == "high" and not call.asked and not call.is_over:
            hushed = call.model_copy(update={"loud_until": turn.now})
            turn.state.calls[call.id] = hushed
            _set_deadline(turn, hushed)


def _replace_retries(turn: Turn, begun: Call) -> None:
    """A new page for the same reason ends the retries of the earlier ones.

    Else a provider that is down for a day is asked once more for every round, and the
    person gets them all at once when it returns. Methods not tried yet keep their time.
    """
    for call in list(turn.state.calls.values()):
        if call.person.id != begun.person.id or call.reasons != begun.reasons:
            continue
        attempts = tuple(
            attempt.model_copy(update={"state": AttemptState.FAILED, "retry_at": None})
            if attempt.state is AttemptState.RETRYING
            else attempt
            for attempt in call.attempts
        )
        changed = call.model_copy(update={"attempts": attempts})
        turn.state.calls[call.id] = changed
        _set_deadline(turn, changed)


def send_due(turn: Turn, call: Call, message: Message, *, at_once: bool = False) -> Call:
    """Send every method whose time has come; with `at_once` the next one regardless."""
    forced = at_once
    while len(call.attempts) < len(call.rules) and not call.is_silenced(turn.now):
        rule = call.rules[len(call.attempts)]
        if call.started_at + rule.after > turn.now and not forced:
            break
        forced = False
        call = _send_next(turn, call, message)
    turn.state.calls[call.id] = call
    _set_deadline(turn, call)
    return call


def _send_next(turn: Turn, call: Call, message: Message) -> Call:
    index = len(call.attempts)
    method = call.rules[index].via
    earlier = sum(1 for rule in call.rules[:index] if rule.via is method)
    name = f"{method}.{earlier + 1}" if earlier else str(method)
    key = "/".join(
        (
            turn.state.reference,
            str(call.cycle),
            call.level,
            str(call.round),
            call.person.id,
            name,
        )
    )
    attempt = Attempt(key=key, method=method, at=turn.now)
    _page(turn, call, attempt, message)
    return call.model_copy(update={"attempts": (*call.attempts, attempt)})


def _page(turn: Turn, call: Call, attempt: Attempt, message: Message) -> None:
    again = f", try {attempt.tries}" if attempt.tries > 1 else ""
    where = readable(call.level)
    turn.effects.append(
        SendPage(
            id=attempt.key,
            summary=f"Page {call.person.name} by {attempt.method} ({where}{again})",
            person=call.person.id,
            person_name=call.person.name,
            method=attempt.method,
            level=call.level,
            attempt=attempt.tries,
            urgency=call.urgency,
            alone=goes_alone(call, attempt, message),
            message=message,
        )
    )
    if attempt.tries == 1:
        turn.note(
            "paged",
            f"Paging {call.person.name} by {attempt.method} ({where}).",
            {"person": call.person.id, "method": attempt.method, "key": attempt.key},
        )
    shown = PagedState(
        key=attempt.key,
        person=call.person.id,
        name=call.person.name,
        level=where,
        method=attempt.method,
        at=turn.now,
    )
    others = tuple(paged for paged in turn.state.paged if paged.key != attempt.key)
    turn.state.paged = (*others, shown)[-PAGED_KEPT:]


def next_moment(call: Call) -> datetime | None:
    """When this call next does something by itself, or None."""
    moments = [attempt.retry_at for attempt in call.attempts if attempt.retry_at is not None]
    if len(call.attempts) < len(call.rules):
        moments.append(call.started_at + call.rules[len(call.attempts)].after)
    return min(moments, default=None)


def _set_deadline(turn: Turn, call: Call) -> None:
    moment = next_moment(call)
    if moment is None or call.is_over or call.is_silenced(max(moment, turn.now)):
        turn.clear_deadline(f"call/{call.id}")
        return
    again = next((one.method for one in call.attempts if one.retry_at == moment), None)
    what = f"{again} again" if again else call.rules[len(call.attempts)].via.value
    turn.set_deadline(f"call/{call.id}", moment, f"Page {call.person.name} by {what}")


def on_call_deadline(turn: Turn, call_id: str, message: Message) -> None:
    """Retry what is due for a retry, and send the methods whose time has come."""
    call = turn.state.calls.get(call_id)
    if call is None or call.is_over or call.is_silenced(turn.now):
        return
    attempts = list(call.attempts)
    for index, attempt in enumerate(attempts):
        if attempt.retry_at is not None and attempt.retry_at <= turn.now:
            again = attempt.model_copy(
                update={
                    "state": AttemptState.SENDING,
                    "tries": attempt.tries + 1,
                    "retry_at": None,
                    "alone": attempt.alone or attempt.state is AttemptState.GATHERED,
                }
            )
            attempts[index] = again
            _page(turn, call, again, message)
    send_due(turn, call.model_copy(update={"attempts": tuple(attempts)}), message)


def on_result(turn: Turn, key: str, result: SendResult, message: Message) -> Call | None:
    """Take the provider's answer in; the call it belongs to, None if nobody waits for it."""
    if result.outcome is not Outcome.GATHERED:
        _show_outcome(turn, key, result)
    for call in turn.state.calls.values():
        for index, attempt in enumerate(call.attempts):
            if attempt.key == key and still_open(attempt, result):
                return _take_in(turn, call, index, result, message)
    return None


def _take_in(turn: Turn, call: Call, index: int, result: SendResult, message: Message) -> Call:
    attempt = call.attempts[index]
    retry_at = None
    match result.outcome:
        case Outcome.DELIVERED:
            state = AttemptState.DELIVERED
        case Outcome.FAILED:
            state = AttemptState.FAILED
        case Outcome.RETRY:
            state, retry_at = AttemptState.RETRYING, attempt.at + RETRY_EVERY * attempt.tries
            retry_at = max(retry_at, turn.now)
        case Outcome.GATHERED:
            state, retry_at = AttemptState.GATHERED, answer_due(turn.now, result)
    changed = attempt.model_copy(
        update={"state": state, "retry_at": retry_at, "detail": result.detail}
    )
    attempts = (*call.attempts[:index], changed, *call.attempts[index + 1 :])
    bundled = call.bundled or result.bundled or state is AttemptState.GATHERED
    call = call.model_copy(update={"attempts": attempts, "bundled": bundled})
    turn.state.calls[call.id] = call
    _note_result(turn, call, changed, result)
    if call.is_over:
        leave_bundle(turn, call)
        return call
    failed = result.outcome in (Outcome.FAILED, Outcome.RETRY)
    first_failure = failed and attempt.tries == 1
    return send_due(turn, call, message, at_once=first_failure)


def _note_result(turn: Turn, call: Call, attempt: Attempt, result: SendResult) -> None:
    who = f"{call.person.name} by {attempt.method}"
    data = {"key": attempt.key, "tries": str(attempt.tries)}
    match result.outcome:
        case Outcome.DELIVERED:
            again = " (the provider had it already)" if result.repeated else ""
            again = f", {result.detail}" if result.bundled else again
            turn.note("page.delivered", f"Page to {who} was delivered{again}.", data)
        case Outcome.FAILED:
            turn.note("page.failed", f"Page to {who} failed for good: {result.detail}", data)
        case Outcome.RETRY:
            if attempt.tries == 1:
                text = f"Page to {who} did not get through ({result.detail}); retrying."
                turn.note("page.retrying", text, data)
        case Outcome.GATHERED:
            note_gathered(turn, call, attempt, result)


def _show_outcome(turn: Turn, key: str, result: SendResult) -> None:
    turn.state.paged = tuple(
        paged.model_copy(update={"outcome": result.outcome}) if paged.key == key else paged
        for paged in turn.state.paged
    )


def drop_reason(turn: Turn, *reasons: str, person: str | None = None) -> None:
    """End these reasons for being paged, for one person or for all.

    A call without a reason left stops: its deadline goes, its pages in flight are
    withdrawn (one that has left already cannot be called back).
    """
    for call in list(turn.state.calls.values()):
        if person is not None and call.person.id != person:
            continue
        left = tuple(one for one in call.reasons if reasons and one not in reasons)
        if left != call.reasons:
            _reduce_call(turn, call, left)


def _reduce_call(turn: Turn, call: Call, left: tuple[str, ...]) -> None:
    call = call.model_copy(update={"reasons": left})
    turn.state.calls[call.id] = call
    if left:
        return
    turn.clear_deadline(f"call/{call.id}")
    sending = [a.key for a in call.attempts if a.state is AttemptState.SENDING]
    turn.withdraw.extend(sending)
    started = {effect.id for effect in turn.effects if isinstance(effect, SendPage)}
    if started & set(sending):
        turn.effects = [effect for effect in turn.effects if effect.id not in sending]
    leave_bundle(turn, call)


def forget_finished(turn: Turn) -> None:
    """Drop calls that are over, or spent in an earlier round, and that nothing asks about."""
    ladder = turn.state.ladders.get("escalation")
    present = (ladder.cycle, ladder.round) if ladder is not None else (0, 0)
    live = {(one.cycle, one.round) for one in turn.state.ladders.values() if one.stage != "over"}
    oldest = min(
        (ladder.cycle for ladder in turn.state.ladders.values() if ladder.stage != "over"),
        default=turn.state.cycle,
    )
    turn.state.calls = {
        call_id: call
        for call_id, call in turn.state.calls.items()
        if (
            call.cycle >= oldest
            if call.is_over
            else (call.cycle, call.round) in live or not _is_spent(call, present)
        )
    }


def _is_spent(call: Call, present: tuple[int, int]) -> bool:
    """Whether an earlier round's call has nothing left to do or to wait for."""
    waiting = (AttemptState.SENDING, AttemptState.GATHERED, AttemptState.RETRYING)
    return (
        call.reasons == ("escalation",)
        and (call.cycle, call.round) < present
        and len(call.attempts) == len(call.rules)
        and all(attempt.state not in waiting for attempt in call.attempts)
    )


def drop_help(turn: Turn, person: str) -> None:
    """The person has answered a call for help."""
    for call in list(turn.state.calls.values()):
        helping = [reason for reason in call.reasons if reason.startswith("help")]
        if call.person.id == person and helping:
            drop_reason(turn, *helping, person=person)
