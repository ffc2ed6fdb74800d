"""Who is next on a line: by priority, and within one priority the units take turns."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from enum import IntEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Priority(IntEnum):
    """Who asks. A lower number goes first."""

    PERSON = 0
    CONTROLLER = 1
    POLL = 2


class FairQueue(Generic[T]):
    """Waiting items by priority and unit. In a unit the oldest goes first; a long row of one delays no other."""

    def __init__(self) -> None:
        self._rows: tuple[OrderedDict[int, deque[T]], ...] = tuple(OrderedDict() for _ in Priority)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def push(self, priority: Priority, unit_id: int, item: T) -> None:
        """Put an item behind the unit's others of that priority."""
        self._rows[priority].setdefault(unit_id, deque()).append(item)
        self._count += 1

    def pop(self, is_ready: Callable[[int], bool]) -> T | None:
        """Take the next item whose unit is ready, None when there is none; that unit goes to the end of its row."""
        for row in self._rows:
            unit_id = next((unit for unit in row if is_ready(unit)), None)
            if unit_id is None:
                continue
            items = row[unit_id]
            item = items.popleft()
            if items:
                row.move_to_end(unit_id)
            else:
                del row[unit_id]
            self._count -= 1
            return item
        return None

    def units(self) -> set[int]:
        """The units that something waits for."""
        return {unit for row in self._rows for unit in row}

    def clear(self) -> list[T]:
        """Take out everything, in the order of priority."""
        items = [item for row in self._rows for waiting in row.values() for item in waiting]
        for row in self._rows:
            row.clear()
        self._count = 0
        return items
