"""A lamp test is over before its time at a newer lockout or emergency, and when its controller stops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lighting.assets.model import Site
from lighting.operation.lamp_tests import end_those_of_before, ended_by_others, ended_by_stop
from lighting.schedule.instructions import Instruction, Layer
from lighting.store.records import ControllerBeat, InstructionStateName
from lighting.store.store import Store, open_store

TEST = Instruction(5, Layer.TEST, "district", "centre", 100.0, 1000, 301_000, "crew", "lamp test")
LOCKOUT = Instruction(6, Layer.LOCKOUT, "circuit", "C-0102", None, 2000, None, "an", "cable")
EMERGENCY = Instruction(7, Layer.EMERGENCY, "area", "21.0286,105.8544,500m", None, 2000, 9_000_000, "an", "accident")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'lighting.sqlite3'}") as opened:
        yield opened


@pytest.mark.parametrize(("by", "code"), [(LOCKOUT, "test_ended_by_lockout"), (EMERGENCY, "test_ended_by_emergency")])
def test_a_newer_one_that_touches_any_of_its_circuits_ends_it(site: Site, by: Instruction, code: str) -> None:
    (step,) = ended_by_others(site, (TEST, by), 3000)
    assert (step.instruction_id, step.state, step.at_ms) == (5, "released", 3000)
    assert step.fact is not None
    assert (step.fact.code, step.fact.values["by_id"]) == (code, by.id)


def test_an_older_one_and_one_elsewhere_do_not(site: Site) -> None:
    older = replace(LOCKOUT, id=4)
    elsewhere = replace(LOCKOUT, scope_id="C-0201")
    override = Instruction(9, Layer.OVERRIDE, "circuit", "C-0102", 40.0, 2000, 9_000_000, "an", "x")
    assert ended_by_others(site, (TEST, older, elsewhere, override), 3000) == []


def test_the_stop_ends_tests_alone(site: Site) -> None:
    to_come = replace(TEST, id=8, from_ms=9000)
    (step,) = ended_by_stop((TEST, LOCKOUT, EMERGENCY, to_come), 3000)
    assert (step.instruction_id, step.state) == (5, "released")
    assert step.fact is not None
    assert step.fact.code == "test_ended_by_stop"


def record_test(store: Store, from_ms: int, until_ms: int = 900_000, layer: Layer = Layer.TEST) -> Instruction:
    return store.instructions.record(
        layer=layer,
        scope_kind="circuit",
        scope_id="C-0101",
        level_pct=100.0,
        from_ms=from_ms,
        until_ms=until_ms,
        by="crew",
        reason="lamp test",
    )


def beat_at(store: Store, at_ms: int) -> None:
    store.controller.beat(ControllerBeat("run", 1, "here", 1, at_ms, at_ms, 7, 10.0, 1, at_ms))


@pytest.mark.parametrize("now_ms", [100_000, 20_000])
def test_after_a_controller_that_was_killed_its_tests_are_over(store: Store, now_ms: int) -> None:
    """Also where the clock was set back behind the test meanwhile: it must not come back with the time."""
    of_before, override = record_test(store, 30_000), record_test(store, 30_000, layer=Layer.OVERRIDE)
    beat_at(store, 50_000)
    end_those_of_before(store, now_ms)
    status = store.instructions.get(of_before.id)
    assert status is not None
    assert status.fact is not None
    assert (status.state, status.state_ms, status.fact.code) == ("released", now_ms, "test_ended_by_stop")
    assert [note.id for note in store.instructions.in_force(100_000)] == [override.id]


def test_a_test_that_was_asked_for_since_goes_on(store: Store) -> None:
    beat_at(store, 50_000)
    note = record_test(store, 60_000)
    end_those_of_before(store, 100_000)
    assert [one.id for one in store.instructions.in_force(100_000)] == [note.id]


@pytest.mark.parametrize("state", ["sent", "confirmed", "failed"])
def test_one_that_a_controller_had_taken_up_is_over_whatever_the_beat_says(
    store: Store, state: InstructionStateName
) -> None:
    note = record_test(store, 60_000)
    store.instructions.transition(note.id, state, at_ms=61_000)
    end_those_of_before(store, 100_000)
    assert store.instructions.in_force(100_000) == []


def test_one_that_ran_out_keeps_its_end(store: Store) -> None:
    note = record_test(store, 10_000, until_ms=20_000)
    beat_at(store, 50_000)
    end_those_of_before(store, 100_000)
    status = store.instructions.get(note.id)
    assert status is not None
    assert status.state == "recorded"
