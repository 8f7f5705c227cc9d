"""Lowers a playbook's `drill:` to what it is rehearsed with.

Decides what the fields mean together; values of facts become values of their types.
"""

from collections.abc import Mapping

from compiler.document import PlaybookForm
from compiler.document_drill import DEFAULT, DrillForm, EveryForm
from compiler.document_facts import FactForm
from compiler.typed_values import fits, typed
from domain.drill import (
    ENDS_AFTER,
    LASTS,
    Behaviour,
    DrillPlan,
    Every,
    Responders,
)
from domain.values import Values


def drill_of(form: PlaybookForm) -> DrillPlan | None:
    """The playbook's drill; None where it declares none."""
    if form.drill is None:
        return None
    drill = form.drill
    return DrillPlan(
        every=_every(drill.every),
        labels=drill.alert.labels,
        annotations=drill.alert.annotations,
        summary=drill.alert.summary or "",
        facts=_facts(drill.facts, form.facts),
        facts_after=_facts(drill.facts_after, form.facts),
        responders=_responders(drill),
        speed=drill.speed,
        people=drill.people,
        ends_after=drill.ends_after or ENDS_AFTER,
        lasts=drill.lasts or LASTS,
    )


def _every(every: EveryForm | None) -> Every | None:
    if every is None:
        return None
    return Every(cron=every.cron, tz=every.tz or "UTC", interval=every.interval)


def _facts(given: Mapping[str, object], declared: Mapping[str, FactForm]) -> Values:
    """Those of the right type; the others have their own error."""
    found: Values = {}
    for name, value in given.items():
        fact = declared.get(name)
        if fact is not None and fits(value, fact.type):
            known = typed(value, fact.type)
            if known is not None:
                found[name] = known
    return found


def _responders(drill: DrillForm) -> Responders:
    default = drill.responders.get(DEFAULT, Behaviour())
    by_ref = {ref: each for ref, each in drill.responders.items() if ref != DEFAULT}
    return Responders(default=default, by_ref=by_ref)
