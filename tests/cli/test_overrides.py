"""`watchbill override` against a real HTTP server that answers as the API does."""

from tests.cli.conftest import ApiServer, CommandLine, document, problem

OVERRIDE = {
    "id": "ov-7f3c2a1b",
    "schedule": "pay",
    "person": "bo",
    "person_name": "Bo Chen",
    "start": "2026-12-24T17:00:00Z",
    "end": "2026-12-27T08:30:00Z",
    "status": "proposed",
    "reason": "holidays",
    "requested_by": "user:ann",
    "requested_by_name": "Ann Berg",
    "requested_at": "2026-12-01T08:00:00Z",
    "answer_by": "2026-12-24T17:00:00Z",
    "answered_at": None,
}


def test_add_asks_and_prints_sentence_warnings_and_id(watchbill: CommandLine, api: ApiServer):
    api.replies["/v1/schedules/pay/overrides"] = document(
        {"sentence": "Bo Chen is asked.", "override": OVERRIDE, "warnings": ["Bo is busy."]}
    )
    done = watchbill(
        *("override", "add", "pay", "bo", "--from", "2026-12-24T18:00"),
        *("--to", "2026-12-27T09:30", "--because", "holidays"),
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "Bo Chen is asked.",
        "Note: Bo is busy.",
        "Its id is ov-7f3c2a1b.",
    ]
    (sent,) = api.received()
    assert sent.json() == {
        "person": "bo",
        "from": "2026-12-24T18:00",
        "to": "2026-12-27T09:30",
        "reason": "holidays",
    }
    assert sent.headers["idempotency-key"]


def test_list_shows_who_covers_what_when(watchbill: CommandLine, api: ApiServer):
    api.replies["/v1/overrides"] = document({"items": [OVERRIDE]})
    api.replies["/v1/schedules/dba/overrides"] = document({"items": []})
    listed = watchbill("override", "list", COLUMNS="200")
    empty = watchbill("override", "list", "dba")

    for shown in ("ov-7f3c2a1b", "proposed", "Bo Chen", "2026-12-24 17:00 UTC", "holidays"):
        assert shown in listed.stdout
    assert empty.stdout == "No overrides.\n"


def test_answers_go_to_their_own_address_and_refusals_are_one_line(
    watchbill: CommandLine, api: ApiServer
):
    for kind in ("accept", "decline", "withdraw"):
        api.replies[f"/v1/overrides/ov-1/{kind}"] = document(
            {"sentence": f"{kind}: done.", "status": "x"}
        )
    api.replies["/v1/overrides/ov-2/accept"] = problem(409, "Override ov-2 was declined.")

    assert watchbill("override", "accept", "ov-1").stdout == "accept: done.\n"
    assert (
        watchbill("override", "decline", "ov-1", "--because", "away").stdout == "decline: done.\n"
    )
    assert watchbill("override", "withdraw", "ov-1").stdout == "withdraw: done.\n"
    assert [one.json() for one in api.received()] == [{}, {"reason": "away"}, {}]
    refused = watchbill("override", "accept", "ov-2")
    assert refused.returncode == 1
    assert refused.stderr == "watchbill override accept: Override ov-2 was declined.\n"
