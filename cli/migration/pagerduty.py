"""PagerDuty: users, teams, schedules, escalation policies and services.

Decides that a service becomes a playbook, and an escalation policy one of the house.
Schedules are `cli.migration.pagerduty_schedules`.
"""

from datetime import datetime, timedelta
from pathlib import Path

from cli.migration.addresses import mail, telephone
from cli.migration.draft import HOUSE, Draft, Fields
from cli.migration.exports import Reference
from cli.migration.pagerduty_document import (
    ContactExport,
    PagerdutyExport,
    PolicyExport,
    ServiceExport,
    TeamExport,
    UserExport,
    read_pagerduty,
)
from cli.migration.pagerduty_schedules import add_schedule
from cli.migration.rosters import PersonDraft, add_person, known_zone, ladder_times, span
from domain.rotation import WEEKDAYS

_WAYS = {
    "push_notification_contact_method": "push",
    "sms_contact_method": "sms",
    "phone_contact_method": "phone",
    "email_contact_method": "email",
}


def import_pagerduty(paths: list[Path], now: datetime) -> Draft:
    """The draft of these answers. Raises ExportError; what is over at `now` is left out."""
    export, cut = read_pagerduty(paths)
    draft = _Import(export, now).draft
    for name in cut:
        draft.leave_out(name, "more pages follow it (more: true); fetch them, too")
    return draft


