"""Replies by SMS and keys on a call, as Twilio brings them back."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from activities.links import callback_token, link_for
from api.callback_signatures import twilio_signature
from api.gateway_errors import EngineUnavailable, Pending, Refused
from domain.incident.commands import Answer
from domain.roster import Method, Roster
from settings import Settings
from tests.api.conftest import OPENED, REFERENCE, WORKFLOW, Api, a_plan, a_roster, a_view
from tests.providers import TWILIO_TOKEN, TwilioServer, listening

PUBLIC = "https://watchbill.example"
ANN, BO = "+4930123456", "+15550109999"


def with_numbers() -> Roster:
    """Ann has a number for SMS, Bo one for calls."""
    roster = a_roster()
    contacts = {"ann": {Method.SMS: ANN}, "bo": {Method.PHONE: BO}}
    users = {
        name: user.model_copy(update={"contact": contacts[name]})
        for name, user in roster.users.items()
    }
    return roster.model_copy(update={"users": users})


@pytest.fixture
def twilio() -> Iterator[TwilioServer]:
    """A server of Twilio's shape, which calls back."""
    server = TwilioServer()
    with listening(server):
        yield server


@pytest.fixture
def api(start_api: Callable[..., Api], twilio: TwilioServer) -> Api:
    """An API that Twilio reaches, with one incident that pages Ann."""
    api = start_api(
        a_plan(), roster=with_numbers(), twilio_auth_token=TWILIO_TOKEN, public_url=PUBLIC
    )
    twilio.proxied = {PUBLIC: api.address}
    show(api)
    return api


def show(api: Api, reference: str = REFERENCE, **fields: Any) -> None:
    """An incident is like this now, and pages Ann."""
    paged = {"person": "ann", "name": "Ann Berg", "level": "1", "method": "sms"}
    shown = {"paged": [{**paged, "state": "delivered", "at": OPENED}], **fields}
    workflow = WORKFLOW if reference == REFERENCE else f"w-{reference.lower()}"
    view = a_view(id=workflow, reference=reference, **shown)
    api.record(view)
    api.gateway.views[workflow] = view


def sent(api: Api) -> list[tuple[str, str, str]]:
    """What the incidents were told: workflow, command, actor."""
    return [(where, command.kind, command.actor) for where, command in api.gateway.commands]


@pytest.mark.parametrize(
    "text",
    ["ack M4T9WC", "ACK m4t9wc", "Ack INC-M4T9WC.", "ack: m4t9wc", "ack", " Ack! ", "ack all"],
)
def test_a_reply_acknowledges_as_the_person_whose_number_it_is(
    text: str, api: Api, twilio: TwilioServer
):
    api.gateway.answer = Answer(sentence="Acknowledged; you are on it.")

    said = twilio.reply_by_sms(PUBLIC, ANN, text)

    assert sent(api) == [(WORKFLOW, "acknowledge", "user:ann")]
    assert said == f"{REFERENCE}: Acknowledged; you are on it."


def test_the_same_message_delivered_twice_is_one_command(api: Api, twilio: TwilioServer):
    """The request id comes from the message, so the incident knows the repeat."""
    twilio.reply_by_sms(PUBLIC, ANN, "ack M4T9WC", sid="SM1")
    twilio.reply_by_sms(PUBLIC, ANN, "ack M4T9WC", sid="SM1")

    ids = {command.request_id for _, command in api.gateway.commands}
    assert ids == {"user:ann/twilio/SM1"}


def test_a_bare_ack_asks_which_where_several_page_and_all_takes_each(
    api: Api, twilio: TwilioServer
):
    show(api, "INC-K2F7QX", severity="SEV1")

    asked = twilio.reply_by_sms(PUBLIC, ANN, "ack")
    before = sent(api)
    said = twilio.reply_by_sms(PUBLIC, ANN, "ack all")

    assert before == []
    assert asked == "2 incidents page you: K2F7QX, M4T9WC. Which one? Or: ack all."
    assert said == "All 2 incidents are acknowledged."
    assert {where for where, _, _ in sent(api)} == {WORKFLOW, "w-inc-k2f7qx"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("what?", "Not understood, nothing was done. Send 'ack' and the code"),
        ("ack nothing-like-it", "Not understood"),
        ("", "Not understood"),
        ("ack ZZZZZZ", "No incident INC-ZZZZZZ is known."),
    ],
)
def test_anything_else_is_answered_with_what_to_send(
    text: str, says: str, api: Api, twilio: TwilioServer
):
    assert twilio.reply_by_sms(PUBLIC, ANN, text).startswith(says)
    assert sent(api) == []


def test_a_reply_where_nothing_pages_says_so(api: Api, twilio: TwilioServer):
    said = twilio.reply_by_sms(PUBLIC, BO, "ack")

    assert said.startswith("Nothing pages you now.")
    assert sent(api) == []


def test_a_number_of_nobody_or_of_two_people_acts_for_nobody(
    start_api: Callable[..., Api], twilio: TwilioServer
):
    roster = with_numbers()
    bo = roster.users["bo"].model_copy(update={"contact": {Method.SMS: ANN}})
    shared = roster.model_copy(update={"users": {**roster.users, "bo": bo}})
    api = start_api(a_plan(), roster=shared, twilio_auth_token=TWILIO_TOKEN, public_url=PUBLIC)
    twilio.proxied = {PUBLIC: api.address}
    show(api)

    stranger = twilio.reply_by_sms(PUBLIC, "+999999999", "ack all")
    two = twilio.reply_by_sms(PUBLIC, ANN, "ack all")

    assert "does not know this number" in stranger
    assert "Ann Berg and Bo Li" in two
    assert sent(api) == []


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (Refused("INC-M4T9WC is resolved."), "INC-M4T9WC is resolved."),
        (Pending("No worker."), "It is kept, and done as soon as a worker answers."),
        (EngineUnavailable("The engine does not answer."), "Nothing was done: try again"),
    ],
)
def test_a_reply_is_told_when_nothing_could_be_done(
    error: Exception, says: str, api: Api, twilio: TwilioServer
):
    api.gateway.error = error

    assert says in twilio.reply_by_sms(PUBLIC, ANN, "ack M4T9WC")


