"""Who goes first on a line, and how long a silent device is left alone."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.backoff import Backoff
from drivers.fair_queue import FairQueue, Priority

PUSHES = st.lists(st.tuples(st.sampled_from(Priority), st.integers(1, 4)), max_size=40)


def always(_unit_id: int) -> bool:
    return True


@given(PUSHES)
def test_nothing_is_lost_and_priority_rules(pushes: list[tuple[Priority, int]]) -> None:
    queue: FairQueue[tuple[Priority, int, int]] = FairQueue()
    for number, (priority, unit_id) in enumerate(pushes):
        queue.push(priority, unit_id, (priority, unit_id, number))
    popped = [queue.pop(always) for _ in range(len(queue))]
    items = [item for item in popped if item is not None]
    assert len(items) == len(pushes)
    assert len(queue) == 0
    assert [item[0] for item in items] == sorted(item[0] for item in items)
    for priority in Priority:
        for unit_id in range(1, 5):
            order = [item[2] for item in items if item[:2] == (priority, unit_id)]
            assert order == sorted(order)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=40))
def test_no_unit_goes_twice_while_another_waits(units: list[int]) -> None:
    queue: FairQueue[int] = FairQueue()
    for unit_id in units:
        queue.push(Priority.POLL, unit_id, unit_id)
    last_turn = dict.fromkeys(units, -1)
    left = {unit_id: units.count(unit_id) for unit_id in units}
    for turn in range(len(units)):
        unit = queue.pop(always)
        assert unit is not None
        waiting = [last_turn[other] for other in left if left[other] and other != unit]
        assert all(last_turn[unit] <= other for other in waiting)
        last_turn[unit] = turn
        left[unit] -= 1


def test_a_unit_that_pauses_is_passed_over() -> None:
    queue: FairQueue[str] = FairQueue()
    queue.push(Priority.PERSON, 1, "one")
    queue.push(Priority.POLL, 2, "two")
    assert queue.pop(lambda unit_id: unit_id == 2) == "two"
    assert queue.pop(lambda unit_id: unit_id == 2) is None
    assert queue.units() == {1}
    assert queue.clear() == ["one"]
    assert len(queue) == 0


@given(st.integers(1, 60), st.integers(0, 2**32))
def test_back_off_doubles_with_jitter_up_to_its_longest(failures: int, seed: int) -> None:
    backoff = Backoff(1.0, 30.0, random.Random(seed))
    for _ in range(failures):
        backoff.failed(now_s=1000.0)
    expected_s = min(2.0 ** (failures - 1), 30.0)
    assert not backoff.is_over(1000.0 + 0.79 * expected_s)
    assert backoff.is_over(1000.0 + 1.21 * expected_s)
    backoff.succeeded()
    assert backoff.is_over(1000.0)


def test_before_any_failure_nothing_is_held_back() -> None:
    assert Backoff(1.0, 30.0, random.Random(1)).is_over(0.0)


def test_two_lines_do_not_beat_together() -> None:
    def over_at_s(seed: int) -> float:
        backoff = Backoff(1.0, 30.0, random.Random(seed))
        backoff.failed(0.0)
        return next(ms / 1000 for ms in range(2000) if backoff.is_over(ms / 1000))

    assert over_at_s(1) != pytest.approx(over_at_s(2))
