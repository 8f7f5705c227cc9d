"""Opsgenie: users, teams, schedules, escalations, services and routing rules.

Decides that a routing rule of a team becomes a playbook, and an escalation a policy of the
house. Schedules are `cli.migration.opsgenie_schedules`, conditions
`cli.migration.opsgenie_criteria`.
"""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from cli.migration.addresses import mail, telephone
from cli.migration.draft import HOUSE, Draft, Fields
from cli.migration.exports import Reference
from cli.migration.opsgenie_criteria import condition_of
from cli.migration.opsgenie_document import (
    EscalationExport,
    OpsgenieExport,
    RoutingRuleExport,
    ServiceExport,
    TeamExport,
    UserExport,
    read_opsgenie,
)
from cli.migration.opsgenie_schedules import add_schedule
from cli.migration.rosters import PersonDraft, add_person, ladder_times

_WAYS = {"mobile": "push", "sms": "sms", "voice": "phone", "email": "email"}


def import_opsgenie(paths: list[Path], now: datetime) -> Draft:
    """The draft of these answers. Raises ExportError; what is over at `now` is left out."""
    export, cut = read_opsgenie(paths)
    draft = _Import(export, now).draft
    for name in cut:
        draft.leave_out(name, "more pages follow it (paging.next); fetch them, too")
    return draft


