"""A hand in the cabinet against everything else that moves a relay."""

from __future__ import annotations

from dataclasses import replace

from lighting.assets.model import ScopeKind, Site
from lighting.operation.local_control import (
    RelaySight,
    gives_back,
    known_before,
    local_cause,
    moved_by_hand,
    uptime_fell,
)
from lighting.schedule.instructions import Instruction, Layer
from lighting.store.records import InstructionStateName

OPEN = RelaySight(closed=False, uptime_s=1000.0, seen_ms=0)
CLOSED = RelaySight(closed=True, uptime_s=1060.0, seen_ms=60_000)
GAP_MS = 180_000.0


def test_a_relay_that_moved_by_itself_was_moved_by_hand() -> None:
    assert moved_by_hand(OPEN, CLOSED, not_ours=False, gap_limit_ms=GAP_MS)


def test_a_relay_that_stayed_was_not() -> None:
    assert not moved_by_hand(OPEN, RelaySight(False, 1060.0, 60_000), not_ours=False, gap_limit_ms=GAP_MS)


def test_what_explains_a_move() -> None:
    assert not moved_by_hand(None, CLOSED, not_ours=False, gap_limit_ms=GAP_MS), (
        "first sight, failed poll, unsure write"
    )
    assert not moved_by_hand(OPEN, CLOSED, not_ours=True, gap_limit_ms=GAP_MS), "lockout or local control stood"
    rebooted = RelaySight(closed=True, uptime_s=12.0, seen_ms=60_000)
    assert not moved_by_hand(OPEN, rebooted, not_ours=False, gap_limit_ms=GAP_MS), "reboot"
    late = RelaySight(closed=True, uptime_s=1300.0, seen_ms=300_000)
    assert not moved_by_hand(OPEN, late, not_ours=False, gap_limit_ms=GAP_MS), "a gap in which a failsafe may act"


def test_two_looks_within_one_second_of_the_uptime_are_no_reboot() -> None:
    assert not uptime_fell(177.0, 177.0, passed_ms=38)
    assert not uptime_fell(177.0, 177.0, passed_ms=1_999)
    assert uptime_fell(177.0, 0.0, passed_ms=2_000)
    before, now = RelaySight(False, 177.0, 0), RelaySight(True, 177.0, 900)
    assert moved_by_hand(before, now, not_ours=False, gap_limit_ms=GAP_MS)


def test_a_device_without_uptime_cannot_excuse_itself_by_a_reboot() -> None:
    before, now = RelaySight(False, None, 0), RelaySight(True, None, 60_000)
    assert moved_by_hand(before, now, not_ours=False, gap_limit_ms=GAP_MS)


def test_the_input_rules_over_an_unexplained_act() -> None:
    assert local_cause(input_active=True, unexplained=False) == "input"
    assert local_cause(input_active=True, unexplained=True) == "input"
    assert local_cause(input_active=False, unexplained=False) == ""
    assert local_cause(input_active=False, unexplained=True) == "unexplained"


def note(
    note_id: int, *, layer: Layer = Layer.LOCAL_CONTROL, kind: ScopeKind = "circuit", scope: str = "C-0101", at: int = 5
) -> Instruction:
    return Instruction(note_id, layer, kind, scope, None, at, None, "lan", "checked")


def test_a_note_recorded_after_the_act_gives_back_whatever_its_clock_said(site: Site) -> None:
    assert gives_back(site, note(8, at=-3_600_000), "C-0101", after_id=7)
    assert not gives_back(site, note(7, at=3_600_000), "C-0101", after_id=7), "older than the act"
    assert not gives_back(site, note(8), "C-0101", after_id=None), "the order is not known yet"


def test_only_giving_back_of_that_circuit_gives_it_back(site: Site) -> None:
    assert gives_back(site, note(8, kind="cabinet", scope="CB01"), "C-0101", after_id=7)
    assert not gives_back(site, note(8, kind="district", scope="elsewhere"), "C-0101", after_id=7)
    assert not gives_back(site, note(8, layer=Layer.OVERRIDE), "C-0101", after_id=7)
    assert not gives_back(site, replace(note(8), released_ms=9), "C-0101", after_id=7)


def test_after_a_restart_only_what_was_carried_out_before_the_act_is_spent(site: Site) -> None:
    notes = [note(3, at=10), note(4, at=20), note(5, at=900), note(6, at=1)]
    states: dict[int, InstructionStateName] = {3: "confirmed", 4: "confirmed", 5: "confirmed", 6: "recorded"}
    after_id = known_before(site, notes, states, "C-0101", since_ms=500)
    assert after_id == 4
    assert [gives_back(site, each, "C-0101", after_id=after_id) for each in notes] == [False, False, True, True]
    assert known_before(site, [], {}, "C-0101", since_ms=500) == 0
