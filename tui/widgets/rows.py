"""The rows of a table apart from any drawing: filtered, sorted, and with a cursor that stays on its row.

A refresh brings new values for the same rows. It never changes their order, so that nothing moves under one's eyes:
the order is made anew only when a person sorts or filters. Rows that are new come at the end, rows that are gone leave.
Only where the order itself is the message (what is most urgent) is it made anew by every refresh (``always_sorted``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tui.parts import Part, folded

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class Column(Generic[RowT]):
    """One column. Those of low ``importance`` (1 is the highest) are shown first; ``grow`` shares what width is left.

    ``sort`` gives a comparable value, None sorts last whichever way; ``changes`` is True where a refresh can change it.
    """

    key: str
    heading: str
    width: int
    cell: Callable[[RowT], Part]
    sort: Callable[[RowT], Any] | None = None
    importance: int = 1
    right: bool = False
    grow: int = 0
    changes: bool = False


Shown = Sequence[tuple[Column[RowT], int]]
"""Columns with the widths that they have now."""


class Rows(Generic[RowT]):
    """``identify`` gives a row's id; ``search`` the text that a filter looks in."""

    def __init__(
        self,
        columns: Sequence[Column[RowT]],
        identify: Callable[[RowT], str],
        search: Callable[[RowT], str],
        *,
        sorted_by: str = "",
        reverse: bool = False,
        always_sorted: bool = False,
    ) -> None:
        self.columns = tuple(columns)
        self.always_sorted = always_sorted
        self.sorted_by = sorted_by
        self.reverse = reverse
        self.filter = ""
        self.shown: list[str] = []
        self.cursor = 0
        self._identify = identify
        self._search = search
        self._rows: dict[str, RowT] = {}
        self._texts: dict[str, tuple[str, str]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def at(self, index: int) -> RowT | None:
        """The row shown at that place, or None past the end."""
        return self._rows[self.shown[index]] if 0 <= index < len(self.shown) else None

    @property
    def cursor_id(self) -> str:
        return self.shown[self.cursor] if self.cursor < len(self.shown) else ""

    def renew(self, rows: Iterable[RowT]) -> None:
        """Take new values; rows that stay keep their places, the cursor stays on its row."""
        before = self._rows
        self._rows = {self._identify(row): row for row in rows}
        if self.always_sorted:
            chosen, place = self.cursor_id, self.cursor
            self.shown = self._ordered(self._passing(self._rows))
            self._put_cursor(chosen, place)
            return
        if before.keys() == self._rows.keys():
            return
        if not before:
            self._arrange(self._rows)
            return
        chosen, place = self.cursor_id, self.cursor
        arrived = [id_ for id_ in self._rows if id_ not in before]
        self.shown = [id_ for id_ in self.shown if id_ in self._rows] + self._ordered(self._passing(arrived))
        self._put_cursor(chosen, place)

    def narrow(self, text: str) -> None:
        """Show only rows with every word of ``text`` in them, whatever its case and marks."""
        self.filter = text
        self._arrange(self._rows)

    def sort_by(self, key: str) -> None:
        """Sort by that column and go to the first row; once more turns the order round."""
        self.reverse = not self.reverse if key == self.sorted_by else False
        self.sorted_by = key
        self.sort_again()

    def turn(self) -> None:
        """The other way round, from the first row."""
        self.reverse = not self.reverse
        self.sort_again()

    def sort_again(self) -> None:
        """The same order over today's values, from the first row: who sorts wants to see what comes out on top."""
        self.cursor = 0
        self.shown = self._ordered(self._passing(self._rows))

    def is_aged(self) -> bool:
        """Whether values changed so that sorting again would give another order."""
        column = self._sort_column()
        return column is not None and column.changes and self._ordered(self.shown) != self.shown

    def move_cursor(self, to: int) -> None:
        self.cursor = max(0, min(to, len(self.shown) - 1))

    def _arrange(self, ids: Iterable[str]) -> None:
        chosen = self.cursor_id
        self.shown = self._ordered(self._passing(ids))
        self._put_cursor(chosen, 0)

    def _put_cursor(self, chosen: str, otherwise: int) -> None:
        """On the row where it was, else as near as can be to its place."""
        try:
            self.cursor = self.shown.index(chosen)
        except ValueError:
            self.move_cursor(otherwise)

    def _passing(self, ids: Iterable[str]) -> list[str]:
        words = folded(self.filter).split()
        if not words:
            return list(ids)
        return [id_ for id_ in ids if all(word in self._text(id_) for word in words)]

    def _text(self, id_: str) -> str:
        text = self._search(self._rows[id_])
        known = self._texts.get(id_)
        if known is None or known[0] != text:
            known = self._texts[id_] = (text, folded(text))
        return known[1]

    def _sort_column(self) -> Column[RowT] | None:
        return next((c for c in self.columns if c.key == self.sorted_by and c.sort is not None), None)

    def _ordered(self, ids: Sequence[str]) -> list[str]:
        column = self._sort_column()
        if column is None or column.sort is None:
            return list(ids)
        values = {id_: column.sort(self._rows[id_]) for id_ in ids}
        known = sorted((id_ for id_ in ids if values[id_] is not None), key=values.__getitem__, reverse=self.reverse)
        return known + [id_ for id_ in ids if values[id_] is None]


def columns_for(columns: Sequence[Column[RowT]], width: int) -> list[tuple[Column[RowT], int]]:
    """The columns that fit into ``width`` cells, the most important first, with their widths (a cell between them)."""
    chosen: list[Column[RowT]] = []
    room = width - 1
    for column in sorted(columns, key=lambda c: c.importance):
        if column.width + 1 > room:
            break
        chosen.append(column)
        room -= column.width + 1
    weights = sum(c.grow for c in chosen)
    shown = [c for c in columns if c in chosen]
    extra = {c.key: room * c.grow // weights if weights else 0 for c in shown}
    return [(c, c.width + extra[c.key]) for c in shown]
