"""Plugin steps: found by entry point, checked, limited in time, and never told on."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from activities.automation.errors import CallFailed, MayBeTriedAgain, WillNotSucceed
from activities.automation.plugins import Plugins
from activities.automation.safe_http import safe_client
from activities.automation.secret_values import Secrets
from domain.incident.step_effects import CallResult, PluginCall
from domain.plan_steps import OutPlan
from domain.plugin import PluginError, installed_plugins, plugin_named
from settings import Settings
from tests.web_server import WebServer, saying, web_server, with_json

TOKEN = "t1ckets/token="
SAMPLE = Path(__file__).parent.parent / "sample_plugins"


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample package is installed."""
    monkeypatch.syspath_prepend(str(SAMPLE))


@pytest.fixture
def server() -> Iterator[WebServer]:
    """A server that knows of two open tickets."""
    with web_server(saying(with_json('{"open": 2}'))) as one:
        yield one


async def made(
    server: WebServer, plugin: str, *, timeout_s: float = 20, out: Any = None, **params: Any
) -> CallResult:
    """What came of the call."""
    plugins = Plugins(
        safe_client(Settings(http_allow=server.target)),
        Secrets(Settings(), {"WATCHBILL_SECRET_TICKETS_TOKEN": TOKEN}),
    )
    call = PluginCall(plugin=plugin, params=params)
    limit = timedelta(seconds=timeout_s)
    return await plugins.make(call, out or {}, key="INC-1/step/ask/1", timeout=limit)


async def failed(server: WebServer, plugin: str, **more: Any) -> CallFailed:
    """How the call failed."""
    with pytest.raises(CallFailed) as failure:
        await made(server, plugin, **more)
    return failure.value


async def test_a_plugin_of_another_package_is_found_called_and_its_result_read(
    server: WebServer,
) -> None:
    out = {"count": OutPlan(path="open", type="int")}

    result = await made(server, "sample.tickets", url=server.url, queue="payments", out=out)

    [asked] = server.received
    assert (result.outcome, result.values) == ("ok", {"count": 2})
    assert (asked.method, asked.path) == ("POST", "/tickets/payments")
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.headers["idempotency-key"] == "INC-1/step/ask/1"
    assert asked.json() == {"state": "open"}


async def test_a_plain_plugin_runs_in_a_thread_and_its_secrets_stay_in_there(
    server: WebServer,
) -> None:
    result = await made(
        server,
        "sample.blocking",
        url=server.url,
        out={"status": OutPlan(path="status", type="int")},
    )

    assert result.values == {"status": 200}
    assert TOKEN not in result.output
    assert "‹secret tickets_token›" in result.output


async def test_what_comes_back_need_not_be_a_model(server: WebServer) -> None:
    out = {"all": OutPlan(path="result", type="list")}

    assert (await made(server, "sample.odd", out=out)).values == {"all": ("1", "2")}


async def test_any_exception_is_told_on_one_line_without_secrets(server: WebServer) -> None:
    """It may be tried again."""
    server.answering = saying(with_json("{}", status=503))

    failure = await failed(server, "sample.tickets", url=server.url)

    assert isinstance(failure, MayBeTriedAgain)
    assert failure.detail == (
        "plugin sample.tickets: RuntimeError: answered 503 to ‹secret tickets_token›"
    )


async def test_what_a_plugin_gives_up_on_is_not_tried_again(server: WebServer) -> None:
    server.answering = saying(with_json("{}", status=404))

    failure = await failed(server, "sample.tickets", url=server.url, queue="x")

    assert isinstance(failure, WillNotSucceed)
    assert failure.detail.endswith("no queue x, asked with ‹secret tickets_token›")


async def test_parameters_are_checked_once_more_when_texts_are_filled_in(
    server: WebServer,
) -> None:
    failure = await failed(server, "sample.tickets", url=server.url, que="x", queue=3)

    assert isinstance(failure, WillNotSucceed)
    assert "queue: Input should be a valid string" in failure.detail
    assert "que: Extra inputs are not permitted" in failure.detail


async def test_a_result_that_is_not_what_the_plugin_says_fails_the_step(
    server: WebServer,
) -> None:
    server.answering = saying(with_json('{"open": "many"}'))

    failure = await failed(server, "sample.tickets", url=server.url)

    assert "sample.tickets" in failure.detail


async def test_a_plugin_that_hangs_is_ended_and_nobody_knows_how_far_it_came(
    server: WebServer,
) -> None:
    failure = await failed(server, "sample.hangs", timeout_s=0.2)

    assert isinstance(failure, MayBeTriedAgain)
    assert failure.may_have_happened


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sample.ghost", "plugin sample.ghost is not installed; there are: sample.absent, "),
        ("sample.absent", "cannot be loaded: ModuleNotFoundError"),
        ("sample.shapeless", "has no pydantic model `Parameters`"),
    ],
)
async def test_a_plugin_that_cannot_be_used_says_why(
    server: WebServer, name: str, said: str
) -> None:
    failure = await failed(server, name)

    assert isinstance(failure, WillNotSucceed)
    assert said in failure.detail


def test_what_is_installed_is_listed_without_importing_it() -> None:
    """Also what cannot be imported."""
    assert {"sample.absent", "sample.tickets", "statuspage.check"} <= set(installed_plugins())
    assert plugin_named("sample.odd").result is None
    with pytest.raises(PluginError, match="not installed"):
        plugin_named("ghost")


PAGE = """{"page": {"name": "Acquirer"}, "components": [
  {"id": "kr09ddfgbfsf", "name": "Card Payments", "status": "partial_outage"},
  {"id": "8kbf7d35c070", "name": "Payouts", "status": "operational"}]}"""

DEGRADED = {
    "degraded": OutPlan(path="degraded", type="bool"),
    "status": OutPlan(path="status", type="string"),
}


@pytest.mark.parametrize("component", ["card_payments", "Card Payments", "kr09ddfgbfsf"])
async def test_a_status_page_says_which_component_is_degraded(
    server: WebServer, component: str
) -> None:
    server.answering = saying(with_json(PAGE))

    result = await made(
        server, "statuspage.check", component=component, url=server.url + "/", out=DEGRADED
    )

    assert result.values == {"degraded": True, "status": "partial_outage"}
    assert server.received[0].path == "/api/v2/components.json"


async def test_a_component_that_works_is_not_degraded_and_the_page_may_be_a_setting(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answering = saying(with_json(PAGE))
    monkeypatch.setenv("WATCHBILL_STATUSPAGE_URL", server.url)

    result = await made(server, "statuspage.check", component="payouts", out=DEGRADED)

    assert result.values == {"degraded": False, "status": "operational"}


@pytest.mark.parametrize(
    ("body", "status", "said", "again"),
    [
        (PAGE, 200, "no component 'acquirer'; there are: Card Payments, Payouts", False),
        ("<html>", 200, "what answers there is no status page", False),
        ("{}", 200, "what answers there is no status page", False),
        (PAGE, 500, "the status page answered 500", True),
    ],
)
async def test_a_status_page_that_does_not_know_says_so(
    server: WebServer, body: str, status: int, said: str, *, again: bool
) -> None:
    server.answering = saying(with_json(body, status=status))

    failure = await failed(server, "statuspage.check", component="acquirer", url=server.url)

    assert said in failure.detail
    assert isinstance(failure, MayBeTriedAgain) is again


async def test_a_status_page_without_an_address_is_asked_for_it(server: WebServer) -> None:
    failure = await failed(server, "statuspage.check", component="acquirer")

    assert "WATCHBILL_STATUSPAGE_URL" in failure.detail
