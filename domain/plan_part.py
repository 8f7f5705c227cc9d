"""What every part of a plan is: a frozen value that tolerates fields it does not know.

Decides nothing else; `domain.plan` puts the parts together.
"""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict

Ref = str
"""A reference that carries its kind: `user:ann`, `role:scribe`, `destination:desk`."""

Duration = timedelta | None
"""None means never."""


class PlanPart(BaseModel):
    """A frozen part of the plan."""

    model_config = ConfigDict(frozen=True)
