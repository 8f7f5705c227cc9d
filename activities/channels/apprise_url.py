"""Every other service, through Apprise, by its URL.

Apprise hides why something failed, so a failure here is always worth a retry; only an
address that Apprise does not know fails for good. It carries no idempotency key.
"""

import asyncio

from activities.channels.answers import delivered, failed, retry
from activities.channels.outgoing import Outgoing
from activities.channels.tools import ChannelTools
from domain.incident.effects import SendResult


async def send_apprise(tools: ChannelTools, address: str, outgoing: Outgoing) -> SendResult:
    """Notify once in a thread; what outlasts the deadline counts as a retry."""
    scheme = address.partition(":")[0]
    try:
        async with asyncio.timeout(tools.timeout_s):
            return await asyncio.to_thread(_notify, address, scheme, outgoing)
    except TimeoutError:
        return retry(f"{scheme}: no answer within {tools.timeout_s:g} s")


def _notify(address: str, scheme: str, outgoing: Outgoing) -> SendResult:
    # Loading Apprise and its 170 services takes a second: only where somebody uses it.
    import apprise

    service = apprise.Apprise.instantiate(address, suppress_exceptions=True)
    if service is None:
        return failed(f"{scheme}: is not an address that Apprise knows")
    kind = apprise.NotifyType.FAILURE if outgoing.kind == "page" else apprise.NotifyType.INFO
    try:
        taken = service.notify(body=outgoing.text(), title=outgoing.subject, notify_type=kind)
    except (OSError, TypeError) as error:
        return retry(f"{scheme}: {type(error).__name__}")
    return delivered(f"{scheme}: taken") if taken else retry(f"{scheme}: not taken")
