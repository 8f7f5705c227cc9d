"""How the API reaches the engine, and what the engine's refusals mean.

Decides the address (Temporal's own variables and profiles, read strictly, else the
embedded engine) and which of our errors each of the engine's becomes.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any

from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.client import (  # noqa: TID251 - part of the gateway
    Client,
    RPCError,
    RPCStatusCode,
)
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig

from api.gateway_errors import EngineUnavailable, NotFound
from api.limits import RETRY_AFTER_S
from settings import Settings


async def engine_client(settings: Settings) -> Client:
    """A client that connects with its first call, so that the API starts without engine.

    Raises where Temporal's own configuration is unreadable or has unknown keys.
    """
    options: dict[str, Any] = dict(ClientConfig.load_client_connect_config(config_file_strict=True))
    options.setdefault("target_host", f"127.0.0.1:{settings.temporal_port}")
    options.setdefault("namespace", settings.temporal_namespace)
    return await Client.connect(**options, lazy=True, data_converter=pydantic_data_converter)


@contextmanager
def translated(passing: Collection[RPCStatusCode] = ()) -> Iterator[None]:
    """Raise NotFound or EngineUnavailable for whatever the engine's client raises inside.

    `passing` statuses, and an update's own time-out, are left as they are.

    Everything but "no such workflow" is EngineUnavailable: a sender asks again after a
    503, and an alert that was refused for a reason we do not know must not be lost.
    """
    try:
        yield
    except RPCError as error:
        if error.status in passing:
            raise
        if is_missing_workflow(error):
            raise NotFound(error.message) from error
        reason = f"The engine says {error.status.name.lower().replace('_', ' ')}: {error.message}"
        raise EngineUnavailable(reason, RETRY_AFTER_S) from error
    except TimeoutError as error:
        raise EngineUnavailable("The engine did not answer in time.", RETRY_AFTER_S) from error
    except RuntimeError as error:
        if not is_failed_connection(error):
            raise
        raise EngineUnavailable("The engine is unreachable.", RETRY_AFTER_S) from error


@asynccontextmanager
async def bounded(within: timedelta) -> AsyncIterator[None]:
    """`translated`, and EngineUnavailable after this time whatever the client is doing.

    A call's own time-out does not cover the first connection, nor the client's retries.
    """
    with translated():
        async with asyncio.timeout(within.total_seconds()):
            yield


def is_missing_workflow(error: RPCError) -> bool:
    """Whether no open workflow has this id; a missing namespace is another matter."""
    if error.status is not RPCStatusCode.NOT_FOUND:
        return False
    kinds = NamespaceNotFoundFailure.DESCRIPTOR
    return not any(detail.Is(kinds) for detail in error.grpc_status.details)


def is_failed_connection(error: RuntimeError) -> bool:
    """Whether a lazy client's first call failed to connect; the SDK has no own type for it."""
    return "Failed client connect" in str(error)
