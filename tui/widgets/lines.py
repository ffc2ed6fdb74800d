"""A widget of lines: drawn by a function for its size, repainting only the lines that differ from what is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.events import MouseScrollDown, MouseScrollUp, Resize
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from tui.parts import Line, blank, strip_of

Drawing = Callable[[int, int], Sequence[Line]]
"""(width, height) in cells → lines. Lines that are more than the height are reached by scrolling."""


class Lines(Widget):
    """``draw`` is called for a new size and by ``redraw``; what it returns is compared line by line."""

    DEFAULT_CSS = "Lines { height: 1fr; width: 1fr; }"

    def __init__(self, draw: Drawing, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._draw = draw
        self._ascii_only = ascii_only
        self._all: list[Strip] = []
        self._top = 0

    def redraw(self) -> None:
        """Draw again; only lines that changed are sent to the terminal."""
        width, height = self.size
        if not width:
            return
        before = self._visible()
        count = len(self._all)
        self._all = [strip_of(line, width, ascii_only=self._ascii_only) for line in self._draw(width, height)]
        self._top = min(self._top, max(0, len(self._all) - height))
        self._repaint(before)
        if len(self._all) != count and self.styles.height is not None and self.styles.height.is_auto:
            self.refresh(layout=True)

    def scroll_lines(self, by: int) -> None:
        """Move what is visible by so many lines, as far as there are any."""
        before = self._visible()
        self._top = max(0, min(self._top + by, len(self._all) - self.size.height))
        self._repaint(before)

    def _visible(self) -> list[Strip]:
        return self._all[self._top : self._top + self.size.height]

    def _repaint(self, before: Sequence[Strip]) -> None:
        after = self._visible()
        for y in range(max(len(before), len(after))):
            if y >= len(before) or y >= len(after) or before[y] != after[y]:
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        number = y + self._top
        hidden = len(self._all) - self._top - self.size.height
        if hidden > 0 and y == self.size.height - 1 and self.size.height > 2:
            arrow = "v" if self._ascii_only else "↓"
            return strip_of([(f" {arrow} {hidden + 1} more lines", "faint")], self.size.width)
        if number < len(self._all):
            return self._all[number]
        return blank(self.size.width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._draw(width, viewport.height))

    def on_resize(self, event: Resize) -> None:
        self._all = []
        self.redraw()
        self.refresh()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        self.scroll_lines(1)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        self.scroll_lines(-1)
