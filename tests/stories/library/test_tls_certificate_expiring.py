"""A certificate expires soon: it can wait for the morning, and nobody is woken."""

from datetime import UTC, datetime

import pytest

from domain.incident.view import Phase
from domain.severity import Severity
from tests.stories.library.conftest import Library
from tests.stories.library.telling import (
    an_alert_of,
    decide,
    paged,
    resolved,
    states,
    step_of,
    tick,
)

pytestmark = pytest.mark.engine

TUESDAY_1_AM = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
SOON = an_alert_of(
    "BlackboxSslCertificateWillExpireSoon",
    instance="https://shop.example",
    job="blackbox",
    severity="critical",
)


async def test_a_certificate_wakes_nobody_and_is_renewed_in_the_morning(library: Library) -> None:
    """Whatever the sender calls it, nineteen days are time enough."""
    library.town.measured = {"tls_days_left": 19.4}
    library.tools.prints("tls-ops inspect", {"issuer": "Example CA", "managed": True})
    story = library.story("tls_certificate_expiring", TUESDAY_1_AM)

    await story.fire(SOON)
    await story.until("07:59")
    view = await story.view()
    assert (view.severity, paged(story, "Tue 01:00")) == (Severity.SEV4, set())
    assert not any(one.how in ("push", "phone") for one in story.reached)
    await story.until("09:10")
    await story.say("jon", "acknowledge")
    await tick(story, "jon", "first_look")
    choice = step_of(await story.view(), "choose")
    assert choice.question == "19.4 days are left. How is it renewed?"
    assert [one.id for one in choice.options if one.suggested] == ["again"]
    await decide(story, "jon", "choose", "again")
    assert library.tools.ran()[-1] == "tls-ops renew --host https://shop.example --wait"
    library.town.measured = {"tls_days_left": 89.9}
    await story.until("09:30")
    await story.until("10:00")
    await tick(story, "jon", "verify")
    await story.fire(resolved(SOON))
    await story.until("11:30")

    view = await story.view()
    assert view.phase is Phase.RESOLVED
    assert states(view, "renew", "renewed", "verify") == dict.fromkeys(
        ("renew", "renewed", "verify"), "done"
    )
