"""A device on a bus: read its quantities in few requests, write them and see whether they took hold."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from drivers.bus import Bus, Priority
from drivers.codec import UNKNOWN, BlockDecoder, Sample, block_decoder, encode, raw_number
from drivers.errors import DriverError, Rejected
from drivers.profile import WHOLE_DEVICE, Point, PollClass, Profile
from drivers.quantity import Quantity
from drivers.read_plan import Block, plan_reads, without_gaps

__all__ = ["Device", "WriteOutcome"]

_NOT_THERE = (2, 3)
"""Exceptions of a block that touches an address which this unit, its firmware or its gap does not have."""


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    """What a write did. ``verified``: reading back (and the contact, where there is one) shows the value.

    ``read_back`` is in the quantity's unit, None when it could not be read; ``latency_ms`` is real time from the call
    to the end of reading back.
    """

    verified: bool
    read_back: float | None
    latency_ms: int


@dataclass(frozen=True, slots=True)
class _Read:
    """A planned block with its decoder and the names of its points."""

    block: Block
    names: tuple[str, ...]
    decode: BlockDecoder
    ramps: tuple[str, ...]


class Device:
    """One unit on a bus, seen through its profile.

    ``channels`` limits what ``read()`` fetches by itself to those channels and the device's own points: a gateway with
    32 groups, of which a site uses 3, is not read 32 times. ``time_scale`` is the speed of an accelerated site clock:
    ramps of simulated devices run that much faster than real time.
    """

    def __init__(
        self,
        name: str,
        bus: Bus,
        unit_id: int,
        profile: Profile,
        *,
        time_scale: float = 1.0,
        channels: Collection[str] | None = None,
    ) -> None:
        self.name = name
        self.bus = bus
        self.unit_id = unit_id
        self.profile = profile
        self._time_scale = time_scale
        self._channels = None if channels is None else {WHOLE_DEVICE, *channels}
        self._by_name = {point.name: point for point in profile.points}
        self._by_meaning = {(point.quantity, point.channel): point for point in reversed(profile.points)}
        self._reads: dict[tuple[str, ...] | None, tuple[_Read, ...]] = {}
        self._gaps_refused: set[tuple[str, int, int]] = set()
        self._fast = self.points("fast")
        self._last: dict[str, float] = {}

    def points(self, poll: PollClass) -> tuple[Point, ...]:
        """The readable points of a poll class, of the channels in use."""
        return tuple(
            point
            for point in self.profile.points
            if point.poll == poll and point.readable and (self._channels is None or point.channel in self._channels)
        )

    async def read(
        self, points: Sequence[Point] | None = None, *, priority: Priority = Priority.POLL
    ) -> dict[str, Sample]:
        """Samples by point name; with no ``points``, all fast ones.

        A block that the device refuses (exception 2 or 3) makes its points unknown and loses no other; a block read
        over gaps is then read without them, now and from now on. Raises Unreachable, Implausible, or Rejected for
        another refusal: then nothing of this poll is given, so that no half of a state is taken for the whole.
        """
        reads = self._planned(points)
        if len(reads) == 1:
            return await self._read_block(reads[0], priority)
        samples: dict[str, Sample] = {}
        for read in reads:
            samples.update(await self._read_block(read, priority))
        return samples

    async def read_point(
        self, quantity: Quantity, channel: str = WHOLE_DEVICE, *, priority: Priority = Priority.POLL
    ) -> Sample:
        """One value. Raises Rejected when the profile has no such readable point, else as ``read``."""
        point = self._point(quantity, channel)
        if not point.readable:
            raise self._refused(f"{point.name} cannot be read")
        return (await self.read((point,), priority=priority))[point.name]

    async def write(
        self,
        quantity: Quantity,
        channel: str,
        value: float,
        *,
        priority: Priority = Priority.CONTROLLER,
        allowed: Callable[[], bool] | None = None,
    ) -> WriteOutcome:
        """Write one live point, and verify it: the echo, reading back, then the point that shows what it really did.

        The value goes to the nearest step of the device. ``allowed`` is asked at the moment the bytes leave.
        Raises Rejected for a setting, a command, a value that the device cannot take or a write no longer allowed;
        Unreachable or Implausible when the write itself failed (it may still have taken hold: read before believing).
        """
        loop = asyncio.get_running_loop()
        started_s = loop.time()
        point = self._point(quantity, channel)
        if not point.writable or point.point_class != "live":
            raise self._refused(f"{point.name} is not written in operation ({point.point_class})")
        raw = encode(point, value)
        limits = self.profile.limits
        if point.data_type == "bit":
            await self.bus.write_coil(
                self.unit_id, point.address, bool(raw[0]), priority=priority, limits=limits, allowed=allowed
            )
        else:
            await self.bus.write_registers(
                self.unit_id, point.address, raw, priority=priority, limits=limits, allowed=allowed
            )
        await self._wait_for_ramp(point, value)
        verified, read_back = await self._verify(point, raw, priority)
        return WriteOutcome(verified, read_back, round(1000 * (loop.time() - started_s)))

    async def _verify(self, point: Point, raw: tuple[int, ...], priority: Priority) -> tuple[bool, float | None]:
        """Whether reading back fits what was written; a failed reading verifies nothing and raises nothing."""
        wanted = [point] if point.readable else []
        if point.verify:
            wanted.append(self._by_name[point.verify])
        try:
            samples = await self.read(wanted, priority=priority)
        except DriverError:
            return False, None
        values = [samples[each.name].value for each in wanted]
        numbers = [value for value in values if isinstance(value, float)]
        if not numbers or len(numbers) != len(values):
            return False, numbers[0] if numbers else None
        # Off is off: a lamp at its lowest step is not.
        step = abs(float(point.scale)) if point.data_type != "bit" and any(raw) else 0.0
        sent = raw_number(point, raw) * float(point.scale) + float(point.offset)
        # One raw step, and room for what binary fractions lose of it.
        return all(abs(number - sent) <= step * 1.000001 for number in numbers), numbers[0]

    async def _wait_for_ramp(self, point: Point, value: float) -> None:
        """A setpoint reads back at once; only a point that shows the ramp on its way has to be waited for."""
        if not point.follows_ramp:
            return
        change = abs(value - self._last[point.name]) if point.name in self._last else 100.0
        await asyncio.sleep(self.profile.ramp_ms_per_pct * change / 1000 / self._time_scale)

    async def _read_block(self, read: _Read, priority: Priority) -> dict[str, Sample]:
        block, limits = read.block, self.profile.limits
        try:
            if block.table == "coil" or block.table == "discrete":
                raw: Sequence[int] = await self.bus.read_bits(
                    self.unit_id, block.table, block.address, block.count, priority=priority, limits=limits
                )
            else:
                raw = await self.bus.read_registers(
                    self.unit_id, block.table, block.address, block.count, priority=priority, limits=limits
                )
        except Rejected as error:
            if error.exception_code not in _NOT_THERE:
                raise
            return await self._read_without_gaps(read, priority)
        samples = dict(zip(read.names, read.decode(raw), strict=True))
        if read.ramps:
            self._remember(read.ramps, samples)
        return samples

    async def _read_without_gaps(self, read: _Read, priority: Priority) -> dict[str, Sample]:
        pieces = without_gaps(read.block, self.profile.limits)
        if len(pieces) == 1:
            return dict.fromkeys(read.names, UNKNOWN)
        self._gaps_refused.add((read.block.table, read.block.address, read.block.count))
        self._reads.clear()
        samples: dict[str, Sample] = {}
        for piece in pieces:
            samples.update(await self._read_block(_read_of(piece), priority))
        return samples

    def _remember(self, ramps: tuple[str, ...], samples: dict[str, Sample]) -> None:
        for name in ramps:
            value = samples[name].value
            if isinstance(value, float):
                self._last[name] = value

    def _planned(self, points: Sequence[Point] | None) -> tuple[_Read, ...]:
        key = None if points is None else tuple([point.name for point in points])
        reads = self._reads.get(key)
        if reads is None:
            blocks: list[Block] = []
            for block in plan_reads(self._fast if points is None else points, self.profile.limits):
                refused = (block.table, block.address, block.count) in self._gaps_refused
                blocks += without_gaps(block, self.profile.limits) if refused else (block,)
            reads = self._reads[key] = tuple(_read_of(block) for block in blocks)
        return reads

    def _point(self, quantity: Quantity, channel: str) -> Point:
        point = self._by_meaning.get((quantity, channel))
        if point is None:
            raise self._refused(f"{self.profile.id} has no {quantity.value} on channel {channel!r}")
        return point

    def _refused(self, detail: str) -> Rejected:
        return Rejected(detail, bus=self.bus.name, unit_id=self.unit_id)


def _read_of(block: Block) -> _Read:
    names = tuple(point.name for point in block.points)
    ramps = tuple(point.name for point in block.points if point.follows_ramp)
    return _Read(block, names, block_decoder(block.points, block.address, block.count), ramps)
