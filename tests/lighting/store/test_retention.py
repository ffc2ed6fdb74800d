"""What is old goes; what something kept still has to be made of stays."""

from __future__ import annotations

from sqlalchemy import text

from lighting.assets.fact import Fact
from lighting.energy.counters import CounterFacts
from lighting.energy.rollup import SeriesFacts
from lighting.schedule.traffic_counts import TrafficCount
from lighting.store.reading_columns import ReadingColumns
from lighting.store.records import InputChange, Reading
from lighting.store.store import Store

DAY_MS = 86_400_000
# 1 August 2026.
START_MS = 1_785_542_400_000
FACTS = {1: SeriesFacts(CounterFacts(is_counted=True))}


def _fill(store: Store, days: int) -> int:
    readings = [Reading(START_MS + step * 3_600_000, 1, energy_ws=step * 1000) for step in range(24 * days)]
    store.readings.append_columns(ReadingColumns.of(readings))
    now_ms = START_MS + days * DAY_MS
    store.rollups.roll(now_ms, "UTC", FACTS)
    return now_ms


def _account(store: Store) -> None:
    database = store.readings._database  # type: ignore[attr-defined]
    with database.writing(durable=False) as connection:
        connection.execute(text("UPDATE account_state SET is_dirty = false"))


def test_raw_readings_stay_until_they_are_rolled_up_and_accounted_for(store: Store) -> None:
    now_ms = _fill(store, 70)
    assert store.retention.retire_readings(now_ms) == 0, "no day is accounted for"
    _account(store)
    hours = store.rollups.hours(None, 0, 2**60)
    store.readings.append([Reading(START_MS + 1, 1)])
    assert store.retention.retire_readings(now_ms) == 0, "an hour is marked"
    store.rollups.roll(now_ms, "UTC", FACTS)
    _account(store)
    assert store.retention.retire_readings(now_ms - 35 * DAY_MS) > 0
    span = store.readings.span()
    assert span is not None
    assert START_MS < span[0] <= now_ms - 35 * DAY_MS
    assert len(store.rollups.hours(None, 0, 2**60)) == len(hours)


def test_rollups_outlive_their_readings_whatever_is_rolled_up_again(store: Store) -> None:
    now_ms = _fill(store, 70)
    _account(store)
    store.retention.retire_readings(now_ms - 20 * DAY_MS)
    hours = store.rollups.hours(None, 0, 2**60)
    store.rollups.rebuild(0, now_ms)
    store.readings.append([Reading(START_MS + 1, 1)])
    store.rollups.roll(now_ms, "UTC", FACTS)
    again = store.rollups.hours(None, 0, 2**60)
    assert again.energy_ws.tolist() == hours.energy_ws.tolist()
    assert again.known_ms.tolist() == hours.known_ms.tolist()


def test_hours_and_days_go_by_an_age_of_their_own(store: Store) -> None:
    now_ms = _fill(store, 10)
    assert store.retention.retire_rollups(now_ms - 4 * DAY_MS, None) == 6 * 24
    assert len(store.rollups.hours(None, 0, 2**60)) == 4 * 24
    assert len(store.rollups.days(None, 0, 2**60)) == 10
    assert store.retention.retire_rollups(None, now_ms - 4 * DAY_MS) == 6


def test_of_what_inputs_said_the_last_before_stays(store: Store) -> None:
    store.senses.add_counts("S-1", [TrafficCount(at, at + 10, (1.0,)) for at in (0, 10, 20)], "push")
    fact = Fact("traffic_class", {})
    store.senses.add_changes([InputChange("traffic", "S-1", at_ms, 0, fact) for at_ms in (1, 2, 30)])
    assert store.retention.retire_inputs(20) == 2
    assert store.senses.counted_sections()["S-1"][0] == 2
    changes = store.senses.changes_between("traffic", 20, 40)["S-1"]
    assert [change.at_ms for change in changes] == [2, 30]
