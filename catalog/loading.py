"""Compiles a folder and puts the last good state in the place of what is broken.

Decides what is served when a file does not compile: a playbook's last good plan, a
shared file's last good text. A file that is gone is gone.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from catalog.last_good import LastGood
from catalog.snapshot import BrokenFile, Snapshot
from compiler.compile import HOUSE, Compiled, compile_folder, is_playbook
from compiler.nodes import Mapping as MappingNode
from compiler.nodes import Scalar
from compiler.source import load
from domain.drill import DrillPlan
from domain.plan import Plan

_TEXTS = (".yaml", ".yml", ".md")


def read_folder(folder: Path) -> dict[str, str] | None:
    """Every YAML and Markdown text by its path in the folder; None if there is no folder.

    Hidden files and folders are left out. Bytes that are no UTF-8 stay in the text as
    lone surrogates, which the compiler refuses with their place.
    """
    if not folder.is_dir():
        return None
    found = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.suffix not in _TEXTS or any(part.startswith(".") for part in inside.parts):
            continue
        try:
            found[inside.as_posix()] = path.read_text(encoding="utf-8", errors="surrogateescape")
        except (FileNotFoundError, IsADirectoryError):
            continue
    return found


def assemble(
    files: Mapping[str, str], last_good: LastGood, now: datetime
) -> tuple[Snapshot, LastGood]:
    """What is in service with these files, and what to remember from now on."""
    earlier = {path: plan for path, plan in last_good.plans.items() if path in files}
    as_written = compile_folder(files, today=now.date(), standing_in=earlier)
    refused = {each.path for each in as_written.diagnostics if each.refuses} & set(files)
    served, mended = _with_last_good_texts(files, refused, last_good)
    in_service = (
        compile_folder(served, today=now.date(), standing_in=earlier) if mended else as_written
    )
    plans, kept = _plans(in_service, as_written, refused, last_good)
    broken = tuple(
        BrokenFile(
            path=path,
            since=last_good.broken_since.get(path, now),
            serving_last_good=path in kept or path in mended,
        )
        for path in sorted(refused)
    )
    fallback = declared_fallback(served.get(HOUSE))
    names = {plan.name: path for path, plan in plans.items()}
    snapshot = Snapshot(
        plans={name: plans[path] for name, path in sorted(names.items())},
        plan_paths=names,
        roster=in_service.roster,
        fallback=fallback if fallback in names else None,
        sources=in_service.sources,
        ops=in_service.ops,
        drills=_drills(in_service, as_written, refused),
        problems=as_written.diagnostics,
        broken=broken,
        loaded_at=now,
    )
    shared = {path for path in files if path.endswith(_TEXTS[:2]) and not is_playbook(path)}
    return snapshot, LastGood(
        plans={**{path: last_good.plans[path] for path in kept}, **_sound(as_written, plans)},
        texts={path: served[path] for path in sorted(shared - refused | mended)},
        broken_since={each.path: each.since for each in broken},
    )


def without_folder(last_good: LastGood, now: datetime) -> Snapshot:
    """What is in service while the folder cannot be read: everything that last was."""
    files = dict(last_good.texts)
    compiled = compile_folder(files)
    fallback = declared_fallback(files.get(HOUSE))
    plans = {plan.name: plan for plan in last_good.plans.values()}
    return Snapshot(
        plans=plans,
        plan_paths={plan.name: path for path, plan in last_good.plans.items()},
        roster=compiled.roster,
        fallback=fallback if fallback in plans else None,
        sources=compiled.sources,
        ops=compiled.ops,
        broken=tuple(
            BrokenFile(path=path, since=now, serving_last_good=True)
            for path in sorted({*last_good.plans, *last_good.texts})
        ),
        loaded_at=now,
    )


def _with_last_good_texts(
    files: Mapping[str, str], refused: set[str], last_good: LastGood
) -> tuple[dict[str, str], set[str]]:
    """The files with broken shared ones replaced, and which were."""
    mended = {path for path in refused if path in last_good.texts and not is_playbook(path)}
    return {**files, **{path: last_good.texts[path] for path in mended}}, mended


def _plans(
    in_service: Compiled, as_written: Compiled, refused: set[str], last_good: LastGood
) -> tuple[dict[str, Plan], set[str]]:
    """The plan of each path, and the paths that serve their last good one.

    A playbook that is sound with the files as written stays in service also where it
    does not fit the older text of a shared file.
    """
    plans = _by_path(as_written) | _by_path(in_service)
    plans = {path: plan for path, plan in plans.items() if path not in refused}
    taken = {plan.name for plan in plans.values()}
    kept = set()
    for path in sorted(refused):
        plan = last_good.plans.get(path)
        if plan is not None and plan.name not in taken:
            plans[path] = plan
            taken.add(plan.name)
            kept.add(path)
    return plans, kept


def _drills(in_service: Compiled, as_written: Compiled, refused: set[str]) -> dict[str, DrillPlan]:
    """The drills of sound files; of a broken one nothing is known."""
    return {
        name: drill
        for compiled in (as_written, in_service)
        for name, drill in compiled.drills.items()
        if compiled.plan_paths[name] not in refused
    }


def _by_path(compiled: Compiled) -> dict[str, Plan]:
    return {compiled.plan_paths[name]: plan for name, plan in compiled.plans.items()}


def _sound(as_written: Compiled, plans: Mapping[str, Plan]) -> dict[str, Plan]:
    """The plans to remember: of every path that compiles now."""
    return {path: plans[path] for path in as_written.plan_paths.values() if path in plans}


def declared_fallback(house: str | None) -> str | None:
    """The fallback's name as the house's text says it, sound or not."""
    root = load(HOUSE, house or "").root
    node = root.get("fallback") if isinstance(root, MappingNode) else None
    return node.text if isinstance(node, Scalar) else None
