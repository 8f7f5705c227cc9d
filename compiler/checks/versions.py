"""Says where a playbook does something else than before under the version that it had (W801).

Decides what counts: everything that an incident would do differently. A review that was moved,
and the version itself, do not; a playbook that is called answers for itself.
"""

from collections.abc import Iterator, Mapping

from compiler.compile import Compiled
from compiler.diagnostics import Diagnostic
from compiler.document_errors import diagnostic
from compiler.nodes import Mapping as MappingNode
from compiler.nodes import Mark
from compiler.source import load
from domain.plan import Plan

_BESIDE = {"version", "sha256", "subplans", "review_by", "plan_format", "language"}
"""Fields of a plan whose change is no other behaviour of the playbook."""


def check_versions(
    before: Mapping[str, Plan], now: Compiled, files: Mapping[str, str], *, since: str
) -> Iterator[Diagnostic]:
    """W801 for each playbook that has changed without a higher version, by its path.

    `since` names what it is compared with, as the author said it.
    """
    for name, plan in sorted(now.plans.items()):
        known = before.get(name)
        changed = _changed(known, plan) if known else []
        if known is None or not changed or plan.version > known.version:
            continue
        path = now.plan_paths[name]
        what = f"{', '.join(changed)} {'has' if len(changed) == 1 else 'have'} changed"
        message = f"{what} since {since}, and the version is still {plan.version}"
        if plan.version < known.version:
            message = f"{what} since {since}, and the version went back to {plan.version}"
        help_text = (
            f"write version: {known.version + 1}; an incident says which version it runs, "
            "and a caller may ask for one"
        )
        yield diagnostic(path, _place(path, files[path]), "W801", message, help_text)


def _changed(before: Plan, now: Plan) -> list[str]:
    """The fields that differ, in the order of the plan."""
    fields = [name for name in Plan.model_fields if name not in _BESIDE]
    return [name for name in fields if getattr(before, name) != getattr(now, name)]


def _place(path: str, text: str) -> Mark:
    """Where the version stands, or else the name."""
    root = load(path, text).root
    node = None
    if isinstance(root, MappingNode):
        node = root.get("version") or root.get("name")
    return node.mark if node is not None else Mark(1, 1)
