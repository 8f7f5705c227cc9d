"""Signed JSON webhooks, by the Standard Webhooks specification."""

import json
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook

from activities.channels.http_post import post
from activities.channels.outgoing import Outgoing
from activities.channels.tools import ChannelTools
from domain.incident.effects import SendResult


async def send_webhook(tools: ChannelTools, address: str, outgoing: Outgoing) -> SendResult:
    """POST the document once. `webhook-id` is the key, the same on every retry."""
    body = json.dumps(outgoing.document(), ensure_ascii=False, sort_keys=True)
    sent_at = datetime.now(UTC)
    signature = Webhook(tools.webhook_secret).sign(outgoing.key, sent_at, body)
    headers = {
        "content-type": "application/json",
        "webhook-id": outgoing.key,
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": signature,
        "idempotency-key": outgoing.key,
    }
    return await post(tools, address, body.encode(), headers)
