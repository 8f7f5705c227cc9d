"""The plugin `statuspage.check`: what a provider's status page says of one component.

Decides what counts as degraded: every status but `operational`. It reads pages that answer
as Atlassian Statuspage does, under `/api/v2/components.json`.
"""

import json
import re

from pydantic import BaseModel, ConfigDict, ValidationError

from domain.plugin import NotWorthAnotherTry, PluginContext
from settings import Settings

PATH = "/api/v2/components.json"
OK = 200
MOST_NAMES = 10


class Component(BaseModel):
    """One line of a status page."""

    id: str
    name: str
    status: str


class _Page(BaseModel):
    components: list[Component]


class StatuspageCheck:
    """Whether one component of a service that we depend on works."""

    class Parameters(BaseModel):
        """`component` is its id or name; `url` the page, else `WATCHBILL_STATUSPAGE_URL`."""

        model_config = ConfigDict(extra="forbid")

        component: str
        url: str | None = None

    class Result(BaseModel):
        """`status` in the page's own word, such as `partial_outage`."""

        degraded: bool
        status: str
        component: str

    async def run(self, parameters: Parameters, context: PluginContext) -> Result:
        """Read the page once."""
        page = parameters.url or Settings().statuspage_url
        if not page:
            raise NotWorthAnotherTry("no url: give `url`, or set WATCHBILL_STATUSPAGE_URL")
        answer = await context.request("GET", page.rstrip("/") + PATH)
        if answer.status != OK:
            raise ValueError(f"the status page answered {answer.status}")
        found = _named(parameters.component, _components(answer.text))
        return self.Result(
            degraded=found.status != "operational", status=found.status, component=found.name
        )


def _components(text: str) -> list[Component]:
    try:
        return _Page.model_validate(json.loads(text)).components
    except (ValueError, ValidationError):
        raise NotWorthAnotherTry("what answers there is no status page") from None


def _named(wanted: str, components: list[Component]) -> Component:
    """The one with this id, else with this name, however it is written."""
    for one in components:
        if one.id == wanted:
            return one
    for one in components:
        if _plain(one.name) == _plain(wanted):
            return one
    names = ", ".join(one.name for one in components[:MOST_NAMES])
    raise NotWorthAnotherTry(f"no component '{wanted}'; there are: {names or 'none'}")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
