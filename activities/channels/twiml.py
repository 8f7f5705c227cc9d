"""TwiML: what Twilio is told to say on a call, or to answer to a message.

Decides the wording of a call. Every word from outside is escaped; a call says everything
twice, since the first words go to somebody who is waking up.
"""

import re
from xml.sax.saxutils import escape, quoteattr

SPOKEN_LIMIT = 300
"""Characters of a title that are read out: some 20 seconds."""

WAIT_S = 10
"""How long a call waits for a key after it has said everything."""

_UNSPEAKABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\u200b\ud800-\udfff\ufffe\uffff]")


def page_words(person: str, severity: str, title: str, *, drill: bool = False) -> str:
    """What a call says: for whom, how bad, what."""
    practice = "This is a drill. " if drill else ""
    level = severity.upper().removeprefix("SEV")
    short = title if len(title) <= SPOKEN_LIMIT else f"{title[:SPOKEN_LIMIT]} and so on"
    return f"{practice}Watchbill calls {person}. Severity {level}. {short.rstrip('.')}."


def question(words: str, action: str) -> str:
    """Say it twice, and send the key that is pressed to `action`."""
    asked = f"{words} Press 1 to acknowledge, 2 to hear it again."
    gather = (
        f'<Gather numDigits="1" timeout="{WAIT_S}" method="POST" action={quoteattr(action)}>'
        f'{_say(asked)}<Pause length="1"/>{_say(asked)}</Gather>'
    )
    return _document(gather + _say("No key was pressed, so it is not acknowledged. Goodbye."))


def statement(words: str, after: str) -> str:
    """Say it twice, then how to answer, and hang up."""
    return _document(f'{_say(words)}<Pause length="1"/>{_say(words)}{_say(after)}')


def goodbye(words: str) -> str:
    """Say it once and hang up."""
    return _document(f"{_say(words)}<Hangup/>")


def go_to(address: str, words: str = "") -> str:
    """Say something, then go on with what that address answers."""
    said = _say(words) if words else ""
    return _document(f'{said}<Redirect method="POST">{escape(address)}</Redirect>')


def answer_message(text: str) -> str:
    """The reply to a message."""
    return _document(f"<Message>{_clean(text)}</Message>")


def _say(words: str) -> str:
    return f"<Say>{_clean(words)}</Say>"


def _clean(text: str) -> str:
    return escape(_UNSPEAKABLE.sub("", text))


def _document(inside: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{inside}</Response>'
