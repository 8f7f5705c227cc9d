"""Examines what is on disk: playbooks, the fallback, and whether people can be woken.

Decides which contacts no channel can serve with the settings as they are. What is wrong
with a file is `watchbill check`'s to say in full.
"""

from datetime import UTC, datetime

from activities.channels.twilio import is_set_up
from catalog.loading import declared_fallback
from cli.doctor.findings import Finding, failure, ok, warning
from cli.folders import read_folder
from compiler.compile import HOUSE, Compiled, compile_folder
from domain.on_call import can_be_woken
from domain.plan import Plan
from domain.roster import Method, Roster
from settings import Settings

NUMBERS = (Method.SMS, Method.PHONE)


def examine_playbooks(settings: Settings) -> tuple[list[Finding], Roster]:
    """Files, fallback and people of the playbooks folder, and the roster that it has."""
    folder = settings.playbooks
    if not folder.is_dir():
        missing = f"there is no folder {folder}"
        return [failure("playbooks", missing, "set WATCHBILL_PLAYBOOKS")], Roster()
    files = read_folder(folder)
    compiled = compile_folder(files, today=datetime.now(UTC).date())
    findings = [
        _files(compiled, str(folder)),
        _fallback(files, compiled),
        *_people(compiled.roster, settings),
    ]
    return findings, compiled.roster


def _files(compiled: Compiled, folder: str) -> Finding:
    broken = sorted({each.path for each in compiled.diagnostics if each.refuses})
    mend = f"run `watchbill check {folder}`"
    if not compiled.plans:
        return failure("playbooks", f"none compiles in {folder}", mend)
    if broken:
        detail = f"broken, so its last good text serves, if any: {', '.join(broken)}"
        return failure("playbooks", detail, mend)
    warnings = len(compiled.diagnostics)
    if warnings:
        detail = f"{len(compiled.plans)} in {folder}, with {warnings} warnings"
        return warning("playbooks", detail, mend)
    return ok("playbooks", f"{len(compiled.plans)} in {folder}")


def _fallback(files: dict[str, str], compiled: Compiled) -> Finding:
    name = declared_fallback(files.get(HOUSE))
    if name is None:
        detail = "none: an alert that matches no playbook pages nobody"
        return failure("fallback", detail, "name one in house.yaml, such as unmatched_alerts")
    plan = compiled.plans.get(name)
    if plan is None:
        return failure("fallback", f"'{name}' is not in service", "run `watchbill check`")
    return _pages_somebody(plan)


def _pages_somebody(plan: Plan) -> Finding:
    if any(plan.escalation.levels):
        return ok("fallback", f"{plan.name} takes what nothing matches")
    return failure("fallback", f"{plan.name} pages nobody", "give it a page: list")


def _people(roster: Roster, settings: Settings) -> list[Finding]:
    asleep = [user.id for user in roster.users.values() if not can_be_woken(user)]
    found = []
    if asleep:
        detail = f"nothing can wake {', '.join(sorted(asleep))}"
        mend = "give them push, sms, phone or webhook in roster/*.yaml"
        found.append(warning("people", detail, mend))
    stuck = unserved(roster, settings)
    if stuck:
        shown = "; ".join(f"{who} by {how}" for who, how in stuck[:5])
        more = f" and {len(stuck) - 5} more" if len(stuck) > 5 else ""  # noqa: PLR2004
        mend = "set WATCHBILL_TWILIO_… or WATCHBILL_SLACK_BOT_TOKEN, or give Apprise URLs"
        found.append(failure("people", f"cannot be reached: {shown}{more}", mend))
    return found or [ok("people", f"{len(roster.users)} in the roster, each can be woken")]


def unserved(roster: Roster, settings: Settings) -> list[tuple[str, str]]:
    """(person, method) of every contact that needs a service which is not set up."""
    has_numbers = is_set_up(settings)
    found = []
    for user in roster.users.values():
        for method, address in user.contact.items():
            is_bare = "://" not in address
            needs_twilio = method in NUMBERS and is_bare and not has_numbers
            needs_slack = method is Method.SLACK and is_bare and not settings.slack_bot_token
            if needs_twilio or needs_slack:
                found.append((user.id, method.value))
    return sorted(found)
