"""The floor's workflow: the least that a hand-written paging workflow does.

One on-call look-up, one page by the same HTTP POST, one timer, an acknowledgement and a
resolution as signals. No record, no rules, no display, no API before it. What the
product costs beyond it is what the product does beyond it.
"""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from bench.floor_activities import FloorAlert, FloorPage, FloorPager, on_call

TIMEOUT = timedelta(seconds=15)


@workflow.defn
class FloorWorkflow:
    """Alert, page, timer, acknowledge, resolve."""

    def __init__(self) -> None:
        self._alerts: list[FloorAlert] = []
        self._acked = False
        self._resolved = False

    @workflow.run
    async def run(self) -> int:
        """How many alerts came."""
        await workflow.wait_condition(lambda: bool(self._alerts))
        first = self._alerts[0]
        address = await workflow.execute_activity(on_call, first, start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity_method(
            FloorPager.page,
            FloorPage(address=address, alert=first),
            start_to_close_timeout=TIMEOUT,
        )
        await workflow.wait_condition(lambda: self._acked, timeout=timedelta(minutes=5))
        await workflow.wait_condition(lambda: self._resolved)
        return len(self._alerts)

    @workflow.signal
    def alert(self, alert: FloorAlert) -> None:
        """One alert."""
        self._alerts.append(alert)

    @workflow.signal
    def acknowledge(self) -> None:
        """Somebody is on it."""
        self._acked = True

    @workflow.signal
    def resolve(self) -> None:
        """It is over."""
        self._resolved = True
