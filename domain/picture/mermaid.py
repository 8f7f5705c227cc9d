"""Writes an outline as a Mermaid flow chart, for pages that draw Mermaid by themselves.

Decides node shapes and edges. Every text stands in quotes with all that could mean something
to Mermaid or HTML as a numeric entity, so that no author's text can end its label.
"""

from collections.abc import Callable, Iterable

from domain.picture.outline import (
    BranchOutline,
    Outline,
    RuleOutline,
    Standing,
    StepOutline,
    Words,
)
from domain.picture.pieces import Outline as Frame
from domain.picture.text_metrics import plain_text

LONGEST = 160
"""Of one line of a label; what is longer ends in an ellipsis."""

Ends = list[tuple[str, str]]
"""Nodes from which the flow goes on, each with the label of that edge."""

_SAFE = frozenset(" ,.()'_/+=!?|*[]-")
_SHAPES: dict[Frame, tuple[str, str]] = {
    "round": ("(", ")"),
    "square": ("[", "]"),
    "pill": ("([", "])"),
    "hexagon": ("{{", "}}"),
    "sides": ("[[", "]]"),
    "double": ("[/", "\\]"),
    "none": ("[", "]"),
}
_CLASSES = (
    "classDef default fill:#fff,stroke:#111,color:#111",
    "classDef live stroke-width:4px",
    "classDef ahead stroke-dasharray:4 3",
)


def mermaid_of(outline: Outline) -> str:
    """The flow chart's text."""
    return "\n".join(("flowchart LR", *_Chart().drawn(outline), *_CLASSES, ""))


def quoted(lines: Iterable[str]) -> str:
    """The lines as one label in quotes; a blank if they say nothing, for none is an error."""
    said = (plain_text(line) for line in lines)
    cut = (line if len(line) <= LONGEST else f"{line[:LONGEST]}…" for line in said if line)
    return f'"{"<br/>".join("".join(map(_char, line)) for line in cut) or " "}"'


def _char(char: str) -> str:
    if char.isalnum() or char in _SAFE or ord(char) > 0x7F:  # noqa: PLR2004 - all of ASCII
        return char
    return f"#{ord(char)};"


class _Chart:
    """Nodes get numbers, so that no text is ever an id."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._count = 0
        self._groups = 0

    def drawn(self, outline: Outline) -> list[str]:
        """Phases, severities, ladder and steps, one group each."""
        self._group(outline.title, lambda: self._head(outline))
        self._group("Severity: the first rule that holds", lambda: self._rules(outline.rules))
        self._group("Escalation, if nobody answers", lambda: self._ladder(outline))
        if outline.steps:
            self._group("Steps", lambda: self._ends(outline.steps, []))
        return self._lines

    def _group(self, title: str, inside: Callable[[], object]) -> None:
        """A frame around nodes; an unseen edge keeps the frames in the order of reading."""
        self._groups += 1
        self._lines += [f"subgraph g{self._groups}[{quoted([title])}]", "direction TB"]
        inside()
        self._lines.append("end")
        if self._groups > 1:
            self._lines.append(f"g{self._groups - 1} ~~~ g{self._groups}")

    def _node(self, lines: Iterable[str], frame: Frame, standing: Standing | None = None) -> str:
        self._count += 1
        left, right = _SHAPES[frame]
        name = f"n{self._count}"
        self._lines.append(f"{name}{left}{quoted(lines)}{right}")
        if standing is not None and standing.is_marked:
            self._lines.append(f"class {name} live")
        elif standing is not None and standing.emphasis in ("ahead", "passed_by"):
            self._lines.append(f"class {name} ahead")
        return name

    def _edge(self, start: str, end: str, lines: Iterable[str] = ()) -> None:
        label = quoted(lines)
        said = f"|{label}|" if label != quoted(()) else ""
        self._lines.append(f"{start} -->{said} {end}")

    def _head(self, outline: Outline) -> None:
        opened = [outline.subtitle]
        opened += [f"{field.name}: {_joined(field.words)}" for field in outline.head]
        before = self._node(opened, "square")
        if outline.moment is not None:
            here = outline.moment
            said = [f"{here.reference}: {here.severity.value}, {here.phase}", here.as_of]
            said += [f"{field.name}: {_joined(field.words)}" for field in here.fields]
            live = Standing("[>]", "", "live")
            now = self._node([*said, here.title], "square", live)
            self._edge(before, now)
            before = now
        onwards: tuple[Words, ...] = ()
        for phase in outline.phases:
            said = [f"{phase.name}: now" if phase.is_present else phase.name, phase.reached]
            live_phase = Standing("[>]", "", "live") if phase.is_present else None
            name = self._node(said, "pill", live_phase)
            self._edge(before, name, [words.text for words in onwards])
            before, onwards = name, phase.onwards

    def _rules(self, rules: tuple[RuleOutline, ...]) -> None:
        before = ""
        for rule in rules:
            severity = rule.severity.value if rule.severity else ""
            now = "now" if rule.is_present else ""
            live = Standing("[>]", "", "live") if now else None
            said = [severity, now, rule.criteria, rule.condition]
            name = self._node(said, "round", live)
            if before:
                self._edge(before, name, ["else"])
            before = name

    def _ladder(self, outline: Outline) -> None:
        before = ""
        ladder = outline.ladder
        for rung in ladder.rungs:
            if not rung.is_level:
                continue
            times = (
                f"{severity.value} {time}"
                for severity, time in zip(ladder.severities, rung.times, strict=True)
            )
            said = [rung.name, rung.people, ", ".join(times)]
            if rung.standing:
                said.append(f"{rung.standing.mark} {rung.standing.said}")
            name = self._node(said, "square", rung.standing)
            if before:
                self._edge(before, name, ["nobody answers"])
            before = name

    def _ends(
        self, steps: tuple[StepOutline, ...], before: list[tuple[str, str]]
    ) -> list[tuple[str, str]]:
        """Draws the steps after these; where they end, each with the label of its way on."""
        ends = before
        for step in steps:
            name = self._node(_step_lines(step), step.frame, step.standing)
            for end, label in ends:
                self._edge(end, name, [label])
            ends = [(name, "")]
            if step.branches:
                inside = [self._branch(step, branch, name) for branch in step.branches]
                ends = [end for branch in inside for end in branch]
                if step.joins:
                    join = self._node([step.joins], "pill")
                    for end, label in ends:
                        self._edge(end, join, [label])
                    ends = [(join, "")]
        return ends

    def _branch(self, step: StepOutline, branch: BranchOutline, name: str) -> Ends:
        if step.kind != "decide":
            return self._ends(branch.steps, [(name, branch.label)])
        mark = f"{branch.standing.mark} " if branch.standing else ""
        said = [f"{mark}{branch.label}", *(words.text for words in branch.words)]
        option = self._node(said, "round", branch.standing)
        self._edge(name, option)
        return self._ends(branch.steps, [(option, "")])


def _step_lines(step: StepOutline) -> list[str]:
    mark = f"{step.standing.mark} " if step.standing else ""
    said = [f"{mark}{step.id} ({step.kind})", step.who, *(words.text for words in step.words)]
    return [*said, step.standing.said] if step.standing else said


def _joined(words: tuple[Words, ...]) -> str:
    return "; ".join(one.text.strip() for one in words)
