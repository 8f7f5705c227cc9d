"""Examines the engine: does it answer, does it know our attributes, does anybody work.

Decides which task queues must be polled. Starting things is `watchbill up`'s.
"""

from temporalio.service import RPCError

from api.gateway import Gateway
from api.gateway_errors import GatewayError
from api.health import WITHOUT
from cli.doctor.findings import Finding, failure, ok, warning
from settings import Settings
from workflows.namespace import mend_for, missing_search_attributes


async def examine_engine(settings: Settings) -> list[Finding]:
    """The engine, its search attributes, and the workers on each queue."""
    gateway = Gateway(settings)
    try:
        client = await gateway.client()
    except (RuntimeError, ValueError) as error:
        mend = "mend TEMPORAL_CONFIG_FILE or the TEMPORAL_… variables"
        return [failure("engine", f"Temporal's own configuration cannot be read: {error}", mend)]
    where = f"{client.service_client.config.target_host}, namespace {client.namespace}"
    if not await gateway.is_reachable():
        mend = "start it with `watchbill up` or `watchbill engine`, or check TEMPORAL_ADDRESS"
        return [failure("engine", f"Temporal does not answer at {where}", mend)]
    found = [ok("engine", f"Temporal answers at {where}")]
    try:
        missing = await missing_search_attributes(client.service_client, client.namespace)
    except RPCError as error:
        mend = "look once whether the namespace exists and may be asked"
        found.append(warning("search attributes", f"could not be asked for: {error}", mend))
    else:
        found.append(_attributes(missing, client.namespace))
    return found + await _workers(gateway)


def _attributes(missing: list[str], namespace: str) -> Finding:
    if not missing:
        return ok("search attributes", "all registered")
    detail = f"missing: {', '.join(missing)}; no incident can start"
    return failure("search attributes", detail, mend_for(missing, namespace))


async def _workers(gateway: Gateway) -> list[Finding]:
    try:
        polling = await gateway.pollers()
    except GatewayError as error:
        return [failure("workers", str(error), "look at the engine's log")]
    found = []
    for queue, count in sorted(polling.items()):
        name = f"workers on {queue}"
        if count:
            found.append(ok(name, f"{count} polling"))
        else:
            mend = f"start `watchbill worker`: until then {WITHOUT[queue]}"
            found.append(failure(name, "nobody polls", mend))
    return found
