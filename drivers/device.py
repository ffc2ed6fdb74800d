"""A device on a bus: read its quantities in few requests, write them and see whether they took hold."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from drivers.bus import Bus, Priority
from drivers.codec import UNKNOWN, Sample, decode
from drivers.errors import DriverError, Rejected
from drivers.poll_plan import Plan, Read, plan_of, read_of
from drivers.profile import WHOLE_DEVICE, Point, PointClass, PollClass, Profile
from drivers.quantity import Quantity
from drivers.read_plan import halves, seam, span_of
from drivers.refusals import Refusals
from drivers.setting_budget import SettingBudget
from drivers.writing import Allowed, ConfirmedAct, WriteOutcome, fits, holds, raw_for, send

__all__ = ["ConfirmedAct", "Device", "WriteOutcome"]

_NOT_THERE = (2, 3)
"""Exceptions of a block that touches an address which this unit, its firmware or its gap does not have."""


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
        self._by_name, self._by_meaning = _index_of(profile)
        self._plans: dict[tuple[str, ...] | None, Plan] = {}
        self._refusals = Refusals(name)
        self._absent = self._refusals.absent
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

        A block that the device refuses (exception 2 or 3) is halved at its gaps until what is refused is found: that
        gap is not read over again, that point is unknown and not asked for some time (by a person: at once), and
        nothing else is lost. Raises Unreachable, Implausible, or Rejected for another refusal or for points that no
        plan can read: then nothing of this poll is given, so that no half of a state is taken for the whole.
        """
        plan = self._planned(points, priority)
        samples = dict.fromkeys(plan.absent, UNKNOWN) if plan.absent else {}
        for read in plan.reads:
            try:
                block = await self._ask(read, priority)
            except Rejected as error:
                block = await self._after_refusal(read, error, priority)
            if samples:
                samples.update(block)
            else:
                samples = block
        return samples

    def restarted(self) -> None:
        """It restarted, perhaps with another firmware: what it refused before may be asked again."""
        self._refusals.forget()
        self._plans.clear()

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
        allowed: Allowed | None = None,
    ) -> WriteOutcome:
        """Write one live point, and verify it: the echo, reading back, then the point that shows what it really did.

        The value goes to the nearest step of the device. ``allowed`` is asked at the moment the bytes leave.
        Raises Rejected for a setting, a command, a value that the device cannot take or a write no longer allowed;
        Unreachable or Implausible when the write itself failed (it may still have taken hold: read before believing).
        """
        started_s = self._now_s()
        point = self._point(quantity, channel)
        self._refuse_unless(point, "live")
        raw = raw_for(point, value)
        await self._send(point, raw, priority, allowed)
        return await self.verified(point, raw, started_s=started_s, priority=priority)

    async def write_setting(
        self,
        point: Point,
        value: float | str,
        *,
        budget: SettingBudget,
        priority: Priority = Priority.PERSON,
        allowed: Allowed | None = None,
    ) -> WriteOutcome:
        """Write a setting only when it differs, and verify that it then reads exactly as written.

        It is read first; one that stands so already is left alone (``skipped``). Else ``budget`` accounts for the
        write before its bytes leave. Raises Rejected for a point that is no setting of this device or that the device
        has not, a value that must not be written, a budget that is used up and a write not allowed; else as ``write``.
        """
        started_s = self._now_s()
        self._refuse_unless(point, "setting")
        raw = raw_for(point, value)
        standing = await self.setting_standing(point, raw, started_s=started_s, priority=priority)
        if standing is not None:
            return standing
        if allowed is not None and not allowed():
            raise self._refused("not allowed")  # before anything is accounted for
        await budget.claim(self.name, point)
        await self._send(point, raw, priority, allowed)
        return await self.setting_verified(point, raw, started_s=started_s, priority=priority)

    async def command(
        self,
        point: Point,
        value: float,
        *,
        act: ConfirmedAct,
        priority: Priority = Priority.PERSON,
        allowed: Allowed | None = None,
    ) -> WriteOutcome:
        """Do what no automation does (a reset, a scan, another unit id), as a person's own, confirmed act.

        Only reading back verifies it, and many commands read as nothing: then the echo is all there is. Raises
        Rejected for a point that is no command of this device and for an act without name, reason or the right word;
        else as ``write``. The caller audits it.
        """
        started_s = self._now_s()
        self._refuse_unless(point, "command")
        if not act.by.strip() or not act.reason.strip():
            raise self._refused(f"{point.name} is a command: it needs who does it, and why")
        if act.word not in (point.name, self.name):
            raise self._refused(f"{point.name} is a command: confirm it by typing {point.name} or {self.name}")
        raw = raw_for(point, value)
        await self._send(point, raw, priority, allowed)
        return await self.verified(point, raw, started_s=started_s, priority=priority)

    async def verified(
        self, point: Point, raw: tuple[int, ...], *, started_s: float, priority: Priority
    ) -> WriteOutcome:
        """The outcome of a write whose echo is there, after its ramp. A failed reading verifies and raises nothing.

        ``started_s`` is the loop's time of the call.
        """
        sent = decode(point, raw).value
        await self._settle(point, sent if isinstance(sent, float) else 0.0)
        shown = [point] if point.readable else []
        if point.verify:
            shown.append(self._by_name[point.verify])
        samples = await self._read_back(shown, priority)
        values = [(each, samples[each.name].value) for each in shown if each.name in samples]
        numbers = [(each, value) for each, value in values if isinstance(value, float)]
        is_whole = bool(numbers) and len(numbers) == len(shown)
        return WriteOutcome(
            verified=is_whole and all(fits(point, raw, each, value) for each, value in numbers),
            read_back=numbers[0][1] if numbers else None,
            latency_ms=self._since_ms(started_s),
        )

    async def setting_standing(
        self, point: Point, raw: tuple[int, ...], *, started_s: float, priority: Priority
    ) -> WriteOutcome | None:
        """The outcome (``skipped``) of a setting that stands so already; None where it differs or cannot be read.

        Raises Rejected where the device has no such setting; else as ``read``.
        """
        if not point.readable:
            return None
        standing = (await self.read((point,), priority=priority))[point.name]
        if self._refusals.is_absent(point):
            raise self._refused(f"this device has no {point.name}")
        if not holds(point, raw, standing.value):
            return None
        shown = standing.value if isinstance(standing.value, float) else None
        return WriteOutcome(True, shown, self._since_ms(started_s), skipped=True)

    async def setting_verified(
        self, point: Point, raw: tuple[int, ...], *, started_s: float, priority: Priority
    ) -> WriteOutcome:
        """As ``verified``, for a setting: it must read exactly as written."""
        await self._settle(point, 0.0)
        standing_now = await self._read_back([point] if point.readable else [], priority)
        seen = standing_now.get(point.name, UNKNOWN).value
        return WriteOutcome(
            holds(point, raw, seen), seen if isinstance(seen, float) else None, self._since_ms(started_s)
        )

    def point_of(self, quantity: Quantity, channel: str = WHOLE_DEVICE) -> Point | None:
        """The point of that meaning on that channel, or None."""
        return self._by_meaning.get((quantity, channel))

    async def _send(self, point: Point, raw: tuple[int, ...], priority: Priority, allowed: Allowed | None) -> None:
        limits = self.profile.limits
        await send(self.bus, self.unit_id, point, raw, limits=limits, priority=priority, allowed=allowed)

    async def _read_back(self, points: Sequence[Point], priority: Priority) -> dict[str, Sample]:
        try:
            return await self.read(points, priority=priority)
        except DriverError:
            return {}

    async def _settle(self, point: Point, value: float) -> None:
        """Wait until reading back can show what was written.

        A setpoint reads back at once; only a point that shows the ramp on its way has to be waited for, and one whose
        profile says how long.
        """
        wait_ms = point.verify_after_ms
        if point.follows_ramp:
            change = abs(value - self._last[point.name]) if point.name in self._last else 100.0
            wait_ms = max(wait_ms, self.profile.ramp_ms_per_pct * change)
        if wait_ms > 0:
            await asyncio.sleep(wait_ms / 1000 / self._time_scale)

    def _refuse_unless(self, point: Point, point_class: PointClass) -> None:
        if self._by_name.get(point.name) != point:
            raise self._refused(f"{self.profile.id} has no such point {point.name}")
        if not point.writable or point.point_class != point_class:
            what = point.point_class if point.writable else "only read"
            raise self._refused(f"{point.name} is not written as a {point_class} point: it is {what}")

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()

    def _since_ms(self, started_s: float) -> int:
        return round(1000 * (self._now_s() - started_s))

    async def _ask(self, read: Read, priority: Priority) -> dict[str, Sample]:
        block = read.block
        data = await self.bus.read_block(
            self.unit_id, block.table, block.address, block.count, priority=priority, limits=self.profile.limits
        )
        samples = dict(zip(read.names, read.decode(data), strict=True))
        if read.ramps:
            self._remember(read.ramps, samples)
        if read.was_absent:
            self._refusals.note_present(span_of(block))
        return samples

    async def _after_refusal(self, read: Read, error: Rejected, priority: Priority) -> dict[str, Sample]:
        if error.exception_code not in _NOT_THERE:
            raise error
        samples = await self._halve(read, priority)
        self._refusals.say(self.bus.name, self.unit_id, error.exception_code)
        return samples

    async def _halve(self, read: Read, priority: Priority) -> dict[str, Sample]:
        """Read a refused block in two parts, and these again, until it is known what is refused."""
        self._plans.clear()
        parts = halves(read.block)
        if parts is None:
            self._refusals.note_absent(span_of(read.block), self._now_s(), self.bus.counters.connects)
            return dict.fromkeys(read.names, UNKNOWN)
        before = self._refusals.learned
        samples: dict[str, Sample] = {}
        for part in map(read_of, parts):
            try:
                samples.update(await self._ask(part, priority))
            except Rejected as error:
                if error.exception_code not in _NOT_THERE:
                    raise
                samples.update(await self._halve(part, priority))
        if self._refusals.learned == before:
            self._refusals.note_gap(seam(*parts))
        return samples

    def _remember(self, ramps: tuple[str, ...], samples: dict[str, Sample]) -> None:
        for name in ramps:
            value = samples[name].value
            if isinstance(value, float):
                self._last[name] = value

    def _planned(self, points: Sequence[Point] | None, priority: Priority) -> Plan:
        if self._absent:
            if self._refusals.ask_again(self._now_s(), self.bus.counters.connects):
                self._plans.clear()
            if priority is Priority.PERSON and points is not None:
                return self._plan(points, asks_absent=True)
        key = None if points is None else tuple([point.name for point in points])
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = self._plan(self._fast if points is None else points)
        return plan

    def _plan(self, points: Sequence[Point], *, asks_absent: bool = False) -> Plan:
        try:
            return plan_of(points, self.profile.limits, self.bus.line_cost, self._refusals, asks_absent=asks_absent)
        except ValueError as error:
            raise self._refused(str(error)) from error

    def _point(self, quantity: Quantity, channel: str) -> Point:
        point = self._by_meaning.get((quantity, channel))
        if point is None:
            raise self._refused(f"{self.profile.id} has no {quantity.value} on channel {channel!r}")
        return point

    def _refused(self, detail: str) -> Rejected:
        return Rejected(detail, bus=self.bus.name, unit_id=self.unit_id)


_Index = tuple[dict[str, Point], dict[tuple[Quantity, str], Point]]
_MOST_INDEXES = 256
# The profile is kept beside its index, so that no other can have its identity while it stands.
_indexes: dict[int, tuple[Profile, _Index]] = {}


def _index_of(profile: Profile) -> _Index:
    """The points of a profile by name and by meaning, the first of a meaning; shared by all devices of the type."""
    known = _indexes.get(id(profile))
    if known is None:
        if len(_indexes) >= _MOST_INDEXES:
            _indexes.clear()
        by_meaning = {(point.quantity, point.channel): point for point in reversed(profile.points)}
        known = _indexes[id(profile)] = profile, ({point.name: point for point in profile.points}, by_meaning)
    return known[1]
