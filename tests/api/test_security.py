"""Who may do what, and that refusals are answered and audited."""

import pytest

from tests.api.conftest import REFERENCE, WORKFLOW, Api, a_view

ACKNOWLEDGE = f"/v1/incidents/{REFERENCE}/acknowledge"


@pytest.fixture
def opened(api: Api) -> Api:
    """An API that knows one triggered incident."""
    api.record(a_view())
    api.gateway.views[WORKFLOW] = a_view()
    return api


def test_an_ingest_key_that_acknowledges_is_403_and_audited(opened: Api):
    key = opened.ledger.add_key("alertmanager", ["ingest"], "source:alertmanager")
    with opened.client(key=key) as client:
        answer = client.post(ACKNOWLEDGE)

    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert "'acknowledge'" in answer.json()["detail"]
    (entry,) = opened.ledger.audited()
    assert (entry.actor, entry.outcome) == ("source:alertmanager", "forbidden")
    assert opened.gateway.commands == []


def test_an_acknowledge_key_acknowledges_as_its_source_and_nothing_else(opened: Api):
    key = opened.ledger.add_key("bot", ["acknowledge"], "source:bot")
    with opened.client(key=key) as client:
        assert client.post(ACKNOWLEDGE).status_code == 200
        assert client.post(f"/v1/incidents/{REFERENCE}/resolve").status_code == 403
        assert client.get("/v1/incidents").status_code == 403

    assert opened.gateway.commands[0][1].actor == "source:bot"


@pytest.mark.parametrize("key", ["", "wrong", "wbaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"])
def test_without_a_known_key_it_is_401_with_how_to_get_one(opened: Api, key: str):
    with opened.client(key=key or "x") as client:
        headers = {} if key else {"Authorization": ""}
        answer = client.get("/v1/incidents", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "watchbill keys add" in answer.json()["detail"]
    assert opened.ledger.audited()[0].outcome == "unauthenticated"


def test_only_the_development_key_names_its_person(opened: Api):
    key = opened.ledger.add_key("bo", ["respond"], "user:bo")
    with opened.client("user:ann") as client:
        client.post(ACKNOWLEDGE)
    with opened.client(key=key) as client:
        client.post(ACKNOWLEDGE, headers={"X-Watchbill-Actor": "ann"})
    with opened.client(None) as client:
        client.post(ACKNOWLEDGE)

    actors = [command.actor for _, command in opened.gateway.commands]
    assert actors == ["user:ann", "user:bo", "user:developer"]


def test_an_actor_that_is_no_id_is_refused(opened: Api):
    with opened.client("Ann Berg") as client:
        assert client.post(ACKNOWLEDGE).status_code == 422


def test_an_author_reads_but_does_not_act(opened: Api):
    key = opened.ledger.add_key("ci", ["author"], "user:bo")
    with opened.client(key=key) as client:
        assert client.get(f"/v1/incidents/{REFERENCE}").status_code == 200
        assert client.post(ACKNOWLEDGE).status_code == 403


def test_a_revoked_key_is_refused(opened: Api):
    key = opened.ledger.add_key("bo", ["respond"], "user:bo")
    opened.ledger.revoke_key("bo")
    with opened.client(key=key) as client:
        assert client.get("/v1/incidents").status_code == 401
