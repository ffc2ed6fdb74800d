"""One device of any profile: its values by quantity and channel, what was written to it, and its faults."""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from drivers.profile import WHOLE_DEVICE, Point, Profile, Reaction, Table
from drivers.quantity import MANY, Quantity
from drivers.simulator.factory_values import factory_value
from drivers.simulator.noise import seed_of
from drivers.simulator.output_ramps import OutputRamps
from drivers.simulator.raw_values import Value, from_raw, pattern
from drivers.simulator.reactions import output_value, reaction_pct
from drivers.simulator.register_map import RegisterMap
from drivers.simulator.watchdog import Watchdog

Source = Callable[[float], Value]
"""Computes a value for the given site second, at the moment of the request."""
Effect = Callable[[float, float], None]
"""Takes (new value, site second): what the device's output does to the world behind it."""
Cell = tuple[Quantity, str]

_PAUSE_KEPT = 0.9
"""A pause that is kept to this share is kept: the client counts it from when the answer has reached it."""

ILLEGAL_ADDRESS = 2
ILLEGAL_VALUE = 3

_MAPS: dict[int, tuple[Profile, RegisterMap]] = {}


@dataclass(frozen=True, slots=True)
class WriteRecord:
    """A writing request that reached the device, whether it was taken or refused (``exception_code``)."""

    at_s: float
    function: int
    address: int
    values: tuple[int, ...]
    exception_code: int = 0


