"""Grafana OnCall: users, teams, schedules, chains, integrations, routes.

Decides that a route becomes a playbook, and a chain a policy of the house. Schedules are
`cli.migration.oncall_schedules`, chains `cli.migration.oncall_chains`.
"""

from datetime import datetime
from pathlib import Path

from cli.migration.addresses import channel, mail
from cli.migration.draft import Draft, Fields
from cli.migration.oncall_chains import add_chain
from cli.migration.oncall_document import (
    ChainExport,
    IntegrationExport,
    OncallExport,
    RouteExport,
    RuleExport,
    StepExport,
    TeamExport,
    UserExport,
    read_oncall,
)
from cli.migration.oncall_routes import labels_of
from cli.migration.oncall_schedules import add_schedule
from cli.migration.rosters import PersonDraft, add_person

_WAYS = {
    "notify_by_mobile_app": "push",
    "notify_by_mobile_app_critical": "push",
    "notify_by_sms": "sms",
    "notify_by_phone_call": "phone",
    "notify_by_email": "email",
    "notify_by_slack": "slack",
}


def import_oncall(paths: list[Path], now: datetime) -> Draft:
    """The draft of these answers. Raises ExportError; what is over at `now` is left out."""
    export, cut = read_oncall(paths)
    draft = _Import(export, now).draft
    for name in cut:
        draft.leave_out(name, "more pages follow it (next); fetch them, too")
    return draft


class _Import:
    """One import in the making; the maps are from their ids to ours."""

    def __init__(self, export: OncallExport, now: datetime) -> None:
        self.draft = Draft("oncall")
        self._export = export
        self._users = {each.id: self._user(each) for each in export.users}
        self._teams = {each.id: self._team(each) for each in export.teams}
        shifts = {each.id: each for each in export.on_call_shifts}
        self._schedules = {
            each.id: add_schedule(self.draft, each, shifts, user_of=self._user_of, now=now)
            for each in export.schedules
        }
        self._chains = {each.id: self._chain(each) for each in export.escalation_chains}
        for integration in export.integrations:
            self._integration(integration)

    def _user(self, export: UserExport) -> str:
        name = export.name or export.username.partition("@")[0]
        person = PersonDraft(name=name, email=mail(export.email), tz=export.timezone)
        for account in export.slack:
            found = channel(account.user_id)
            if found:
                person.contact["slack"] = found
        after: dict[bool, float] = {}
        rules: dict[bool, list[tuple[str, int]]] = {True: [], False: []}
        for step in sorted(self._rules_of(export.id), key=lambda rule: rule.position):
            waited = after.setdefault(step.important, 0)
            if step.type == "wait":
                after[step.important] = waited + (step.duration or 0)
            elif step.type in _WAYS:
                rules[step.important].append((_WAYS[step.type], round(waited / 60)))
            else:
                person.asked.append(f"a rule '{step.type}' has no counterpart")
        person.high = rules[True] or rules[False]
        person.low = rules[False] if rules[True] else []
        wanted = {via for via, _ in (*rules[True], *rules[False])} & {"sms", "phone"}
        if wanted:
            ways = " and ".join(sorted(wanted))
            person.asked.append(f"a number for {ways}, and its rules: OnCall gives out no numbers")
        return add_person(self.draft, person)

    def _rules_of(self, user: str) -> list[RuleExport]:
        return [each for each in self._export.personal_notification_rules if each.user_id == user]

    def _user_of(self, user: str) -> str:
        return self._users.get(user) or self.draft.somebody()

    def _team(self, export: TeamExport) -> str:
        team = self.draft.names.unique("team", export.name)
        members = [self._users[each.id] for each in self._export.users if export.id in each.teams]
        if not members:
            members = [self.draft.somebody()]
            said = "no members in the export; OnCall says them on each user only"
            self.draft.decide(self.draft.in_roster("teams", team), said)
        self.draft.roster["teams"][team] = {"members": members}
        return team

    def _chain(self, chain: ChainExport) -> str:
        steps = [
            each
            for each in self._export.escalation_policies
            if each.escalation_chain_id == chain.id
        ]
        return add_chain(self.draft, chain, steps, self._refs_of)

    def _refs_of(self, step: StepExport) -> list[str] | None:
        """Whom a step of a chain pages; None where it pages nobody."""
        match step.type:
            case "notify_persons":
                return [f"user:{self._user_of(each)}" for each in step.persons_to_notify]
            case "notify_person_next_each_time":
                named = step.persons_to_notify_next_each_time
                return [f"user:{self._user_of(each)}" for each in named]
            case "notify_on_call_from_schedule":
                found = self._schedules.get(step.notify_on_call_from_schedule)
                if found is None:
                    return [f"user:{self.draft.somebody()}"]
                return [f"schedule:{each}" for each in found]
            case "notify_team_members":
                team = self._teams.get(step.team_to_notify)
                return [f"team:{team}" if team else f"user:{self.draft.somebody()}"]
        return None

    def _integration(self, export: IntegrationExport) -> None:
        """A playbook for each route, the first to win first; the default route comes last."""
        routes = [each for each in self._export.routes if each.integration_id == export.id]
        routes.sort(key=lambda each: (each.is_the_last_route, each.position))
        if export.default_route and not any(each.is_the_last_route for each in routes):
            default = RouteExport(
                integration_id=export.id,
                escalation_chain_id=export.default_route.escalation_chain_id,
                is_the_last_route=True,
            )
            routes.append(default)
        for index, route in enumerate(routes):
            self._playbook(export, route, 10 * (len(routes) - index))

    def _playbook(self, integration: IntegrationExport, route: RouteExport, priority: int) -> None:
        labels = (
            {} if route.is_the_last_route else labels_of(route.routing_type, route.routing_regex)
        )
        words = [value for values in labels.values() for value in values[:1]]
        if not words and not route.is_the_last_route:
            words = ["route", str(route.position)]
        name = self.draft.names.unique("playbook", integration.name, *words)
        file = f"{name}.yaml"
        team = self._teams.get(integration.team_id) or self.draft.no_owner()
        fields: Fields = {"language": 1, "name": name, "owner": f"team:{team}"}
        fields["priority"] = priority
        match: Fields = {"integration": integration.name or integration.id}
        match |= {key: each[0] if len(each) == 1 else each for key, each in labels.items()}
        fields["on_alert"] = match
        self.draft.playbooks[name] = fields
        what = "the default route" if route.is_the_last_route else f"route {route.position}"
        self.draft.explain((file,), f"From {what} of the integration {integration.name}.")
        self.draft.explain((file, "priority"), "keeps the order of the integration's routes")
        said = "which alerts? OnCall knew them by the integration's address, we by labels"
        self.draft.decide((file, "on_alert"), said)
        if route.routing_regex and not labels and not route.is_the_last_route:
            said = f"the route matched {route.routing_type} over the whole message: "
            self.draft.decide((file, "on_alert"), said + route.routing_regex)
            match["route"] = f"{route.position} (decide)"
        chain = self._chains.get(route.escalation_chain_id)
        if chain:
            fields["escalation"] = {"use": f"policy:{chain}"}
            return
        fields["severity"] = {"default": "SEV5"}
        said = "the route had no escalation chain, or one that is not here; SEV5 pages nobody"
        self.draft.decide((file, "severity"), said)
        fields["page"] = [fields["owner"]]
