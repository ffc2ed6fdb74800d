"""Everything that needs a person, as a list of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.widget import Widget

from lighting.assets.fact import Problem
from tui.desk_like import DeskLike
from tui.figures import duration
from tui.needs import Need, needs_of
from tui.parts import Line, Part, Role, wrapped
from tui.screens.base import DashboardScreen, Keys
from tui.screens.overview import open_need
from tui.widgets.lines import Lines
from tui.widgets.rows import Column, Rows
from tui.widgets.table import Table


class NeedsScreen(DashboardScreen[Sequence[Need]]):
    """The most urgent first, whenever it came; Enter opens the circuit, the cabinet's circuits, or what is folded."""

    KEYS: ClassVar[Keys] = (
        ("1", "over"),
        ("2", "circuits"),
        ("3", "needs you"),
        ("4", "instructions"),
        ("Enter", "open"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._needs: dict[str, Need] = {}
        self._unfolded: set[str] = set()
        self._read = False

    def body(self) -> Iterator[Widget]:
        columns: tuple[Column[Need], ...] = (
            Column("kind", "WHAT", 18, _kind, lambda need: need.rank, changes=True),
            Column("subject", "WHERE", 9, lambda need: (need.subject, "strong"), lambda need: need.subject),
            Column("what", "", 30, self._what, grow=1),
            Column("since", "SINCE", 7, self._since, lambda need: need.since_ms, right=True),
        )
        rows = Rows(
            columns,
            lambda need: need.id,
            lambda need: f"{need.kind} {need.subject}",
            sorted_by="kind",
            always_sorted=True,
        )
        yield Lines(self._draw_info, ascii_only=self.dashboard.ascii_only, id="info")
        yield Table(rows, ascii_only=self.dashboard.ascii_only, id="table")
        yield Lines(self._draw_detail, ascii_only=self.dashboard.ascii_only, id="detail")

    def ask(self, desk: DeskLike) -> Sequence[Need]:
        return needs_of(self.status or desk.status(), desk.circuits(), frozenset(self._unfolded))

    def take(self, answer: Sequence[Need]) -> None:
        self._read = True
        self._needs = {need.id: need for need in answer}
        self.table.renew(answer)
        self.redraw()

    @property
    def table(self) -> Table[Need]:
        return self.query_one("#table", Table)

    def redraw(self) -> None:
        super().redraw()
        self.table.redraw()
        self.on_table_moved()

    async def on_table_opened(self, message: Table.Opened) -> None:
        need = self._needs.get(message.row_id)
        if need is not None and need.folds:
            self._unfolded.add(need.folds)
            self.dashboard.wake()
        elif need is not None:
            await open_need(self, need)

    def on_table_moved(self) -> None:
        self.lines("info").redraw()
        self.lines("detail").redraw()

    def _draw_info(self, width: int, height: int) -> Sequence[Line]:
        first, last, count = self.table.in_sight()
        if not self._read:
            return [[("  NEEDS YOU", "head"), ("   reading …", "faint")]]
        if not count:
            return [[("  NEEDS YOU", "head"), ("   ● nothing: every circuit does what it should", "good")]]
        return [[("  NEEDS YOU", "head"), (f"   {first}–{last} of {count}", "faint")]]

    def _draw_detail(self, width: int, height: int) -> Sequence[Line]:
        """The whole sentence of the one under the cursor, which the table may have had to cut."""
        need = self._needs.get(self.table.rows.cursor_id)
        if need is None:
            return []
        return [[(f"  {line}", "strong")] for line in wrapped(self._sentence(need), width - 4)]

    def _sentence(self, need: Need) -> str:
        return self.voice.problem(need.what) if isinstance(need.what, Problem) else self.voice.say(need.what)

    def _what(self, need: Need) -> Part:
        return self._sentence(need), ""

    def _since(self, need: Need) -> Part:
        now_ms = self.voice.now_ms
        return (duration((now_ms - need.since_ms) / 1_000) if now_ms and need.since_ms else ""), "faint"


def _kind(need: Need) -> Part:
    role: Role = "bad" if need.rank <= 1 else "warn" if need.symbol != "△" else ""
    return f"{need.symbol} {need.kind}", role
