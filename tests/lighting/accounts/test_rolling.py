"""A meter is replaced while its hours are rolled up: whenever that happens, what is rolled up ends by the new fact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from lighting.accounts.rolling import roll_up
from lighting.store import rollups
from lighting.store.engine import Database
from lighting.store.records import Reading
from lighting.store.rollup_rows import rows_of
from lighting.store.rollup_work import RollupWork
from lighting.store.schema import installation, rollup_day, rollup_dirty, rollup_hour, rollup_state
from tests.lighting.accounts.conftest import HOUR_MS, Past, local_ms

CHANNEL = "CB02-M:total"
BEGIN_MS = local_ms("2026-11-20T00:00")
REPLACED_MS = BEGIN_MS + 3 * HOUR_MS + 60_000
NOW_MS = BEGIN_MS + 8 * HOUR_MS
MOMENTS = {
    "before anything is marked": (rollups.RollupStore, "_begin"),
    "when the marks are read": (rollups, "_next_marks"),
    "when a portion is made": (RollupWork, "_make"),
    "when a portion is written": (RollupWork, "_write"),
    "before the marks are taken off": (RollupWork, "finish"),
}


def _read(past: Past) -> None:
    """A counter that is a little further with the new meter: only who is told knows that it is another one."""
    key = past.meters[CHANNEL]
    past.store.readings.append(
        [
            Reading(at_ms, key, energy_ws=10**9 + (at_ms - BEGIN_MS) * 2 + (at_ms >= REPLACED_MS) * 900_000)
            for at_ms in range(BEGIN_MS, NOW_MS, 600_000)
        ]
    )


def _replace(past: Past) -> None:
    device = past.store.keys.ensure("device", ["CB02-M"], at_ms=0)["CB02-M"]
    touched = [(past.meters[CHANNEL], REPLACED_MS - 60_000), (past.meters[CHANNEL], REPLACED_MS)]
    past.store.keys.install(device, "B-2", from_utc=datetime.fromtimestamp(REPLACED_MS / 1000, UTC), touched=touched)


def _strike(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, act: Callable[[], None]) -> None:
    """Do it once, before the first call of that."""
    called = getattr(owner, name)
    has_struck = False

    def struck(*arguments: Any) -> Any:
        nonlocal has_struck
        if not has_struck:
            has_struck = True
            act()
        return called(*arguments)

    monkeypatch.setattr(owner, name, struck)


def _forget(past: Past) -> None:
    """Nothing was ever rolled up, and no meter replaced."""
    database = Database(past.store.url)
    with database.writing(durable=False) as connection:
        for table in (rollup_hour, rollup_day, rollup_dirty, rollup_state, installation):
            connection.execute(table.delete())
    database.close()


def test_a_meter_replaced_meanwhile_leaves_nothing_by_the_old_fact(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    _read(past)
    expected = None
    for moment, is_rolled_already in product(MOMENTS, (True, False)):
        _forget(past)
        if is_rolled_already:
            roll_up(past.store, past.site, NOW_MS - HOUR_MS)
        with monkeypatch.context() as patched:
            _strike(patched, *MOMENTS[moment], lambda: _replace(past))
            roll_up(past.store, past.site, NOW_MS)
        roll_up(past.store, past.site, NOW_MS)
        found = rows_of(past.store.rollups.hours(None, 0, 2**60))
        if expected is None:
            past.store.rollups.rebuild(0, 2**60)
            roll_up(past.store, past.site, NOW_MS)
            expected = rows_of(past.store.rollups.hours(None, 0, 2**60))
            assert sum(row[3] for row in expected) < 7 * HOUR_MS, "the interval about the replacement is unknown"
        assert found == expected, moment
