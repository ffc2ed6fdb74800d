"""The condition of a circuit in one symbol and one or two words, the most urgent first."""

from __future__ import annotations

from dataclasses import dataclass

from lighting.desk.answers import CircuitRow
from lighting.store.records import CircuitState
from tui.parts import Part, Role


@dataclass(frozen=True, slots=True)
class Condition:
    """``rank`` sorts: 0 needs a person first. ``symbol`` and ``word`` say it without any colour."""

    rank: int
    symbol: str
    word: str
    role: Role

    @property
    def part(self) -> Part:
        return f"{self.symbol} {self.word}", self.role


ROAD_DARK = Condition(0, "▲", "dark", "bad")
LIT_BY_DAY = Condition(1, "▲", "not off", "warn")
STALE = Condition(2, "?", "stale", "warn")
NO_VALUE = Condition(3, "?", "no value", "warn")
LOCKED_OUT = Condition(4, "⊘", "locked", "warn")
LOCAL = Condition(5, "◆", "local", "warn")
PENDING = Condition(6, "…", "pending", "")
OVERRIDDEN = Condition(7, "►", "override", "strong")
UNKNOWN = Condition(8, "?", "unknown", "faint")
LIT = Condition(9, "●", "lit", "good")
OFF = Condition(10, "○", "off", "faint")


def condition_of(row: CircuitRow) -> Condition:
    """What is most worth knowing of that circuit now."""
    state = row.state
    if row.locked_out:
        return LOCKED_OUT
    if state is None or state.polled_ms is None:
        return NO_VALUE
    if row.is_stale:
        return STALE
    if state.local_control:
        return LOCAL
    return _mismatch(state) or _plain(row, state)


def _mismatch(state: CircuitState) -> Condition | None:
    if state.pending or state.desired_pct is None or state.lit is None:
        return None
    if state.desired_pct > 0 and not state.lit:
        return ROAD_DARK if state.dark else None
    return LIT_BY_DAY if state.desired_pct == 0 and state.lit else None


def _plain(row: CircuitRow, state: CircuitState) -> Condition:
    if state.pending:
        return PENDING
    if row.overridden:
        return OVERRIDDEN
    if state.lit is None:
        return UNKNOWN
    return LIT if state.lit else OFF
