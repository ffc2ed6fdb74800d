"""A hand in the cabinet against everything else that moves a relay."""

from __future__ import annotations

from lighting.operation.local_control import RelaySight, given_back_ms, local_cause, moved_by_hand
from lighting.schedule.instructions import Instruction, Layer

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


def test_a_device_without_uptime_cannot_excuse_itself_by_a_reboot() -> None:
    before, now = RelaySight(False, None, 0), RelaySight(True, None, 60_000)
    assert moved_by_hand(before, now, not_ours=False, gap_limit_ms=GAP_MS)


def test_the_input_rules_and_giving_back_ends_only_an_older_act() -> None:
    assert local_cause(input_active=True, unexplained_since_ms=None, given_back_ms=None) == "input"
    assert local_cause(input_active=False, unexplained_since_ms=None, given_back_ms=None) == ""
    assert local_cause(input_active=False, unexplained_since_ms=10, given_back_ms=None) == "unexplained"
    assert local_cause(input_active=False, unexplained_since_ms=10, given_back_ms=9) == "unexplained"
    assert local_cause(input_active=False, unexplained_since_ms=10, given_back_ms=11) == ""


def note(note_id: int, layer: Layer, scope_kind: str, scope_id: str, from_ms: int) -> Instruction:
    kind = {"circuit": "circuit", "cabinet": "cabinet", "district": "district"}[scope_kind]
    return Instruction(note_id, layer, kind, scope_id, None, from_ms, None, "lan", "checked")  # type: ignore[arg-type]


def test_the_newest_note_of_any_scope_gives_back() -> None:
    notes = [
        note(1, Layer.LOCAL_CONTROL, "circuit", "C-1", 5),
        note(2, Layer.LOCAL_CONTROL, "cabinet", "CB-1", 8),
        note(3, Layer.LOCAL_CONTROL, "district", "elsewhere", 9),
        note(4, Layer.OVERRIDE, "circuit", "C-1", 10),
        note(5, Layer.LOCAL_CONTROL, "circuit", "C-1", 99),
    ]
    assert given_back_ms(notes, circuit="C-1", cabinet="CB-1", district="D", now_ms=20) == 8
    assert given_back_ms([], circuit="C-1", cabinet="CB-1", district="D", now_ms=20) is None
