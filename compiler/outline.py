"""What the rest of a folder needs to know of one playbook, small enough to hand around.

Decides what that is: its name, what it triggers on and what it calls, each with its place.
Its tree, document and plan can be let go then.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from compiler.document_steps import every_step
from compiler.nodes import Mark, Scalar, descend, key_at
from compiler.subject import Subject
from domain.plan import AlertTrigger

Named = tuple[str, Mark]
"""A name, and the place where it stands."""


@dataclass(frozen=True, slots=True)
class Outline:
    """One playbook as the others see it; `name` is None where its shape is broken.

    `written` is the name that the file says, whether or not it can be read otherwise. Each
    of `triggers` has its place at the same index of `trigger_marks`.
    """

    path: str
    name: str | None
    written: str | None
    name_mark: Mark
    priority: int = 0
    triggers: tuple[AlertTrigger, ...] = ()
    trigger_marks: tuple[Mark, ...] = ()
    heartbeats: tuple[Named, ...] = ()
    calls: tuple[Named, ...] = ()

    @property
    def rank(self) -> tuple[int, str]:
        """What comes first where two match the same number of labels: the smaller."""
        return -self.priority, self.name or ""


def outline_of(subject: Subject) -> Outline:
    """The playbook's outline, made once."""
    return subject.once("outline", lambda: (_made(subject),))[0]


def _made(subject: Subject) -> Outline:
    node = subject.root.get("name")
    written = node.text if isinstance(node, Scalar) else None
    mark = subject.node(("name",)).mark
    if subject.form is None or subject.plan is None:
        return Outline(subject.path, None, written, mark)
    return Outline(
        path=subject.path,
        name=subject.form.name,
        written=written,
        name_mark=mark,
        priority=subject.plan.priority,
        triggers=subject.plan.triggers,
        trigger_marks=tuple(_trigger_marks(subject)),
        heartbeats=tuple(_heartbeats(subject)),
        calls=tuple(_calls(subject)),
    )


def _trigger_marks(subject: Subject) -> Iterator[Mark]:
    """Where each alert trigger of the plan stands: the short form at its key."""
    short = key_at(subject.root, ("on_alert",))
    if short is not None:
        yield short.mark
        return
    for index, trigger in enumerate(subject.form.triggers or () if subject.form else ()):
        if trigger.alert:
            yield subject.node(("triggers", index)).mark


def _heartbeats(subject: Subject) -> Iterator[Named]:
    for index, trigger in enumerate(subject.form.triggers or () if subject.form else ()):
        if trigger.heartbeat is not None:
            loc = ("triggers", index, "heartbeat", "name")
            yield trigger.heartbeat.name, subject.node(loc).mark


def _calls(subject: Subject) -> Iterator[Named]:
    for loc, step in every_step(subject.form.steps) if subject.form else ():
        if step.playbook:
            yield step.playbook.name, descend(subject.root, (*loc, "playbook", "name")).mark
