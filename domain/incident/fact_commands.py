"""What people say about declared facts: set one, or let it go.

Decides which are refused, and what becomes of the fact.
"""

from domain.incident.commands_of_steps import FactCommand
from domain.incident.state import Told
from domain.incident.turn import Turn
from domain.incident.why_not import Refusal, wrong_input


def refusal_of_fact(turn: Turn, command: FactCommand) -> Refusal | None:
    """Why the command cannot be carried out now; None if it can."""
    if command.fact not in turn.plan.facts:
        known = ", ".join(turn.plan.facts) or "none"
        return wrong_input(f"There is no fact '{command.fact}'; the playbook has {known}.")
    return None


def obey_fact(turn: Turn, command: FactCommand, person: Told) -> None:
    """Carry the command out."""
