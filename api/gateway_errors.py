"""What can go wrong between the API and the engine, as values the API can answer.

Decides the kinds; which HTTP status each becomes is `api.problems`.

    GatewayError
    ├── NotFound            no such running incident
    ├── Refused             the incident's rules say no; the message names the state
    ├── Pending             no worker answered in time; sent as a durable signal
    └── EngineUnavailable   nothing durable happened; try again after `retry_after_s`
"""


class GatewayError(Exception):
    """The root of what the gateway raises."""


class NotFound(GatewayError):  # noqa: N818  # an outcome, named as people read it
    """No running incident has this workflow id."""


class Refused(GatewayError):  # noqa: N818  # an outcome, named as people read it
    """The incident refused the command; the text is a sentence for the actor.

    `is_input` says that the command itself does not fit, at whatever moment.
    """

    def __init__(self, message: str, *, is_input: bool = False) -> None:
        super().__init__(message)
        self.is_input = is_input


class Pending(GatewayError):  # noqa: N818  # an outcome, named as people read it
    """The command is durable and will be applied once, when a worker returns."""


class EngineUnavailable(GatewayError):  # noqa: N818  # an outcome, named as people read it
    """The engine is unreachable or saturated; nothing was made durable."""

    def __init__(self, message: str = "The engine is unreachable.", retry_after_s: int = 5) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
