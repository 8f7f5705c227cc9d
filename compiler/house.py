"""What all playbooks share, from `house.yaml`.

Decides the fields of the house; a playbook's own value wins over them.
"""

from pydantic import Field

from compiler.document import PolicyForm
from compiler.document_calls import RetryForm
from compiler.document_errors import Written
from compiler.written_values import Id, PolicyRef, Sev, Whole, Zone


class HouseEscalation(Written):
    """`defaults.escalation`."""

    use: PolicyRef


class HouseDefaults(Written):
    """`defaults:`."""

    escalation: HouseEscalation | None = None
    timezone: Zone | None = None


class HouseForm(Written):
    """The file `house.yaml`."""

    language: Whole
    defaults: HouseDefaults = HouseDefaults()
    severity_from: dict[str, Sev] = Field(default_factory=dict)
    policies: dict[Id, PolicyForm] = Field(default_factory=dict)
    retries: dict[Id, RetryForm] = Field(default_factory=dict)
    fallback: Id | None = None


NO_HOUSE = HouseForm(language=1)
"""What holds in a folder without a house.yaml."""
