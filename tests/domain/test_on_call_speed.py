"""A look-up stays cheap for a company of 1,000 people and 200 schedules."""

import random
import time
from datetime import timedelta

from bench.on_call import NOW, SCHEDULES, a_company
from bench.report import percentile
from domain.on_call import stand_behind

AIM_S = 0.005


def test_who_is_on_call_and_who_is_next_takes_under_five_milliseconds():
    """Processor time of one in a hundred, whatever else the machine does meanwhile."""
    chance = random.Random(11)
    roster = a_company(chance)
    took = []

    for _ in range(600):
        at = NOW + timedelta(days=365) * chance.uniform(-1, 1)
        began = time.thread_time()
        stand_behind(roster, f"schedule:schedule_{chance.randrange(SCHEDULES)}", at)
        took.append(time.thread_time() - began)

    assert percentile(took, 0.99) < AIM_S
