"""Burning hours: counted while lamps are on, across restarts, and never because a clock was set back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lighting.assets.model import Site
from lighting.operation.burning import LOOK_EVERY_MS, BurningHours, restore_burning
from lighting.operation.ledger import Ledger
from lighting.operation.live import Live
from lighting.operation.takeover import SiteKeys, live_of
from lighting.store.records import BurningState
from lighting.store.store import Store, open_store

HOUR_MS = 3_600_000
T0 = 1_800_000_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'burning.sqlite'}") as opened:
        yield opened


def shine(live: Live, circuit_id: str, at_ms: int, *, on: bool) -> None:
    circuit = live.circuits[circuit_id]
    circuit.relay_closed, circuit.level_pct = on, 100.0
    circuit.note_feedback(at_ms)


async def test_hours_grow_while_lamps_are_on_and_are_kept(live: Live, store: Store) -> None:
    ledger = Ledger(store)
    hours = BurningHours(live, ledger)
    first, other = list(live.circuits)[:2]
    shine(live, first, T0, on=True)
    shine(live, other, T0, on=False)
    for at_ms in range(T0, T0 + HOUR_MS + 1, 60_000):
        hours.look(at_ms)
    shine(live, first, T0 + HOUR_MS + 10_000, on=False)
    hours.look(T0 + 2 * HOUR_MS)
    await ledger.flush()
    rows = store.burning.all()
    assert rows == {
        live.circuits[first].key: BurningState(live.circuits[first].key, HOUR_MS + 10_000, T0 + 2 * HOUR_MS)
    }
    await ledger.close()


def test_a_restart_counts_what_burned_on_meanwhile(live: Live, keys: SiteKeys, site: Site, store: Store) -> None:
    circuit_id = next(iter(live.circuits))
    again = live_of(site, keys)
    circuit = again.circuits[circuit_id]
    circuit.on_since_ms = T0
    restore_burning(again, {circuit.key: BurningState(circuit.key, 5 * HOUR_MS, T0 + 5 * HOUR_MS)})
    hours = BurningHours(again, Ledger(store))
    hours.look(T0 + 7 * HOUR_MS)
    assert circuit.burned_ms == 7 * HOUR_MS, "two hours without a controller, lit all the while"
    hours.look(T0 + 6 * HOUR_MS)
    assert circuit.burned_ms == 7 * HOUR_MS, "a clock set back adds nothing"
    hours.look(T0 + 6 * HOUR_MS + LOOK_EVERY_MS)
    assert circuit.burned_ms == 7 * HOUR_MS + LOOK_EVERY_MS


def test_hours_are_those_of_the_table_and_what_was_counted(site: Site, keys: SiteKeys, store: Store) -> None:
    kinds = {
        name: replace(kind, output_correction="controller", output_points=((0.0, 80.0), (20_000.0, 100.0)))
        for name, kind in site.luminaire_types.items()
    }
    circuits = {name: replace(circuit, burning_h=1_000.0) for name, circuit in site.circuits.items()}
    aged = live_of(replace(site, luminaire_types=kinds, circuits=circuits), keys)
    next(iter(aged.circuits.values())).burned_ms = 500 * HOUR_MS
    hours = BurningHours(aged, Ledger(store))
    found = hours.hours()
    assert found is not None
    assert np.array_equal(found, [1_500.0] + [1_000.0] * (len(circuits) - 1))
    assert hours.hours() is found, "the same array: circuits are not sorted by age at every tick"
    assert BurningHours(live_of(site, keys), Ledger(store)).hours() is None
