"""Alertmanager: each route that takes alerts becomes a playbook.

Decides dedup keys and what is asked. In which order routes win is `cli.migration.routes`,
what a receiver reaches `cli.migration.alertmanager_receivers`. Alertmanager knows no people:
whom a receiver woke is for a person to say.
"""

import re
from pathlib import Path
from typing import Any

from cli.migration.alertmanager_document import (
    AlertmanagerExport,
    IntervalExport,
    ReceiverExport,
)
from cli.migration.alertmanager_receivers import addresses_of, wakes, ways_of
from cli.migration.draft import HOUSE, Draft, Fields, listed
from cli.migration.exports import ExportError, parsed, read_yaml
from cli.migration.routes import Placed, Route, Wakes, also_told, goes_on_to, tree_of

_NAME = re.compile(r"[\w.:/@ -]+")


def import_alertmanager(paths: list[Path]) -> Draft:
    """The draft of one alertmanager.yml. Raises ExportError."""
    if len(paths) != 1:
        raise ExportError("an Alertmanager has one configuration file; import one at a time")
    document = read_yaml(paths[0])
    export = parsed(AlertmanagerExport, document, path=paths[0])
    return _Import(export, paths[0]).draft


class _Import:
    """One import in the making."""

    def __init__(self, export: AlertmanagerExport, path: Path) -> None:
        self.draft = Draft("alertmanager")
        self._receivers = {each.name: each for each in export.receivers}
        self._intervals = {
            each.name: each for each in (*export.time_intervals, *export.mute_time_intervals)
        }
        self._destinations: dict[str, str | None] = {}
        self._teams: dict[str, str] = {}
        by_name = {name: wakes(receiver) for name, receiver in self._receivers.items()}
        tree = tree_of(export.route, by_name)
        for route in tree.root.subtree():
            if route.receiver not in self._receivers:
                known = listed(sorted(self._receivers)) or "none"
                said = f"unknown receiver '{route.receiver}'; receivers are: {known}"
                raise ExportError(f"{path}: {route.where}.receiver: {said}")
        self._used = {route.receiver for route in tree.root.subtree()}
        ids = self._ids([placed.route for placed in tree.placed])
        for placed in tree.placed:
            self._playbook(ids[placed.route], placed)
        for route, why in tree.unreached:
            self.draft.leave_out(
                f"{route.where} (receiver {route.receiver})", f"never reached: {why}"
            )
        self.draft.fallback = self._fallback(ids, tree.placed, tree.root)
        if "severity" in self.draft.playbooks.get(self.draft.fallback or "", {}):
            said = "what no playbook matches pages nobody, as before; name one that pages"
            self.draft.decide((HOUSE, "fallback"), said)
        self._rest(export)

    def _ids(self, routes: list[Route]) -> dict[Route, str]:
        """A playbook's name: its receiver, with the values it asks for where several share it."""
        shared = [route.receiver for route in routes]
        found = {}
        for route in sorted(routes, key=lambda each: _document_order(each.where)):
            words = [route.receiver]
            if shared.count(route.receiver) > 1:
                words += [each.value for each in route.own if each.op == "="][:3]
            found[route] = self.draft.names.unique("playbook", *words)
        return found

    def _playbook(self, name: str, placed: Placed) -> None:
        route, file = placed.route, f"{name}.yaml"
        receiver = self._receivers[route.receiver]
        fields: Fields = {"language": 1, "name": name}
        fields["owner"] = f"team:{self._team(receiver)}"
        if placed.match or placed.when:
            fields["priority"] = placed.priority
            fields["triggers"] = [{"alert": _trigger(placed)}]
        self.draft.playbooks[name] = fields
        self.draft.explain((file,), f"From {route.where}, receiver {route.receiver}.")
        self._say_order(file, placed)
        self._dedup(file, fields, route)
        if route.wakes is Wakes.NOBODY:
            fields["severity"] = {"default": "SEV5"}
            did = "only told people" if self._destination(receiver) else "told nobody"
            said = f"its receiver {did}, and SEV5 pages nobody. Remove severity to page"
            self.draft.decide((file, "severity"), said)
        self._announce(file, fields, route)
        fields["page"] = [fields["owner"]]
        self._say_times(file, route)
        if any("Watchdog" in values for values in placed.match.values()):
            said = "Watchdog fires always, and its silence is what matters: a heartbeat: trigger"
            self.draft.decide((file, "triggers"), said)

    def _say_order(self, file: str, placed: Placed) -> None:
        if "priority" not in self.draft.playbooks[file.removesuffix(".yaml")]:
            said = "Takes what no other playbook matches (fallback in house.yaml), as the root did."
            self.draft.explain((file,), said)
            return
        said = "keeps Alertmanager's order: of playbooks that match as many labels, the higher wins"
        self.draft.explain((file, "priority"), said)
        if placed.comes_last:
            said = "comes last: it is no pager, and Alertmanager went on behind it (continue)"
            self.draft.explain((file, "priority"), said)
        if placed.demoted:
            said = (
                f"{listed(placed.demoted)}: in the condition, so that more labels do not win here"
            )
            self.draft.explain((file, "triggers"), said)
        if placed.when == ("true",):
            self.draft.explain(
                (file, "triggers"), "the route had no matchers: it takes every alert"
            )

    def _dedup(self, file: str, fields: Fields, route: Route) -> None:
        if route.group_by is None or not route.group_by:
            said = (
                "Alertmanager put all alerts of this route into one group. Here service, cluster, "
                "namespace and env make an incident, as far as an alert has them; or say dedup:"
            )
            self.draft.decide((file, "name"), said)
        elif "..." in route.group_by:
            fields["dedup"] = {"key": "{{ alert.fingerprint }}"}
        else:
            odd = [name for name in route.group_by if not _NAME.fullmatch(name)]
            names = [name for name in route.group_by if name not in odd]
            parts = (f"{{{{ {_label(name)} | default('') }}}}" for name in names)
            fields["dedup"] = {"key": "/".join(parts) or "{{ alert.fingerprint }}"}
            if odd:
                said = f"the key lacks {listed(odd)}, which no text here can name"
                self.draft.decide((file, "dedup"), said)

    def _announce(self, file: str, fields: Fields, route: Route) -> None:
        told = [self._destination(self._receivers[route.receiver])]
        told += [self._destination(self._receivers[each.receiver]) for each in also_told(route)]
        known = [f"destination:{each}" for each in dict.fromkeys(told) if each]
        if known:
            fields["announce"] = {"to": known, "on": ["opened", "resolved"]}
        behind = [f"{each.receiver} ({each.where})" for each in goes_on_to(route)]
        if behind:
            said = (
                "Alertmanager went on behind this route (continue). With us one playbook takes an "
                f"alert, a pager first. Say in both whom else to tell: {listed(behind)}"
            )
            self.draft.decide((file, "page"), said)

    def _say_times(self, file: str, route: Route) -> None:
        for words, names in (("not at", route.muted), ("only at", route.active)):
            for name in names:
                when = _interval_text(self._intervals.get(name))
                said = (
                    f"Alertmanager notified {words} '{name}' ({when}). Nothing mutes a playbook; "
                    "urgency: high_in_hours with the team's hours comes close"
                )
                self.draft.decide((file, "name"), said)

    def _team(self, receiver: ReceiverExport) -> str:
        """The team that a receiver woke; those that only tell need somebody, too."""
        if wakes(receiver) is Wakes.NOBODY:
            return self.draft.no_owner()
        if receiver.name not in self._teams:
            team = self.draft.names.unique("team", receiver.name)
            self._teams[receiver.name] = team
            self.draft.roster["teams"][team] = {"members": [self.draft.somebody()]}
            said = f"who is paged? Receiver {receiver.name} went to {listed(ways_of(receiver))}"
            self.draft.decide(self.draft.in_roster("teams", team), said)
        return self._teams[receiver.name]

    def _destination(self, receiver: ReceiverExport) -> str | None:
        """The destination of what the receiver tells, if it tells anything."""
        if receiver.name not in self._destinations:
            fields, asked = addresses_of(receiver)
            name = self.draft.names.unique("destination", receiver.name) if fields else None
            self._destinations[receiver.name] = name
            if name:
                self.draft.roster["destinations"][name] = fields
            for said in asked:
                if name:
                    self.draft.decide(self.draft.in_roster("destinations", name), said)
                else:
                    self.draft.leave_out(f"receiver {receiver.name}", said)
        return self._destinations[receiver.name]

    def _fallback(
        self, ids: dict[Route, str], placed: tuple[Placed, ...], root: Route
    ) -> str | None:
        if root in ids:
            return ids[root]
        return ids[placed[-1].route] if placed else None

    def _rest(self, export: AlertmanagerExport) -> None:
        for rule in export.inhibit_rules:
            said = (
                f"Alertmanager inhibited: {rule.said()}. Nothing here does; match or page otherwise"
            )
            self.draft.decide((HOUSE,), said)
        self.draft.leave_out(
            "group_wait, group_interval, repeat_interval",
            "a playbook pages at once, gathers alerts by dedup, and repeats by its ladder",
        )
        for name in sorted(self._receivers.keys() - self._used):
            self.draft.leave_out(f"receiver {name}", "no route uses it")


