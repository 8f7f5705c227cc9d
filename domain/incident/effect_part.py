"""What every effect is: a frozen value with an id, unique in its incident."""

from pydantic import BaseModel, ConfigDict


class EffectPart(BaseModel):
    """A frozen part of an effect."""

    model_config = ConfigDict(frozen=True)
