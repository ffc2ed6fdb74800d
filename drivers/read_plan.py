"""Which block reads fetch a set of points at the least cost of the line. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from drivers.line_cost import BITS_PER_REGISTER, NETWORK_COST, LineCost
from drivers.profile import FunctionCode, Limits, Point, Table

Span = tuple[Table, int, int]
"""Addresses of a table: from the first to before the last."""

READ_FUNCTIONS: dict[Table, FunctionCode] = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}


@dataclass(frozen=True, slots=True)
class Block:
    """One read request: ``count`` registers (or bits) of a table from a 0-based address, and the points it covers."""

    table: Table
    address: int
    count: int
    points: tuple[Point, ...]

    @property
    def end(self) -> int:
        """The first address after it."""
        return self.address + self.count


def plan_reads(
    points: Iterable[Point], limits: Limits, *, cost: LineCost = NETWORK_COST, refused: Collection[Span] = ()
) -> tuple[Block, ...]:
    """The cheapest block reads that cover ``points``, in order of table and address.

    Cheapest is the least time on the line by ``cost`` (with the device's own pause for each request), then the fewest
    requests, then the fewest registers. A block reads over at most ``limits.max_gap`` unasked addresses in a row, holds
    the device's limits, never splits a point and never covers the whole of a ``refused`` span, unless a point alone
    does.

    It is the optimum, not only a good plan. Two blocks that overlap can always give their points to each other so that
    each is a row of neighbours in order of address, with no request and no register more; so only plans that cut the
    sorted row need be looked at, and the cheapest cut of the first n points is the cheapest cut of some first k with
    one block over the rest (dynamic programming; a block has at most 2000 addresses, which bounds the work).

    Raises ValueError for a point that cannot be read: not readable, of a table whose function the device does not
    know, or alone longer than the limit. Such a point is never read in pieces: they would be of two moments.
    """
    unique = {point.name: point for point in points}
    tables: dict[Table, list[Point]] = {}
    for point in unique.values():
        tables.setdefault(point.table, []).append(point)
    blocks: list[Block] = []
    for table in sorted(tables):
        if READ_FUNCTIONS[table] not in limits.functions:
            raise ValueError(f"{tables[table][0].name} cannot be read: the device has no function for {table}")
        row = sorted(tables[table], key=lambda point: (point.address, _end(point)))
        spans = [(start, end) for of, start, end in refused if of == table]
        blocks += _cheapest(row, limits, cost, spans)
    return tuple(blocks)


def halves(block: Block) -> tuple[Block, Block] | None:
    """A refused block in two: at the gap nearest its middle, without a gap between the points nearest its middle.

    None for what cannot be divided: one point, or points that share addresses.
    """
    cuts = _cuts(block.points)
    gaps = [cut for cut in cuts if cut[2] > cut[1]]
    if not cuts:
        return None
    middle = block.address + block.end
    at, _, _ = min(gaps or cuts, key=lambda cut: abs(cut[1] + cut[2] - middle))
    return block_of(block.points[:at]), block_of(block.points[at:])


def seam(left: Block, right: Block) -> Span:
    """What the whole of two blocks covers and neither half does: the gap between them, else where they touch."""
    if right.address > left.end:
        return left.table, left.end, right.address
    return left.table, left.end - 1, right.address + 1


def span_of(block: Block) -> Span:
    """The addresses of a block."""
    return block.table, block.address, block.end


def covers(point: Point, span: Span) -> bool:
    """Whether reading this point reads the whole span."""
    return point.table == span[0] and point.address <= span[1] and span[2] <= _end(point)


def block_of(points: Sequence[Point]) -> Block:
    """One request over these points, sorted by address."""
    first = points[0]
    return Block(first.table, first.address, max(map(_end, points)) - first.address, tuple(points))


def _cheapest(row: Sequence[Point], limits: Limits, cost: LineCost, refused: Sequence[tuple[int, int]]) -> list[Block]:
    is_bit = row[0].table in ("coil", "discrete")
    limit = limits.max_bits_per_read if is_bit else limits.max_registers_per_read
    request_ms = cost.request_ms + limits.pause_ms
    address_ms = cost.register_ms / BITS_PER_REGISTER if is_bit else cost.register_ms
    # The cheapest way to read the first n points: its cost, requests, addresses, and where its last block begins.
    best: list[tuple[float, int, int, int]] = [(0.0, 0, 0, 0)]
    best += [(float("inf"), 0, 0, 0)] * len(row)
    for first in range(len(row)):
        _, requests, addresses, _ = best[first]
        for last, length in _reach(row, first, limit, limits.max_gap, refused):
            n, total = requests + 1, addresses + length
            best[last + 1] = min(best[last + 1], (n * request_ms + total * address_ms, n, total, first))
    blocks: list[Block] = []
    end = len(row)
    while end:
        first = best[end][3]
        blocks.append(block_of(row[first:end]))
        end = first
    return blocks[::-1]


def _reach(
    row: Sequence[Point], first: int, limit: int, max_gap: int, refused: Sequence[tuple[int, int]]
) -> Iterable[tuple[int, int]]:
    """The last points, with the length, of every block that may begin with ``row[first]``."""
    start = end = row[first].address
    for last in range(first, len(row)):
        point = row[last]
        gap = point.address - end
        end = max(end, _end(point))
        if last == first and (not point.readable or end - start > limit):
            raise ValueError(f"{point.name} cannot be read in one request")
        if gap > max_gap or end - start > limit:
            return
        if last > first and any(start <= low and high <= end for low, high in refused):
            return
        yield last, end - start


def _cuts(points: Sequence[Point]) -> list[tuple[int, int, int]]:
    """Where a sorted row can be cut without splitting a point: index, end of the left part, start of the right."""
    cuts = []
    end = 0
    for index, (left, right) in enumerate(pairwise(points), start=1):
        end = max(end, _end(left))
        if right.address >= end:
            cuts.append((index, end, right.address))
    return cuts


def _end(point: Point) -> int:
    return point.address + point.register_count
