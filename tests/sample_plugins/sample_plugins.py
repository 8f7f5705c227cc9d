"""A package as a team would write it: plugins that tests install beside Watchbill."""

import asyncio
from types import SimpleNamespace
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.plugin import NotWorthAnotherTry, PluginContext


class Strict(BaseModel):
    """Parameters that refuse what they do not know."""

    model_config = ConfigDict(extra="forbid")

    url: str
    queue: str = "all"


class Tickets:
    """Asks a server with a secret."""

    Parameters = Strict

    class Result(BaseModel):
        """What it finds."""

        open: int
        seen: str = ""

    async def run(self, parameters: Strict, context: PluginContext) -> Result:
        """Count the open tickets of one queue."""
        token = await context.secret("tickets_token")
        context.log.info("asking", queue=parameters.queue)
        answer = await context.request(
            "POST",
            f"{parameters.url}/tickets/{parameters.queue}",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": context.call},
            json_body={"state": "open"},
        )
        if answer.status == 404:
            raise NotWorthAnotherTry(f"no queue {parameters.queue}, asked with {token}")
        if answer.status != 200:
            raise RuntimeError(f"answered {answer.status}\nto {token}")
        return self.Result.model_validate_json(answer.text)


class Blocking:
    """A plain `run`, in a thread."""

    Parameters = Strict

    def run(self, parameters: Strict, context: Any) -> dict[str, Any]:
        """Ask with methods that block."""
        answer = context.request("GET", f"{parameters.url}/plain")
        return {"status": answer.status, "secret": context.secret("tickets_token")}


class Hangs:
    """Never comes back."""

    class Parameters(BaseModel):
        """None."""

    async def run(self, parameters: Parameters, context: PluginContext) -> None:
        """Wait for nothing."""
        del parameters, context
        await asyncio.Event().wait()


class Shapeless:
    """Has no parameters."""


async def _odd(_parameters: object, _context: object) -> list[int]:
    return [1, 2]


odd = SimpleNamespace(Parameters=Hangs.Parameters, run=_odd)
