"""Approvals: four eyes, k of n, never by time, and a glass to break that everybody hears."""

from domain.incident.view import StepView
from tests.incident.step_worlds import (
    OK,
    a_call,
    a_decision,
    a_notice,
    a_parallel,
    a_world,
    an_approval,
    an_option,
    heard,
    led,
    shown,
    states,
    within,
)
from tests.incident.world import World

GUARDED = (an_approval(deadline=within(10), on_timeout="escalate"), a_call("restore"))


def decided_by_cy(**extra: object) -> World:
    """Cy commands and has decided to restore, for which there is an approval."""
    approval = an_approval(**extra)
    way = an_option("restore", approval, a_call("restore"))
    world = led(a_world(a_decision(way, an_option("hold"))))
    world.say("cy", "step_choose", step="way", option="restore", because="two members are gone")
    return world


def yes(world: World) -> StepView:
    """The approval as others see it."""
    return shown(world, "yes")


def test_an_approval_lets_what_stands_behind_it_run() -> None:
    world = decided_by_cy()
    assert states(world) == {"way": "running", "yes": "running", "restore": "pending"}
    assert "Cy asks for your approval: yes" in heard(world, "dee")

    said = world.say("dee", "step_approve", step="yes")

    assert said.sentence == "Approved."
    assert (yes(world).state, shown(world, "restore").state) == ("done", "running")
    assert yes(world).detail == "approved by Dee."


def test_who_decided_does_not_approve_it() -> None:
    """Four eyes: the requester is refused."""
    world = decided_by_cy()

    refused = world.say("cy", "step_approve", step="yes")

    assert refused.refused
    assert refused.sentence == (
        "You asked for yes: somebody else must approve it (four eyes). "
        "In need: break the glass, with a reason."
    )
    assert yes(world).state == "running"
    assert not heard(world, "cy") or "approval" not in heard(world, "cy")[-1]


def test_an_author_may_let_who_asks_approve() -> None:
    world = decided_by_cy(own=True)

    world.say("cy", "step_approve", step="yes")

    assert yes(world).state == "done"


def test_without_a_decision_it_is_whoever_does_the_work_who_asks() -> None:
    world = led(a_world(an_approval(by=("role:operations_lead", "role:incident_commander"))))

    refused = world.say("ann", "step_approve", step="yes")
    world.say("cy", "step_approve", step="yes")

    assert "four eyes" in refused.sentence
    assert yes(world).state == "done"


def test_two_of_three_are_counted_and_nobody_counts_twice() -> None:
    by = ("user:dee", "user:bo", "user:mo")
    world = decided_by_cy(by=by, need=2)

    first = world.say("dee", "step_approve", step="yes")
    world.until(4)
    twice = world.say("dee", "step_approve", step="yes")
    assert yes(world).state == "running"
    second = world.say("bo", "step_approve", step="yes", because="I saw the plan")

    assert (first.sentence, second.sentence) == ("Approved (1 of 2).", "Approved (2 of 2).")
    assert twice.sentence == "You approved yes at 03:00 UTC already."
    assert [vote.name for vote in yes(world).votes] == ["Dee", "Bo"]
    assert yes(world).detail == "approved by Dee, Bo."


def test_who_is_not_named_does_not_approve() -> None:
    world = decided_by_cy()

    refused = world.say("bo", "step_approve", step="yes").sentence
    no_too = world.say("bo", "step_reject", step="yes", because="no").sentence

    assert refused == (
        "Only incident commander or dee approves this: Cy, dee. "
        "In need: break the glass, with a reason."
    )
    assert no_too == "Only incident commander or dee approves this: Cy, dee."


def test_a_no_with_its_reason_ends_it_and_holds_what_is_behind() -> None:
    world = decided_by_cy(need=2)
    world.say("dee", "step_reject", step="yes", because="the backup is from March.")

    assert states(world) == {"way": "running", "yes": "failed", "restore": "pending"}
    assert yes(world).needs == ("retry",)
    assert "Step yes has failed: Dee rejects it: the backup is from March" in heard(world, "cy")
    world.say("cy", "step_choose", step="way", option="hold")

    assert shown(world, "way").state == "done"


def test_what_was_rejected_is_asked_anew_with_a_retry() -> None:
    world = decided_by_cy()
    world.say("dee", "step_reject", step="yes", because="not yet")

    world.say("cy", "step_retry", step="yes")
    world.say("dee", "step_approve", step="yes")

    assert shown(world, "restore").state == "running"


