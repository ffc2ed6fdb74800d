"""One row a circuit and one a device: the newest put stands, and nothing is lost on the way."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lighting.assets.fact import Fact
from lighting.store.records import CircuitState, DeviceState
from lighting.store.store import Store
from tests.effort import examples

_NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False, width=64)
_TIMES = st.none() | st.integers(0, 2**52)
_VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(-1e9, 1e9)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0"))
)
_STATES = st.builds(
    CircuitState,
    circuit_key=st.integers(1, 5),
    at_ms=st.integers(0, 2**52),
    desired_pct=_NUMBERS,
    accepted_pct=_NUMBERS,
    actual_pct=_NUMBERS,
    lit=st.none() | st.booleans(),
    on_since_ms=_TIMES,
    power_w=_NUMBERS,
    expected_power_w=_NUMBERS,
    layer=st.integers(0, 9),
    cause=st.builds(
        Fact, st.just("override_in_force"), st.dictionaries(st.text("abc_", min_size=1), _VALUES, max_size=3)
    ),
    dark=st.none() | st.booleans(),
    polled_ms=_TIMES,
    quality=st.integers(0, 31),
    local_control=st.sampled_from(["", "input", "unexplained"]),
    relay_commanded=st.none() | st.booleans(),
    relay_closed=st.none() | st.booleans(),
    pending=st.booleans(),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(30), deadline=None)
@given(st.lists(_STATES, min_size=1, max_size=5, unique_by=lambda state: state.circuit_key))
def test_a_circuit_state_is_read_back_as_it_was_put(store: Store, states: list[CircuitState]) -> None:
    store.states.put_circuits(states)
    found = store.states.circuits()
    assert [found[state.circuit_key] for state in states] == states


def test_put_replaces_its_circuits_and_leaves_the_others(store: Store) -> None:
    first, second = CircuitState(1, 10, desired_pct=60.0), CircuitState(2, 10, desired_pct=70.0)
    store.states.put_circuits([first, second])
    newer = dataclasses.replace(first, at_ms=20, desired_pct=None, cause=Fact("fallback_full"))
    store.states.put_circuits([newer])
    assert store.states.circuits() == {1: newer, 2: second}


@pytest.mark.parametrize("count", [1, 15, 16, 17, 255, 256, 257, 1000])
def test_any_number_of_rows_is_put_at_once(store: Store, count: int) -> None:
    causes = [Fact("override_in_force", {"id": number}) for number in range(3)]
    states = [CircuitState(key, 10, desired_pct=float(key), cause=causes[key % 3]) for key in range(1, count + 1)]
    store.states.put_circuits(states)
    newer = [dataclasses.replace(state, at_ms=20, lit=True) for state in states[::2]]
    store.states.put_circuits(newer)
    assert store.states.circuits() == {state.circuit_key: state for state in (*states, *newer)}


def test_of_two_states_of_one_circuit_the_last_stands(store: Store) -> None:
    store.states.put_circuits([CircuitState(1, 10), CircuitState(1, 20)])
    store.states.put_devices([DeviceState(2, 10, None, None), DeviceState(2, 20, reachable=True, last_ok_ms=20)])
    assert store.states.circuits()[1].at_ms == 20
    assert store.states.devices()[2].at_ms == 20


def test_devices_and_buses_are_kept_by_asset_key(store: Store) -> None:
    silent = DeviceState(3, 10, reachable=False, last_ok_ms=None, fault="unreachable", consecutive_failures=4)
    bus = DeviceState(4, 10, reachable=None, last_ok_ms=9, uptime_s=12.5)
    store.states.put_devices([silent, bus])
    well = DeviceState(3, 20, reachable=True, last_ok_ms=20)
    store.states.put_devices([well])
    assert store.states.devices() == {3: well, 4: bus}


def test_a_put_wakes_those_who_look_and_an_empty_one_does_not(store: Store) -> None:
    store.states.put_circuits([])
    store.states.put_devices([])
    assert store.changes.counters()["state"] == 0
    store.states.put_circuits([CircuitState(1, 1)])
    store.states.put_devices([DeviceState(2, 1, None, None)])
    assert store.changes.counters()["state"] == 2


def test_a_whole_large_city_is_put_and_read(store: Store) -> None:
    cause = Fact("program_step", {"program": "main-road"})
    states = [CircuitState(key, 5, desired_pct=60.0, cause=cause) for key in range(1, 10_001)]
    store.states.put_circuits(states)
    assert store.states.circuits() == {state.circuit_key: state for state in states}


def test_a_level_that_is_no_number_is_unknown(store: Store) -> None:
    store.states.put_circuits(
        [CircuitState(1, 1, cause=Fact("odd", {"level_pct": float("nan"), "power_w": float("inf")}))]
    )
    assert store.states.circuits()[1].cause == Fact("odd", {"level_pct": None, "power_w": None})


def test_topics_are_counted_apart(store: Store) -> None:
    store.changes.bump("alarm")
    store.changes.bump("alarm")
    store.changes.bump("task")
    counters = store.changes.counters()
    assert counters == {"instruction": 0, "revision": 0, "state": 0, "alarm": 2, "task": 1, "traffic": 0}
