"""Which point stands behind which address of a device, derived from its profile alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from drivers.profile import Point, Profile, Table
from drivers.simulator.raw_values import Value, encoder, register_count


@dataclass(frozen=True, slots=True)
class Piece:
    """A point's part of a block: ``take`` of its registers, starting at its register ``skip``."""

    point: Point
    skip: int
    take: int
    encode: Callable[[Value], tuple[int, ...]]

    @property
    def is_whole(self) -> bool:
        return self.take == register_count(self.point)


class RegisterMap:
    """The addresses of one device type. Blocks that were asked before are looked up, not worked out again."""

    def __init__(self, profile: Profile) -> None:
        self._at: dict[tuple[Table, int], tuple[Point, int]] = {}
        self._encoders = {point.name: encoder(point) for point in profile.points}
        for point in profile.points:
            for index in range(register_count(point)):
                self._at.setdefault((point.table, point.address + index), (point, index))
        self._blocks: dict[tuple[Table, int, int], tuple[Piece, ...] | None] = {}

    def block(self, table: Table, address: int, count: int) -> tuple[Piece, ...] | None:
        """The points of a block in order, or None when it touches an address that the device does not have."""
        key = (table, address, count)
        if key not in self._blocks:
            self._blocks[key] = self._cut(table, address, count)
        return self._blocks[key]

    def _cut(self, table: Table, address: int, count: int) -> tuple[Piece, ...] | None:
        pieces: list[Piece] = []
        place = address
        while place < address + count:
            entry = self._at.get((table, place))
            if entry is None:
                return None
            point, skip = entry
            take = min(register_count(point) - skip, address + count - place)
            pieces.append(Piece(point, skip, take, self._encoders[point.name]))
            place += take
        return tuple(pieces)
