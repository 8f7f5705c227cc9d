"""The floor's two activities: who is on call, and one POST that pages them."""

import os

import httpx
from pydantic import BaseModel
from temporalio import activity

URL_VARIABLE = "BENCH_RECEIVER"


class FloorAlert(BaseModel):
    """What fires."""

    key: str
    summary: str


class FloorPage(BaseModel):
    """Who is told what."""

    address: str
    alert: FloorAlert


@activity.defn
async def on_call(alert: FloorAlert) -> str:
    """Where the one who is on call is reached."""
    del alert
    return f"{os.environ[URL_VARIABLE]}/floor"


class FloorPager:
    """Sends the page with one POST on a connection of its own, as the product does."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    @activity.defn
    async def page(self, page: FloorPage) -> str:
        """The receiver's answer."""
        document = {"kind": "page", "title": page.alert.key, "summary": page.alert.summary}
        answer = await self._http.post(page.address, json=document)
        answer.raise_for_status()
        return str(answer.status_code)
