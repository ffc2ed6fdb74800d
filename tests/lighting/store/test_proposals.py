"""What waits for a second person is in no force, now or in any past, until that one agrees within the hour."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lighting.schedule.instructions import Instruction, Layer
from lighting.store.store import Store, open_store
from tests.effort import examples

NOON_MS = 1_790_000_000_000
HOUR_MS = 3_600_000


def propose(store: Store, *, at_ms: int = NOON_MS, **changed: Any) -> Instruction:
    values: dict[str, Any] = {
        "layer": Layer.OVERRIDE,
        "scope_kind": "district",
        "scope_id": "centre",
        "level_pct": 0.0,
        "from_ms": at_ms,
        "until_ms": at_ms + 4 * HOUR_MS,
        "by": "thu",
        "reason": "festival",
        "below_floor": True,
        "lapses_ms": at_ms + HOUR_MS,
    }
    return store.instructions.record(**values | changed)


def state_of(store: Store, number: int) -> str:
    status = store.instructions.get(number)
    assert status is not None
    return status.state


def test_a_proposal_is_in_no_force_and_waits(store: Store) -> None:
    note = propose(store)
    assert store.instructions.in_force(NOON_MS + 1) == []
    assert store.instructions.active_between(0, NOON_MS + HOUR_MS) == []
    assert [one.instruction.id for one in store.instructions.proposals(NOON_MS + 1)] == [note.id]
    assert state_of(store, note.id) == "proposed"


def test_another_person_brings_it_into_force_from_then_on(store: Store) -> None:
    note = propose(store)
    agreed_ms = NOON_MS + 600_000
    assert store.instructions.agree(note.id, at_ms=agreed_ms, by="an")
    (found,) = store.instructions.in_force(agreed_ms)
    assert (found.id, found.from_ms, found.until_ms, found.by) == (note.id, agreed_ms, note.until_ms, "thu")
    assert store.instructions.in_force(agreed_ms - 1) == []
    assert store.instructions.active_between(NOON_MS, agreed_ms - 1) == [], "it ruled nothing while it was proposed"
    status = store.instructions.get(note.id)
    assert status is not None
    assert status.proposal is not None
    assert (status.state, status.state_ms) == ("recorded", agreed_ms)
    assert (status.proposal.agreed_by, status.proposal.agreed_ms) == ("an", agreed_ms)
    entry = store.history.audit()[0]
    assert (entry.act, entry.by, entry.values["instruction_id"]) == ("confirm_instruction", "an", note.id)
    assert not store.instructions.agree(note.id, at_ms=agreed_ms + 1, by="duc"), "only once"


@pytest.mark.parametrize(("by", "at_ms"), [("thu", 1), ("an", HOUR_MS), ("an", HOUR_MS + 1), ("an", -1)])
def test_not_its_proposer_nor_too_late_nor_before_its_time(store: Store, by: str, at_ms: int) -> None:
    note = propose(store)
    changes = store.changes.counters()["instruction"]
    assert not store.instructions.agree(note.id, at_ms=NOON_MS + at_ms, by=by)
    assert store.instructions.in_force(NOON_MS + 2 * HOUR_MS) == []
    assert store.changes.counters()["instruction"] == changes
    assert len(store.history.audit()) == 1


def test_what_was_never_proposed_cannot_be_agreed_to(store: Store) -> None:
    note = propose(store, lapses_ms=None)
    assert not store.instructions.agree(note.id, at_ms=NOON_MS + 1, by="an")
    assert not store.instructions.agree(note.id + 1, at_ms=NOON_MS + 1, by="an")
    status = store.instructions.get(note.id)
    assert status is not None
    assert (status.state, status.proposal) == ("recorded", None)


def test_it_lapses_and_stays_lapsed_whatever_the_clock_says_later(store: Store) -> None:
    note = propose(store)
    assert store.instructions.lapse(NOON_MS + HOUR_MS - 1) == []
    assert store.instructions.lapse(NOON_MS + HOUR_MS) == [note.id]
    assert store.instructions.lapse(NOON_MS + HOUR_MS) == []
    assert state_of(store, note.id) == "lapsed"
    assert not store.instructions.agree(note.id, at_ms=NOON_MS + 1, by="an")
    assert not store.instructions.release(note.id, at_ms=NOON_MS + 1, by="thu", reason="over")
    assert store.instructions.proposals(NOON_MS) == []


def test_it_can_be_withdrawn(store: Store) -> None:
    note = propose(store)
    assert store.instructions.release(note.id, at_ms=NOON_MS + 1, by="thu", reason="not needed")
    assert state_of(store, note.id) == "released"
    assert not store.instructions.agree(note.id, at_ms=NOON_MS + 2, by="an")
    assert store.instructions.active_between(0, NOON_MS + HOUR_MS) == []
    assert store.instructions.proposals(NOON_MS + 2) == []


class LifeCycle(RuleBasedStateMachine):
    """A model of proposals beside the store, through restarts and a clock that is set back."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.url = f"sqlite:///{Path(self.folder.name) / 'lighting.sqlite3'}"
        self.store = open_store(self.url)
        self.now_ms = NOON_MS
        self.made: dict[int, dict[str, Any]] = {}

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(
        by=st.sampled_from(["thu", "an"]),
        for_ms=st.integers(1, 3 * HOUR_MS),
        is_proposed=st.booleans(),
        layer=st.sampled_from([Layer.OVERRIDE, Layer.TEST, Layer.DEMAND_LIMIT]),
    )
    def record(self, by: str, for_ms: int, is_proposed: bool, layer: Layer) -> None:
        until_ms = self.now_ms + for_ms
        lapses_ms = min(self.now_ms + HOUR_MS, until_ms) if is_proposed else None
        note = propose(self.store, at_ms=self.now_ms, by=by, until_ms=until_ms, lapses_ms=lapses_ms, layer=layer)
        begins_ms = None if is_proposed else self.now_ms
        model = {"by": by, "asked_ms": self.now_ms, "until_ms": until_ms, "lapses_ms": lapses_ms}
        self.made[note.id] = {**model, "begins_ms": begins_ms, "waits": is_proposed, "released_ms": None}

    @precondition(lambda self: self.made)
    @rule(data=st.data(), by=st.sampled_from(["thu", "an", "duc"]))
    def agree(self, data: st.DataObject, by: str) -> None:
        number = data.draw(st.sampled_from(sorted(self.made)))
        one = self.made[number]
        may = one["waits"] and by != one["by"] and one["asked_ms"] <= self.now_ms < one["lapses_ms"]
        assert self.store.instructions.agree(number, at_ms=self.now_ms, by=by) is may
        if may:
            one.update(waits=False, begins_ms=self.now_ms)

    @precondition(lambda self: self.made)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.made)))
        one = self.made[number]
        is_lapsed = one["lapses_ms"] is not None and one["begins_ms"] is None
        ends_ms = one["lapses_ms"] if is_lapsed else one["until_ms"]
        may = (one["waits"] or one["begins_ms"] is not None) and one["released_ms"] is None and self.now_ms < ends_ms
        assert self.store.instructions.release(number, at_ms=self.now_ms, by="duc", reason="done") is may
        if may:
            one.update(waits=False, released_ms=self.now_ms)

    @rule()
    def lapse(self) -> None:
        over = sorted(n for n, one in self.made.items() if one["waits"] and one["lapses_ms"] <= self.now_ms)
        assert self.store.instructions.lapse(self.now_ms) == over
        for number in over:
            self.made[number]["waits"] = False

    @rule(by_ms=st.integers(-2 * HOUR_MS, 2 * HOUR_MS))
    def time_goes_on_or_the_clock_is_set_back(self, by_ms: int) -> None:
        self.now_ms += by_ms

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = open_store(self.url)

    @invariant()
    def only_what_was_agreed_to_is_in_force(self) -> None:
        expected = [
            number
            for number, one in sorted(self.made.items())
            if one["begins_ms"] is not None
            and one["released_ms"] is None
            and one["begins_ms"] <= self.now_ms < one["until_ms"]
        ]
        assert [note.id for note in self.store.instructions.in_force(self.now_ms)] == expected
        waiting = [n for n, one in sorted(self.made.items()) if one["waits"] and one["lapses_ms"] > self.now_ms]
        assert [one.instruction.id for one in self.store.instructions.proposals(self.now_ms)] == waiting
        known = {note.id for note in self.store.instructions.active_between(0, 2**62)}
        assert known <= {number for number, one in self.made.items() if one["begins_ms"] is not None}


TestLifeCycle = LifeCycle.TestCase
TestLifeCycle.settings = settings(max_examples=examples(6), stateful_step_count=25, deadline=None)
