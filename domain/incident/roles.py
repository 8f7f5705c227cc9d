"""Roles: who holds them, how they staff themselves, what follows a vacancy.

Decides that a role is paged when its severities are reached, that accepting is
holding, and that command is never empty once somebody has acknowledged.
"""

from domain.incident.announcing import announce
from domain.incident.calls import drop_reason
from domain.incident.conditions import note_unknown, verdict_on
from domain.incident.ladder import (
    ESCALATION,
    page_again,
    put,
    round_now,
    start_level,
    unplan,
)
from domain.incident.messages import readable
from domain.incident.on_shift import shift_of
from domain.incident.state import Holding, Ladder, OnShift, Told
from domain.incident.turn import Turn
from domain.incident.view import OPEN_PHASES, Phase
from domain.plan import COMMANDER, OPERATIONS, RolePlan


def staff(turn: Turn) -> None:
    """Page for every role that applies now, is vacant, and is not being paged yet."""
    if turn.state.phase not in OPEN_PHASES or turn.state.phase is Phase.PENDING:
        return
    ladder = turn.state.ladders.get(ESCALATION)
    if ladder is not None and ladder.stage == "paused":
        return
    for role, plan in turn.plan.roles.items():
        is_callers = turn.state.parent is not None and role in (COMMANDER, OPERATIONS)
        if turn.wakes_nobody or is_callers:
            continue
        if plan.page and turn.state.severity in plan.at and not is_held(turn, role):
            _start_ladder(turn, f"role:{role}", role, tuple((ref,) for ref in plan.page))
        _staff_picks(turn, role, plan)
    follow(turn)


def _staff_picks(turn: Turn, role: str, plan: RolePlan) -> None:
    for index, pick in enumerate(plan.pick):
        ladder_id = f"role:{role}:{index}"
        if ladder_id in turn.state.ladders or turn.state.severity not in pick.at:
            continue
        verdict = verdict_on(turn, pick.when)
        if verdict.holds is None:
            note_unknown(turn, f"role {role}", pick.when, verdict)
        elif verdict.holds:
            _start_ladder(turn, ladder_id, role, (pick.page,))


def _start_ladder(
    turn: Turn, ladder_id: str, role: str, levels: tuple[tuple[str, ...], ...]
) -> None:
    if ladder_id in turn.state.ladders:
        return
    turn.note("role.paging", f"Paging for the role {readable(role)}.")
    ladder = Ladder(
        id=ladder_id, role=role, levels=levels, cycle=turn.state.cycle, round=round_now(turn)
    )
    start_level(turn, ladder)


def is_held(turn: Turn, role: str) -> bool:
    """Whether somebody really holds the role: not acting, not on paper."""
    return any(not held.acting and not held.on_paper for held in turn.state.holders(role))


def holds(turn: Turn, person: str, role: str) -> bool:
    """Whether this person holds the role, acting included."""
    return any(held.person == person and not held.on_paper for held in turn.state.holders(role))


def grant(
    turn: Turn,
    role: str,
    person: Told,
    *,
    acting: bool = False,
    following: str | None = None,
    shift: OnShift | None = None,
) -> None:
    """Let the person hold the role; unless many may, they replace who held it."""
    plan = turn.plan.roles.get(role)
    before = turn.state.holders(role)
    held = _holding(turn, role, person, shift).model_copy(
        update={"acting": acting, "following": following}
    )
    many = plan is not None and plan.many
    others = tuple(one for one in before if many and one.person != person.person)
    turn.state.roles[role] = (*others, held)
    verb = "acts as" if acting else "holds"
    data = {"role": role, "person": person.person}
    turn.note("role.held", f"{person.name} {verb} {readable(role)}.", data)
    if not acting:
        _end_role_paging(turn, role, person.person)
    if role == COMMANDER and not acting:
        announce(turn, "commander", f"{person.name} commands the incident.")
    if role == OPERATIONS:
        _take_command_along(turn, before, person)
    follow(turn)


def _holding(turn: Turn, role: str, person: Told, shift: OnShift | None) -> Holding:
    """The person as a holder, in the shift given or else in the one that found them."""
    found = shift or shift_of(turn, role, person.person)
    held = Holding(person=person.person, name=person.name, since=turn.now)
    if found is None:
        return held
    return held.model_copy(update={"via": found.schedule, "until": found.until})


def _take_command_along(turn: Turn, before: tuple[Holding, ...], person: Told) -> None:
    """Where operations changes hands, whoever works on it acts as commander."""
    changes = any(not held.on_paper and held.person != person.person for held in before)
    if changes and any(held.acting and not held.on_paper for held in turn.state.holders(COMMANDER)):
        grant(turn, COMMANDER, person, acting=True)


def _end_role_paging(turn: Turn, role: str, person: str) -> None:
    """The role's own ladder ends with any holder, an expert's with one it has asked."""
    for ladder in list(turn.state.ladders.values()):
        if ladder.role != role or ladder.stage == "over":
            continue
        if ladder.id == f"role:{role}" or person in ladder.asked:
            put(turn, ladder, stage="over", here=())
            unplan(turn, ladder.id)
            drop_reason(turn, ladder.id)


def join(turn: Turn, person: Told) -> None:
    """Count the person among the responders, if the playbook has that role."""
    if "responders" in turn.plan.roles and person.person not in turn.state.holder_ids():
        grant(turn, "responders", person)


