"""What people say while cards fail, up to where it is worth looking.

Everything goes through the API, as a person's own command would.
"""

from tests.ui.cards import answer
from tests.ui.looking import Copy


def cards_fail(copy: Copy, region: str) -> str:
    """An incident that Ann works on and Cleo commands; its workflow id."""
    answer(copy.hooks, "ratio", {"ratio": 0.124})
    opened = copy.fire("12 % of cards fail", alertname="CardsFail", region=region)
    assert copy.person_paged(opened) == "ann"
    copy.say(opened, "ann", "acknowledge")
    copy.person_paged(opened, "incident commander")
    copy.say(opened, "cleo", "roles/incident_commander/accept")
    copy.wait_for_step(opened, "recent_deploys", "done")
    copy.wait_for_fact(opened, "error_ratio")
    return opened


def up_to_the_decision(copy: Copy, region: str) -> str:
    """The same, once Ann has looked."""
    opened = cards_fail(copy, region)
    for item in ("graphs", "changes"):
        copy.say(opened, "ann", "steps/first_look/done", item=item)
    copy.wait_for_step(opened, "choose_way", "running")
    return opened


def to_the_end(copy: Copy, opened: str) -> None:
    """Cleo decides, Nora approves, it recovers, Ann verifies and answers."""
    choice = {"option": "rollback", "because": "deployed at 02:40, and nothing else was changed"}
    copy.say(opened, "cleo", "steps/choose_way/choose", **choice)
    copy.wait_for_step(opened, "approve_rollback", "running")
    copy.say(opened, "nora_eng_director", "steps/approve_rollback/approve", because="go ahead")
    copy.wait_for_step(opened, "rollback", "done")
    answer(copy.hooks, "ratio", {"ratio": 0.001})
    copy.wait_for_step(opened, "verify", "running")
    copy.say(opened, "ann", "steps/verify/done", item="ledger")
    copy.wait_for_step(opened, "refunds", "running")
    copy.say(opened, "ann", "steps/refunds/answer", answer=12)
    copy.wait_for_step(opened, "refunds", "done")
