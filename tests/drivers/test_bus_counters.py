"""What a line tells of itself: plain figures, per unit and in sum, in bounded memory."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.bus_counters import RoundTrips, merged
from drivers.errors import DriverError
from tests.drivers.evil_line import Question, Serve, refusal
from tests.drivers.honest import TIMEOUT_S, Join, honest


@given(st.lists(st.floats(0, 200), min_size=1, max_size=200))
def test_round_trips_hold_extremes_mean_and_a_percentile_within_a_factor_of_two(seconds: list[float]) -> None:
    trips = RoundTrips()
    for each in seconds:
        trips.add(each)
    assert trips.count == len(seconds)
    assert (trips.min_s, trips.max_s) == (min(seconds), max(seconds))
    assert trips.sum_s == pytest.approx(sum(seconds))
    assert sum(trips.buckets) == len(seconds)
    assert len(trips.buckets) == len(RoundTrips().buckets)
    for share in (0.5, 0.95, 1.0):
        real_s = sorted(seconds)[max(0, -int(-share * len(seconds) // 1) - 1)]
        found_s = trips.percentile_ms(share) / 1000
        assert found_s >= real_s * 0.999999
        most_s = max(seconds) if real_s >= 64 else max(2 * real_s, 1 / 8192)
        assert found_s <= most_s * 1.000001


def test_the_round_trips_of_a_line_are_those_of_its_units() -> None:
    parts = [RoundTrips(), RoundTrips(), RoundTrips()]
    whole = RoundTrips()
    for number, each in enumerate((0.001, 0.02, 0.3, 4.0)):
        parts[number % 2].add(each)
        whole.add(each)
    assert merged(parts) == whole
    assert merged([]).as_dict() == {"count": 0}


async def test_everything_is_counted_for_its_unit(serve: Serve, join: Join) -> None:
    def mixed(question: Question) -> object:
        if question.unit_id == 2:
            return refusal(question, 2)
        return None if question.unit_id == 3 else honest(question)

    line = await serve(mixed)
    bus = await join(line, timeout_s=TIMEOUT_S, backoff_first_s=1000)
    for unit_id in (1, 1, 2, 3, 3):
        try:
            await bus.read_registers(unit_id, "holding", 5, 1)
        except DriverError:
            assert unit_id != 1
    found = json.loads(json.dumps(bus.counters.as_dict()))
    assert {name: found[name] for name in ("requests", "answers", "timeouts", "refused", "exceptions", "connects")} == {
        "requests": 4,
        "answers": 3,
        "timeouts": 1,
        "refused": 1,
        "exceptions": {"2": 1},
        "connects": 1,
    }
    assert found["bytes_sent"] == 4 * 12
    assert found["bytes_received"] == 2 * 11 + 9
    assert found["round_trip"]["count"] == 3
    assert 0 < found["round_trip"]["min_ms"] <= found["round_trip"]["mean_ms"] <= found["round_trip"]["max_ms"]
    assert found["units"]["1"]["last_error"] == ""
    assert found["units"]["2"]["last_error"] == "exception 2"
    assert found["units"]["3"]["timeouts"] == 1
    assert found["units"]["3"]["refused"] == 1
