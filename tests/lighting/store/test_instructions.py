"""A person's instruction is a row, durable and audited, and its state follows from its transitions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lighting.assets.fact import Fact
from lighting.schedule.instructions import Instruction, Layer
from lighting.store.store import Store, StoreError
from tests.effort import examples

NOON_MS = 1_790_000_000_000


def _record(store: Store, **changed: Any) -> Instruction:
    values: dict[str, Any] = {
        "layer": Layer.OVERRIDE,
        "scope_kind": "circuit",
        "scope_id": "C-0142",
        "level_pct": 40.0,
        "from_ms": NOON_MS,
        "until_ms": NOON_MS + 1000,
        "by": "thu",
        "reason": "road works, đường Hàng Bạc",
    }
    return store.instructions.record(**values | changed)


def test_record_is_read_back_as_it_was(store: Store) -> None:
    recorded = _record(store, below_floor=True)
    status = store.instructions.get(recorded.id)
    assert status is not None
    assert status.instruction == recorded
    assert (status.state, status.state_ms, status.latency_ms, status.fact) == ("recorded", NOON_MS, None, None)
    assert recorded.below_floor
    assert recorded.layer is Layer.OVERRIDE


def test_record_audits_and_wakes_in_the_same_transaction(store: Store) -> None:
    recorded = _record(store, audit_values={"circuits": 1})
    entry = store.history.audit()[0]
    assert (entry.at_ms, entry.by, entry.act, entry.subject) == (NOON_MS, "thu", "record_instruction", "circuit:C-0142")
    assert entry.values["instruction_id"] == recorded.id
    assert entry.values["layer"] == "override"
    assert entry.values["circuits"] == 1
    assert store.changes.counters()["instruction"] == 1


def test_a_record_that_fails_leaves_nothing(store: Store) -> None:
    with pytest.raises(StoreError):
        _record(store, by=None)
    assert store.instructions.recent() == []
    assert store.history.audit() == []
    assert store.changes.counters()["instruction"] == 0


def test_numbers_ascend_and_recent_is_newest_first(store: Store) -> None:
    ids = [_record(store, scope_id=f"C-{number % 2}").id for number in range(4)]
    assert ids == sorted(ids)
    assert [status.instruction.id for status in store.instructions.recent()] == ids[::-1]
    assert [status.instruction.id for status in store.instructions.recent(limit=2)] == [ids[3], ids[2]]
    assert [status.instruction.id for status in store.instructions.recent(scope=("circuit", "C-1"))] == [ids[3], ids[1]]
    assert store.instructions.recent(scope=("cabinet", "C-1")) == []


def test_an_override_is_in_force_from_its_start_to_before_its_end(store: Store) -> None:
    recorded = _record(store)
    in_force = [[found.id for found in store.instructions.in_force(NOON_MS + offset)] for offset in (-1, 0, 999, 1000)]
    assert in_force == [[], [recorded.id], [recorded.id], []]


def test_a_lockout_is_in_force_until_it_is_released_whatever_the_clock_says(store: Store) -> None:
    lockout = _record(store, layer=Layer.LOCKOUT, level_pct=None)
    two_years_ms = 2 * 365 * 86_400_000
    for at_ms in (NOON_MS - two_years_ms, NOON_MS, NOON_MS + two_years_ms):
        assert [found.id for found in store.instructions.in_force(at_ms)] == [lockout.id]
    assert store.instructions.release(lockout.id, at_ms=NOON_MS + two_years_ms, by="thu", reason="done")
    assert store.instructions.in_force(NOON_MS) == []


def test_giving_back_is_in_force_until_its_end_also_for_a_clock_that_was_set_back(store: Store) -> None:
    note = _record(store, layer=Layer.LOCAL_CONTROL, level_pct=None)
    in_force = [[found.id for found in store.instructions.in_force(NOON_MS + at)] for at in (-3_600_000, 0, 1000)]
    assert in_force == [[note.id], [note.id], []]


def test_release_takes_it_off_once_with_audit(store: Store) -> None:
    recorded = _record(store)
    assert store.instructions.release(recorded.id, at_ms=NOON_MS + 10, by="an", reason="done early")
    assert not store.instructions.release(recorded.id, at_ms=NOON_MS + 11, by="an", reason="again")
    status = store.instructions.get(recorded.id)
    assert status is not None
    assert (status.state, status.state_ms, status.instruction.released_ms) == ("released", NOON_MS + 10, NOON_MS + 10)
    acts = [(entry.act, entry.by) for entry in store.history.audit()]
    assert acts == [("release_instruction", "an"), ("record_instruction", "thu")]
    assert store.instructions.in_force(NOON_MS + 20) == []
    assert store.changes.counters()["instruction"] == 2


def test_release_of_one_past_its_time_or_unknown_is_false_and_not_audited(store: Store) -> None:
    recorded = _record(store)
    assert not store.instructions.release(recorded.id, at_ms=NOON_MS + 1000, by="an", reason="late")
    assert not store.instructions.release(recorded.id + 99, at_ms=NOON_MS, by="an", reason="nothing")
    assert len(store.history.audit()) == 1


def test_transitions_move_the_state_and_keep_the_latency(store: Store) -> None:
    recorded = _record(store)
    store.instructions.transition(recorded.id, "sent", at_ms=NOON_MS + 1)
    failure = Fact("write_not_confirmed", {"attempts": 3, "level_pct": 40.0, "lost": None})
    store.instructions.transition(recorded.id, "failed", at_ms=NOON_MS + 2, fact=failure)
    status = store.instructions.get(recorded.id)
    assert status is not None
    assert (status.state, status.fact) == ("failed", failure)
    store.instructions.transition(recorded.id, "confirmed", at_ms=NOON_MS + 3, latency_ms=840)
    store.instructions.transition(recorded.id, "expired", at_ms=NOON_MS + 1000)
    status = store.instructions.get(recorded.id)
    assert status is not None
    assert (status.state, status.latency_ms, status.fact) == ("expired", 840, None)


def test_a_late_confirmation_does_not_bring_a_released_one_back(store: Store) -> None:
    recorded = _record(store)
    store.instructions.release(recorded.id, at_ms=NOON_MS + 1, by="thu", reason="done")
    store.instructions.transition(recorded.id, "confirmed", at_ms=NOON_MS + 2, latency_ms=5)
    status = store.instructions.get(recorded.id)
    assert status is not None
    assert status.state == "released"


def test_transition_of_an_unknown_instruction_is_refused(store: Store) -> None:
    with pytest.raises(StoreError) as refused:
        store.instructions.transition(7, "sent", at_ms=1)
    assert refused.value.fact == Fact("instruction_unknown", {"id": 7})
    assert store.instructions.get(7) is None


def test_active_between_finds_what_the_past_needs(store: Store) -> None:
    released = _record(store, from_ms=100, until_ms=500)
    store.instructions.release(released.id, at_ms=200, by="thu", reason="done")
    ended = _record(store, from_ms=100, until_ms=300)
    lockout = _record(store, layer=Layer.LOCKOUT, level_pct=None, from_ms=150, until_ms=160)

    def ids(from_ms: int, until_ms: int) -> list[int]:
        return [found.id for found in store.instructions.active_between(from_ms, until_ms)]

    assert ids(0, 99) == []
    assert ids(0, 100) == [released.id, ended.id]
    assert ids(150, 190) == [released.id, ended.id, lockout.id]
    assert ids(200, 299) == [ended.id, lockout.id]
    assert ids(300, 900) == [lockout.id]
    assert store.instructions.active_between(0, 100)[0].released_ms == 200


_MOMENTS = st.integers(0, 20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(15), deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([Layer.OVERRIDE, Layer.LOCKOUT]), _MOMENTS, _MOMENTS, st.none() | _MOMENTS),
        max_size=4,
    )
)
def test_active_at_one_instant_is_in_force_then(store: Store, plans: list[tuple[Layer, int, int, int | None]]) -> None:
    made = []
    for layer, from_ms, length_ms, release_ms in plans:
        recorded = _record(store, layer=layer, from_ms=from_ms, until_ms=from_ms + length_ms)
        is_released = release_ms is not None and store.instructions.release(
            recorded.id, at_ms=from_ms + release_ms, by="thu", reason="done"
        )
        ends = [float("inf")] if layer is Layer.LOCKOUT else [from_ms + length_ms]
        if is_released and release_ms is not None:
            ends.append(from_ms + release_ms)
        made.append((recorded.id, from_ms, min(ends)))
    ours = {number for number, _, _ in made}
    for at_ms in (0, 7, 20, 33):
        expected = {number for number, from_ms, end_ms in made if from_ms <= at_ms < end_ms}
        assert {found.id for found in store.instructions.active_between(at_ms, at_ms)} & ours == expected


def test_what_ended_lately_is_known_for_an_hour_and_never_what_a_set_back_clock_would_revive(store: Store) -> None:
    expired = _record(store, until_ms=NOON_MS + 60_000)
    released = _record(store, until_ms=NOON_MS + 7_200_000)
    store.instructions.release(released.id, at_ms=NOON_MS + 120_000, by="thu", reason="over")
    standing = _record(store, until_ms=NOON_MS + 7_200_000)
    locked = _record(store, layer=Layer.LOCKOUT, level_pct=None, until_ms=None)
    store.instructions.release(locked.id, at_ms=NOON_MS + 120_000, by="thu", reason="done")

    def ended(minutes: float) -> list[int]:
        return [note.id for note in store.instructions.lately_ended(NOON_MS + round(minutes * 60_000))]

    assert ended(0.5) == []
    assert ended(1) == [expired.id]
    assert ended(1.5) == [expired.id], "not the other, which was taken off later by a clock that was set back since"
    assert ended(2) == [expired.id, released.id]
    assert ended(61.5) == [released.id]
    assert ended(63) == []
    assert standing.id not in ended(2)
    (known,) = [note for note in store.instructions.lately_ended(NOON_MS + 120_000) if note.id == released.id]
    assert known.released_ms == NOON_MS + 120_000
