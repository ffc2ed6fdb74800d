"""What to ask a device for some points, with the decoders: worked out once, and shared by all devices of a type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drivers.codec import BlockDecoder, block_decoder
from drivers.line_cost import LineCost
from drivers.profile import Limits, Point
from drivers.read_plan import Block, plan_reads, span_of
from drivers.refusals import Refusals

_MOST_SHARED = 4096
"""A city has some tens of device types, and asks each for a handful of sets of points."""


@dataclass(frozen=True, slots=True)
class Read:
    """A planned block with its decoder and the names of its points.

    ``ramps`` are those that show a ramp on its way; ``was_absent``: it asks again for a point that was refused.
    """

    block: Block
    names: tuple[str, ...]
    decode: BlockDecoder
    ramps: tuple[str, ...] = ()
    was_absent: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The reads that fetch some points, and the names of those that the device has not."""

    reads: tuple[Read, ...]
    absent: tuple[str, ...] = ()


# The points are kept beside their plan, so that no other point can have their identity while it stands.
_shared: dict[tuple[object, ...], tuple[tuple[Point, ...], Plan]] = {}


def plan_of(
    points: Sequence[Point], limits: Limits, cost: LineCost, refusals: Refusals, *, asks_absent: bool = False
) -> Plan:
    """The plan for these points on a device that has refused what ``refusals`` knows. Raises as ``plan_reads``."""
    if refusals.spans:
        return _planned(points, limits, cost, refusals, asks_absent=asks_absent)
    key = (limits, cost, *map(id, points))
    known = _shared.get(key)
    if known is None:
        if len(_shared) >= _MOST_SHARED:
            _shared.clear()
        known = _shared[key] = tuple(points), _planned(points, limits, cost, refusals, asks_absent=False)
    return known[1]


def read_of(block: Block, *, was_absent: bool = False) -> Read:
    """One block as it is asked and understood."""
    return Read(
        block,
        names=tuple(point.name for point in block.points),
        decode=block_decoder(block.points, block.address, block.count),
        ramps=tuple(point.name for point in block.points if point.follows_ramp),
        was_absent=was_absent,
    )


def _planned(points: Sequence[Point], limits: Limits, cost: LineCost, refusals: Refusals, *, asks_absent: bool) -> Plan:
    absent = () if asks_absent else tuple(point.name for point in points if refusals.is_absent(point))
    asked = [point for point in points if point.name not in absent]
    blocks = plan_reads(asked, limits, cost=cost, refused=refusals.spans)
    return Plan(tuple(read_of(block, was_absent=span_of(block) in refusals.absent) for block in blocks), absent)
