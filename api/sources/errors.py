"""What a sender can get wrong, told so that its author finds the place.

SourceError
├── Malformed      a field is missing or of the wrong kind; answered 400
├── InvalidEvent   the same for PagerDuty Events v2, which lists all of them at once
└── Unsigned       the signature is missing, wrong or a replay; answered 401
"""


class SourceError(Exception):
    """The root of everything a body can get wrong."""


class Malformed(SourceError):  # noqa: N818 - named as people read it
    """A body that cannot be read; `field` names the place, such as `alerts[1].status`.

    `field` is empty where the whole body is meant.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field
        self.message = message


class InvalidEvent(SourceError):  # noqa: N818 - PagerDuty's own words
    """A PagerDuty event that PagerDuty would refuse as well, with all its reasons."""

    def __init__(self, errors: tuple[str, ...]) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


class Unsigned(SourceError):  # noqa: N818 - named as people read it
    """A call that nobody we trust has signed, and why we think so."""