def test_time_never_approves_and_after_it_is_too_late() -> None:
    """It ends as failed, the commander hears it, and an approval then is refused."""
    world = led(a_world(*GUARDED))

    world.until(10)

    assert states(world) == {"yes": "failed", "restore": "pending"}
    assert any("Step yes is overdue" in text for text in heard(world, "cy"))
    late = world.say("dee", "step_approve", step="yes")
    assert late.refused
    assert late.sentence == (
        "Step yes has failed since 03:10 UTC (not enough people approved it in time). "
        "watchbill step retry INC-AAAAAA yes asks anew."
    )
    world.say("ann", "step_retry", step="yes")
    world.say("dee", "step_approve", step="yes")
    assert shown(world, "restore").state == "running"


def test_no_setting_lets_an_approval_time_out_into_going_on() -> None:
    """Even a plan that says so: the compiler refuses to write one."""
    skips = a_world(an_approval(deadline=within(5), on_timeout="skip"), a_call("restore"))
    goes_on = a_world(
        an_approval(deadline=within(5), on_timeout="fail", on_error="continue"), a_call("restore")
    )

    skips.until(20)
    goes_on.until(20)

    assert states(skips) == {"yes": "failed", "restore": "pending"}
    assert states(goes_on) == {"yes": "failed", "restore": "pending"}


def test_a_reminder_goes_to_those_who_have_not_voted() -> None:
    world = decided_by_cy(by=("user:dee", "user:bo"), need=2, deadline=within(10))
    world.say("dee", "step_approve", step="yes")

    world.until(21)

    due = [(at, who) for at, who, text in world.notices if "is due" in text]
    assert due == [(10, "bo"), (20, "bo")]


def test_the_glass_is_broken_with_a_reason_and_everybody_hears_it() -> None:
    world = decided_by_cy(need=2)
    said = world.say("ann", "step_approve", step="yes", break_glass=True, because="quorum is lost")

    text = "Ann breaks the glass: yes goes on without approval: quorum is lost"
    assert said.sentence.startswith("Approved by breaking the glass")
    assert shown(world, "restore").state == "running"
    assert "approval.broken_glass" in world.kinds()
    assert text in heard(world, "dee")
    assert text in heard(world, "cy")
    assert [line.rpartition(": ")[0] for _, line in world.announced] == [text]


def test_the_glass_needs_a_reason_and_somebody_on_the_incident() -> None:
    world = decided_by_cy()

    silent = world.say("ann", "step_approve", step="yes", break_glass=True).sentence
    stranger = world.say("zoe", "step_approve", step="yes", break_glass=True, because="hurry")

    assert silent == "Breaking the glass needs a reason: say why it cannot wait."
    assert stranger.sentence == "Only who is on the incident breaks the glass: join it first."


def test_no_way_around_an_approval() -> None:
    world = a_world(a_parallel((an_approval(),), (a_call(),)), a_call("restore"))

    skipped = world.say("ann", "step_skip", step="yes", because="hurry").sentence
    taken = world.say("ann", "step_take_over", step="yes").sentence
    around = world.say("ann", "step_skip", step="both", because="hurry").sentence

    mend = "In need: watchbill step approve INC-AAAAAA yes --break-glass --because …"
    assert skipped == taken == f"Approval yes is not passed over. {mend}"
    assert around == f"Step both holds an approval. Approval yes is not passed over. {mend}"
    assert shown(world, "restore").state == "pending"


def test_an_approval_that_nobody_can_give_is_told_to_the_commander_then_to_who_comes() -> None:
    world = a_world(an_approval(by=("role:security_lead",)))
    assert "Nobody can take yes: nobody holds security lead" in heard(world, "ann")

    world.say("dee", "take_role", role="security_lead")

    assert "Ann asks for your approval: yes" in heard(world, "dee")
    world.say("dee", "step_approve", step="yes")
    assert yes(world).state == "done"


def test_an_approval_that_only_who_asks_could_give_says_so() -> None:
    world = a_world(an_approval(by=("role:incident_commander",)))

    assert "Nobody can take yes: who asks for it may not approve it" in heard(world, "ann")


def test_an_approval_ends_with_the_incident_and_is_asked_anew_when_it_reopens() -> None:
    world = decided_by_cy()
    world.say("cy", "resolve")
    assert yes(world).state == "cancelled"
    assert world.say("dee", "step_approve", step="yes").refused

    world.say("cy", "reopen")
    world.say("ann", "acknowledge")
    world.say("dee", "step_approve", step="yes")

    assert shown(world, "restore").state == "running"
    world.finish("restore", OK)
    assert shown(world, "way").state == "done"


def test_a_notice_behind_an_approval_waits_too() -> None:
    world = a_world(an_approval(), a_notice())

    assert world.announced == []
