"""All activities, put together from what they depend on, by the queue that runs them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from temporalio.common import MetricMeter

from activities.automation.calls import CallActivities
from activities.automation.command import Commands, OpsNow
from activities.automation.http_call import HttpCalls
from activities.automation.plugins import Plugins
from activities.automation.safe_http import safe_client
from activities.automation.secret_values import Secrets
from activities.bundle import Claims
from activities.calendar import CalendarActivities
from activities.channels.tools import channel_tools
from activities.cover import CoverActivities
from activities.drill import DrillActivities, DrillsNow
from activities.fact_sources import Sources
from activities.facts import FactActivities
from activities.heartbeat import HeartbeatActivities, PlansNow
from activities.metrics import PageMetrics
from activities.notice import NoticeActivities
from activities.on_call import OnCallActivities, RosterNow
from activities.page import PageActivities
from activities.page_context import PageContext
from activities.prometheus import Prometheus
from activities.quiet import QuietWords
from activities.record import PlanNamed, RecordActivities
from activities.relief import NightWatch, ReliefActivities, offers_relief
from activities.shifts import Refresh, ShiftActivities
from domain.ops import NO_OPS
from ledger.writer import Writer
from settings import Settings

Activity = Callable[..., Any]


@dataclass(frozen=True)
class ActivitySet:
    """The activities of the five queues."""

    incidents: tuple[Activity, ...]
    paging: tuple[Activity, ...]
    notices: tuple[Activity, ...]
    automation: tuple[Activity, ...]
    facts: tuple[Activity, ...]


@dataclass(frozen=True)
class Surroundings:
    """Everything outside that activities use."""

    settings: Settings
    roster: RosterNow
    plan_named: PlanNamed
    writer: Writer
    http: httpx.AsyncClient
    meter: MetricMeter = MetricMeter.noop
    refresh_roster: Refresh | None = None
    plans: PlansNow = dict
    pages_alone: Callable[[], bool] = lambda: False
    ops_now: OpsNow = lambda: NO_OPS
    drills: DrillsNow = dict


def all_activities(surroundings: Surroundings) -> ActivitySet:
    """Every activity, bound to these surroundings."""
    settings = surroundings.settings
    tools = channel_tools(settings, surroundings.http)
    on_call = OnCallActivities(surroundings.roster)
    record = RecordActivities(surroundings.writer, surroundings.plan_named)
    page = PageActivities(
        tools,
        surroundings.roster,
        PageMetrics(surroundings.meter),
        claims=Claims(
            timedelta(seconds=settings.bundle_window_s),
            settings.continue_as_new_after,
            surroundings.pages_alone,
        ),
        context=PageContext(surroundings.writer),
        night=NightWatch(surroundings.roster) if offers_relief(surroundings.settings) else None,
    )
    calendar = CalendarActivities(surroundings.roster, surroundings.writer, surroundings.http)
    notice = NoticeActivities(tools, surroundings.roster)
    words = QuietWords(tools, surroundings.roster)
    cover = CoverActivities(words, surroundings.writer)
    heartbeat = HeartbeatActivities(surroundings.writer, surroundings.plans, surroundings.settings)
    shift = ShiftActivities(
        words,
        surroundings.writer,
        surroundings.plan_named,
        refresh=surroundings.refresh_roster,
    )
    relief = ReliefActivities(words)
    drill = DrillActivities(
        surroundings.writer,
        words,
        surroundings.plan_named,
        drills=surroundings.drills,
        continue_as_new_after=settings.continue_as_new_after,
    )
    return ActivitySet(
        incidents=(
            on_call.look_up_on_call,
            record.record,
            record.prepare_successor,
            cover.settle_cover,
            cover.relieved_by,
            shift.look_at_shift,
            heartbeat.find_target,
            heartbeat.settle,
            drill.prepare_drill,
            drill.score_drill,
        ),
        paging=(page.send_page, page.send_bundle),
        notices=(
            calendar.read_calendar,
            notice.send_notice,
            notice.send_announcement,
            cover.tell_of_cover,
            shift.tell_of_shift,
            relief.offer_relief,
            drill.tell_of_drill,
        ),
        automation=_automation(surroundings),
        facts=_facts(surroundings),
    )


def _automation(surroundings: Surroundings) -> tuple[Activity, ...]:
    secrets = Secrets(surroundings.settings)
    http = safe_client(surroundings.settings)
    calls = CallActivities(
        HttpCalls(http, secrets), Commands(surroundings.ops_now, secrets), Plugins(http, secrets)
    )
    return (calls.make_call,)


def _facts(surroundings: Surroundings) -> tuple[Activity, ...]:
    secrets = Secrets(surroundings.settings)
    http = safe_client(surroundings.settings)
    prometheus = Prometheus(surroundings.ops_now, http, secrets)
    return (FactActivities(Sources(prometheus, http, secrets)).measure_facts,)