class _Import:
    """One import in the making; the maps are from their ids to ours."""

    def __init__(self, export: PagerdutyExport, now: datetime) -> None:
        self.draft = Draft("pagerduty")
        self._export = export
        self._users = {each.id: self._user(each) for each in export.users}
        self._teams = {each.id: self._team(each) for each in export.teams}
        self._schedules = {
            each.id: add_schedule(self.draft, each, self._user_of, now) for each in export.schedules
        }
        self._policies = {each.id: self._policy(each) for each in export.escalation_policies}
        for service in export.services:
            self._service(service)

    def _user(self, export: UserExport) -> str:
        person = PersonDraft(name=export.name, email=mail(export.email), tz=export.time_zone)
        ways: dict[str, str] = {}
        for method in export.contact_methods:
            ways[method.id] = self._contact(person, method)
        for rule in export.notification_rules:
            method_id = rule.contact_method.id if rule.contact_method else ""
            kind = (
                rule.contact_method.type.removesuffix("_reference") if rule.contact_method else ""
            )
            via = ways.get(method_id) or _WAYS.get(kind, "")
            if via:
                rules = person.low if rule.urgency == "low" else person.high
                rules.append((via, rule.start_delay_in_minutes))
        return add_person(self.draft, person)

    def _contact(self, person: PersonDraft, method: ContactExport) -> str:
        """The way that this method is with us; its address goes to the person."""
        via = _WAYS.get(method.type.removesuffix("_reference"), "")
        if via in ("sms", "phone"):
            number = telephone(method.address, str(method.country_code or ""))
            if number is None:
                person.asked.append(f"a number for {via} that cannot be read: '{method.address}'")
                return ""
            if person.contact.setdefault(via, number) != number:
                person.asked.append(f"a second number for {via}, {number}, has no place here")
        elif via == "email":
            address = mail(method.address)
            if address and person.contact.setdefault(via, address) != address:
                person.asked.append(f"a second mail address, {address}, has no place here")
        elif not via:
            person.asked.append(f"a contact method of type '{method.type}' has no place here")
        return via

    def _user_of(self, reference: Reference | None) -> str:
        known = self._users.get(reference.id) if reference else None
        return known or self.draft.somebody()

    def _team(self, export: TeamExport) -> str:
        team = self.draft.names.unique("team", export.name)
        members = [each.user.id for each in export.members if each.user]
        members += [user.id for user in self._export.users if export.id in _ids(user.teams)]
        known = [self._users[each] for each in dict.fromkeys(members) if each in self._users]
        fields: Fields = {"members": known or [self.draft.somebody()]}
        if not known:
            said = "no members in the export; add those of /teams/{id}/members"
            self.draft.decide(self.draft.in_roster("teams", team), said)
        managers = [each for each in export.members if each.role == "manager" and each.user]
        if managers and managers[0].user and managers[0].user.id in self._users:
            fields["manager"] = self._users[managers[0].user.id]
        self.draft.roster["teams"][team] = fields
        return team

    def _policy(self, export: PolicyExport) -> str:
        rules = [rule for rule in export.escalation_rules if rule.targets]
        levels = [[ref for each in rule.targets for ref in self._targets(each)] for rule in rules]
        waits = [timedelta(minutes=rule.escalation_delay_in_minutes) for rule in rules]
        times, doubt = ladder_times([wait for wait in waits if wait])
        fields = times | {"levels": levels or [[f"user:{self.draft.somebody()}"]]}
        policy = self.draft.add_policy(export.name, fields | {"repeat": export.num_loops})
        where = (HOUSE, "policies", policy)
        if doubt:
            self.draft.decide((*where, "ack_within"), doubt)
        unknown = [each.said for rule in rules for each in rule.targets if not self._known(each)]
        if unknown:
            said = f"the export lacks {', '.join(dict.fromkeys(unknown))}; somebody stands in"
            self.draft.decide((*where, "levels"), said)
        return policy

    def _known(self, target: Reference) -> bool:
        return target.id in self._users or target.id in self._schedules

    def _targets(self, target: Reference) -> list[str]:
        if target.id in self._schedules:
            return [f"schedule:{each}" for each in self._schedules[target.id]]
        return [f"user:{self._user_of(target)}"]

    def _owner(self, service: ServiceExport) -> str:
        named = [*service.teams]
        policy_id = service.escalation_policy.id if service.escalation_policy else ""
        for policy in self._export.escalation_policies:
            named += policy.teams if policy.id == policy_id else ()
        known = [self._teams[each.id] for each in named if each.id in self._teams]
        return known[0] if known else self.draft.no_owner()

    def _service(self, export: ServiceExport) -> None:
        owner = self._owner(export)
        service = self.draft.names.unique("service", export.name)
        self.draft.roster["services"][service] = {"owner": f"team:{owner}"}
        name = self.draft.names.unique("playbook", export.name)
        file = f"{name}.yaml"
        fields: Fields = {"language": 1, "name": name, "owner": f"team:{owner}"}
        fields |= {"service": service, "on_alert": {"service": export.name or export.id}}
        said = "which alerts? PagerDuty knew them by integration key; ours are known by labels"
        self.draft.decide((file, "on_alert"), said)
        self.draft.explain((file,), f"From the service {export.name} ({export.id}).")
        if export.status == "disabled":
            self.draft.decide((file, "name"), "the service was disabled; remove this file?")
        self.draft.playbooks[name] = fields
        self._grouping(file, fields, export)
        self._urgency(file, fields, export, owner)
        self._escalation(file, fields, export)

    def _escalation(self, file: str, fields: Fields, export: ServiceExport) -> None:
        policy_id = export.escalation_policy.id if export.escalation_policy else ""
        if policy_id in self._policies:
            fields["escalation"] = {"use": f"policy:{self._policies[policy_id]}"}
        else:
            fields["escalation"] = {"levels": [[f"user:{self.draft.somebody()}"]]}
            said = f"its escalation policy '{policy_id or 'none'}' is not in the export"
            self.draft.decide((file, "escalation"), said)
        if export.acknowledgement_timeout:
            expires = span(export.acknowledgement_timeout / 60)
            fields["escalation"]["ack_expires"] = expires
        if export.auto_resolve_timeout:
            hours = span(export.auto_resolve_timeout / 60)
            what = f"auto_resolve_timeout of {export.name} ({hours})"
            self.draft.leave_out(what, "an incident ends when nothing fires, not by the clock")

    def _grouping(self, file: str, fields: Fields, export: ServiceExport) -> None:
        grouping = export.alert_grouping_parameters
        kind = grouping.type if grouping else ""
        if not kind:
            fields["dedup"] = {"key": "{{ alert.fingerprint }}"}
            self.draft.explain((file, "dedup"), "no alert grouping: each alert is an incident")
            return
        config = grouping.config if grouping and grouping.config else {}
        detail = ", ".join(f"{key}: {value}" for key, value in config.items() if value)
        said = f"PagerDuty grouped alerts ({kind}{': ' if detail else ''}{detail}); name the labels"
        fields["dedup"] = {"key": "{{ labels.service }}"}
        self.draft.decide((file, "dedup"), said)

    def _urgency(self, file: str, fields: Fields, export: ServiceExport, owner: str) -> None:
        rule = export.incident_urgency_rule
        if rule is None or rule.urgency == "severity_based":
            return
        if rule.type != "use_support_hours":
            fields["urgency"] = "low" if rule.urgency == "low" else "high"
            return
        inside = rule.during_support_hours.urgency if rule.during_support_hours else ""
        outside = rule.outside_support_hours.urgency if rule.outside_support_hours else ""
        fields["urgency"] = "high_in_hours" if outside == "low" else "high"
        if "severity_based" in (inside, outside) or inside == "low":
            said = f"urgency was {inside} in support hours and {outside} outside"
            self.draft.decide((file, "urgency"), said)
        self._hours(file, export, owner)

    def _hours(self, file: str, export: ServiceExport, owner: str) -> None:
        """Support hours are those of the owner team; a second service may not change them."""
        hours = export.support_hours
        if hours is None or hours.start_time is None or hours.end_time is None:
            self.draft.decide((file, "urgency"), "its support hours are not in the export")
            return
        fields: Fields = {"tz": hours.time_zone if known_zone(hours.time_zone) else "UTC"}
        fields["days"] = [WEEKDAYS[day - 1] for day in hours.days_of_week if 1 <= day <= 7]  # noqa: PLR2004
        fields["between"] = [f"{hours.start_time:%H:%M}", f"{hours.end_time:%H:%M}"]
        team = self.draft.roster["teams"][owner]
        if team.setdefault("hours", fields) != fields:
            said = f"hours are the team's with us; here they were {fields['between']}"
            self.draft.decide((file, "urgency"), said)


def _ids(references: tuple[Reference, ...]) -> set[str]:
    return {each.id for each in references}
