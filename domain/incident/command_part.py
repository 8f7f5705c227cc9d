"""What every command carries, whoever gives it.

`actor` is always the credential's: `user:<id>`, `source:<key>` or `system`.
`request_id` makes a repeat harmless: it gets the first answer again.
"""

from pydantic import BaseModel, ConfigDict


class CommandPart(BaseModel):
    """What every command carries. `actor_name` is how people call the actor."""

    model_config = ConfigDict(frozen=True)

    actor: str
    actor_name: str = ""
    request_id: str

    @property
    def person(self) -> str | None:
        """The acting person's roster id, or None for a source or the system."""
        kind, _, name = self.actor.partition(":")
        return name if kind == "user" else None

    @property
    def who(self) -> str:
        """The actor as people read it."""
        return self.actor_name or self.actor.partition(":")[2] or self.actor