# -- signatures -----------------------------------------------------------------------


def test_the_signature_is_twilios_own():
    """The example of Twilio's documentation."""
    form = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ]
    signature = twilio_signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", form)

    assert signature == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@pytest.mark.parametrize("path", ["sms", "voice/token", "voice/token/pressed"])
@pytest.mark.parametrize("signed", [None, "", "bm90IGl0", "ü", "other"])
def test_a_missing_or_wrong_signature_is_refused_and_audited(
    path: str, signed: str | None, api: Api
):
    """Also one that is right for another body."""
    url = f"{api.address}/v1/channels/twilio/{path}"
    form = {"From": ANN, "Body": "ack all", "MessageSid": "SM1"}
    if signed == "other":
        public = url.replace(api.address, PUBLIC)
        signed = twilio_signature(TWILIO_TOKEN, public, [("From", ANN), ("Body", "hello")])
    headers = {} if signed is None else {"X-Twilio-Signature": signed.encode()}

    answer = httpx.post(url, data=form, headers=headers)

    audited = api.ledger.audited(1)[0]
    assert answer.status_code == 401
    assert "signature of Twilio" in answer.json()["detail"]
    assert (audited.outcome, audited.actor) == ("unauthenticated", "unknown")
    assert "/v1/channels/twilio" in audited.action
    assert sent(api) == []


def test_without_the_token_nothing_is_believed(start_api: Callable[..., Api]):
    api = start_api(a_plan(), roster=with_numbers())

    answer = httpx.post(f"{api.address}/v1/channels/twilio/sms", data={"From": ANN})

    assert answer.status_code == 401
    assert "WATCHBILL_TWILIO_AUTH_TOKEN" in answer.json()["detail"]


@pytest.mark.parametrize("public", ["https://w.example", "https://w.example:443"])
@pytest.mark.parametrize("signed_for", ["https://w.example", "https://w.example:443"])
def test_the_standard_port_may_be_written_or_not(
    public: str, signed_for: str, start_api: Callable[..., Api]
):
    api = start_api(
        a_plan(), roster=with_numbers(), twilio_auth_token=TWILIO_TOKEN, public_url=public
    )
    form = {"From": ANN, "Body": "hello"}
    url = f"{signed_for}/v1/channels/twilio/sms"
    signature = twilio_signature(TWILIO_TOKEN, url, list(form.items()))

    answer = httpx.post(
        f"{api.address}/v1/channels/twilio/sms",
        data=form,
        headers={"X-Twilio-Signature": signature},
    )

    assert answer.status_code == 200


# -- calls ----------------------------------------------------------------------------


def a_call(settings: Settings, answered: str = "M4T9WC", person: str = "ann") -> dict[str, str]:
    """The form of a call that we have placed."""
    token = callback_token(settings, "voice", answered, person)
    return {"To": ANN, "Url": f"{settings.public_address}/v1/channels/twilio/voice/{token}"}


def test_one_on_a_call_acknowledges_as_the_person_who_was_called(api: Api, twilio: TwilioServer):
    api.gateway.answer = Answer(sentence="Acknowledged; you are on it.")
    call = twilio.pick_up(a_call(api.settings))

    assert "Watchbill calls Ann Berg. Severity 2. Payments are failing." in call.heard
    assert sent(api) == []
    assert call.press("1") == f"{REFERENCE}: Acknowledged; you are on it."
    assert sent(api) == [(WORKFLOW, "acknowledge", "user:ann")]


def test_two_says_it_again_and_other_keys_do_nothing(api: Api, twilio: TwilioServer):
    call = twilio.pick_up(a_call(api.settings))

    assert "Payments are failing" in call.press("2")
    assert "Payments are failing" in call.press("9")
    assert sent(api) == []


def test_a_call_for_an_incident_that_is_over_says_so(api: Api, twilio: TwilioServer):
    show(api, phase="resolved", seq=2)

    assert "is resolved. Nothing is left to do." in twilio.pick_up(a_call(api.settings)).heard


def test_a_call_for_many_says_the_worst_and_one_key_takes_all(api: Api, twilio: TwilioServer):
    show(api, "INC-K2F7QX", severity="SEV1", title="The datacentre is dark")
    call = twilio.pick_up(a_call(api.settings, "all"))

    assert "Severity 1. The datacentre is dark, and 1 more." in call.heard
    assert call.press("1") == "All 2 incidents are acknowledged."
    assert len(sent(api)) == 2


def test_a_call_to_somebody_who_has_left_the_roster_does_nothing(api: Api, twilio: TwilioServer):
    call = a_call(api.settings, person="gone")

    answer = twilio.post_signed(f"{call['Url']}/pressed", {"Digits": "1"})

    assert answer.status_code == 403
    assert sent(api) == []


def test_a_call_that_we_did_not_place_is_refused(api: Api, twilio: TwilioServer):
    """Also with the token of a link, which was signed for something else."""
    token = link_for(api.settings, REFERENCE, "ann").rpartition("/")[2]

    answer = twilio.post_signed(f"{PUBLIC}/v1/channels/twilio/voice/{token}/pressed", {})

    assert answer.status_code == 403
    assert sent(api) == []
