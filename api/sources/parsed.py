"""What a sender's body came to, the same for every sender.

Decides the shape that routing takes. Reading a body is each sender's own module.
"""

from pydantic import BaseModel, ConfigDict

from domain.alert import Alert


class Parsed(BaseModel):
    """The alerts of one request, in the sender's order.

    `notes` are remarks about the request as a whole, `truncated` how many members the
    sender itself left out.
    """

    model_config = ConfigDict(frozen=True)

    alerts: tuple[Alert, ...]
    notes: tuple[str, ...] = ()
    truncated: int = 0
