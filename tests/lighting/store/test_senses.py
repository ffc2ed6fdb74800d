"""Counts and the states of the senses in the store: pushed twice is there once, and a change comes with its state."""

from __future__ import annotations

import math

import pytest

from lighting.assets.fact import Fact
from lighting.schedule.traffic_counts import TrafficCount
from lighting.store.records import InputChange
from lighting.store.store import Store

MIN = 60_000


def count(minute: int, *vehicles: float, length: int = 10) -> TrafficCount:
    return TrafficCount(minute * MIN, (minute + length) * MIN, vehicles)


def test_counts_that_are_pushed_twice_are_there_once(store: Store) -> None:
    pushed = [count(10, 4.0, 2.5), count(0, 3.0, math.nan)]
    assert tuple(store.senses.add_counts("S-1", pushed, "push")) == (2, 0, 0)
    assert tuple(store.senses.add_counts("S-1", [*pushed, count(20, 1.0, 1.0)], "push")) == (1, 2, 0)
    assert store.changes.counters()["traffic"] == 2
    assert tuple(store.senses.add_counts("S-1", pushed, "push")) == (0, 2, 0)
    assert store.changes.counters()["traffic"] == 2, "what was known wakes nobody"
    found = list(store.senses.counts_between("S-1", 0, 20 * MIN))
    assert [(one.from_ms, one.until_ms) for one in found] == [(0, 10 * MIN), (10 * MIN, 20 * MIN)]
    assert found[1].vehicles == (4.0, 2.5)
    assert found[0].vehicles[0] == 3.0
    assert math.isnan(found[0].vehicles[1])
    assert list(store.senses.counts_between("S-2", 0, 20 * MIN)) == []
    assert store.senses.counted_sections() == {"S-1": (3, 0, 30 * MIN)}


@pytest.mark.parametrize(
    "other", [count(0, 9.0), count(5, 3.0), count(0, 3.0, length=60), count(9, 1.0, length=1), count(0, 3.0, 3.0)]
)
def test_what_was_told_first_of_a_time_stands(store: Store, other: TrafficCount) -> None:
    store.senses.add_counts("S-1", [count(0, 3.0), count(30, 5.0)], "push")
    assert tuple(store.senses.add_counts("S-1", [other], "push")) == (0, 0, 1)
    assert [one.vehicles for one in store.senses.counts_between("S-1", 0, 60 * MIN)] == [(3.0,), (5.0,)]
    # Another source may tell of the same time.
    assert tuple(store.senses.add_counts("S-1", [other], "file")) == (1, 0, 0)
    assert len(store.senses.counts_between("S-1", 0, 60 * MIN, ("file",))) == 1
    assert len(store.senses.counts_between("S-1", 0, 60 * MIN)) == 3


def test_counts_that_overlap_each_other_or_have_no_length_conflict(store: Store) -> None:
    given = [count(0, 1.0), count(5, 1.0), count(0, 1.0), count(10, 2.0, length=0), count(10, 2.0)]
    assert tuple(store.senses.add_counts("S-1", given, "push")) == (2, 1, 2)


def test_a_count_that_reaches_into_the_span_is_of_it(store: Store) -> None:
    store.senses.add_counts("S-1", [count(0, 1.0), count(10, 2.0), count(20, 3.0)], "counter")
    found = store.senses.counts_between("S-1", 5 * MIN, 20 * MIN)
    assert [one.vehicles for one in found] == [(1.0,), (2.0,)]


def test_changes_come_with_the_last_one_before_the_span(store: Store) -> None:
    def change(input_id: str, at_ms: int, value: int) -> InputChange:
        return InputChange("traffic", input_id, at_ms, value, Fact("traffic_class", {"steps_down": value}))

    store.senses.save_state("traffic", "S-1", {"steps_down": 0}, at_ms=5, changes=[change("S-1", 3, 2)])
    store.senses.save_state("traffic", "S-1", {"steps_down": 1}, at_ms=20, changes=[change("S-1", 10, 0)])
    store.senses.add_changes([change("S-1", 20, 1), change("S-1", 30, 2), change("S-2", 20, 1)])
    store.senses.add_changes([InputChange("photocell", "P-1", 20, 1, Fact("photocell_dark", {"lux": 30.0}))])
    found = store.senses.changes_between("traffic", 15, 25)
    assert {name: [(c.at_ms, c.value) for c in changes] for name, changes in found.items()} == {
        "S-1": [(10, 0), (20, 1)],
        "S-2": [(20, 1)],
    }
    cells = store.senses.changes_between("photocell", 0, 100)
    assert cells["P-1"][0].fact == Fact("photocell_dark", {"lux": 30.0})
    state = store.senses.state("traffic", "S-1")
    assert state is not None
    assert (state.state, state.updated_ms) == ({"steps_down": 1}, 20)
    assert list(store.senses.states("traffic")) == ["S-1"]
    assert store.senses.state("photocell", "S-1") is None
