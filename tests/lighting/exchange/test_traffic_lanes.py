"""Rows become counts of a section only when the section is known, the time is past and every lane is there."""

from __future__ import annotations

from lighting.assets.model import CapacityBasis, TrafficSection
from lighting.exchange.traffic_counts import CountRefusal, CountRow
from lighting.exchange.traffic_lanes import FUTURE_TOLERANCE_MS, LaneGathering, SectionCount

NOW_MS = 10_000_000


def gathering(lanes: int = 2, basis: CapacityBasis = "uni_11248", most_waiting: int | None = None) -> LaneGathering:
    section = TrafficSection("RING", "Ring", basis, 1800.0, lanes)
    return LaneGathering("counts.csv", {"RING": section}, NOW_MS, most_waiting)


def row(line: int, *vehicles: float, lane: int | None = None, from_ms: int = 0, section: str = "RING") -> CountRow:
    return CountRow(line, section, from_ms, from_ms + 600_000, vehicles, lane)


def code(results: list[SectionCount | CountRefusal]) -> str:
    (result,) = results
    assert isinstance(result, CountRefusal)
    return result.fact.code


def vehicles(results: list[SectionCount | CountRefusal]) -> tuple[float, ...]:
    (result,) = results
    assert isinstance(result, SectionCount)
    return result.count.vehicles


def test_an_interval_counts_when_its_last_lane_came_in_whatever_order() -> None:
    gathered = gathering()
    assert gathered.take(row(2, 5, lane=2)) == []
    assert gathered.take(row(3, 9, lane=2, from_ms=600_000)) == []
    assert vehicles(gathered.take(row(4, 7, lane=1))) == (7, 5)
    (left,) = gathered.end()
    assert (left.line, left.fact.code, left.fact.values["missing"]) == (3, "lanes_missing", "1")


def test_one_number_a_lane_is_whole_at_once() -> None:
    assert vehicles(gathering().take(row(2, 7, 5))) == (7, 5)
    assert code(gathering().take(row(2, 7))) == "lanes_do_not_fit"
    assert code(gathering().take(row(2, 7, 5, 3))) == "lanes_do_not_fit"


def test_a_carriageway_may_be_counted_as_one() -> None:
    assert vehicles(gathering(basis="cen_13201").take(row(2, 7))) == (7,)


def test_a_lane_that_the_section_does_not_have_is_refused() -> None:
    assert code(gathering().take(row(2, 7, lane=3))) == "lane_unknown"
    assert code(gathering(lanes=1).take(row(2, 7, lane=2))) == "lane_unknown"
    assert vehicles(gathering(lanes=1).take(row(2, 7, lane=1))) == (7,)


def test_a_lane_that_is_told_twice_must_say_the_same() -> None:
    gathered = gathering()
    gathered.take(row(2, 7, lane=1))
    assert gathered.take(row(3, 7, lane=1)) == []
    assert code(gathered.take(row(4, 8, lane=1))) == "lane_counted_twice"
    assert vehicles(gathered.take(row(5, 5, lane=2))) == (7, 5)
    assert gathered.take(row(6, 5, lane=2)) == []
    assert code(gathered.take(row(7, 6, lane=2))) == "lane_counted_twice"


def test_nobody_can_have_counted_the_future() -> None:
    early = NOW_MS - 600_000 + FUTURE_TOLERANCE_MS
    assert vehicles(gathering().take(row(2, 7, 5, from_ms=early))) == (7, 5)
    assert code(gathering().take(row(2, 7, 5, from_ms=early + 1))) == "count_in_the_future"


def test_an_unknown_section_is_answered_with_the_nearest() -> None:
    (refusal,) = gathering().take(row(2, 7, 5, section="RINK"))
    assert isinstance(refusal, CountRefusal)
    assert (refusal.fact.code, refusal.fact.values["nearest"]) == ("unknown_reference_nearest", "RING")


def test_a_stream_does_not_wait_for_lanes_for_ever() -> None:
    gathered = gathering(most_waiting=2)
    results = [gathered.take(row(line, 7, lane=1, from_ms=line * 600_000)) for line in range(2, 5)]
    assert [len(one) for one in results] == [0, 0, 1]
    assert code(results[2]) == "lanes_missing"
    assert len(gathered.end()) == 2
