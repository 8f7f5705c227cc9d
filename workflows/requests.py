"""Answers to recent requests, so that a repeated command gets the first answer again.

Decides how many are kept. The engine deduplicates update ids within one run only;
these survive continue-as-new.
"""

from domain.incident.commands import Answer

KEPT = 300


class Requests:
    """A bounded memory of request ids and their answers, oldest forgotten first."""

    def __init__(self, answers: dict[str, Answer] | None = None) -> None:
        """Take over what an earlier run remembered."""
        self.answers = dict(answers or {})

    def answer_to(self, request_id: str) -> Answer | None:
        """The answer given before, or None for a new request."""
        return self.answers.get(request_id)

    def keep(self, request_id: str, answer: Answer) -> None:
        """Remember an answer; the incident's document is left out, it would grow old."""
        self.answers[request_id] = answer.model_copy(update={"incident": None})
        while len(self.answers) > KEPT:
            self.answers.pop(next(iter(self.answers)))
