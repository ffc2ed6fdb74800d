"""Local control: a hand in the cabinet is not a difference. Pure.

A HAND/OFF/AUTO input that is not at AUTO, or a relay that moved with no write of ours and nothing to explain it, puts a
circuit in local control; only AUTO, or a person who gives the circuit back, ends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lighting.assets.model import Site
from lighting.schedule.instructions import Instruction, Layer
from lighting.schedule.places import covers
from lighting.store.records import InstructionStateName, LocalControlCause

_WHOLE_SECOND_S = 1.0


@dataclass(frozen=True, slots=True)
class RelaySight:
    """A relay as seen at one successful poll. ``uptime_s`` is that of its device, None where it has none."""

    closed: bool
    uptime_s: float | None
    seen_ms: int


def moved_by_hand(
    before: RelaySight | None, now: RelaySight, *, not_ours: bool, gap_limit_ms: float, by_failsafe: bool = False
) -> bool:
    """Whether a local act is the only thing left that explains the relay's new state.

    The first sight after a start, a failed poll or a write that was not verified (``before`` is None), a reboot (the
    uptime fell behind), a gap longer than ``gap_limit_ms`` (a failsafe may have acted), and a lockout or local control
    that stood already (``not_ours``) all explain it. So does ``by_failsafe``: the device's watchdog may have run out
    since the last sight, and the contact is as it then is.
    """
    if before is None or before.closed == now.closed or not_ours or by_failsafe:
        return False
    if now.seen_ms - before.seen_ms > gap_limit_ms:
        return False
    return not _rebooted(before, now)


def _rebooted(before: RelaySight, now: RelaySight) -> bool:
    return uptime_fell(before.uptime_s, now.uptime_s, passed_ms=now.seen_ms - before.seen_ms)


def uptime_fell(before_s: float | None, now_s: float | None, *, passed_ms: int) -> bool:
    """Whether a device restarted: its uptime fell behind the site time that passed between two looks.

    Half of that time is left for clocks that do not run alike, and a second for an uptime that counts whole ones.
    """
    if before_s is None or now_s is None:
        return False
    return now_s + _WHOLE_SECOND_S < before_s + max(0.0, passed_ms / 1000) / 2


def local_cause(*, input_active: bool, unexplained: bool) -> LocalControlCause:
    """Which local control stands: the input rules over an unexplained act."""
    if input_active:
        return "input"
    return "unexplained" if unexplained else ""


def gives_back(site: Site, note: Instruction, circuit_id: str, *, after_id: int | None) -> bool:
    """Whether that note gives the circuit back from an act that was noticed when ``after_id`` was the newest note.

    The order of recording counts and no clock: one that was set back must not keep a street dark.
    """
    return (
        note.layer is Layer.LOCAL_CONTROL
        and after_id is not None
        and note.id > after_id
        and note.released_ms is None
        and covers(site, note, circuit_id)
    )


def known_before(
    site: Site,
    instructions: Iterable[Instruction],
    states: Mapping[int, InstructionStateName],
    circuit_id: str,
    *,
    since_ms: int,
) -> int:
    """The newest note, by its number, that cannot be meant for an act of before a restart; 0 where there is none.

    A note that was carried out already (confirmed) was meant for an earlier act, unless its time is after this one. One
    that nobody has carried out yet is meant for this act, whatever its time says.
    """
    spent = [
        note.id
        for note in instructions
        if note.layer is Layer.LOCAL_CONTROL
        and covers(site, note, circuit_id)
        and states.get(note.id) == "confirmed"
        and note.from_ms < since_ms
    ]
    return max(spent, default=0)
