"""What persons and scripts have asked: what waits for a second person first, with who, why, until when, how it went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from lighting.desk.person import role_for
from lighting.schedule.instructions import Layer
from lighting.store.records import InstructionStatus
from tui.acts import Act, Release, Unlock
from tui.acts_by_number import Confirm, ReleaseNumber
from tui.desk_like import DeskLike
from tui.figures import level, moment
from tui.parts import Line, Part, Role
from tui.screens.base import DashboardScreen, Keys
from tui.widgets.lines import Lines
from tui.widgets.rows import Column, Rows
from tui.widgets.table import Table

STATE_ROLES: dict[str, Role] = {
    "proposed": "bad",
    "recorded": "strong",
    "sent": "strong",
    "confirmed": "good",
    "failed": "bad",
    "released": "faint",
    "expired": "faint",
    "lapsed": "faint",
}


def scope_text(status: InstructionStatus) -> str:
    """The scope as a person types it."""
    instruction = status.instruction
    if instruction.scope_kind == "circuit":
        return instruction.scope_id
    return f"{instruction.scope_kind}:{instruction.scope_id}"


def state_part(status: InstructionStatus) -> Part:
    """Where an instruction stands, in a word, with how long its confirmation took."""
    took = f" ({status.latency_ms / 1_000:.1f} s)" if status.state == "confirmed" and status.latency_ms else ""
    word = "pending" if status.state in {"recorded", "sent"} else status.state
    return word + took, STATE_ROLES[status.state]


def is_proposed(status: InstructionStatus) -> bool:
    """Whether it is in no force and waits for a second person."""
    return status.state == "proposed"


def what_text(status: InstructionStatus) -> str:
    instruction = status.instruction
    if instruction.layer == Layer.LOCKOUT:
        return "lockout"
    if instruction.layer == Layer.LOCAL_CONTROL:
        return "given back"
    if instruction.layer == Layer.EMERGENCY:
        return "EMERGNCY"
    word = {Layer.TEST: "test ", Layer.DEMAND_LIMIT: "≤ "}.get(instruction.layer, "")
    return word + level(instruction.level_pct)


class InstructionsScreen(DashboardScreen[Sequence[InstructionStatus]]):
    """``a`` shows those that are over as well; ``r`` releases the one under the cursor, ``c`` confirms a proposal."""

    KEYS: ClassVar[Keys] = (
        ("1", "over"), ("2", "circuits"), ("3", "needs you"), ("r", "release"), ("c", "confirm"), ("a", "all"),
    )  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "all", show=False),
        Binding("c", "confirm", show=False),
        Binding("r", "release", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._all = False
        self._read = False
        self._by_number: dict[str, InstructionStatus] = {}

    def body(self) -> Iterator[Widget]:
        columns: tuple[Column[InstructionStatus], ...] = (
            Column("id", "#", 5, _number, lambda s: (is_proposed(s), s.instruction.id), right=True),
            Column("scope", "WHERE", 14, lambda s: (scope_text(s), "strong"), scope_text, grow=1),
            Column("what", "WHAT", 8, lambda s: (what_text(s), ""), what_text, right=True),
            Column("until", "UNTIL", 6, self._until, lambda s: s.instruction.until_ms),
            Column("state", "STATE", 20, self._state, lambda s: s.state, changes=True),
            Column("by", "BY", 8, lambda s: (s.instruction.by, ""), lambda s: s.instruction.by, importance=2, grow=1),
            Column("reason", "REASON", 10, lambda s: (s.instruction.reason, ""), importance=3, grow=4),
        )
        rows = Rows(
            columns,
            lambda s: str(s.instruction.id),
            lambda s: f"{scope_text(s)} {s.instruction.by} {s.instruction.reason}",
            sorted_by="id",
            reverse=True,
            always_sorted=True,  # a proposal that has just come must not stand under what needs nobody
        )
        yield Lines(self._draw_info, ascii_only=self.dashboard.ascii_only, id="info")
        yield Table(rows, ascii_only=self.dashboard.ascii_only, id="table")

    def ask(self, desk: DeskLike) -> Sequence[InstructionStatus]:
        return desk.instructions(all_states=self._all)

    def take(self, answer: Sequence[InstructionStatus]) -> None:
        self._read = True
        self._by_number = {str(status.instruction.id): status for status in answer}
        self.table.renew(answer)
        self.redraw()

    @property
    def table(self) -> Table[InstructionStatus]:
        return self.query_one("#table", Table)

    def redraw(self) -> None:
        super().redraw()
        self.lines("info").redraw()
        self.table.redraw()

    def on_table_moved(self) -> None:
        self.lines("info").redraw()

    def action_all(self) -> None:
        self._all = not self._all
        self.dashboard.wake()

    def action_release(self) -> None:
        if status := self._by_number.get(self.table.rows.cursor_id):
            self.dashboard.begin(_taking_off(status))

    def action_confirm(self) -> None:
        """Be the second person for the proposal under the cursor."""
        status = self._by_number.get(self.table.rows.cursor_id)
        if status is not None and is_proposed(status):
            self.dashboard.begin(Confirm(status.instruction.id, scope_text(status)))

    def on_table_opened(self, message: Table.Opened) -> None:
        status = self._by_number.get(message.row_id)
        if status is not None and status.instruction.scope_kind == "circuit":
            self.dashboard.open_circuit(status.instruction.scope_id)

    def _draw_info(self, width: int, height: int) -> Sequence[Line]:
        first, last, count = self.table.in_sight()
        which = "all, also those that are over" if self._all else "in force"
        where = f"   {first}–{last} of {count}" if count else "   none" if self._read else "   reading …"
        return [[("  INSTRUCTIONS", "head"), (f" {which}", ""), (where, "faint"), *self._who_confirms()]]

    def _who_confirms(self) -> Iterator[Part]:
        """Who may confirm the proposal under the cursor, which the table has no room for."""
        status = self._by_number.get(self.table.rows.cursor_id)
        if status is not None and is_proposed(status):
            asked = status.instruction
            # The right to go under the floor says more than the role, and both do not fit into 80 columns.
            who = "below_floor" if asked.below_floor else role_for(asked.layer)
            yield f"   c confirms #{asked.id}: {who}, not {asked.by}", "bad"

    def _state(self, status: InstructionStatus) -> Part:
        if not is_proposed(status) or status.proposal is None:
            return state_part(status)
        word, role = state_part(status)
        return f"{word} until {moment(status.proposal.lapses_ms, self.voice.timezone, self.voice.now_ms)}", role

    def _until(self, status: InstructionStatus) -> Part:
        until_ms = status.instruction.until_ms
        return ("open" if until_ms is None else moment(until_ms, self.voice.timezone, self.voice.now_ms)), ""


def _number(status: InstructionStatus) -> Part:
    return str(status.instruction.id), "faint"


def _taking_off(status: InstructionStatus) -> Act:
    """The act that takes one off: by target what a person set there, by its number alone what stands above that."""
    layer = status.instruction.layer
    if layer == Layer.LOCKOUT:
        return Unlock(scope_text(status))
    if layer in (Layer.EMERGENCY, Layer.DEMAND_LIMIT) or is_proposed(status):
        return ReleaseNumber(status.instruction.id, scope_text(status))
    return Release(scope_text(status))
