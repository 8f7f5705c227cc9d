"""The declared outputs of a call, read out of its answer.

Decides what happens to an output that is missing, of another type, or too long: the call
has failed, with a sentence that names the path and what was there.
"""

from collections.abc import Mapping

from activities.automation.errors import WillNotSucceed
from domain.answer_paths import InvalidPathError, NothingThereError, found_at, kind_of
from domain.plan_steps import OutPlan
from domain.values import Value, Values, WrongTypeError, as_value

LONGEST_VALUES = 16 * 1024
"""Characters of all outputs of one call together; they travel through histories."""


def outputs_of(answer: Mapping[str, object], wanted: Mapping[str, OutPlan]) -> Values:
    """Every declared output as a value of its type.

    Raises:
        WillNotSucceed: one is missing or of another type, or all are too long.
    """
    values = {name: value_at(plan, answer, name) for name, plan in wanted.items()}
    length = sum(len(str(value)) for value in values.values())
    if length > LONGEST_VALUES:
        raise WillNotSucceed(
            f"the outputs have {length:,} characters together, at most {LONGEST_VALUES:,} are kept"
        )
    return values


def value_at(plan: OutPlan, answer: Mapping[str, object], name: str) -> Value:
    """One output called `name`. Raises WillNotSucceed."""
    try:
        found = found_at(plan.path, answer)
    except (NothingThereError, InvalidPathError) as error:
        raise WillNotSucceed(f"no output '{name}': {error}") from None
    if found is None or isinstance(found, Mapping):
        raise WillNotSucceed(f"no output '{name}': {plan.path} is {kind_of(found)}, no {plan.type}")
    try:
        return as_value(found, plan.type)
    except WrongTypeError as error:
        raise WillNotSucceed(f"no output '{name}': at {plan.path}, {error}") from None
