"""Tasks, and what else of devices outlives a restart."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from lighting.assets.fact import Fact
from lighting.store.records import AuditDraft, BusCounterState, FailsafeState, SettingWrite
from lighting.store.store import Store, open_store


def _ask(store: Store, kind: str = "read", audit: AuditDraft | None = None) -> int:
    params = {"device": "CB01-D", "points": ["dim_level.1"], "unknown": float("nan"), "deep": {"a": [1, None, True]}}
    return store.tasks.ask(kind=kind, params=params, by="thu", reason="a look", at_ms=10, audit=audit)


def test_a_task_waits_is_taken_up_tells_how_far_it_is_and_ends_with_its_result(store: Store) -> None:
    number = _ask(store)
    waiting = store.tasks.get(number)
    assert waiting is not None
    assert (waiting.state, waiting.done, waiting.total, waiting.result) == ("waiting", 0, 0, None)
    assert waiting.task.params["deep"] == {"a": [1, None, True]}
    assert waiting.task.params["unknown"] is None, "JSON knows no NaN: unknown"
    assert store.tasks.take(number, "queued", at_ms=11)
    assert store.tasks.take(number, "running", at_ms=12)
    store.tasks.progress(number, 3, 7)
    running = store.tasks.get(number)
    assert running is not None
    assert (running.state, running.state_ms, running.done, running.total) == ("running", 12, 3, 7)
    assert store.tasks.end(number, "done", at_ms=13, result={"values": []})
    ended = store.tasks.get(number)
    assert ended is not None
    assert ended.has_ended
    assert ended.result == {"values": []}
    assert store.tasks.unended() == []
    assert [status.task.id for status in store.tasks.recent()] == [number]


def test_an_ended_task_stays_as_it_ended(store: Store) -> None:
    number = _ask(store)
    assert store.tasks.end(number, "cancelled", at_ms=11, fact=Fact("task_cancelled", {}))
    assert not store.tasks.take(number, "running", at_ms=12)
    assert not store.tasks.end(number, "done", at_ms=13, result={})
    store.tasks.progress(number, 5, 5)
    ended = store.tasks.get(number)
    assert ended is not None
    assert (ended.state, ended.done, ended.result, ended.fact) == ("cancelled", 0, None, Fact("task_cancelled", {}))


def test_a_task_that_was_taken_up_does_not_lapse(store: Store) -> None:
    taken, left = _ask(store), _ask(store)
    assert store.tasks.take(taken, "queued", at_ms=11)
    assert not store.tasks.end(taken, "lapsed", at_ms=12)
    assert store.tasks.end(left, "lapsed", at_ms=12)
    assert not store.tasks.take(left, "running", at_ms=13)


def test_what_has_begun_can_be_left_alone_when_it_is_cancelled(store: Store) -> None:
    waiting, running = _ask(store, "write"), _ask(store, "write")
    assert store.tasks.take(running, "running", at_ms=11)
    assert not store.tasks.end(running, "cancelled", at_ms=12, unless_begun=True)
    assert store.tasks.end(waiting, "cancelled", at_ms=12, unless_begun=True)
    assert store.tasks.end(running, "done", at_ms=13, result={})


def test_a_task_is_either_taken_up_or_lapses_never_both(store: Store, store_url: str) -> None:
    numbers = [_ask(store) for _ in range(20)]
    with open_store(store_url) as other, ThreadPoolExecutor(2) as pool:
        taken = pool.submit(lambda: [store.tasks.take(number, "running", at_ms=11) for number in numbers])
        lapsed = pool.submit(lambda: [other.tasks.end(number, "lapsed", at_ms=11) for number in reversed(numbers)])
        pairs = zip(taken.result(), reversed(lapsed.result()), strict=True)
        assert all(one != other for one, other in pairs)


def test_outputs_come_in_their_order_and_only_new_ones(store: Store) -> None:
    first, second = _ask(store, "watch"), _ask(store, "watch")
    store.tasks.add_outputs(first, [{"value": 1}, {"value": 2}], at_ms=11)
    store.tasks.add_outputs(second, [{"value": 3}], at_ms=11)
    store.tasks.add_outputs(first, [], at_ms=12)
    found = store.tasks.outputs(first)
    assert [output.output["value"] for output in found] == [1, 2]
    store.tasks.add_outputs(first, [{"value": 4}], at_ms=13)
    assert [output.output["value"] for output in store.tasks.outputs(first, after_id=found[-1].id)] == [4]


def test_outputs_of_ended_tasks_are_forgotten_their_results_stay(store: Store) -> None:
    ended, running = _ask(store, "watch"), _ask(store, "watch")
    for number in (ended, running):
        store.tasks.add_outputs(number, [{"value": 1}], at_ms=11)
    store.tasks.end(ended, "done", at_ms=12, result={"lines": 1})
    assert store.tasks.forget_outputs(before_ms=20) == 1
    assert store.tasks.outputs(ended) == []
    assert len(store.tasks.outputs(running)) == 1
    kept = store.tasks.get(ended)
    assert kept is not None
    assert kept.result == {"lines": 1}


def test_asking_writes_its_audit_row_and_everything_wakes_both_sides(store: Store) -> None:
    number = _ask(store, "write", AuditDraft("device_write", "device:CB01-D", {"point": "baud", "value": 9600}))
    entry = store.history.audit()[0]
    assert (entry.by, entry.act, entry.subject) == ("thu", "device_write", "device:CB01-D")
    assert entry.values == {"task_id": number, "point": "baud", "value": 9600}
    counters = [store.changes.counters()["task"]]
    for step in (
        lambda: store.tasks.take(number, "running", at_ms=11),
        lambda: store.tasks.progress(number, 1, 2),
        lambda: store.tasks.asker_waits(number),
        lambda: store.tasks.add_outputs(number, [{"a": 1}], at_ms=12),
        lambda: store.tasks.end(number, "failed", at_ms=12, fact=Fact("unreachable", {})),
    ):
        step()
        counters.append(store.changes.counters()["task"])
    assert counters == sorted(set(counters)), "each raised it"
    ended = store.tasks.get(number)
    assert ended is not None
    assert ended.asker_beats == 1


def test_setting_writes_are_kept_across_a_restart(store: Store, store_url: str) -> None:
    for at_ms in (10, 20, 30):
        store.setting_writes.record(device_key=9, point="baud", raw="0003", by="thu", at_ms=at_ms)
    store.setting_writes.record(device_key=8, point="baud", raw="", by="thu", at_ms=30)
    store.close()
    with open_store(store_url) as again:
        found = again.setting_writes.recent(9, 20)
    assert found == [SettingWrite(20, 9, "baud", "0003", "thu"), SettingWrite(30, 9, "baud", "0003", "thu")]


def test_a_failsafe_and_counters_have_one_row_each(store: Store) -> None:
    first = FailsafeState(9, 10, verified=True, drift=False, found={"lost_master": "lit"})
    store.failsafes.put([first, FailsafeState(8, 10, verified=False, drift=False, found={})])
    drifted = FailsafeState(9, 20, verified=True, drift=True, found={"lost_master": "hold"})
    store.failsafes.put([drifted])
    store.failsafes.put([])
    assert store.failsafes.all()[9] == drifted
    assert set(store.failsafes.all()) == {8, 9}
    store.bus_counters.put([BusCounterState(3, 10, {"requests": 5, "exceptions": {"2": 1}})])
    store.bus_counters.put([BusCounterState(3, 20, {"requests": 9, "exceptions": {"2": 1}})])
    assert store.bus_counters.all() == {3: BusCounterState(3, 20, {"requests": 9, "exceptions": {"2": 1}})}