def follow(turn: Turn) -> None:
    """Fill the roles that follow another one (`fill: role:x`), and go with its holder.

    Whoever let go of such a role is left in peace until the other one changes hands.
    """
    for role, plan in turn.plan.roles.items():
        source = plan.fill or ""
        if not source.startswith("role:") or turn.state.severity not in plan.at:
            continue
        leader = _leader(turn, source.removeprefix("role:"))
        if leader is None or turn.state.let_go.get(role) == leader.person:
            continue
        turn.state.let_go.pop(role, None)
        current = turn.state.holders(role)
        if all(held.following and held.person != leader.person for held in current):
            grant(turn, role, leader, following=source.removeprefix("role:"))


def _leader(turn: Turn, role: str) -> Told | None:
    """Who a following role follows: the first who holds the other one."""
    first = next(iter(turn.state.holders(role)), None)
    if first is None or first.on_paper:
        return None
    return Told(person=first.person, name=first.name)


def release_unneeded(turn: Turn) -> None:
    """After a lower severity: end paging for roles that no longer apply, and release them."""
    for role, plan in turn.plan.roles.items():
        if turn.state.severity in plan.at and not turn.wakes_nobody:
            continue
        _drop_ladders(turn, role)
        if turn.state.severity in plan.at or role in (COMMANDER, OPERATIONS):
            continue
        for held in turn.state.roles.pop(role, ()):
            text = f"The role {readable(role)} is not needed at {turn.state.severity}."
            turn.note("role.released", f"{held.name} is released: {text}")
            told = Told(person=held.person, name=held.name)
            turn.tell(told, turn.message(text), why=f"released as {readable(role)}")


def _drop_ladders(turn: Turn, role: str) -> None:
    for ladder in list(turn.state.ladders.values()):
        if ladder.role == role:
            turn.state.ladders.pop(ladder.id)
            unplan(turn, ladder.id)
            drop_reason(turn, ladder.id)


def vacate(turn: Turn, role: str, person: str, why: str) -> None:
    """Take the person out of the role; the vacancy pages by itself.

    Command passes to whoever holds operations, then to any other holder, as acting;
    with nobody left the name stays on paper until the page is answered.
    """
    held = next((one for one in turn.state.holders(role) if one.person == person), None)
    if held is None:
        return
    others = tuple(one for one in turn.state.holders(role) if one.person != person)
    turn.state.roles[role] = others
    turn.note("role.released", f"{held.name} no longer holds {readable(role)}: {why}.")
    if held.following:
        turn.state.let_go[role] = person
    if others:
        return
    turn.state.roles.pop(role)
    if role == COMMANDER:
        _pass_command(turn, held)
    elif role == OPERATIONS:
        _page_for_operations(turn, held)
    _page_vacancy(turn, role)


def _pass_command(turn: Turn, held: Holding) -> None:
    successor = _successor(turn, held.person)
    if successor is not None:
        grant(turn, COMMANDER, successor, acting=True)
        text = f"You act as commander: {held.name} no longer holds it."
        turn.tell(successor, turn.message(text), why="acts as commander")
        return
    paper = held.model_copy(update={"acting": True, "on_paper": True})
    turn.state.roles[COMMANDER] = (paper,)
    unstaffed(turn, f"Nobody commands since {held.name} left.")


def _successor(turn: Turn, leaving: str) -> Told | None:
    order = [OPERATIONS, *turn.state.roles]
    for role in order:
        for held in turn.state.holders(role):
            if held.person != leaving and not held.on_paper and role != COMMANDER:
                return Told(person=held.person, name=held.name)
    return None


def _page_for_operations(turn: Turn, held: Holding) -> None:
    """Operations has no ladder of its own: the playbook's escalation is its ladder."""
    unstaffed(turn, f"{held.name} no longer holds {readable(OPERATIONS)}.")
    if holds(turn, held.person, COMMANDER) and not is_held(turn, COMMANDER):
        vacate(turn, COMMANDER, held.person, "nobody works on it")


def unstaffed(turn: Turn, why: str) -> None:
    """Nobody is on it any more: the acknowledgement ends, the same level is paged."""
    if turn.state.phase not in (Phase.ACKNOWLEDGED, Phase.MITIGATED) or turn.pages_nobody:
        return
    turn.state.phase = Phase.TRIGGERED
    turn.state.acked_by = {}
    turn.state.asks = {}
    turn.clear_deadlines("ask/", "ack_expires")
    page_again(turn, why)


def _page_vacancy(turn: Turn, role: str) -> None:
    plan = turn.plan.roles.get(role)
    if plan is None or not (plan.page or plan.pick):
        return
    turn.state.cycle += 1
    _drop_ladders(turn, role)
    staff(turn)


def users_gone(turn: Turn, users: tuple[str, ...]) -> None:
    """Vacate whatever people hold who are no longer in the roster."""
    for user in users:
        for role in list(turn.state.roles):
            vacate(turn, role, user, "no longer in the roster")


def asked_for(turn: Turn, person: str) -> tuple[str, ...]:
    """The roles this person was paged for that still wait, or that nobody took."""
    return tuple(
        ladder.role
        for ladder in turn.state.ladders.values()
        if ladder.role
        and person in ladder.asked
        and (ladder.stage != "over" or not is_held(turn, ladder.role))
    )
