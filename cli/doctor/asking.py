"""Asks the API, as whoever runs the doctor: heartbeats, and a test page to themselves.

Decides that a heartbeat which never beat is a warning: until its first beat its silence
is no alert.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from cli.client import Api, ApiError, api_of
from cli.doctor.findings import Finding, failure, ok, warning
from cli.respond.mine import outcome_of, wait_for_report
from settings import Settings


async def examine_heartbeats(settings: Settings) -> Sequence[Finding]:
    """Whether each heartbeat that a playbook waits for has ever beaten."""
    return await asyncio.to_thread(_heartbeats, settings)


def _heartbeats(settings: Settings) -> list[Finding]:
    try:
        with api_of(settings, settings.actor) as api:
            listed: list[dict[str, Any]] = api.get("/v1/heartbeats")["items"]
    except ApiError as error:
        mend = "set WATCHBILL_API_KEY to a key with the scope respond"
        return [warning("heartbeats", f"could not be asked for: {error}", mend)]
    silent = [one["name"] for one in listed if one["state"] == "never"]
    if silent:
        detail = f"never beat, so their silence is no alert: {', '.join(silent)}"
        return [warning("heartbeats", detail, "let each post to /v1/heartbeats/<name> once")]
    if not listed:
        return []
    return [ok("heartbeats", f"{len(listed)} beat, or their silence is an incident")]


async def send_test_page(settings: Settings) -> Sequence[Finding]:
    """Page whoever runs the doctor by each of their methods: what became of each."""
    return await asyncio.to_thread(_page, settings)


def _page(settings: Settings) -> list[Finding]:
    name, mend = "test page", "name yourself with --as, and see `watchbill mine`"
    try:
        with api_of(settings, settings.actor) as api:
            said = _sent(api)
    except ApiError as error:
        return [failure(name, str(error), mend)]
    found = []
    for line in said["report"]["lines"]:
        told = f"{line['method']}: {outcome_of(line)}"
        if line["outcome"] == "delivered":
            found.append(ok(name, told))
        else:
            found.append(failure(name, told, "mend the contact in roster/*.yaml, or the channel"))
    return found


def _sent(api: Api) -> dict[str, Any]:
    started = api.post("/v1/me/test-page", {}).body
    return wait_for_report(api, str(started["workflow_id"]))
