"""The names that a playbook declares, read off its text, also where its shape is broken.

Decides which facts, parameters and results of steps conditions and texts may name, so that
one broken field is reported once and not again at every use of a name.
"""

from collections.abc import Iterator
from collections.abc import Mapping as Map

from compiler.nodes import Mapping, Node, Scalar
from compiler.steps_written import StepWritten
from domain.scope import TYPE_NAMES, Declared, Kind

_KINDS: dict[str, Kind] = {name: kind for kind, name in TYPE_NAMES.items()}

Outputs = Map[str, Map[str, Kind]]
"""The outputs of the playbooks that can be called, by playbook."""


def names_written(root: Mapping, steps: tuple[StepWritten, ...], called: Outputs) -> Declared:
    """The dotted names with their kinds: facts, parameters, then the results of each step."""
    found: list[tuple[str, Kind]] = []
    for section, default in (("facts", ""), ("params", "string")):
        found += [(f"{section}.{name}", kind) for name, kind in _typed(root.get(section), default)]
    for step in steps:
        if step.id:
            found += [(f"steps.{step.id}.{name}", "bool") for name in ("ok", "timed_out")]
            found += _results(step, called)
    return tuple(dict(found).items())


def outputs_written(root: Mapping) -> dict[str, Kind]:
    """The outputs that the playbook declares."""
    return dict(_typed(root.get("outputs"), ""))


def _typed(node: Node | None, default: str) -> Iterator[tuple[str, Kind]]:
    """Each key of a mapping of things that have a `type`, with its kind."""
    for key, each in node.entries if isinstance(node, Mapping) else ():
        written = each.get("type") if isinstance(each, Mapping) else None
        name = written.text if isinstance(written, Scalar) else default
        yield key.text, _KINDS.get(name, "any")


def _results(step: StepWritten, called: Outputs) -> Iterator[tuple[str, Kind]]:
    here = f"steps.{step.id}"
    match step.kind:
        case "ask":
            kind = step.at("ask", "type")
            name = kind.text if isinstance(kind, Scalar) else "string"
            yield f"{here}.answer", _KINDS.get(name, "any")
        case "decide":
            yield f"{here}.chosen", "text"
        case "playbook":
            outputs = called.get(step.text("playbook", "name"))
            if outputs is None:
                yield here, "any_map"
            for name, kind_of in (outputs or {}).items():
                yield f"{here}.{name}", kind_of
        case "http" | "run":
            for name, kind_of in _typed(step.at("out"), "string"):
                yield f"{here}.{name}", kind_of
        case "":
            yield here, "any_map"
        case _:
            pass
