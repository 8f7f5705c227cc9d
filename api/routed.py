"""What became of one alert, for the answer to its sender and for the ledger."""

from pydantic import BaseModel, ConfigDict

from domain.alert import Alert


class Routed(BaseModel):
    """What became of one alert.

    `outcome` is opened, added, orphan (a resolve that nothing waited for), unmatched (no
    playbook, no fallback: nobody is paged). `incident` is the workflow id.
    """

    model_config = ConfigDict(frozen=True)

    alert: Alert
    outcome: str
    incident: str | None = None
    reference: str | None = None
    playbook: str | None = None
    notes: tuple[str, ...] = ()
