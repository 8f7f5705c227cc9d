"""Checks that human steps end (E402).

Decides which steps need a deadline.
"""

from collections.abc import Iterator

from compiler.diagnostics import Diagnostic
from compiler.subject import Subject


def check_deadlines(subject: Subject) -> Iterator[Diagnostic]:
    """E402 for each step that waits for a person without an end."""
    if subject.form is None:
        return
    for index, step in enumerate(subject.form.steps):
        if step.checklist and step.deadline is None:
            message = f"step '{step.id}' waits for a person without a deadline"
            help_text = "add deadline:, such as 30m or { SEV1: 5m, else: 30m }"
            yield subject.key(("steps", index, "checklist"), "E402", message, help_text)