class _Import:
    """One import in the making; the maps are from their ids and names to ours."""

    def __init__(self, export: OpsgenieExport, now: datetime) -> None:
        self.draft = Draft("opsgenie")
        self._export = export
        self._users: dict[str, str] = {}
        for user in export.users:
            self._users |= dict.fromkeys((user.id, user.username), self._user(user))
        self._teams: dict[str, str] = {}
        for team in export.teams:
            self._teams |= dict.fromkeys((team.id, team.name), self._team(team))
        self._schedules: dict[str, list[str]] = {}
        for schedule in export.schedules:
            alone = [
                each
                for each in export.overrides
                if schedule.id == each.parent.id or schedule.name == each.parent.name
            ]
            whole = schedule.model_copy(update={"overrides": (*schedule.overrides, *alone)})
            found = add_schedule(self.draft, whole, self._user_of, now)
            self._schedules |= dict.fromkeys((schedule.id, schedule.name), found)
        self._policies: dict[str, str] = {}
        for escalation in export.escalations:
            found_policy = self._policy(escalation)
            self._policies |= dict.fromkeys((escalation.id, escalation.name), found_policy)
        for service in export.services:
            self._service(service)
        for team in export.teams:
            self._routing(team)

    def _user(self, export: UserExport) -> str:
        person = PersonDraft(
            name=export.full_name, email=mail(export.username), tz=export.time_zone
        )
        for contact in export.user_contacts:
            via = _WAYS.get(contact.method or contact.contact_method, "")
            if contact.enabled and via in ("sms", "phone"):
                number = telephone(contact.to)
                if number is None:
                    person.asked.append(f"a number for {via} that cannot be read: '{contact.to}'")
                elif person.contact.setdefault(via, number) != number:
                    person.asked.append(f"a second number for {via}, {number}, has no place here")
        given = self._export.notification_rules
        rules = given.get(export.username) or given.get(export.id) or ()
        opening = [each for each in rules if each.action_type == "create-alert" and each.enabled]
        for step in opening[0].steps if opening else ():
            via = _WAYS.get(step.contact.method or step.contact.contact_method, "")
            if via and step.enabled:
                after = step.send_after.length / timedelta(minutes=1)
                person.high.append((via, round(after)))
        if len(opening) > 1:
            person.asked.append(
                "several rules for new alerts; the first is taken, the others had conditions"
            )
        if export.blocked:
            person.asked.append("blocked in Opsgenie; remove this person?")
        return add_person(self.draft, person)

    def _user_of(self, reference: Reference) -> str | None:
        return self._users.get(reference.id) or self._users.get(reference.username or "?")

    def _team(self, export: TeamExport) -> str:
        team = self.draft.names.unique("team", export.name)
        members = [found for each in export.members if (found := self._user_of(each.user))]
        fields: Fields = {"members": list(dict.fromkeys(members)) or [self.draft.somebody()]}
        if not members:
            said = "no members in the export; fetch each team by its id"
            self.draft.decide(self.draft.in_roster("teams", team), said)
        heads = [self._user_of(each.user) for each in export.members if each.role == "admin"]
        if heads and heads[0] and len(heads) == 1:
            fields["manager"] = heads[0]
        self.draft.roster["teams"][team] = fields
        return team

    def _targets(self, recipient: Reference) -> list[str]:
        """What we page for a recipient; nothing where the export lacks it."""
        keys = (recipient.id, recipient.name, recipient.username)
        user = self._user_of(recipient)
        if user and recipient.type in ("user", ""):
            return [f"user:{user}"]
        for key in keys:
            if recipient.type == "schedule" and key in self._schedules:
                return [f"schedule:{each}" for each in self._schedules[key]]
            if recipient.type == "team" and key in self._teams:
                return [f"team:{self._teams[key]}"]
        return []

    def _policy(self, export: EscalationExport) -> str:
        asked: list[str] = []
        by_delay: dict[timedelta, list[str]] = {}
        for rule in sorted(export.rules, key=lambda each: each.delay.length):
            refs = self._targets(rule.recipient)
            if not refs:
                asked.append(f"the export lacks {rule.recipient.said}; somebody stands in")
                refs = [f"user:{self.draft.somebody()}"]
            if rule.condition != "if-not-acked":
                asked.append(
                    f"{rule.recipient.said} was paged {rule.condition}: a criterion is that"
                )
            if rule.notify_type not in ("default", "all"):
                asked.append(
                    f"{rule.recipient.said} meant '{rule.notify_type}', not who is on call"
                )
            by_delay.setdefault(rule.delay.length, []).extend(refs)
        delays = list(by_delay)
        waits = [later - earlier for earlier, later in pairwise(delays)]
        repeat = export.repeat
        if repeat and repeat.wait_interval and repeat.count:
            waits.append(timedelta(minutes=repeat.wait_interval))
        times, doubt = ladder_times(waits)
        levels = list(by_delay.values()) or [[f"user:{self.draft.somebody()}"]]
        fields = times | {"levels": levels, "repeat": repeat.count if repeat else 0}
        policy = self.draft.add_policy(export.name, fields)
        where = (HOUSE, "policies", policy)
        if delays and delays[0]:
            asked.append(f"the first page came after {delays[0]}; here it leaves at once")
        if doubt:
            self.draft.decide((*where, "ack_within"), doubt)
        for said in dict.fromkeys(asked):
            self.draft.decide((*where, "levels"), said)
        return policy

    def _service(self, export: ServiceExport) -> None:
        service = self.draft.names.unique("service", export.name)
        owner = self._teams.get(export.team_id) or self.draft.no_owner()
        self.draft.roster["services"][service] = {"owner": f"team:{owner}"}

    def _routing(self, team: TeamExport) -> None:
        """A playbook for each routing rule, the first to win first."""
        rules = sorted(team.routing_rules, key=lambda rule: (rule.is_default, rule.order))
        if not rules:
            owned = [each for each in self._export.escalations if _is_of(each, team)]
            if not owned:
                return
            notify = Reference(type="escalation", id=owned[0].id, name=owned[0].name)
            rules = [RoutingRuleExport(name="", notify=notify)]
        for index, rule in enumerate(rules):
            self._playbook(team, rule, 10 * (len(rules) - index))

    def _playbook(self, team: TeamExport, rule: RoutingRuleExport, priority: int) -> None:
        words = () if rule.is_default and len(team.routing_rules) == 1 else (rule.name,)
        name = self.draft.names.unique("playbook", team.name, *words)
        file = f"{name}.yaml"
        owner = f"team:{self._teams[team.id]}"
        fields: Fields = {"language": 1, "name": name, "owner": owner, "priority": priority}
        trigger: Fields = {"match": {"team": team.name}}
        when, asked = condition_of(rule.criteria)
        if when:
            trigger["when"] = when
        fields["triggers"] = [{"alert": trigger}]
        self.draft.playbooks[name] = fields
        said = f"From the routing rule {rule.name or 'of its escalation'} of team {team.name}."
        self.draft.explain((file,), said)
        self.draft.explain((file, "priority"), "keeps the order of the team's rules")
        asked.insert(0, "which alerts? Opsgenie knew a team by its integration, we by labels")
        if rule.times:
            asked.append("the rule held at certain hours only; urgency: high_in_hours comes close")
        for each in asked:
            self.draft.decide((file, "triggers"), each)
        fields["dedup"] = {"key": "{{ alert.fingerprint }}"}
        self._notify(file, fields, rule.notify)

    def _notify(self, file: str, fields: Fields, notify: Reference) -> None:
        policy = self._policies.get(notify.id) or self._policies.get(notify.name or "?")
        pages = self._targets(notify)
        if notify.type == "escalation" and policy:
            fields["escalation"] = {"use": f"policy:{policy}"}
        elif pages:
            fields["page"] = [pages]
        else:
            fields["page"] = [fields["owner"]]
            if notify.type in ("none", ""):
                fields["severity"] = {"default": "SEV5"}
                self.draft.decide((file, "severity"), "the rule told nobody; SEV5 pages nobody")
            else:
                said = f"the export lacks {notify.type} {notify.said}; the owner stands in"
                self.draft.decide((file, "page"), said)


def _is_of(escalation: EscalationExport, team: TeamExport) -> bool:
    owner = escalation.owner
    return bool(owner.id and owner.id == team.id) or bool(owner.name and owner.name == team.name)
