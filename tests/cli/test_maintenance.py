"""`watchbill maintenance` and `watchbill heartbeats` against a server of the API's shape."""

from tests.cli.conftest import ApiServer, CommandLine, document, problem

WINDOW = {
    "id": "mw-7f3k2q1c",
    "state": "active",
    "service": "payments_api",
    "match": {},
    "starts_at": "2026-11-22T03:00:00Z",
    "ends_at": "2026-11-22T05:00:00Z",
    "reason": "db upgrade",
    "created_by": "user:ann",
    "created_by_name": "Ann Berg",
    "created_at": "2026-11-22T03:00:00Z",
    "ended_by": None,
}


def test_add_sends_what_was_said_and_prints_sentence_and_id(
    watchbill: CommandLine, api: ApiServer
) -> None:
    said = {"sentence": "Maintenance until 2026-11-22 05:00 UTC.", "window": WINDOW}
    api.replies["/v1/maintenance"] = document(said)

    done = watchbill(
        *("maintenance", "add", "--match", "cluster=eu-1", "--for", "2h", "--because", "db upgrade")
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [said["sentence"], "Its id is mw-7f3k2q1c."]
    (sent,) = api.received()
    assert sent.json() == {"match": {"cluster": "eu-1"}, "for": "2h", "reason": "db upgrade"}
    assert sent.headers["idempotency-key"]


def test_list_shows_what_is_covered_until_when(watchbill: CommandLine, api: ApiServer) -> None:
    matched = WINDOW | {"service": None, "match": {"cluster": ["eu-1", "eu-2"]}, "state": "past"}
    api.replies["/v1/maintenance"] = document({"items": [WINDOW, matched]})

    listed = watchbill("maintenance", "list", COLUMNS="200")

    _, first, second = listed.stdout.splitlines()
    for shown in ("mw-7f3k2q1c", "active", "payments_api", "2026-11-22 05:00", "Ann Berg"):
        assert shown in first
    assert "cluster=eu-1|eu-2" in second


def test_renew_and_end_go_to_the_window_and_a_refusal_is_one_line(
    watchbill: CommandLine, api: ApiServer
) -> None:
    api.replies["/v1/maintenance/mw-7f3k2q1c/renew"] = problem(422, "at most 24 h at a time.")
    api.replies["/v1/maintenance/mw-7f3k2q1c/end"] = document(
        {"sentence": "Maintenance mw-7f3k2q1c is over.", "window": WINDOW}
    )

    renewed = watchbill("maintenance", "renew", "mw-7f3k2q1c", "--for", "25h")
    ended = watchbill("maintenance", "end", "mw-7f3k2q1c")

    assert renewed.returncode == 1
    assert renewed.stderr == "watchbill maintenance renew: at most 24 h at a time.\n"
    assert ended.stdout == "Maintenance mw-7f3k2q1c is over.\n"


def test_heartbeats_shows_missing_ones_first_and_those_never_seen(
    watchbill: CommandLine, api: ApiServer
) -> None:
    def one(name: str, state: str, last: str | None) -> dict[str, object]:
        return {
            "name": name,
            "playbook": "canary_silent",
            "missing_after": "5m",
            "state": state,
            "last_beat_at": last,
            "missing_at": None,
            "incident": None,
        }

    beating = one("backup", "beating", "2026-11-22T03:00:00Z")
    missing = one("probe", "missing", "2026-11-22T02:00:00Z")
    api.replies["/v1/heartbeats"] = document(
        {"items": [beating, one("cron", "never", None), missing]}
    )

    listed = watchbill("heartbeats", COLUMNS="200")

    rows = [line.split()[:2] for line in listed.stdout.splitlines()[1:]]
    assert rows == [["probe", "missing"], ["cron", "never"], ["backup", "beating"]]
    assert "2026-11-22 02:00:00" in listed.stdout
