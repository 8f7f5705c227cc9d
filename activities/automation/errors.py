"""How a call by a machine fails: worth another try, or not.

    CallFailed
    ├── MayBeTriedAgain   the same call may go well later
    └── WillNotSucceed    the same call would fail the same way

What follows from it (a retry, a person's word) is the activity's and the reducer's.
Details are one line for people; who raises them has taken the secrets out.
"""

from datetime import timedelta


class CallFailed(Exception):  # noqa: N818  # an outcome
    """The call did not do what was asked; `detail` says why, in one line.

    `may_have_happened` says that the request left and no answer came: nobody knows.
    `output` is what it has written until then, cut and without secrets.
    """

    def __init__(self, detail: str, *, may_have_happened: bool = False, output: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.may_have_happened = may_have_happened
        self.output = output


class MayBeTriedAgain(CallFailed):
    """No connection, no answer in time, a server in trouble; `after` is its own wish."""

    def __init__(
        self,
        detail: str,
        *,
        after: timedelta | None = None,
        may_have_happened: bool = False,
        output: str = "",
    ) -> None:
        super().__init__(detail, may_have_happened=may_have_happened, output=output)
        self.after = after


class WillNotSucceed(CallFailed):
    """Refused, or answered in a way that a repeat does not change."""