class SimulatedDevice:
    """A device with the registers of its profile and nothing else. ``now_s`` gives site seconds.

    ``watch_s`` are the seconds that its watchdog counts; None: site seconds, too.
    """

    def __init__(
        self,
        profile: Profile,
        unit_id: int,
        *,
        now_s: Callable[[], float] = time.monotonic,
        seed: int = 0,
        watch_s: Callable[[], float] | None = None,
    ) -> None:
        self.profile = profile
        self.unit_id = unit_id
        self.now_s = now_s
        self.writes: deque[WriteRecord] = deque(maxlen=100_000)
        self.request_count = 0
        self.pause_violation_count = 0
        """Requests that came before the device's pause since its last answer was over, in real time."""
        self.wear: Counter[str] = Counter()
        """Writes taken by each setting: every one wears the memory, also one that changes nothing."""
        self.commands: Counter[str] = Counter()
        """Writes taken by each command point."""
        self.answer_delay_s = 0.0
        """Real seconds that each answer is held back."""
        self._silent = False
        self._has_supply = True
        self._has_lamp_bus = True
        self._booted_at_s = now_s()
        self._answered_at_s = -math.inf
        self._sources: dict[Cell, Source] = {}
        self._effects: dict[Cell, list[Effect]] = {}
        self._map = _register_map(profile)
        self._ramps = OutputRamps()
        self._watchdog = Watchdog(profile, watch_s or now_s)
        self._values: dict[Cell, Value] = {}
        for point in profile.points:
            self._values.setdefault(_cell(point), factory_value(profile, point, seed_of(seed, str(unit_id))))
        for cell in self._outputs(Quantity.DIM_LEVEL):
            self._ramps.begin(cell[1], float(self._values[cell] or 0.0), now_s(), ms_per_pct=lambda _is_up: 0.0)
        for channel in profile.channels:
            # The contact follows its coil until something else is wired to it.
            relay = (Quantity.RELAY_CLOSED, channel.id)
            if relay in self._values:
                self.provide(Quantity.CONTACT_CLOSED, channel.id, partial(self._value, relay))
            self.provide(Quantity.DIM_LEVEL_ACTUAL, channel.id, partial(self._actual_pct, channel.id))

    # -- the world's side ------------------------------------------------------------------------------------------

    @property
    def is_silent(self) -> bool:
        return self._silent

    @property
    def booted_at_s(self) -> float:
        """The site second of its last boot."""
        return self._booted_at_s

    @property
    def watchdog_expiry_count(self) -> int:
        """How often its watchdog has run out."""
        return self._watchdog.expiry_count

    def get(self, quantity: Quantity, channel: str = WHOLE_DEVICE) -> Value:
        """The present value in the quantity's unit. Raises ``KeyError`` when the profile has no such point."""
        return self._value((quantity, channel), self.now_s())

    def set(self, quantity: Quantity, channel: str, value: float) -> None:
        """Change a value on the spot, as a hand at the device or the street would; no write is recorded."""
        if (quantity, channel) not in self._values:
            raise KeyError(f"{self.profile.id} has no {quantity.value} on channel {channel!r}")
        self._store((quantity, channel), value, self.now_s())

    def provide(self, quantity: Quantity, channel: str, source: Source) -> None:
        """From now on this value is computed when it is asked for. Points that the profile lacks are ignored."""
        if (quantity, channel) in self._values:
            self._sources[(quantity, channel)] = source

    def provide_level(self, channel: str, level_pct: Callable[[float], float]) -> None:
        """From now on something wired to that output tells how far it has come on its ramp."""
        self._ramps.provide(channel, level_pct)

    def on_change(self, quantity: Quantity, channel: str, effect: Effect) -> None:
        """Call ``effect`` at each change of this value, from the wire, by hand or at power-on."""
        self._effects.setdefault((quantity, channel), []).append(effect)

    def ramp_ms_per_pct(self, channel: str, *, is_up: bool) -> float:
        """The pace of that output: its own setting, the device's, or the profile's."""
        quantity = Quantity.RAMP_UP if is_up else Quantity.RAMP_DOWN
        point = self.profile.setting_of(quantity, channel)
        ramp = None if point is None else self._values[_cell(point)]
        return float(ramp) if isinstance(ramp, float | int) else self.profile.ramp_ms_per_pct

    def silence(self) -> None:
        """Stop answering, as a dead or disconnected device does. It works on by itself: its watchdog runs out."""
        self._silent = True

    def speak(self) -> None:
        """Answer again; nothing was forgotten."""
        self._silent = False

    def lose_supply(self) -> None:
        """Nothing of it works any more, until it boots."""
        self._silent, self._has_supply = True, False

    def reboot(self) -> None:
        """Supply gone and back: uptime from 0, pulse counters cleared, outputs as their power-on setting says."""
        self._booted_at_s = self.now_s()
        self._has_supply = True
        self._watchdog.restart()
        for point in self.profile.points:
            if point.quantity is Quantity.PULSE_COUNT or point.counter_reset == "on_power_loss":
                self._values[_cell(point)] = 0.0
        self._react(self.profile.failsafe.power_return)

    def look(self) -> None:
        """Do what is due by itself: when its watchdog has run out, each output does its lost-master reaction.

        A request does this first, by itself; whoever watches lamps without asking the device calls it now and then.
        """
        if self._has_supply and self._watchdog.runs_out(self._setting):
            self._react(self.profile.failsafe.lost_master)

    def lose_lamp_bus(self) -> None:
        """The lamps hear nothing of the device any more (a DALI line that is cut): they do what they do then."""
        self._has_lamp_bus = False
        now_s = self.now_s()
        for cell in self._outputs(Quantity.DIM_LEVEL):
            level_pct = reaction_pct(self.profile, self.profile.failsafe.lost_lamp_bus, cell[1], self._setting)
            if level_pct is not None:
                self._drive(cell, level_pct, now_s)

    def return_lamp_bus(self) -> None:
        """The lamps hear again, and stay as they are until the next level is sent."""
        self._has_lamp_bus = True

    # -- the wire's side -------------------------------------------------------------------------------------------

    def hear(self) -> None:
        """A request has come, whatever it asks."""
        self.look()
        self.request_count += 1
        self._watchdog.hear_request()
        at_s = time.monotonic()
        if at_s - self._answered_at_s < self.profile.limits.pause_ms / 1000.0 * _PAUSE_KEPT:
            self.pause_violation_count += 1
        self._answered_at_s = at_s + self.answer_delay_s

    def read(self, table: Table, address: int, count: int) -> list[int] | None:
        """The raw registers or bits of a block, or None when it touches an undefined address."""
        pieces = self._map.block(table, address, count)
        if pieces is None or not all(piece.readable for piece in pieces):
            return None
        now_s = self.now_s()
        raw: list[int] = []
        for piece in pieces:
            words = piece.encode(self._shown(piece.point, now_s))
            for point, encode in piece.fields:
                words = tuple(word | more for word, more in zip(words, encode(self._shown(point, now_s)), strict=True))
            raw.extend(words[piece.skip : piece.skip + piece.take])
            self._watchdog.hear_point(piece.point.name)
        return raw

    def write(self, function: int, table: Table, address: int, raw: Sequence[int]) -> int:
        """Take a write from the wire; returns 0 or the Modbus exception code. All of it is taken, or nothing."""
        now_s = self.now_s()
        changes = self._changes(table, address, raw)
        code = changes if isinstance(changes, int) else 0
        self.writes.append(WriteRecord(now_s, function, address, tuple(raw), code))
        if isinstance(changes, int):
            return code
        self._watchdog.hear_write()
        for point, value in changes:
            self._watchdog.hear_point(point.name)
            self._count(point)
            self._store(_cell(point), value, now_s)
        return code

    def _changes(self, table: Table, address: int, raw: Sequence[int]) -> list[tuple[Point, float]] | int:
        pieces = self._map.written(table, address, len(raw))
        if pieces is None:
            return ILLEGAL_ADDRESS
        changes: list[tuple[Point, float]] = []
        start = 0
        for piece in pieces:
            words = raw[start : start + piece.take]
            start += piece.take
            if not piece.is_whole:
                return ILLEGAL_ADDRESS
            if piece.point.data_type == "string" or not _may_be_written(piece.point, words):
                return ILLEGAL_VALUE
            changes.append((piece.point, from_raw(piece.point, words)))
        return changes

    def _count(self, point: Point) -> None:
        if point.point_class == "setting":
            self.wear[point.name] += 1
        elif point.point_class == "command":
            self.commands[point.name] += 1

    # -- inside ----------------------------------------------------------------------------------------------------

    def _value(self, cell: Cell, now_s: float) -> Value:
        if cell[0] is Quantity.UPTIME:
            return max(0.0, now_s - self._booted_at_s)
        source = self._sources.get(cell)
        return source(now_s) if source is not None else self._values[cell]

    def _shown(self, point: Point, now_s: float) -> Value:
        """What reading this point gives: of an output that reads back on its ramp, where it has come to."""
        if point.quantity is Quantity.DIM_LEVEL and (point.follows_ramp or point.address_written != point.address):
            return self._ramps.reached_pct(point.channel, now_s)
        return self._value(_cell(point), now_s)

    def _actual_pct(self, channel: str, now_s: float) -> Value:
        """What the lamps of an output give, as far as the device is told; unknown while it does not reach them."""
        return self._ramps.reached_pct(channel, now_s) if self._has_lamp_bus else None

    def _setting(self, point: Point) -> Value:
        return self._values[_cell(point)]

    def _outputs(self, *quantities: Quantity) -> list[Cell]:
        return [cell for cell in self._values if cell[0] in quantities]

    def _react(self, reaction: Reaction) -> None:
        now_s = self.now_s()
        for cell in self._outputs(Quantity.DIM_LEVEL, Quantity.RELAY_CLOSED):
            level_pct = reaction_pct(self.profile, reaction, cell[1], self._setting)
            if level_pct is not None:
                self._store(cell, output_value(cell[0], level_pct), now_s)

    def _store(self, cell: Cell, value: float, now_s: float) -> None:
        self._values[cell] = value
        if cell[0] is not Quantity.DIM_LEVEL or self._has_lamp_bus:
            self._drive(cell, value, now_s)

    def _drive(self, cell: Cell, value: float, now_s: float) -> None:
        """Let the world behind an output follow."""
        if cell[0] is Quantity.DIM_LEVEL:
            pace = partial(_pace, self, cell[1])
            self._ramps.begin(cell[1], value, now_s, ms_per_pct=pace)
        for effect in self._effects.get(cell, ()):
            effect(value, now_s)


def _pace(device: SimulatedDevice, channel: str, is_up: bool) -> float:
    return device.ramp_ms_per_pct(channel, is_up=is_up)


def _may_be_written(point: Point, raw: Sequence[int]) -> bool:
    bits = pattern(point, raw)
    if bits in point.forbidden_raw or (point.enumeration and bits not in point.enumeration):
        return False
    value = from_raw(point, raw)
    slack = 1e-9 * abs(value)  # of a curve, whose ends are no whole numbers in binary
    if point.write_min is not None and value < point.write_min - slack:
        return False
    return point.write_max is None or value <= point.write_max + slack


def _cell(point: Point) -> Cell:
    # Points without a meaning of their own share nothing with one another.
    if point.quantity in MANY:
        return point.quantity, f"{point.channel}/{point.name}"
    return point.quantity, point.channel


def _register_map(profile: Profile) -> RegisterMap:
    # One map serves every device of a profile; the profile is kept, so that its id is not given to another.
    known = _MAPS.get(id(profile))
    if known is None:
        known = _MAPS[id(profile)] = (profile, RegisterMap(profile))
    return known[1]
