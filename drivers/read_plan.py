"""Which block reads fetch a set of points with the fewest requests. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from drivers.profile import Limits, Point, Table


@dataclass(frozen=True, slots=True)
class Block:
    """One read request: ``count`` registers (or bits) of a table from a 0-based address, and the points it covers."""

    table: Table
    address: int
    count: int
    points: tuple[Point, ...]


def plan_reads(points: Iterable[Point], limits: Limits) -> tuple[Block, ...]:
    """The fewest block reads that cover ``points``, in order of table and address.

    A block reads over at most ``limits.max_gap`` unasked addresses in a row, holds the device's limits, and never
    splits a point. Taking points in order of address and closing a block only when the next point does not fit is
    the fewest: any other plan's blocks can be stretched to these without getting more.
    Raises ValueError for a point that cannot be read, or is alone longer than the limit.
    """
    blocks: list[Block] = []
    group: list[Point] = []
    unique = {point.name: point for point in points}
    for point in sorted(unique.values(), key=lambda point: (point.table, point.address)):
        limit = limits.max_bits_per_read if point.data_type == "bit" else limits.max_registers_per_read
        if not point.readable or point.register_count > limit:
            raise ValueError(f"{point.name} cannot be read in one request")
        if group and not _fits(group, point, limit, limits.max_gap):
            blocks.append(_block(group))
            group = []
        group.append(point)
    if group:
        blocks.append(_block(group))
    return tuple(blocks)


def without_gaps(block: Block, limits: Limits) -> tuple[Block, ...]:
    """The same points read with no gap between them, for a device that refuses to be read over its gaps."""
    return plan_reads(
        block.points,
        Limits(
            max_registers_per_read=limits.max_registers_per_read,
            max_bits_per_read=limits.max_bits_per_read,
            max_gap=0,
        ),
    )


def _fits(group: list[Point], point: Point, limit: int, max_gap: int) -> bool:
    first, last = group[0], group[-1]
    gap = point.address - (last.address + last.register_count)
    return (
        point.table == first.table and gap <= max_gap and point.address + point.register_count - first.address <= limit
    )


def _block(group: list[Point]) -> Block:
    first, last = group[0], group[-1]
    count = last.address + last.register_count - first.address
    return Block(first.table, first.address, count, tuple(group))