def _document_order(where: str) -> list[int]:
    return [int(part.partition("]")[0]) for part in where.split("[")[1:]]


def _trigger(placed: Placed) -> Fields:
    trigger: Fields = {}
    if placed.match:
        trigger["match"] = {
            name: values[0] if len(values) == 1 else list(values)
            for name, values in placed.match.items()
        }
    if placed.when:
        trigger["when"] = _joined(placed.when)
    return trigger


def _joined(conditions: tuple[str, ...]) -> str:
    """The conditions as one; what holds both needs no brackets of its own."""
    bare = [
        each[1:-1] if each.startswith("(") and "||" not in each and _is_wrapped(each) else each
        for each in conditions
    ]
    if len(conditions) == 1 and _is_wrapped(conditions[0]):
        return conditions[0][1:-1]
    return " && ".join(bare)


def _is_wrapped(text: str) -> bool:
    """Whether the first bracket closes with the last."""
    depth = 0
    for index, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return index == len(text) - 1
    return False


def _label(name: str) -> str:
    return f"labels.{name}" if name.isidentifier() and name.isascii() else f"labels['{name}']"


def _interval_text(interval: IntervalExport | None) -> str:
    if interval is None:
        return "which the file does not define"
    return "; ".join(_flat(each) for each in interval.time_intervals) or "empty"


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_flat(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return " ".join(_flat(each) for each in value)
    return str(value)
