"""What happened stays: decisions, device writes, alarms, audit."""

from __future__ import annotations

from lighting.assets.fact import Fact
from lighting.store.records import DecisionChange, DeviceWrite
from lighting.store.store import Store


def _decision(circuit_key: int, at_ms: int, level_pct: float | None) -> DecisionChange:
    return DecisionChange(circuit_key, at_ms, level_pct, 8, Fact("program_step", {"program": "main"}), revision_id=1)


def test_decisions_of_a_span_begin_with_the_one_that_was_in_force(store: Store) -> None:
    changes = [_decision(1, 100, 100.0), _decision(1, 200, 60.0), _decision(2, 250, 10.0), _decision(1, 300, None)]
    store.history.add_decisions(changes)
    store.history.add_decisions([])
    assert store.history.decisions(1, 250, 300) == [changes[1], changes[3]]
    assert store.history.decisions(1, 0, 99) == []
    assert store.history.decisions(1, 200, 299) == [changes[0], changes[1]]
    assert store.history.decisions(1, 900, 999) == [changes[3]]


def test_two_decisions_of_one_instant_keep_their_order(store: Store) -> None:
    changes = [_decision(1, 100, 100.0), _decision(1, 100, 60.0)]
    store.history.add_decisions(changes)
    assert store.history.decisions(1, 0, 100) == changes
    assert store.history.decisions(1, 101, 200) == [changes[1]]


def test_device_writes_are_listed_and_counted_by_outcome(store: Store) -> None:
    writes = [
        DeviceWrite(100, 7, "2", "dim_level", 60.0, "verified", 31, instruction_id=3),
        DeviceWrite(200, 7, "2", "relay_closed", 1.0, "unreachable", 900),
        DeviceWrite(200, 8, "1", "dim_level", 60.0, "verified", 30),
    ]
    store.history.add_writes(writes)
    store.history.add_writes([])
    assert store.history.writes(7, 0, 999) == writes[:2]
    assert store.history.writes(7, 101, 199) == []
    assert store.history.write_counts(0, 999) == {"verified": 2, "unreachable": 1}
    assert store.history.write_counts(0, 100) == {"verified": 1}


def test_an_alarm_is_raised_once_and_its_fact_refreshed(store: Store) -> None:
    assert store.history.raise_alarm("road_dark", "circuit", "C-1", at_ms=100, fact=Fact("road_dark", {"lamps": 2}))
    assert not store.history.raise_alarm("road_dark", "circuit", "C-1", at_ms=200, fact=Fact("road_dark", {"lamps": 3}))
    assert not store.history.raise_alarm("road_dark", "circuit", "C-1", at_ms=300, fact=Fact("road_dark", {"lamps": 3}))
    standing = store.history.alarms()
    assert [(alarm.raised_ms, alarm.fact.values["lamps"]) for alarm in standing] == [(100, 3)]
    assert store.changes.counters()["alarm"] == 2, "a fact that did not change wakes nobody"


def test_alarms_are_apart_by_kind_and_subject(store: Store) -> None:
    fact = Fact("device_silent")
    assert store.history.raise_alarm("device_silent", "device", "D-1", at_ms=1, fact=fact)
    assert store.history.raise_alarm("device_silent", "device", "D-2", at_ms=2, fact=fact)
    assert store.history.raise_alarm("bus_silent", "device", "D-1", at_ms=3, fact=fact)
    assert [alarm.subject_id for alarm in store.history.alarms()] == ["D-1", "D-2", "D-1"]


def test_two_alarms_of_one_kind_at_different_times_are_two_in_the_history(store: Store) -> None:
    fact = Fact("bus_silent")
    for raised_ms, returned_ms in ((100, 150), (200, 250)):
        assert store.history.raise_alarm("bus_silent", "bus", "B-1", at_ms=raised_ms, fact=fact)
        assert store.history.return_alarm("bus_silent", "bus", "B-1", at_ms=returned_ms)
    assert not store.history.return_alarm("bus_silent", "bus", "B-1", at_ms=300)
    assert store.history.alarms() == []
    spans = [(alarm.raised_ms, alarm.returned_ms) for alarm in store.history.alarms(standing_only=False)]
    assert spans == [(200, 250), (100, 150)]


def test_audit_is_numbered_and_newest_first(store: Store) -> None:
    first = store.history.add_audit(at_ms=1, by="thu", act="lamp_test", subject="circuit:C-1", values={"minutes": 5})
    second = store.history.add_audit(at_ms=1, by="an", act="apply", subject="site", values={})
    assert second > first
    entries = store.history.audit()
    assert [entry.id for entry in entries] == [second, first]
    assert entries[1].values == {"minutes": 5}
    assert [entry.id for entry in store.history.audit(limit=1)] == [second]
