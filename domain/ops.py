"""What automation may touch: the commands and queries of the files under `ops/`.

Decides their shape. A plan carries only names of them; what a name means is looked up when
it is used, so that removing one takes effect at once. Values starting with `secret:` name a
secret, which is read where the call is made and nowhere else.
"""

from datetime import timedelta

from domain.plan_part import PlanPart
from domain.plan_steps import AuthPlan
from domain.values import Value, ValueType

LONGEST_COMMAND = timedelta(minutes=10)
"""The most a step may ask for where the command says nothing."""


class CommandParam(PlanPart):
    """One parameter of a command; without `default` a step must give it.

    `pattern` (RE2) must match the whole value. A value that starts with `-` is refused unless
    `dash`: a program would read it as an option.
    """

    type: ValueType = "string"
    one_of: tuple[Value, ...] = ()
    pattern: str | None = None
    default: Value | None = None
    dash: bool = False


class CommandSpec(PlanPart):
    """One program with its arguments, started as they stand, never by a shell.

    An argument may hold `{{ name }}` of a parameter; one that is nothing but a parameter of type
    `list` becomes as many arguments. `env` is all that the program sees of an environment, beside
    what it needs to run. `timeout` is the most that a step may ask for; `success` are the exit
    codes that are one.
    """

    argv: tuple[str, ...]
    params: dict[str, CommandParam] = {}
    env: dict[str, str] = {}
    cwd: str | None = None
    timeout: timedelta = LONGEST_COMMAND
    description: str = ""
    success: tuple[int, ...] = (0,)


class QueryServer(PlanPart):
    """A server that speaks Prometheus' HTTP API."""

    url: str
    auth: AuthPlan | None = None


class QuerySpec(PlanPart):
    """One named PromQL query; `{{ labels.x }}` in it are the incident's frozen labels.

    `list` names the label whose distinct values are the answer, for facts of type `list`.
    """

    server: str
    query: str
    list: str | None = None
    description: str = ""


class Ops(PlanPart):
    """Everything under `ops/`, by name."""

    commands: dict[str, CommandSpec] = {}
    servers: dict[str, QueryServer] = {}
    queries: dict[str, QuerySpec] = {}


NO_OPS = Ops()
"""What holds in a folder without files under `ops/`."""
