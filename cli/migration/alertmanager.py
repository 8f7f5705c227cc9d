"""Alertmanager: each route that takes alerts becomes a playbook.

Decides dedup keys, destinations and who is asked for. In which order routes win is
`cli.migration.routes`. Alertmanager knows no people: whom a receiver woke is for a
person to say.
"""

from pathlib import Path
from typing import Any

from cli.migration.addresses import channel, mail, open_url
from cli.migration.alertmanager_document import (
    AlertmanagerExport,
    IntervalExport,
    ReceiverExport,
)
from cli.migration.draft import HOUSE, Draft, Fields, listed
from cli.migration.exports import ExportError, parsed, read_yaml
from cli.migration.routes import Placed, Route, Wakes, also_told, goes_on_to, tree_of

_WAKING = {
    "pagerduty": "a PagerDuty service (its routing key is a secret and not copied)",
    "opsgenie": "Opsgenie",
    "victorops": "VictorOps",
    "pushover": "Pushover",
    "sns": "an SNS topic",
    "webhook": "a webhook",
}
_TELLING = ("slack", "email", "msteams", "msteamsv2", "telegram", "discord", "webex", "wechat")


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
        wakes = {name: _wakes(receiver) for name, receiver in self._receivers.items()}
        tree = tree_of(export.route, wakes)
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
            parts = (f"{{{{ {_label(name)} | default('') }}}}" for name in route.group_by)
            fields["dedup"] = {"key": "/".join(parts)}

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
        if _wakes(receiver) is Wakes.NOBODY:
            return self.draft.no_owner()
        if receiver.name not in self._teams:
            team = self.draft.names.unique("team", receiver.name)
            self._teams[receiver.name] = team
            self.draft.roster["teams"][team] = {"members": [self.draft.somebody()]}
            kinds = [said for kind, said in _WAKING.items() if _configs(receiver, kind)]
            said = f"who is paged? Receiver {receiver.name} went to {listed(kinds)}"
            self.draft.decide(self.draft.in_roster("teams", team), said)
        return self._teams[receiver.name]

    def _destination(self, receiver: ReceiverExport) -> str | None:
        """The destination of what the receiver tells, if it tells anything."""
        if receiver.name not in self._destinations:
            fields, asked = _addresses(receiver)
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


def _configs(receiver: ReceiverExport, kind: str) -> tuple[dict[str, Any], ...]:
    found: tuple[dict[str, Any], ...] = getattr(receiver, f"{kind}_configs")
    return found


def _wakes(receiver: ReceiverExport) -> Wakes:
    """Whether the receiver reaches something that wakes people; a webhook may."""
    if any(_configs(receiver, kind) for kind in _WAKING if kind != "webhook"):
        return Wakes.SURELY
    return Wakes.PERHAPS if receiver.webhook_configs else Wakes.NOBODY


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


def _addresses(receiver: ReceiverExport) -> tuple[Fields, list[str]]:
    """The fields of a destination, and what of it a person must say."""
    fields: Fields = {}
    asked: list[str] = []
    mails = [each for config in receiver.email_configs for each in _mails(config, asked)]
    if mails:
        fields["email"] = list(dict.fromkeys(mails))
    for config in receiver.slack_configs:
        name = str(config.get("channel") or "")
        found = channel(name if name.startswith(("#", "@")) or name.isupper() else f"#{name}")
        if found and "slack" not in fields:
            fields["slack"] = found
        elif found:
            asked.append(f"a second Slack channel, {name}; make it a destination of its own")
        else:
            asked.append(
                f"the Slack channel '{name or 'of the webhook'}' cannot be copied; name one"
            )
    for config in receiver.webhook_configs:
        url = open_url(str(config.get("url") or ""))
        if url and "webhook" not in fields and _is_alone(receiver):
            asked.append(
                f"{url} got Alertmanager's JSON, and ours differs; make it a destination if it can"
            )
        elif not url:
            asked.append("a webhook's URL holds a secret, or is kept in a file, and is not copied")
    others = [
        kind for kind in _TELLING if kind not in ("slack", "email") and _configs(receiver, kind)
    ]
    asked += [f"its {kind}_configs are not copied: their address is a secret" for kind in others]
    return fields, list(dict.fromkeys(asked))


def _is_alone(receiver: ReceiverExport) -> bool:
    return len(receiver.webhook_configs) == 1


def _mails(config: dict[str, Any], asked: list[str]) -> list[str]:
    found = []
    for text in str(config.get("to") or "").split(","):
        address = mail(text.strip())
        if address:
            found.append(address)
        elif text.strip():
            asked.append(f"'{text.strip()}' is no mail address that can be copied")
    return found
