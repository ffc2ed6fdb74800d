"""A table drawn line by line: only the rows in sight are ever built, so ten thousand cost no more than twenty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic

from textual.binding import Binding, BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp, Resize
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.parts import Part, blank, fit, printable, strip_of
from tui.widgets.rows import Rows, RowT, Shown, columns_for


class Table(Widget, Generic[RowT]):
    """The first line is the heading; the cursor's row is shown in reverse."""

    DEFAULT_CSS = "Table { height: 1fr; width: 1fr; }"
    can_focus = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown,space", "page(1)", show=False),
        Binding("home,g", "edge(0)", show=False),
        Binding("end,G", "edge(1)", show=False),
        Binding("enter", "open", show=False),
        Binding("o", "sort_next(1)", show=False),
        Binding("O", "sort_next(-1)", show=False),
        Binding("v", "turn", show=False),
        Binding("equals_sign", "sort_again", show=False),
    ]

    class Opened(Message):
        """A person chose the row with this id."""

        def __init__(self, row_id: str) -> None:
            super().__init__()
            self.row_id = row_id

    class Moved(Message):
        """The cursor, the order or what is in sight changed by a person's act."""

    def __init__(self, rows: Rows[RowT], *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.rows = rows
        self.top = 0
        self._ascii_only = ascii_only
        self._strips: list[Strip] = []

    def redraw(self) -> None:
        """Draw the rows in sight again; only lines that changed are sent to the terminal."""
        width, height = self.size
        if not width:
            return
        columns = columns_for(self.rows.columns, width)
        after = [self._heading(columns), *(self._row(y + self.top, columns) for y in range(height - 1))]
        before, self._strips = self._strips, after
        for y, strip in enumerate(after):
            if y >= len(before) or before[y] != strip:
                self.refresh(Region(0, y, width, 1))

    def renew(self, rows: Sequence[RowT]) -> None:
        """Take new values. The cursor stays on its row and what is in sight does not scroll."""
        self.rows.renew(rows)
        self.top = max(0, min(self.top, len(self.rows.shown) - self._page))
        if not self.top <= self.rows.cursor < self.top + self._page:
            self._bring_cursor_into_sight()
        self.redraw()

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 1)

    def in_sight(self) -> tuple[int, int, int]:
        """(first, last, of how many) rows in sight, counted from 1; (0, 0, 0) where there are none."""
        count = len(self.rows.shown)
        return (self.top + 1, min(count, self.top + self._page), count) if count else (0, 0, 0)

    def _heading(self, columns: Shown[RowT]) -> Strip:
        parts: list[Part] = [(" ", "")]
        for column, width in columns:
            text = column.heading
            if column.key == self.rows.sorted_by:
                text += "▼" if self.rows.reverse else "▲"
            parts += [(fit(text, width, right=column.right), "head"), (" ", "")]
        return strip_of(parts, self.size.width, ascii_only=self._ascii_only)

    def _row(self, index: int, columns: Shown[RowT]) -> Strip:
        row = self.rows.at(index)
        if row is None:
            return blank(self.size.width)
        chosen = index == self.rows.cursor
        parts: list[Part] = [(" ", "")]
        for column, width in columns:
            text, role = column.cell(row)
            parts += [(fit(printable(text), width, right=column.right), role), (" ", "")]
        if chosen:
            parts = [("".join(text for text, _ in parts), "chosen")]
        return strip_of(parts, self.size.width, ascii_only=self._ascii_only)

    def render_line(self, y: int) -> Strip:
        return self._strips[y] if y < len(self._strips) else blank(self.size.width)

    def _bring_cursor_into_sight(self) -> None:
        if self.rows.cursor < self.top:
            self.top = self.rows.cursor
        elif self.rows.cursor >= self.top + self._page:
            self.top = self.rows.cursor - self._page + 1

    def _after_an_act(self) -> None:
        self.top = max(0, min(self.top, len(self.rows.shown) - self._page))
        self._bring_cursor_into_sight()
        self.redraw()
        self.post_message(self.Moved())

    def narrow(self, text: str) -> None:
        self.rows.narrow(text)
        self._after_an_act()

    def action_move(self, by: int) -> None:
        self.rows.move_cursor(self.rows.cursor + by)
        self._after_an_act()

    def action_page(self, by: int) -> None:
        self.action_move(by * self._page)

    def action_edge(self, last: int) -> None:
        self.rows.move_cursor(len(self.rows.shown) - 1 if last else 0)
        self._after_an_act()

    def action_open(self) -> None:
        if self.rows.cursor_id:
            self.post_message(self.Opened(self.rows.cursor_id))

    def action_sort_next(self, by: int) -> None:
        """The next column that is shown and can be sorted by."""
        shown = columns_for(self.rows.columns, self.size.width)
        keys = [column.key for column, _ in shown if column.sort is not None]
        if keys:
            place = keys.index(self.rows.sorted_by) + by if self.rows.sorted_by in keys else 0
            self.rows.sort_by(keys[place % len(keys)])
            self._after_an_act()

    def action_turn(self) -> None:
        self.rows.turn()
        self._after_an_act()

    def action_sort_again(self) -> None:
        self.rows.sort_again()
        self._after_an_act()

    def on_resize(self, event: Resize) -> None:
        self._strips = []
        self._after_an_act()
        self.refresh()

    def on_click(self, event: Click) -> None:
        """On the heading it sorts by that column, on a row it moves the cursor there, twice on a row opens it."""
        if event.y == 0:
            self._sort_at(event.x)
            return
        index = self.top + event.y - 1
        if index < len(self.rows.shown):
            self.rows.move_cursor(index)
            self._after_an_act()
            if event.chain == 2:
                self.action_open()

    def _sort_at(self, x: int) -> None:
        start = 1
        for column, width in columns_for(self.rows.columns, self.size.width):
            if start <= x <= start + width and column.sort is not None:
                self.rows.sort_by(column.key)
                self._after_an_act()
                return
            start += width + 1

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        self.action_move(3)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        self.action_move(-3)
