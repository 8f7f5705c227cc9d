"""Why a step does not apply: what its condition depends on.

Decides the wording alone, so that whoever reads that a step was skipped sees which other
one stands behind it.
"""

import re

from domain.incident.steps.tree import Node
from domain.incident.turn import Turn

_RESULT = re.compile(r"\bsteps\.(\w+)")


def why_skipped(turn: Turn, node: Node) -> str:
    """`it depends on rollback, which is skipped.`, or that it simply does not apply."""
    for step in dict.fromkeys(_RESULT.findall(node.step.when or "")):
        for rounds in range(len(node.rounds), -1, -1):
            suffix = f"@{'.'.join(map(str, node.rounds[:rounds]))}" if rounds else ""
            state = turn.state.steps.get(f"{step}{suffix}")
            if state is not None and state.state in ("skipped", "failed", "cancelled"):
                verb = "has failed" if state.state == "failed" else f"is {state.state}"
                return f"it depends on {step}, which {verb}."
    return "it does not apply."
