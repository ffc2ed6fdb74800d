"""Rows are judged and told where something changed, and are the same as if all were judged anew each time."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.operation.ledger import Ledger
from lighting.operation.live import Live, LiveCircuit, LiveDevice
from lighting.operation.state_rows import KNOWN_OF_CIRCUIT, KNOWN_OF_DEVICE, StateRows
from lighting.operation.takeover import SiteKeys, live_of
from lighting.store.records import CircuitState, DeviceState
from tests.effort import examples

JUDGED = {"actual_pct", "expected_power_w", "lit"}
FIXED = {"key", "wiring"}

_LEVELS = st.sampled_from([None, 0.0, 10.0, 40.0, 55.5, 100.0])
_TIMES = st.none() | st.integers(0, 5)
_OF_A_CIRCUIT: dict[str, st.SearchStrategy[Any]] = {
    "asked_pct": _LEVELS,
    "level_pct": _LEVELS,
    "relay_closed": st.sampled_from([None, True, False]),
    "output_on": st.sampled_from([None, True, False]),
    "power_w": st.none() | st.sampled_from([0.0, 50.0, 400.0, 1500.0, 1e6]),
    "on_since_ms": _TIMES,
    "layer": st.integers(0, 3),
    "cause": st.builds(Fact, st.just("override_in_force"), st.fixed_dictionaries({"id": st.integers(0, 2)})),
    "dark": st.sampled_from([None, True, False]),
    "feedback_ms": _TIMES,
    "quality": st.integers(0, 3),
    "local": st.sampled_from(["", "input", "unexplained"]),
    "relay_commanded": st.sampled_from([None, True, False]),
    "pending": st.booleans(),
}
_OF_A_DEVICE: dict[str, st.SearchStrategy[Any]] = {
    "reachable": st.sampled_from([None, True, False]),
    "last_ok_ms": _TIMES,
    "fault": st.sampled_from(["", "unreachable"]),
    "failures": st.integers(0, 3),
    "uptime_s": st.none() | st.integers(0, 3).map(float),
}


class Kept:
    """Takes the place of the ledger."""

    def __init__(self) -> None:
        self.circuits: dict[int, CircuitState] = {}
        self.devices: dict[int, DeviceState] = {}
        self.told: list[int] = []

    def put_circuit(self, row: CircuitState) -> None:
        self.circuits[row.circuit_key] = row
        self.told.append(row.circuit_key)

    def put_device(self, row: DeviceState) -> None:
        self.devices[row.asset_key] = row
        self.told.append(row.asset_key)


def rows_for(live: Live) -> tuple[StateRows, Kept]:
    kept = Kept()
    return StateRows(live, cast("Ledger", kept)), kept


def change(data: st.DataObject, subjects: list[Any], strategies: dict[str, st.SearchStrategy[Any]]) -> None:
    for subject in data.draw(st.lists(st.sampled_from(subjects), max_size=4)):
        name = data.draw(st.sampled_from(sorted(strategies)))
        setattr(subject, name, data.draw(strategies[name]))


def plain(rows: dict[int, Any]) -> dict[int, Any]:
    """Without the times at which they were told."""
    return {key: dataclasses.replace(row, at_ms=0) for key, row in rows.items()}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(60), deadline=None)
@given(st.data())
def test_what_is_told_of_changes_is_what_a_look_at_everything_would_tell(
    site: Site, keys: SiteKeys, data: st.DataObject
) -> None:
    live = live_of(site, keys)
    rows, kept = rows_for(live)
    for now_ms in range(1, 5):
        change(data, list(live.circuits.values()), _OF_A_CIRCUIT)
        change(data, list(live.devices.values()), _OF_A_DEVICE)
        rows.tell(now_ms)
        fresh = live_of(site, keys)
        for one, other in ((live.circuits, fresh.circuits), (live.devices, fresh.devices)):
            names = KNOWN_OF_CIRCUIT if one is live.circuits else KNOWN_OF_DEVICE
            for key, subject in one.items():
                for name in names:
                    setattr(other[key], name, getattr(subject, name))
        everything, all_kept = rows_for(fresh)
        everything.tell(now_ms)
        assert plain(kept.circuits) == plain(all_kept.circuits)
        assert plain(kept.devices) == plain(all_kept.devices)


def test_nothing_new_is_nothing_told_and_a_change_is_told_once_with_its_time(live: Live) -> None:
    rows, kept = rows_for(live)
    rows.tell(1)
    kept.told.clear()
    rows.tell(2)
    assert kept.told == []
    circuit = next(iter(live.circuits.values()))
    circuit.pending = True
    rows.tell(3)
    rows.tell(4)
    assert kept.told == [circuit.key]
    assert kept.circuits[circuit.key].at_ms == 3


def test_a_look_that_failed_is_taken_again(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, kept = rows_for(live)
    rows.tell(1)
    circuit = next(iter(live.circuits.values()))
    circuit.asked_pct = 40.0
    with monkeypatch.context() as broken:
        broken.setattr(kept, "put_circuit", lambda _row: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rows.tell(2)
    rows.tell(3)
    assert kept.circuits[circuit.key].desired_pct == 40.0


def _read_by(made: Callable[[Any], object], one: object) -> set[str]:
    """The attributes that a row is made of."""
    names: set[str] = set()
    fields = {field.name for field in dataclasses.fields(cast("Any", one))}

    class Watched:
        def __getattr__(self, name: str) -> object:
            found = getattr(type(one), name, None)
            if isinstance(found, property):
                return found.fget(self) if found.fget else None
            if name in fields:
                names.add(name)
            return getattr(one, name)

    made(Watched())
    return names


def test_every_field_that_a_row_is_made_of_is_looked_at(live: Live) -> None:
    for circuit in live.circuits.values():
        circuit.relay_closed = True
        read = _read_by(lambda one: LiveCircuit.state(one, 1), circuit)
        assert read - JUDGED - FIXED <= set(KNOWN_OF_CIRCUIT)
        assert read >= {"asked_pct", "feedback_ms", "relay_commanded"}
    device = next(iter(live.devices.values()))
    assert _read_by(lambda one: LiveDevice.state(one, 1), device) - FIXED <= set(KNOWN_OF_DEVICE)
