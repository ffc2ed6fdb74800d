"""Which points stand behind which address of a device, derived from its profile alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from drivers.profile import Point, Profile, Table
from drivers.simulator.raw_values import Value, encoder, register_count


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a block: ``take`` registers of a point, starting at its register ``skip``.

    ``fields`` are the other points of the same registers, each with its encoder: fields of bits beside one another,
    or beside the whole word.
    """

    point: Point
    skip: int
    take: int
    encode: Callable[[Value], tuple[int, ...]]
    fields: tuple[tuple[Point, Callable[[Value], tuple[int, ...]]], ...] = ()

    @property
    def is_whole(self) -> bool:
        return self.take == register_count(self.point)

    @property
    def readable(self) -> bool:
        return self.point.readable or any(point.readable for point, _ in self.fields)


Block = tuple[Table, int, int]
_At = dict[tuple[Table, int], tuple[Point, int]]


class RegisterMap:
    """The addresses of one device type. Blocks that were asked before are looked up, not worked out again."""

    def __init__(self, profile: Profile) -> None:
        self._encoders = {point.name: encoder(point) for point in profile.points}
        self._read_at: _At = {}
        self._written_at: _At = {}
        self._sharing: dict[tuple[Table, int], list[Point]] = {}
        # The whole word before its fields: it is the one that is written.
        for point in sorted(profile.points, key=lambda point: point.bits is not None):
            for index in range(register_count(point)):
                first = self._read_at.setdefault((point.table, point.address + index), (point, index))
                if index == 0 and first[0] is not point:
                    self._sharing.setdefault((point.table, point.address), []).append(point)
                if point.writable:
                    self._written_at.setdefault((point.table, point.address_written + index), (point, index))
        self._reads: dict[Block, tuple[Piece, ...] | None] = {}
        self._writes: dict[Block, tuple[Piece, ...] | None] = {}

    def block(self, table: Table, address: int, count: int) -> tuple[Piece, ...] | None:
        """The points of a block that is read, in order; None when it touches an address that the device lacks."""
        key = (table, address, count)
        if key not in self._reads:
            self._reads[key] = self._cut(self._read_at, table, address, count)
        return self._reads[key]

    def written(self, table: Table, address: int, count: int) -> tuple[Piece, ...] | None:
        """The writable points of a block that is written, in order; None when it touches any other address."""
        key = (table, address, count)
        if key not in self._writes:
            self._writes[key] = self._cut(self._written_at, table, address, count)
        return self._writes[key]

    def _cut(self, entries: _At, table: Table, address: int, count: int) -> tuple[Piece, ...] | None:
        pieces: list[Piece] = []
        place = address
        while place < address + count:
            entry = entries.get((table, place))
            if entry is None:
                return None
            point, skip = entry
            take = min(register_count(point) - skip, address + count - place)
            beside = self._sharing.get((table, point.address), ()) if entries is self._read_at else ()
            fields = tuple((field, self._encoders[field.name]) for field in beside)
            pieces.append(Piece(point, skip, take, self._encoders[point.name], fields))
            place += take
        return tuple(pieces)
