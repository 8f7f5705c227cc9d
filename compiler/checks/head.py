"""Checks a playbook's head, its triggers and who it belongs to.

Decides W110 (review is due), E102 and E114 about triggers and ladders, W211 (nothing but
a person opens it).
"""

from collections.abc import Iterator

from compiler.diagnostics import Diagnostic
from compiler.document import PlaybookForm
from compiler.lower_escalation import levels_of, policy_of
from compiler.subject import Subject


def check_head(subject: Subject) -> Iterator[Diagnostic]:
    """What is wrong with the head."""
    form = subject.form
    if form is None:
        return
    today = subject.around.today
    if form.review_by and today and form.review_by < today:
        message = f"the review was due on {form.review_by}"
        help_text = "go through the playbook with its owner and move the date"
        yield subject.value(("review_by",), "W110", message, help_text)
    yield from _triggers(subject, form)
    yield from _ladder(subject, form)


def _triggers(subject: Subject, form: PlaybookForm) -> Iterator[Diagnostic]:
    if form.on_alert is not None and form.triggers is not None:
        message = "'on_alert' and 'triggers' both say what opens it"
        yield subject.key(("triggers",), "E114", message, "move on_alert into triggers")
    manuals = [index for index, each in enumerate(form.triggers or ()) if each.manual]
    for index in manuals[1:]:
        message = "a second 'manual' trigger"
        help_text = "name everybody in the first one's allow list"
        yield subject.key(("triggers", index, "manual"), "E114", message, help_text)
    opens = form.on_alert is not None or bool(form.triggers)
    if not opens and subject.around.house.fallback != form.name:
        message = "no alert opens this playbook, only a person"
        help_text = "add on_alert:, or say so with triggers: [manual: {}]"
        yield subject.key(("name",), "W211", message, help_text)


def _ladder(subject: Subject, form: PlaybookForm) -> Iterator[Diagnostic]:
    own = form.escalation.levels if form.escalation else None
    if form.page is not None and own is not None:
        message = "'page' and 'escalation.levels' both name the ladder"
        yield subject.key(("page",), "E114", message, "keep one of them")
    if levels_of(form, subject.around.house):
        return
    if not subject.around.house_is_sound and policy_of(form, subject.around.house).levels is None:
        return
    first = subject.root.entries[0][0]
    message = "nobody is paged: 'page' is missing"
    yield subject.mark(first.mark, "E102", message, "add page: [schedule:...], one entry per level")
