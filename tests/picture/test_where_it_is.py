"""A picture of a running incident shows where it is, in marks and words."""

from datetime import timedelta

from domain.incident.view import IncidentView, Phase, StepView
from domain.picture.contents import outline_of
from domain.picture.mermaid import mermaid_of
from domain.picture.outline import BranchOutline, Outline, StepOutline, steps_of
from tests.picture.situations import decided, shipped, unanswered


def drawn(view: IncidentView) -> Outline:
    """What the picture of a payments incident shows."""
    return outline_of(shipped("payment_api_5xx"), view)


def step(outline: Outline, name: str) -> StepOutline:
    """One step of it."""
    return next(one for one in steps_of(outline.steps) if one.id == name)


def option(outline: Outline, label: str) -> BranchOutline:
    """One option of the decision."""
    choice = step(outline, "choose_mitigation")
    return next(one for one in choice.branches if label in one.label)


def test_an_unanswered_incident_shows_its_phase_severity_and_who_is_being_paged():
    outline = drawn(unanswered())

    moment = outline.moment
    assert moment is not None
    assert (moment.reference, moment.phase) == ("INC-TEST00", "triggered")
    assert moment.as_of == "as of 2026-03-04 03:07:00 CET"
    said = {field.name: [words.text for words in field.words] for field in moment.fields}
    assert any("for level 1: delivered" in line for line in said["Being paged"])
    assert any("to acknowledge" in line for line in said["Next, by itself"])
    assert [phase.name for phase in outline.phases if phase.is_present] == ["triggered"]
    assert [rule.severity for rule in outline.rules if rule.is_present] == [moment.severity]
    level = outline.ladder.rungs[0].standing
    assert level is not None
    assert level.said.startswith("paging ")


def test_steps_are_done_running_failed_ahead_or_passed_by_in_marks_not_only_in_lines():
    outline = drawn(decided())

    marks = {
        one.id: (one.standing.mark, one.standing.emphasis)
        for one in steps_of(outline.steps)
        if one.standing
    }
    assert marks["recent_deploys"] == ("[x]", "over")
    assert marks["provider_status"] == ("[!]", "failed")
    assert marks["choose_mitigation"] == ("[>]", "live")
    assert marks["shift_region"] == ("[>]", "live")
    assert marks["recovered"] == ("[ ]", "ahead")
    assert marks["approve_rollback"] == ("[-]", "passed_by")


def test_a_decision_shows_what_was_chosen_and_by_whom():
    outline = drawn(decided())

    taken, left = option(outline, "Fail over"), option(outline, "Roll back")
    assert taken.standing is not None
    assert left.standing is not None
    assert (taken.standing.said, left.standing.said) == ("chosen", "not chosen")
    choice = step(outline, "choose_mitigation").standing
    assert choice is not None
    assert "Fail over to the standby acquirer, by " in choice.said


def test_the_rounds_of_a_loop_are_counted_in_the_one_box_that_stands_for_them():
    standing = step(drawn(decided()), "shift_region").standing

    assert standing is not None
    assert standing.said == "1 running, 2 done"


def test_ticked_items_are_ticked_and_roles_name_who_holds_them():
    view = decided()
    outline = drawn(view)

    items = [words.text for words in step(outline, "first_look").words]
    assert sum(text.startswith("☑") for text in items) == len(_first_look(view).items)
    held = {row[0].text: row[-1].text for row in outline.roles.rows}
    assert held["operations lead"] == view.roles["operations_lead"][0].name
    assert held["scribe"] == "nobody yet"


def test_the_flow_chart_marks_the_same_places():
    chart = mermaid_of(drawn(decided()))

    assert "#91;" not in chart
    assert "[x] recent_deploys (http)" in chart
    assert "[>] " not in chart
    assert "[#62;] choose_mitigation (decide)" in chart
    assert "acknowledged#58; now" in chart
    assert chart.count(" live\n") >= 5


def _first_look(view: IncidentView) -> StepView:
    triage = next(one for one in view.steps if one.id == "triage")
    return next(one for one in triage.steps if one.id == "first_look")


def test_a_moment_of_another_day_names_its_day():
    view = decided()
    later = view.deadlines[0].model_copy(update={"at": view.updated_at + timedelta(days=3)})

    outline = drawn(view.model_copy(update={"deadlines": (later,)}))

    assert outline.moment is not None
    due = next(field for field in outline.moment.fields if field.name == "Next, by itself")
    assert due.words[0].text.startswith("Sat 03:08 CET ")


def test_a_closed_incident_has_passed_every_phase_and_says_when():
    view = decided()
    ended = {"phase": Phase.CLOSED, "closed_at": view.updated_at, "resolved_at": view.updated_at}

    outline = drawn(view.model_copy(update=ended))

    reached = {phase.name: phase.reached for phase in outline.phases}
    assert (reached["triggered"], reached["mitigated"], reached["closed"]) == ("03:00", "", "03:08")
    assert outline.phases[-1].is_present
