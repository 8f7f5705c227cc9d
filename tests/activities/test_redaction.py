"""Secrets are found in every text, however it is written, before anything is cut."""

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.automation.errors import WillNotSucceed
from activities.automation.redaction import Redactor, cut
from activities.automation.secret_values import SHORTEST
from domain.incident.step_effects import LONGEST_DETAIL, LONGEST_OUTPUT

SECRET = 'pä$$ "w/rd+&<x>?'
SIGN = "‹secret deploy_token›"

SECRETS = st.text(st.characters(codec="ascii", min_codepoint=33), min_size=8, max_size=60)


def a_redactor(value: str = SECRET) -> Redactor:
    """A redactor of one secret."""
    return Redactor({"deploy_token": value})


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        f"Bearer {SECRET}",
        quote(SECRET),
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower(),
        quote_plus(SECRET),
        json.dumps({"echo": SECRET}),
        json.dumps({"echo": SECRET}, ensure_ascii=False).replace("/", "\\/"),
        html.escape(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
    ],
)
def test_a_secret_is_found_in_each_way_of_writing_it(written: str):
    text = a_redactor().text(f"before {written} after")

    assert SIGN in text
    assert text.startswith("before ")
    assert text.endswith(" after")
    assert "w/rd" not in text


@given(SECRETS, st.binary(max_size=20), st.binary(max_size=20))
def test_a_secret_inside_something_longer_is_found_in_its_base64(
    secret: str, before: bytes, behind: bytes
):
    packed = base64.b64encode(before + secret.encode() + behind).decode()

    text = a_redactor(secret).text(packed)

    assert SIGN in text
    assert len(text) - len(SIGN) <= len(packed) - len(secret) * 8 // 6 + 2


@given(SECRETS, st.text(max_size=50), st.text(max_size=50))
def test_no_text_has_the_secret_afterwards(secret: str, before: str, behind: str):
    sign = "‹secret s›"

    text = Redactor({"s": secret}).text(before + secret + behind)

    assert secret not in text.replace(sign, "")
    assert sign in text


def test_a_longer_secret_is_found_where_a_shorter_one_begins_it():
    redactor = Redactor({"short": "abcdef", "long": "abcdefghijkl"})

    assert redactor.text("abcdefghijkl abcdef") == "‹secret long› ‹secret short›"


def test_a_line_of_a_key_is_found_by_itself():
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nshort\n-----END KEY-----"

    text = a_redactor(key).text("at: MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\r\n")

    assert text == f"at: {SIGN}\n"


def test_texts_are_cut_after_the_secrets_are_out_so_that_no_half_is_left():
    text = "x" * (LONGEST_OUTPUT - 6) + SECRET
    line = "x" * (LONGEST_DETAIL - 6) + SECRET

    assert "pä" not in a_redactor().output(text)
    assert "pä" not in a_redactor().detail(line)
    assert len(a_redactor().output(text).encode()) <= LONGEST_OUTPUT
    assert len(a_redactor().detail(line)) <= LONGEST_DETAIL


def test_a_json_answer_has_no_secret_in_its_texts_names_or_numbers():
    answer = {"a": [SECRET, 1, None, True], SECRET: {"deep": f"x{SECRET}"}, "n": 31337331}
    redactor = Redactor({"deploy_token": SECRET, "pin": "31337331"})

    assert redactor.everything(answer) == {
        "a": [SIGN, 1, None, True],
        SIGN: {"deep": f"x{SIGN}"},
        "n": "‹secret pin›",
    }


def test_a_failure_keeps_its_kind_and_loses_the_secret():
    failure = a_redactor().failure(WillNotSucceed(f"no: {SECRET}", output=SECRET))

    assert (failure.detail, failure.output, str(failure)) == (f"no: {SIGN}", SIGN, f"no: {SIGN}")


def test_characters_that_no_page_or_database_takes_are_replaced():
    assert Redactor({}).text("a\x00b\ud800c\x1b[1m\r\nd\te") == "a�b�c�[1m\nd\te"


@given(st.text(max_size=40), st.integers(4, 60))
def test_a_cut_text_is_never_longer_than_asked_and_begins_like_the_whole(text: str, most: int):
    short = cut(text, most)

    assert len(short.encode()) <= max(most, 0)
    assert text.startswith(short.removesuffix("…"))


def test_the_shortest_secret_is_redacted():
    secret = "ab/9"

    assert len(secret) == SHORTEST
    assert Redactor({"s": secret}).text(f"x{secret}y") == "x‹secret s›y"
