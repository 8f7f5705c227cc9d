"""The tables of a picture: roles, facts and announcements.

Decides their columns and words.
"""

from domain.clock_text import duration_text
from domain.incident.messages import readable
from domain.incident.steps.words import source_of, value_text
from domain.incident.view import IncidentView
from domain.picture.outline import TableOutline, Words
from domain.picture.wording import (
    held_for,
    ref_text,
    refs_text,
    severities_text,
    template_text,
    timers_text,
)
from domain.plan import Plan, RolePlan
from domain.plan_facts import FactPlan

_ON = {
    "opened": "it opens",
    "severity": "the severity changes",
    "commander": "the commander changes",
    "mitigated": "it is mitigated",
    "resolved": "it is resolved",
}


def roles_table(plan: Plan, view: IncidentView | None) -> TableOutline:
    """Who does what, and how they come to it; with `view`, who holds it."""
    columns = ("Role", "At", "Filled by") + (("Held by",) if view else ())
    rows = []
    for name, role in plan.roles.items():
        row = [
            Words(readable(name), "strong"),
            Words(_role_at(role)),
            Words(_filled(role)),
        ]
        if view:
            holders = view.roles.get(name, ())
            row.append(Words(", ".join(one.name for one in holders) or "nobody yet"))
        rows.append(tuple(row))
    return TableOutline("Roles", columns, tuple(rows))


def _role_at(role: RolePlan) -> str:
    if role.pick and not role.page:
        return "by condition"
    return severities_text(role.at)


def _filled(role: RolePlan) -> str:
    said = []
    if role.page:
        said.append("paged: " + ", then ".join(ref_text(ref) for ref in role.page))
    if role.fill == "first_acknowledger":
        said.append("who acknowledges first")
    elif role.fill:
        said.append(f"who is {ref_text(role.fill)}")
    said += [
        f"{refs_text(pick.page)} at {severities_text(pick.at)} if {pick.when}" for pick in role.pick
    ]
    if role.many:
        said.append("who joins")
    return "; ".join(said) or "whoever takes it"


def facts_table(plan: Plan, view: IncidentView | None) -> TableOutline:
    """The declared facts and where they come from; with `view`, what is known."""
    columns = ("Fact", "Type", "Known from") + (("Now",) if view else ())
    known = {fact.name: fact for fact in view.facts} if view else {}
    rows = []
    for name, fact in plan.facts.items():
        row = [Words(name, "strong"), Words(fact.type), Words(_source(fact))]
        if view:
            seen = known.get(name)
            said = value_text(seen.value if seen else None)
            if seen and (source_of(seen) or seen.stale):
                parts = [source_of(seen), "stale" if seen.stale else ""]
                said = f"{said} ({', '.join(one for one in parts if one)})"
            row.append(Words(said))
        rows.append(tuple(row))
    return TableOutline("Facts", columns, tuple(rows))


def _source(fact: FactPlan) -> str:
    said = [f"at first {fact.first}"] if fact.first else []
    if fact.query:
        said.append(f"query {fact.query}")
    if fact.http:
        said.append(f"GET {template_text(fact.http.url)}")
    if fact.is_measured:
        held = f", once it stands{held_for(fact.hold)}" if fact.hold else ""
        age = duration_text(fact.max_age)
        said.append(f"every {duration_text(fact.every)}, stale after {age}{held}")
    if fact.alert:
        said.append(f"each alert: {fact.alert}")
    if fact.ask:
        when = "when acknowledged" if fact.ask_when == "on_ack" else "when it opens"
        within = timers_text(fact.deadline)
        said.append(f"{ref_text(fact.ask)}, asked {when}: “{template_text(fact.question)}”")
        said += [f"within {within}"] if within else []
    if fact.one_of:
        said.append(f"one of {', '.join(value_text(each) for each in fact.one_of)}")
    if fact.default is not None:
        said.append(f"else {value_text(fact.default)}")
    return "; ".join(said) or "set by people"


def announce_table(plan: Plan) -> TableOutline:
    """Who is told of changes in one line."""
    rows = tuple(
        (
            Words(refs_text(each.to), "strong"),
            Words("when " + ", ".join(_ON[on] for on in each.on)),
        )
        for each in plan.announce
    )
    return TableOutline("Announcements", ("To", "One line each time"), rows)
