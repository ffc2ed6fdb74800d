"""All circuits in a table that ten thousand do not slow down: sort by keys, ``/`` filters as you type, Enter opens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Key
from textual.widget import Widget
from textual.widgets import Input

from lighting.desk.answers import CircuitRow
from tui.acts import LockOut, Release, SetLevel, Unlock
from tui.condition import condition_of
from tui.desk_like import DeskLike
from tui.figures import UNKNOWN, level, power
from tui.parts import Line, Part, folded
from tui.screens.base import DashboardScreen, Keys
from tui.voice import Voice
from tui.widgets.lines import Lines
from tui.widgets.rows import Column, Rows
from tui.widgets.table import Table

Figure = Callable[[CircuitRow], float | None]


def _desired(row: CircuitRow) -> float | None:
    return row.state.desired_pct if row.state else None


def _accepted(row: CircuitRow) -> float | None:
    return row.state.accepted_pct if row.state else None


def _actual(row: CircuitRow) -> float | None:
    return row.state.actual_pct if row.state else None


def _power(row: CircuitRow) -> float | None:
    return row.state.power_w if row.state else None


def _expected(row: CircuitRow) -> float | None:
    return row.state.expected_power_w if row.state else None


def _figure(of: Figure, written: Callable[[float | None], str], *, measured: bool) -> Callable[[CircuitRow], Part]:
    """A measured value that is stale is marked with ``?`` and faint; the desired one is never stale."""

    def cell(row: CircuitRow) -> Part:
        value = of(row)
        if value is not None and measured and row.is_stale:
            return written(value) + "?", "faint"
        text = written(value) + (" " if measured else "")  # figures stay in line with those that are marked
        return text, "" if value is not None else "faint"

    return cell


def _text(of: Callable[[CircuitRow], str]) -> Callable[[CircuitRow], Part]:
    return lambda row: (of(row), "")


def circuit_columns(voice: Callable[[], Voice]) -> tuple[Column[CircuitRow], ...]:
    """By importance: 80 columns show what a crew needs, 160 all of it with the reason in words."""

    def why(row: CircuitRow) -> Part:
        return (voice().say(row.state.cause) if row.state else UNKNOWN), "faint"

    expected = _figure(_expected, power, measured=False)
    return (
        Column("id", "CIRCUIT", 9, lambda row: (row.id, "strong"), lambda row: row.id),
        Column("condition", "STATE", 10, lambda r: condition_of(r).part, lambda r: condition_of(r).rank, changes=True),
        Column("road", "ROAD", 12, _text(lambda r: r.road or r.name), lambda r: folded(r.road or r.name), 2, grow=2),
        Column(
            "desired", "ASKED", 6, _figure(_desired, level, measured=False), _desired, 1, right=True, changes=True
        ),
        Column(
            "accepted", "ACCEPT", 7, _figure(_accepted, level, measured=True), _accepted, 2, right=True, changes=True
        ),
        Column("actual", "ACTUAL", 7, _figure(_actual, level, measured=True), _actual, 2, right=True, changes=True),
        Column("power", "POWER", 9, _figure(_power, power, measured=True), _power, 2, right=True, changes=True),
        Column("expect", "EXPECT", 8, expected, _expected, 5, right=True, changes=True),
        Column("cabinet", "CABINET", 8, _text(lambda r: r.cabinet), lambda r: r.cabinet, 3),
        Column("lamps", "LAMPS", 6, _text(lambda r: str(r.lamp_count)), lambda r: r.lamp_count, 4, right=True),
        Column("district", "DISTRICT", 12, _text(lambda r: r.district), lambda r: r.district, 6),
        Column("program", "PROGRAM", 12, _text(lambda r: r.program), lambda r: r.program, 7),
        Column("why", "BECAUSE", 20, why, None, 8, grow=5),
    )  # fmt: skip


def _search(row: CircuitRow) -> str:
    return f"{row.id} {row.name} {row.road} {row.cabinet} {row.district} {row.district_name}"


class FilterField(Input):
    """Enter ends the filter at once, not by a message that comes after the next key."""

    def __init__(self, leave: Callable[[], None]) -> None:
        super().__init__(placeholder="id, road, cabinet or district", id="filter", select_on_focus=False)
        self._leave = leave

    async def action_submit(self) -> None:
        self._leave()


class CircuitsScreen(DashboardScreen[list[CircuitRow]]):
    """A refresh brings new values and moves nothing: neither the order, nor the cursor, nor the scroll."""

    KEYS: ClassVar[Keys] = (
        ("1", "over"), ("Enter", "open"), ("/", "filter"), ("o", "sort"), ("s", "set"), ("r", "release"),
        ("l", "lock"),
    )  # fmt: skip
    AUTO_FOCUS = "#table"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", show=False, priority=True),
        Binding("escape", "clear", show=False),
        Binding("s", "set", show=False),
        Binding("r", "release", show=False),
        Binding("l", "lock", show=False),
        Binding("u", "unlock", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._read = False

    def body(self) -> Iterator[Widget]:
        rows = Rows(circuit_columns(lambda: self.voice), lambda row: row.id, _search, sorted_by="id")
        with Horizontal(id="filter-line"):
            field = FilterField(self._leave_filter)
            field.display = False
            yield field
            yield Lines(self._draw_info, ascii_only=self.dashboard.ascii_only, id="info")
        yield Table(rows, ascii_only=self.dashboard.ascii_only, id="table")

    @property
    def table(self) -> Table[CircuitRow]:
        return self.query_one("#table", Table)

    def ask(self, desk: DeskLike) -> list[CircuitRow]:
        return desk.circuits()

    def take(self, answer: list[CircuitRow]) -> None:
        self._read = True
        self.table.renew(answer)
        self.redraw_frame()
        self.lines("info").redraw()

    def redraw(self) -> None:
        super().redraw()
        self.lines("info").redraw()
        self.table.redraw()

    def _draw_info(self, width: int, height: int) -> Sequence[Line]:
        rows = self.table.rows
        first, last, count = self.table.in_sight()
        if not self._read:
            return [[("  CIRCUITS", "head"), ("   reading …", "faint")]]
        in_sight = f"{first}–{last} of {count}" if count else "none"
        parts: list[Part] = [(f"  {len(rows)} CIRCUITS", "head"), (f"   {in_sight}", "")]
        if rows.filter:
            parts.append((f" with “{rows.filter}” (Esc: all)", "warn"))
        if rows.is_aged():
            parts.append(("   values changed: = sorts again", "faint"))
        return [parts]

    def filter_by(self, text: str) -> None:
        """Show the circuits with that text; without one, begin to type."""
        self.query_one("#filter", Input).value = text
        self.table.narrow(text)
        if text:
            self.set_focus(self.table)
        else:
            self.action_filter()

    def action_filter(self) -> None:
        """Begin to type; at once, so that letters which come with the key are no commands."""
        field = self.query_one("#filter", Input)
        if self.focused is field:
            field.call_later(field.insert_text_at_cursor, "/")  # after the letters that it has still to take
            return
        self.add_class("-filtering")
        field.display = True
        self.set_focus(field)

    def action_clear(self) -> None:
        """Leave the filter; without one, go back to the overview."""
        field = self.query_one("#filter", Input)
        if not field.value and not self.has_class("-filtering"):
            self.dashboard.run_worker(self.dashboard.action_show("overview"))
            return
        field.value = ""
        self.table.narrow("")
        self._close_filter()

    def _close_filter(self) -> None:
        self.remove_class("-filtering")
        self.query_one("#filter", Input).display = False
        self.set_focus(self.table)
        self.lines("info").redraw()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.table.narrow(event.value)

    def _leave_filter(self) -> None:
        """Enter takes the rows that were found. A second one that was under way to the field opens the row."""
        if self.has_class("-filtering"):
            self._close_filter()
        else:
            self.table.action_open()

    def on_key(self, event: Key) -> None:
        """↓ leaves the filter for the rows that it found."""
        if event.key == "down" and self.has_class("-filtering"):
            self._close_filter()
            event.stop()

    def on_table_moved(self) -> None:
        self.lines("info").redraw()

    def on_table_opened(self, message: Table.Opened) -> None:
        self.dashboard.open_circuit(message.row_id)

    def action_set(self) -> None:
        self.dashboard.begin(SetLevel(self.table.rows.cursor_id))

    def action_release(self) -> None:
        self.dashboard.begin(Release(self.table.rows.cursor_id))

    def action_lock(self) -> None:
        self.dashboard.begin(LockOut(self.table.rows.cursor_id))

    def action_unlock(self) -> None:
        self.dashboard.begin(Unlock(self.table.rows.cursor_id))
