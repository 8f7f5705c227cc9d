"""What the worker counts about pages, in the SDK's own metrics endpoint."""

from datetime import timedelta

from temporalio.common import MetricMeter

from domain.incident.effects import SendPage, SendResult


class PageMetrics:
    """`watchbill_pages` by method and outcome; `watchbill_page_repeats` by method."""

    def __init__(self, meter: MetricMeter = MetricMeter.noop) -> None:
        self._pages = meter.create_counter(
            "watchbill_pages", "Pages sent, by method and outcome", "pages"
        )
        self._repeats = meter.create_counter(
            "watchbill_page_repeats", "Pages a provider had seen before under their key", "pages"
        )
        self._seconds = meter.create_histogram_timedelta(
            "watchbill_page_request_seconds", "Time of the request to the provider", "duration"
        )

    def count(self, page: SendPage, result: SendResult, elapsed_s: float) -> None:
        """One page was sent, whatever came of it."""
        method = {"method": page.method.value}
        self._pages.add(1, {**method, "outcome": result.outcome.value})
        self._seconds.record(timedelta(seconds=elapsed_s), method)
        if result.repeated:
            self._repeats.add(1, method)
