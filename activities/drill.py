"""What a drill asks of the world: the newest plan, the record to judge, and quiet words.

Decides nothing of what a drill is (`domain.drill`) or how it is judged
(`domain.rehearsal.score`).
"""

from collections.abc import Callable, Mapping

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.quiet import QuietWords
from activities.record import PlanNamed
from domain.alert import trimmed
from domain.cover_text import Said
from domain.drill import DrillPlan, alert_of, names_in, script_of
from domain.drill_run import (
    DrillTarget,
    DrillWord,
    ScoreAsked,
    TargetAsked,
    incident_id,
    merged,
)
from domain.incident.effects import Outcome
from domain.incident.input import AlertBatch, ClockSettings, IncidentInput
from domain.rehearsal.score import score
from domain.rehearsal.score_card import ScoreCard
from ledger.store import Ledger
from ledger.writer import Writer

DrillsNow = Callable[[], Mapping[str, DrillPlan]]
"""The drills that playbooks in service declare, by playbook."""

ENTRIES = 1_000
"""Read from the record at a time."""


class DrillActivities:
    """Reads the catalog and the record, and tells people quietly."""

    def __init__(
        self,
        writer: Writer,
        words: QuietWords,
        plan_named: PlanNamed,
        *,
        drills: DrillsNow,
        continue_as_new_after: int | None = None,
    ) -> None:
        self._writer = writer
        self._words = words
        self._plan_named = plan_named
        self._drills = drills
        self._continue_as_new_after = continue_as_new_after

    @activity.defn
    async def prepare_drill(self, asked: TargetAsked) -> DrillTarget | None:
        """What the drill opens; None if no such playbook is in service.

        A repeat may give another reference; the one of an attempt that was lost is never used.
        """
        start = asked.start
        plan = self._plan_named(start.playbook)
        if plan is None:
            return None
        drill = merged(self._drills().get(start.playbook, DrillPlan()), start.changes)
        fresh = await self._writer.read(Ledger.new_reference)
        reference = start.reference or fresh
        alert = trimmed(alert_of(plan, drill, reference, asked.at))
        names = names_in(plan, self._words.roster())
        incident = IncidentInput(
            plan=plan,
            reference=reference,
            dedup_key=f"drill/{reference}",
            clock=ClockSettings(speed=drill.pace),
            simulate=True,
            drill=True,
            people_are_real=drill.people == "real",
            script=script_of(drill, names=names, conductor=asked.conductor),
            first=AlertBatch(batch_id=f"drill/{reference}", alerts=(alert,)),
            continue_as_new_after=self._continue_as_new_after,
        )
        return DrillTarget(
            start=incident,
            workflow_id=incident_id(plan.name, reference),
            drill=drill,
            owner=plan.owner,
        )

    @activity.defn
    async def score_drill(self, asked: ScoreAsked) -> ScoreCard:
        """The card, once the record is whole; raised until then, and tried again."""

        def judged(ledger: Ledger) -> ScoreCard | None:
            view = ledger.incident(asked.reference)
            if view is None or view.seq < asked.seq:
                return None
            entries = list(ledger.timeline(asked.reference, 0, ENTRIES))
            while entries and (more := ledger.timeline(asked.reference, entries[-1].seq, ENTRIES)):
                entries.extend(more)
            return score(asked.plan, view, entries, speed=asked.speed)

        card = await self._writer.read(judged)
        if card is None:
            raise ApplicationError(f"the record of {asked.reference} is not whole yet")
        return card

    @activity.defn
    async def tell_of_drill(self, word: DrillWord) -> str:
        """Tell the owner's people quietly, once each; how many heard it."""
        team = self._words.roster().teams.get(word.owner.partition(":")[2])
        card = word.card
        said = Said(
            title=f"[DRILL] {card.playbook}: {card.sentence}",
            lines=(*card.text().splitlines(), f"It ran by itself: {word.scheduled}."),
        )
        heard = 0
        for person in team.members if team else ():
            key = f"{card.reference}:score/{person}"
            result = await self._words.tell(person, key, said)
            heard += result.outcome is Outcome.DELIVERED
        return f"{heard} told"
