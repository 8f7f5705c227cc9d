"""What a test of a playbook gives, and what it is held against."""

import pickle

import pytest

from compiler.rehearsing import play_tests, run_tests
from domain.rehearsal import staging
from domain.rehearsal.playing import Played
from tests.rehearsal.folders import compiled, verdicts

ALERT = "on_alert: { alertname: Down }\npage: [schedule:first, schedule:second]\n"
GIVEN = "given: { labels: { alertname: Down, severity: critical } }"


def one(expect: str, *, head: str = ALERT, given: str = GIVEN, more: str = "") -> list[str]:
    """What failed in the only test."""
    test = f"tests:\n  - name: it\n    {given}\n    expect: {expect}\n{more}"
    (failed,) = verdicts(head + test).values()
    return failed


def played(playbook: str, **others: str) -> Played:
    (found,) = play_tests(compiled(playbook, **others), ["down"])
    return found


def test_times_count_from_triggered_not_from_the_alert() -> None:
    head = ALERT.replace(
        "on_alert: { alertname: Down }",
        "triggers: [{ alert: { match: { alertname: Down }, hold: 3m } }]",
    )

    assert one("{ paged: { schedule:first: 0s, schedule:second: 15m } }", head=head) == []


def test_a_test_without_a_moment_is_a_wednesday_at_ten_once_every_schedule_has_begun() -> None:
    found = played(ALERT + f"tests:\n  - name: it\n    {GIVEN}\n    expect: {{ severity: SEV2 }}\n")

    assert found.stage is not None
    assert found.stage.rehearsal.start.isoformat() == "2026-01-07T09:00:00+00:00"


def test_a_moment_is_local_to_the_playbook() -> None:
    at = '    at: "2026-07-05T03:00"\n'
    found = played(
        ALERT + f"tests:\n  - name: it\n    {GIVEN}\n    expect: {{ severity: SEV2 }}\n{at}"
    )

    assert found.stage is not None
    assert found.stage.rehearsal.start.isoformat() == "2026-07-05T01:00:00+00:00"


def test_who_serves_can_be_given() -> None:
    given = GIVEN.replace("} }", "}, on_call: { schedule:first: user:cy } }")

    assert one("{ paged: { user:cy: 0s, schedule:first: 0s } }", given=given) == []


def test_a_schedule_counts_as_paged_from_its_turn_on_though_its_person_was_paged_before() -> None:
    """The same person on two schedules is not mistaken for the second one."""
    given = GIVEN.replace("} }", "}, on_call: { schedule:second: user:ann } }")

    assert one("{ paged: { schedule:first: 0s, schedule:second: 15m } }", given=given) == []


def test_only_names_everybody_else_who_was_paged() -> None:
    assert one("{ paged: { schedule:first: 0s, only: true } }", more="    until: 20m\n") == [
        "expected only schedule:first to be paged, but so was Bo after 15m as level-2"
    ]


def test_what_wakes_nobody_is_no_page() -> None:
    head = "urgency: high_in_hours\n" + ALERT
    night = '    at: "2026-01-07T03:00"\n    until: 7h\n'

    assert (
        one("{ paged: { user:ann: 6h }, quietly: { user:ann: 0s } }", head=head, more=night) == []
    )


def test_a_condition_on_a_label_that_the_sender_does_not_send_matches_and_says_so() -> None:
    head = ALERT.replace(
        "on_alert: { alertname: Down }",
        "triggers: [{ alert: { match: { alertname: Down }, when: labels.tier == 'gold' } }]",
    )
    text = head + f"tests:\n  - name: it\n    {GIVEN}\n    expect: {{ triggers: true }}\n"

    found = played(text)

    assert found.passed
    assert found.stage is not None
    notes = [entry.text for entry in found.stage.rehearsal.record.entries]
    assert any("label 'tier' is missing" in note for note in notes)


CONDITION = "a != ''"
for variable in "abcd":
    CONDITION = f"facts.hosts.all({variable}, {CONDITION})"
TEMPLATE = "x"
for variable in "abcd":
    TEMPLATE = f"{{% for {variable} in facts.hosts %}}{TEMPLATE}{{% endfor %}}"
BOMBS = {
    "template": f"""
facts: {{ hosts: {{ type: list, http: {{ url: "https://h.example/", path: body.hosts }} }} }}
steps:
  - id: known
    wait_for: {{ when: size(facts.hosts) > 0 }}
    deadline: 1h
  - {{ id: tell, notify: {{ to: [destination:news], text: "{TEMPLATE}" }} }}
""",
    "condition": f"""
facts: {{ hosts: {{ type: list, http: {{ url: "https://h.example/", path: body.hosts }} }} }}
severity: {{ default: SEV2, rules: [{{ set: SEV1, when: "{CONDITION}" }}] }}
""",
}
HOSTS = ", ".join(f"h{number}" for number in range(100))


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_bounded_and_the_page_goes_out(bomb: str) -> None:
    given = GIVEN.replace("} }", f"}}, facts: {{ hosts: [{HOSTS}] }} }}")

    assert one("{ paged: { schedule:first: 0s } }", head=bomb + ALERT, given=given) == []


def test_a_test_that_takes_too_long_is_given_up_and_says_so() -> None:
    folder = compiled(
        ALERT + f"tests:\n  - name: it\n    {GIVEN}\n    expect: {{ severity: SEV2 }}\n"
    )

    (tested,) = run_tests(folder, ["down"], begin=lambda: lambda: True)

    assert [each.message for each in tested.problems] == [
        "test 'it': the test was given up: it takes too long to play"
    ]


