"""A plan reads every point once, inside the device's limits, over no gap that is not allowed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.codec import REGISTER_COUNTS
from drivers.profile import DataType, Limits, Point, Table
from drivers.quantity import Quantity
from drivers.read_plan import Block, plan_reads, without_gaps

TYPES: tuple[DataType, ...] = ("u16", "u32", "u64", "float32")


def register_point(address: int, data_type: DataType = "u16", table: Table = "holding") -> Point:
    name = f"{table}_{address}"
    return Point(name, Quantity.OTHER, "", table, address, data_type, register_count=REGISTER_COUNTS[data_type])


@st.composite
def point_sets(draw: st.DrawFn) -> list[Point]:
    points = []
    for table in ("holding", "input", "coil"):
        place = draw(st.integers(0, 5))
        for _ in range(draw(st.integers(0, 12))):
            data_type: DataType = "bit" if table == "coil" else draw(st.sampled_from(TYPES))
            points.append(register_point(place, data_type, table))
            place += REGISTER_COUNTS[data_type] + draw(st.sampled_from([0, 0, 1, 2, 7]))
    return draw(st.permutations(points))


LIMITS = st.builds(
    Limits,
    max_registers_per_read=st.integers(4, 20),
    max_bits_per_read=st.integers(1, 16),
    max_gap=st.integers(0, 8),
)


def gaps(block: Block) -> list[int]:
    ends = [(point.address, point.address + point.register_count) for point in block.points]
    return [start - end for (_, end), (start, _) in pairwise(ends)]


def fewest(points: list[Point], limits: Limits) -> int:
    """The fewest blocks of one table, by trying every way to cut the row of points."""
    best = [0]
    for last in range(len(points)):
        ways = []
        for first in range(last + 1):
            row = points[first : last + 1]
            block = Block(row[0].table, row[0].address, 0, tuple(row))
            length = row[-1].address + row[-1].register_count - row[0].address
            limit = limits.max_bits_per_read if row[0].data_type == "bit" else limits.max_registers_per_read
            if length <= limit and all(gap <= limits.max_gap for gap in gaps(block)):
                ways.append(best[first] + 1)
        best.append(min(ways))
    return best[-1]


@given(point_sets(), LIMITS)
def test_a_plan_keeps_every_rule_and_no_plan_is_shorter(points: list[Point], limits: Limits) -> None:
    blocks = plan_reads(points, limits)
    covered = [point.name for block in blocks for point in block.points]
    assert sorted(covered) == sorted(point.name for point in points)
    for block in blocks:
        limit = limits.max_bits_per_read if block.table == "coil" else limits.max_registers_per_read
        assert block.count <= limit
        assert {point.table for point in block.points} == {block.table}
        assert block.address == block.points[0].address
        assert block.address + block.count == block.points[-1].address + block.points[-1].register_count
        assert all(0 <= gap <= limits.max_gap for gap in gaps(block))
    for table in ("holding", "input", "coil"):
        row = sorted((point for point in points if point.table == table), key=lambda point: point.address)
        assert sum(block.table == table for block in blocks) == fewest(row, limits)


@given(point_sets(), LIMITS)
def test_without_gaps_the_same_points_are_read(points: list[Point], limits: Limits) -> None:
    for block in plan_reads(points, limits):
        pieces = without_gaps(block, limits)
        assert [point for piece in pieces for point in piece.points] == list(block.points)
        assert all(gap == 0 for piece in pieces for gap in gaps(piece))


def test_by_default_no_gap_is_read_over() -> None:
    blocks = plan_reads([register_point(0), register_point(2)], Limits())
    assert [(block.address, block.count) for block in blocks] == [(0, 1), (2, 1)]


def test_a_point_asked_for_twice_is_read_once() -> None:
    point = register_point(4, "float32")
    assert plan_reads([point, point], Limits()) == (Block("holding", 4, 2, (point,)),)


def test_what_cannot_be_read_in_one_request_is_no_plan() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        plan_reads([register_point(0, "u64")], Limits(max_registers_per_read=2))
