"""Http calls as tests make them: the server is allowed, and the secret known."""

from datetime import timedelta

import pytest

from activities.automation.errors import CallFailed
from activities.automation.http_call import HttpCalls
from activities.automation.safe_http import safe_client
from activities.automation.secret_values import Secrets
from domain.incident.step_effects import CallResult, HttpCall
from domain.plan_steps import AuthPlan, OutPlan
from settings import Settings
from tests.web_server import WebServer

TOKEN = "t0ken/with+signs="
BEARER = AuthPlan(scheme="bearer", secret="deploy_token")


async def made(server: WebServer, call: HttpCall | None = None, **out: OutPlan) -> CallResult:
    """What became of the call; the server is allowed and the secret known."""
    client = safe_client(Settings(http_allow=server.target))
    secrets = Secrets(Settings(), {"WATCHBILL_SECRET_DEPLOY_TOKEN": TOKEN})
    made_call = call or a_call(server)
    return await HttpCalls(client, secrets).make(made_call, out, timeout=timedelta(seconds=20))


async def failed(server: WebServer, call: HttpCall | None = None, **out: OutPlan) -> CallFailed:
    """How the call failed."""
    with pytest.raises(CallFailed) as failure:
        await made(server, call, **out)
    return failure.value


def a_call(server: WebServer, **fields: object) -> HttpCall:
    """A GET of the server unless fields say otherwise."""
    return HttpCall.model_validate({"method": "GET", "url": f"{server.url}/api", **fields})
