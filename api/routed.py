"""What became of one alert, for the answer to its sender and for the ledger."""

from pydantic import BaseModel, ConfigDict

from domain.alert import Alert
from domain.maintenance import Window


class Routed(BaseModel):
    """What became of one alert.

    `outcome` is opened, added, suppressed (maintenance holds its incident back), orphan (a
    resolve that nothing waited for), unmatched (no playbook, no fallback: nobody is paged).
    `incident` is the workflow id, `maintenance` the windows that cover the alert.
    """

    model_config = ConfigDict(frozen=True)

    alert: Alert
    outcome: str
    incident: str | None = None
    reference: str | None = None
    playbook: str | None = None
    notes: tuple[str, ...] = ()
    maintenance: tuple[Window, ...] = ()
