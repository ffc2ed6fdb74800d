"""A plan reads every point once, inside the limits, over no gap that is not allowed, and no plan is cheaper."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.bus import Bus
from drivers.codec import REGISTER_COUNTS
from drivers.line_cost import NETWORK_COST, LineCost, serial_cost
from drivers.profile import DataType, Limits, Point, Table
from drivers.quantity import Quantity
from drivers.read_plan import Block, Span, block_of, halves, plan_reads, seam
from tests.effort import examples

TYPES: tuple[DataType, ...] = ("u16", "u32", "u64", "float32")


def register_point(address: int, data_type: DataType = "u16", table: Table = "holding") -> Point:
    name = f"{table}_{address}"
    return Point(name, Quantity.OTHER, "", table, address, data_type, register_count=REGISTER_COUNTS[data_type])


@st.composite
def point_sets(draw: st.DrawFn, most: int = 12) -> list[Point]:
    points = []
    for table in ("holding", "input", "coil"):
        place = draw(st.integers(0, 5))
        for _ in range(draw(st.integers(0, most))):
            data_type: DataType = "bit" if table == "coil" else draw(st.sampled_from(TYPES))
            points.append(register_point(place, data_type, table))
            place += REGISTER_COUNTS[data_type] + draw(st.sampled_from([0, 0, 1, 2, 7]))
    return draw(st.permutations(points))


LIMITS = st.builds(
    Limits,
    max_registers_per_read=st.integers(4, 20),
    max_bits_per_read=st.integers(1, 16),
    max_gap=st.integers(0, 8),
    pause_ms=st.sampled_from([0.0, 0.0, 10.0]),
)


def gaps(block: Block) -> list[int]:
    ends = [(point.address, point.address + point.register_count) for point in block.points]
    return [start - end for (_, end), (start, _) in pairwise(ends)]


COSTS = st.sampled_from([NETWORK_COST, serial_cost(9600), serial_cost(115_200, turnaround_ms=5), LineCost(0.0, 1.0)])
REFUSED = st.lists(
    st.builds(
        lambda table, start, length: (table, start, start + length),
        st.sampled_from(["holding", "input", "coil"]),
        st.integers(0, 40),
        st.integers(1, 6),
    ),
    max_size=3,
)


def limit_of(table: Table, limits: Limits) -> int:
    return limits.max_bits_per_read if table in ("coil", "discrete") else limits.max_registers_per_read


def is_allowed(block: Block, limits: Limits, refused: list[Span]) -> bool:
    """The rules of one block, said anew."""
    covered = [(start, end) for table, start, end in refused if table == block.table]
    return (
        block.count <= limit_of(block.table, limits)
        and all(gap <= limits.max_gap for gap in gaps(block))
        and (len(block.points) == 1 or not any(block.address <= a and b <= block.end for a, b in covered))
    )


def cost_of(blocks: list[Block], limits: Limits, cost: LineCost) -> float:
    """Milliseconds of a plan of one table."""
    address_ms = cost.register_ms / (16 if blocks and blocks[0].table == "coil" else 1)
    return sum(cost.request_ms + limits.pause_ms + block.count * address_ms for block in blocks)


def partitions(points: list[Point]) -> Iterator[list[list[Point]]]:
    """Every way to put points into groups, also groups that are no neighbours."""
    if not points:
        yield []
        return
    first, rest = points[0], points[1:]
    for groups in partitions(rest):
        yield [[first], *groups]
        for index in range(len(groups)):
            yield [*groups[:index], [first, *groups[index]], *groups[index + 1 :]]


@given(point_sets(), LIMITS, COSTS, REFUSED)
def test_a_plan_keeps_every_rule(points: list[Point], limits: Limits, cost: LineCost, refused: list[Span]) -> None:
    blocks = plan_reads(points, limits, cost=cost, refused=refused)
    covered = [point.name for block in blocks for point in block.points]
    assert sorted(covered) == sorted(point.name for point in points)
    for block in blocks:
        assert is_allowed(block, limits, refused)
        assert {point.table for point in block.points} == {block.table}
        assert block.address == block.points[0].address
        assert block.end == block.points[-1].address + block.points[-1].register_count
        assert all(0 <= gap <= limits.max_gap for gap in gaps(block))


@settings(max_examples=examples(60), deadline=None)
@given(point_sets(most=7), LIMITS, COSTS, REFUSED)
def test_no_plan_is_cheaper(points: list[Point], limits: Limits, cost: LineCost, refused: list[Span]) -> None:
    """Against every way to group the points, by brute force."""
    blocks = plan_reads(points, limits, cost=cost, refused=refused)
    for table in ("holding", "input", "coil"):
        row = sorted((point for point in points if point.table == table), key=lambda point: point.address)
        plans = [[block_of(group) for group in groups] for groups in partitions(row)]
        allowed = [plan for plan in plans if all(is_allowed(block, limits, refused) for block in plan)]
        mine = [block for block in blocks if block.table == table]
        least = min(cost_of(plan, limits, cost) for plan in allowed)
        assert cost_of(mine, limits, cost) == pytest.approx(least)
        cheapest = [plan for plan in allowed if cost_of(plan, limits, cost) <= least + 1e-9]
        assert len(mine) == min(len(plan) for plan in cheapest)


@pytest.mark.parametrize(("gap", "requests"), [(9, 1), (10, 1), (11, 2), (40, 2)])
def test_on_a_slow_serial_line_a_gap_is_filled_up_to_ten_registers(gap: int, requests: int) -> None:
    points = [register_point(0), register_point(1 + gap)]
    limits = Limits(max_gap=100)
    assert serial_cost(9600).request_ms == pytest.approx(20.8, abs=0.1)
    assert serial_cost(9600).register_ms == pytest.approx(2.1, abs=0.1)
    assert len(plan_reads(points, limits, cost=serial_cost(9600))) == requests
    assert len(plan_reads(points, limits, cost=NETWORK_COST)) == 1


@pytest.mark.parametrize(
    ("url", "requests"),
    [
        ("rtu-tcp://127.0.0.1:4001", 2),
        ("serial:///dev/ttyUSB0", 2),
        ("serial:///dev/ttyUSB0?baud=115200", 1),
        ("tcp://127.0.0.1:502", 1),
        ("tls://127.0.0.1:802", 1),
    ],
)
async def test_behind_a_transparent_converter_is_a_slow_serial_line(url: str, requests: int) -> None:
    points = [register_point(0), register_point(20)]
    bus = Bus("b", url)
    assert len(plan_reads(points, Limits(max_gap=100), cost=bus.line_cost)) == requests
    if url.startswith("rtu-tcp:"):
        assert bus.line_cost == serial_cost(9600, bits_per_character=10)


def test_a_pause_of_the_device_makes_a_request_dearer() -> None:
    points = [register_point(0), register_point(20)]
    assert len(plan_reads(points, Limits(max_gap=100), cost=serial_cost(9600))) == 2
    assert len(plan_reads(points, Limits(max_gap=100, pause_ms=50), cost=serial_cost(9600))) == 1


def test_what_was_refused_is_read_over_by_no_plan() -> None:
    """Also by one with other points, and a point that stands there alone is still asked."""
    limits = Limits(max_gap=10)
    one, two, three = register_point(0), register_point(4), register_point(8)
    refused: list[Span] = [("holding", 5, 8)]
    assert [block.count for block in plan_reads([one, two, three], limits, refused=refused)] == [5, 1]
    assert [block.count for block in plan_reads([one, three], limits, refused=refused)] == [1, 1]
    odd = register_point(5, "u64")
    assert [block.count for block in plan_reads([two, odd], limits, refused=refused)] == [1, 4]


@given(point_sets())
def test_halving_ends_with_every_point_alone_and_loses_none(points: list[Point]) -> None:
    for block in plan_reads(points, Limits(max_gap=20)):
        alone = 0
        waiting = [block]
        while waiting:
            parts = halves(waiting.pop())
            if parts is not None:
                left, right = parts
                assert left.end <= right.address
                table, start, end = seam(left, right)
                assert table == block.table
                assert left.address < end <= right.end
                assert not left.end >= end
                assert not right.address <= start
                waiting += [left, right]
            else:
                alone += 1
        assert alone == len(block.points)


def test_a_block_is_halved_at_the_gap_nearest_its_middle() -> None:
    block = block_of([register_point(n) for n in (0, 1, 2, 5, 6, 30)])
    parts = halves(block)
    assert parts is not None
    assert [point.address for point in parts[0].points] == [0, 1, 2, 5, 6]
    assert seam(*parts) == ("holding", 7, 30)
    whole = halves(block_of([register_point(n) for n in (0, 1, 2, 3)]))
    assert whole is not None
    assert seam(*whole) == ("holding", 1, 3)


def test_by_default_no_gap_is_read_over() -> None:
    blocks = plan_reads([register_point(0), register_point(2)], Limits())
    assert [(block.address, block.count) for block in blocks] == [(0, 1), (2, 1)]


def test_a_point_asked_for_twice_is_read_once() -> None:
    point = register_point(4, "float32")
    assert plan_reads([point, point], Limits()) == (Block("holding", 4, 2, (point,)),)


def test_what_cannot_be_read_in_one_request_is_no_plan() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        plan_reads([register_point(0, "u64")], Limits(max_registers_per_read=2))


def test_nor_is_a_table_whose_function_the_device_has_not() -> None:
    with pytest.raises(ValueError, match="no function for holding"):
        plan_reads([register_point(0)], Limits(functions=(4, 16)))


def test_points_that_share_a_register_are_read_together_and_never_divided() -> None:
    low = Point("low", Quantity.OTHER, "", "holding", 5, "u16", bits=(0, 4))
    high = Point("high", Quantity.OTHER, "", "holding", 5, "u16", bits=(4, 4))
    assert plan_reads([low, high], Limits()) == (Block("holding", 5, 1, (low, high)),)
    assert halves(block_of([low, high])) is None
