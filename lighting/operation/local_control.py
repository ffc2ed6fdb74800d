"""Local control: a hand in the cabinet is not a difference. Pure.

A HAND/OFF/AUTO input that is not at AUTO, or a relay that moved with no write of ours and nothing to explain it, puts a
circuit in local control; only AUTO, or a person who gives the circuit back, ends it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lighting.schedule.instructions import Instruction, Layer
from lighting.store.records import LocalControlCause


@dataclass(frozen=True, slots=True)
class RelaySight:
    """A relay as seen at one successful poll. ``uptime_s`` is that of its device, None where it has none."""

    closed: bool
    uptime_s: float | None
    seen_ms: int


def moved_by_hand(before: RelaySight | None, now: RelaySight, *, not_ours: bool, gap_limit_ms: float) -> bool:
    """Whether a local act is the only thing left that explains the relay's new state.

    The first sight after a start, a failed poll or a write that was not verified (``before`` is None), a reboot (the
    uptime fell behind), a gap longer than ``gap_limit_ms`` (a failsafe may have acted), and a lockout or local control
    that stood already (``not_ours``) all explain it.
    """
    if before is None or before.closed == now.closed or not_ours:
        return False
    if now.seen_ms - before.seen_ms > gap_limit_ms:
        return False
    return not _rebooted(before, now)


def _rebooted(before: RelaySight, now: RelaySight) -> bool:
    """Whether the uptime fell behind the time that passed; half of it is left for clocks that do not run alike."""
    if before.uptime_s is None or now.uptime_s is None:
        return False
    passed_s = max(0.0, (now.seen_ms - before.seen_ms) / 1000)
    return now.uptime_s < before.uptime_s + passed_s / 2


def local_cause(
    *, input_active: bool, unexplained_since_ms: int | None, given_back_ms: int | None
) -> LocalControlCause:
    """Which local control stands: the input rules over an unexplained act; giving back ends only an older act."""
    if input_active:
        return "input"
    if unexplained_since_ms is None:
        return ""
    if given_back_ms is not None and given_back_ms >= unexplained_since_ms:
        return ""
    return "unexplained"


def given_back_ms(
    instructions: Iterable[Instruction], *, circuit: str, cabinet: str, district: str, now_ms: int
) -> int | None:
    """When a person last gave that circuit back from local control, or None."""
    scopes = {("circuit", circuit), ("cabinet", cabinet), ("district", district)}
    moments = [
        note.from_ms
        for note in instructions
        if note.layer is Layer.LOCAL_CONTROL and (note.scope_kind, note.scope_id) in scopes and note.from_ms <= now_ms
    ]
    return max(moments, default=None)
