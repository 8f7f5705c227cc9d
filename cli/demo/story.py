"""The demo's story: one night with the payment API, from alert to resolution.

Decides who does what when. Every line is something that happened: a request that was
answered, or a message that arrived. What must have been true in the end is
`cli.demo.checks`.
"""

import httpx

from cli.demo.folder import captured
from cli.demo.stage import Stage, StoryBroken
from domain.incident.view import Phase


def tell(stage: Stage) -> None:
    """Let it all happen; StoryBroken as soon as something does not."""
    _fires(stage)
    _nobody_answers(stage)
    _bo_acknowledges(stage)
    _command_changes_hands(stage)
    _it_recovers(stage)


def _fires(stage: Stage) -> None:
    stage.heading("1. The payment API fails, and Alertmanager says so")
    answer = _post_alerts(stage, "firing-two")
    references = {alert["reference"] for alert in answer["alerts"]}
    if len(references) != 1 or not all(references):
        raise StoryBroken(f"two alerts open one incident (they went to {references})")
    shown = stage.begin(str(references.pop()))
    opened = shown.opened_at
    stage.line("Alertmanager", "two alerts fire, of two instances", "bold yellow", at=opened)
    text = f"opens {shown.reference} at {shown.severity.value}: {shown.title}"
    stage.line("Watchbill", text, at=opened)
    stage.say(f"          See it in the Temporal UI: {shown.links['temporal']}")
    stage.release()
    stage.arrives("Ann, first on call, is paged by push", "ann", "level 1", wakes=True)
    stage.arrives("Cleo is asked to take command", "cleo", "incident commander", wakes=True)
    stage.arrives("Dev is asked to take a role", "dev", "you are asked to take", wakes=True)
    for role in ("communications_lead", "support_liaison"):
        typed = f"accept {stage.reference} {role} --as dev"
        stage.act("dev", f"roles/{role}/accept", {}, typed)


def _nobody_answers(stage: Stage) -> None:
    stage.heading("2. Ann is asleep: her next method, then the next level")
    stage.arrives(
        "Ann is paged by her second method", "hooks/ann", "level 1", meanwhile="Ann sleeps"
    )
    stage.arrives(
        "nobody acknowledges, so Bo at level 2 is paged",
        "bo",
        "level 2",
        wakes=True,
        meanwhile="nobody acknowledges; after 15 minutes level 2 is paged",
    )


def _bo_acknowledges(stage: Stage) -> None:
    stage.heading("3. Bo taps Acknowledge on his phone")
    page = stage.receivers.to("bo", "level 2")[0]
    if page.link is None:
        raise StoryBroken("the page on Bo's phone carries a link")
    with httpx.Client(trust_env=False, timeout=30) as phone:
        phone.get(page.link).raise_for_status()
        if stage.incident().phase is not Phase.TRIGGERED:
            raise StoryBroken("opening the link alone changes nothing")
        phone.post(f"{page.link}/acknowledge").raise_for_status()
    stage.line("Bo", "acknowledges: he works on it, and acts as commander", "bold cyan")
    stage.expect("the incident is acknowledged", lambda: _phase(stage) is Phase.ACKNOWLEDGED)
    stage.arrives("Ann is told that Bo has it", "ann", "acknowledged by bo chen", wakes=False)
    stage.act("bo", "steps/first_look/done", {}, f"done {stage.reference} first_look --as bo")


def _command_changes_hands(stage: Stage) -> None:
    stage.heading("4. Command is handed over, with what the next person must know")
    state = "Half the card payments fail since the last deploy; rollback runs, 5 min left"
    typed = f'handoff {stage.reference} incident_commander cleo --as bo --state-now "{state}"'
    body: dict[str, object] = {
        "role": "incident_commander",
        "to": "cleo",
        "summary": {"state_now": state},
    }
    offer = stage.act("bo", "handoff", body, typed)
    if offer is None:
        raise StoryBroken("the offer of command has an id")
    stage.arrives("Cleo is paged with the offer", "cleo", "offers you", wakes=True)
    typed = f"handoff-accept {stage.reference} {offer} --as cleo"
    stage.act("cleo", f"handoff/{offer}/accept", {}, typed)
    stage.arrives("the stakeholders hear who commands", "hooks/stakeholders", "commands")
    note = "Rolled back the last deploy; error ratio falls"
    typed = f'note {stage.reference} "{note}" --type action --as bo'
    stage.act("bo", "note", {"text": note, "type": "action"}, typed)


def _it_recovers(stage: Stage) -> None:
    stage.heading("5. It recovers; after 15 quiet minutes the commander is asked")
    _post_alerts(stage, "one-resolved")
    stage.line("Alertmanager", "one of two alerts is resolved", "bold yellow")
    _post_alerts(stage, "all-resolved")
    stage.line("Alertmanager", "the other is resolved too", "bold yellow")
    stage.act("bo", "steps/verify/done", {}, f"done {stage.reference} verify --as bo")
    stage.arrives("the playbook's next step tells the channel", "hooks/channel", stage.reference)
    stage.arrives(
        "Cleo is asked whether it is over",
        "cleo",
        "is it over",
        meanwhile="nothing fires; it must hold for 15 minutes",
    )
    typed = f"confirm {stage.reference} --as cleo"
    stage.act("cleo", "confirm", {}, typed)
    stage.expect("the incident is resolved", lambda: _phase(stage) is Phase.RESOLVED)
    stage.arrives("the stakeholders hear that it is over", "hooks/stakeholders", "resolved")
    stage.expect(
        "the record says that it is resolved",
        lambda: any(entry.kind == "resolved" for entry in stage.timeline()),
    )


def _post_alerts(stage: Stage, name: str) -> dict[str, list[dict[str, str | None]]]:
    with stage.api() as api:
        said = api.post("/v1/alerts/alertmanager", captured(name))
    return said.body


def _phase(stage: Stage) -> Phase:
    return stage.incident().phase
