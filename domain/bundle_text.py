"""What one message for several incidents says.

Decides the wording: the worst title and how many more, the first few by name, how often
such a message comes, and that one link acknowledges all.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from domain.bundle import Known, SendBundle, least_gap
from domain.clock_text import duration_text
from domain.incident.effects import Message, SendPage
from domain.roster import Method

NAMED = 5
"""How many incidents a bundle names before it counts the rest."""

_SHOWN = {Method.SMS: "SMS", Method.PHONE: "phone call", Method.EMAIL: "e-mail"}


def worst_first(members: Sequence[Known]) -> list[Known]:
    """Each incident once, the worst first, then by when it first paged."""
    ordered = sorted(members, key=lambda one: (one.weight, one.at))
    return list({one.reference: one for one in reversed(ordered)}.values())[::-1]


def bundle(
    first: SendPage,
    members: Sequence[Known],
    *,
    keys: Collection[str],
    heard: Sequence[Known],
    window: timedelta,
    at: datetime,
) -> SendBundle:
    """One page for these incidents, at least two.

    `heard` are those the person was paged for by this method a moment ago: the others are
    told as what came on top of the worst of them, unless they are worse. `first` lends
    method and person. The key is that of the pages in it, whichever of them came first: a
    try again repeats it, and a message with more in it is another one.
    """
    told, before = worst_first(members), worst_first(heard)
    leading, more = told[0], told[1:]
    if before and before[0].weight <= leading.weight:
        leading, more = before[0], told
    count = len({one.reference for one in (*told, *before)})
    title = f"{leading.title} +{len(more)} more"
    lines = [f"{one.severity} {one.headline} ({one.reference})" for one in told[:NAMED]]
    if len(told) > NAMED:
        lines.append(f"and {len(told) - NAMED} more")
    lines.append(limit_text(first.method, window))
    severity = min((leading.severity, *(one.severity for one in told)), key=lambda one: one.rank)
    page = SendPage(
        id=_key(keys),
        summary=f"Page {first.person_name} by {first.method}: {title}",
        person=first.person,
        person_name=first.person_name,
        method=first.method,
        level=first.level,
        attempt=first.attempt,
        urgency=min((one.urgency for one in told), key=("high", "low").index),
        message=Message(
            reference=leading.reference,
            severity=severity,
            title=title,
            headline=title,
            lines=tuple(lines),
            ask=f"Acknowledge all {count}",
            at=at,
        ),
    )
    since = min(one.at for one in (*told, *before))
    return SendBundle(page=page, since=since)


def _key(keys: Collection[str]) -> str:
    digest = sha256("\n".join(sorted(keys)).encode()).hexdigest()
    return f"{min(keys)}/bundle/{digest[:12]}"


def limit_text(method: Method, window: timedelta) -> str:
    """How often the person is paged by this method at most."""
    shown = _SHOWN.get(method, method.value)
    return f"At most one {shown} in {duration_text(least_gap(method, window))}."
