"""What a Temporal namespace must have before incidents run in it.

Decides how the search attributes of `workflows.search_attributes` are looked for, and
what mends their lack. Asked by the worker at its start and by `watchbill doctor`; never
imported by a workflow.
"""

from datetime import timedelta

from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.service import ServiceClient

from workflows.search_attributes import NAMES

LIST_TIMEOUT = timedelta(seconds=10)


async def missing_search_attributes(service: ServiceClient, namespace: str) -> list[str]:
    """Ours that the namespace lacks; raises RPCError if it cannot be asked."""
    answer = await service.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=namespace), timeout=LIST_TIMEOUT
    )
    return [name for name in NAMES if name not in answer.custom_attributes]


def mend_for(missing: list[str], namespace: str) -> str:
    """The command that creates them."""
    names = " ".join(f"--name {name} --type Keyword" for name in missing)
    return f"temporal operator search-attribute create --namespace {namespace} {names}"