def test_an_incident_that_goes_round_for_ever_ends_the_test_with_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Months of pages every second are more than a test may bring about."""
    monkeypatch.setattr(staging, "MOST_EVENTS", 300)
    head = ALERT.replace(
        "page:",
        "escalation: { ack_within: 1s, exhausted: { page: [user:cy], again_every: 1s } }\npage:",
    )

    failed = one("{ phase: triggered }", head=head, more="    until: 90d\n")

    assert failed == ["the test was given up: more than 300 events happen in it"]


def test_a_loop_of_many_machine_steps_is_played_to_its_end() -> None:
    """Each answers at once; nothing is built up on the way."""
    steps = """
facts: { hosts: { type: list, http: { url: "https://h.example/", path: body.hosts } } }
steps:
  - id: known
    wait_for: { when: size(facts.hosts) > 0 }
    deadline: 1h
  - id: each
    for_each: { in: facts.hosts, as: host, at_once: 1, max: 1000 }
    do:
      - id: ask
        http: { method: GET, url: "https://h.example/{{ host }}", expect: [200] }
        timeout: 5s
"""
    hosts = ", ".join(f"h{number}" for number in range(100))
    given = GIVEN.replace("} }", f"}}, facts: {{ hosts: [{hosts}] }} }}")

    assert one("{ steps: { each: done, ask@100: done } }", head=ALERT + steps, given=given) == []


FACTS = """
facts:
  ratio:
    type: double
    http: { url: "https://h.example/", path: body.r }
    every: 1m
    max_age: 3m
    hold: 2m
severity:
  default: SEV3
  rules: [{ set: SEV1, when: facts.ratio > 0.5 }]
  reassess: { every: 1m, raise: auto, lower: never }
"""
MINOR = "given: { labels: { alertname: Down, severity: warning }, facts: { ratio: 0.1 } }"


def test_a_fact_counts_once_it_has_stood_for_its_hold() -> None:
    story = "    story: [{ after: 5m, facts: { ratio: 0.9 } }]\n"
    expect = "[{ after: 6m, severity: SEV3 }, { after: 7m, severity: SEV1, facts: { ratio: 0.9 } }]"

    assert one(expect, head=FACTS + ALERT, given=MINOR, more=story) == []


def test_a_source_that_cannot_be_read_makes_its_fact_stale_after_its_age() -> None:
    story = "    story: [{ after: 5m, facts: { ratio: null } }]\n"
    expect = "[{ after: 7m, facts: { ratio: 0.1 } }, { after: 8m, facts: { ratio: null } }]"

    assert one(expect, head=FACTS + ALERT, given=MINOR, more=story) == []


CALLED = """language: 1
name: mend
owner: team:shop
page: [user:cy]
params: { host: { type: string } }
steps:
  - id: look
    http: { method: GET, url: "https://h.example/{{ params.host }}", expect: [200] }
    out: { n: { path: body.n, type: int } }
    timeout: 5s
outputs: { n: { type: int, value: steps.look.n } }
"""
CALLER = """steps:
  - id: mended
    playbook: { name: mend, with: { host: a }, wait: true }
    deadline: 1h
"""


def test_a_called_playbook_is_rehearsed_and_pages_nobody_by_its_ladder() -> None:
    expect = "{ steps: { mended: done }, paged: { user:cy: never } }"
    test = f"tests:\n  - name: it\n    {GIVEN}\n    until: 5m\n    expect: {expect}\n"
    text = ALERT + CALLER + test

    assert verdicts(text, mend=CALLED) == {"it": []}


def test_a_called_playbook_can_be_answered_for() -> None:
    given = GIVEN.replace("} }", "}, steps: { mended: { n: 3 } } }")
    expect = "{ steps: { mended: { state: done, results: { n: 3 } } } }"
    text = ALERT + CALLER + f"tests:\n  - name: it\n    {given}\n    expect: {expect}\n"

    assert verdicts(text, mend=CALLED) == {"it": []}


def test_an_alert_that_comes_again_after_it_ended_opens_the_incident_anew() -> None:
    story = """    story:
      - { after: 1m, by: user:ann, say: acknowledge }
      - { after: 5m, ends: true }
      - { after: 6m, by: role:incident_commander, say: resolve, text: gone }
      - { after: 20m, fires: { alertname: Down } }
"""
    expect = "[{ after: 6m, phase: resolved }, { after: 20m, phase: triggered }]"

    assert one(expect, more=story) == []


def test_an_offer_is_taken_without_naming_it() -> None:
    story = """    story:
      - { after: 1m, by: user:ann, say: acknowledge }
      - after: 2m
        by: user:ann
        say: handoff
        role: operations_lead
        to: user:bo
        summary: { state_now: quiet }
      - { after: 3m, by: user:bo, say: accept_handoff }
"""

    assert one("{ roles: { operations_lead: user:bo } }", more=story) == []


def test_a_snooze_and_a_moment_are_written_as_authors_write_time() -> None:
    story = """    story:
      - { after: 1m, by: user:ann, say: acknowledge }
      - { after: 2m, by: user:ann, say: snooze, lasting: 30m, reason: watching it }
      - { after: 3m, by: user:ann, say: task_add, text: Order a disk, due: "2026-01-08T12:00" }
"""

    assert one("{ phase: acknowledged }", more=story) == []


def test_verdicts_can_be_handed_from_one_process_to_another() -> None:
    """A share of the playbooks is tested elsewhere, and what came of it comes back."""
    expect = "expect: { severity: SEV4 }"
    folder = compiled(ALERT + f"tests:\n  - name: it\n    {GIVEN}\n    {expect}\n")

    found = run_tests(folder)

    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - our own bytes
    assert [each.passed for each in found] == [False]
