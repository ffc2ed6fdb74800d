"""One device of any profile: its values by quantity and channel, what was written to it, and its faults."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from drivers.profile import WHOLE_DEVICE, Point, Profile, Table
from drivers.quantity import MANY, Quantity
from drivers.simulator.factory_values import factory_value
from drivers.simulator.noise import seed_of
from drivers.simulator.power_on import power_on_value
from drivers.simulator.raw_values import Value, from_raw
from drivers.simulator.register_map import RegisterMap

Source = Callable[[float], Value]
"""Computes a value for the given site second, at the moment of the request."""
Effect = Callable[[float, float], None]
"""Takes (new value, site second): what the device's output does to the world behind it."""
Cell = tuple[Quantity, str]

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
    """A device with the registers of its profile and nothing else. ``now_s`` gives site seconds."""

    def __init__(
        self,
        profile: Profile,
        unit_id: int,
        *,
        now_s: Callable[[], float] = time.monotonic,
        seed: int = 0,
    ) -> None:
        self.profile = profile
        self.unit_id = unit_id
        self.now_s = now_s
        self.writes: deque[WriteRecord] = deque(maxlen=100_000)
        self.request_count = 0
        self.answer_delay_s = 0.0
        """Real seconds that each answer is held back."""
        self._silent = False
        self._booted_at_s = now_s()
        self._sources: dict[Cell, Source] = {}
        self._effects: dict[Cell, list[Effect]] = {}
        self._map = _register_map(profile)
        self._values: dict[Cell, Value] = {}
        for point in profile.points:
            self._values.setdefault(_cell(point), factory_value(profile, point, seed_of(seed, str(unit_id))))
        for channel in profile.channels:
            # The contact follows its coil until something else is wired to it.
            relay = (Quantity.RELAY_CLOSED, channel.id)
            if relay in self._values:
                self.provide(Quantity.CONTACT_CLOSED, channel.id, partial(self._value, relay))

    # -- the world's side ------------------------------------------------------------------------------------------

    @property
    def is_silent(self) -> bool:
        return self._silent

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

    def on_change(self, quantity: Quantity, channel: str, effect: Effect) -> None:
        """Call ``effect`` at each change of this value, from the wire, by hand or at power-on."""
        self._effects.setdefault((quantity, channel), []).append(effect)

    def silence(self) -> None:
        """Stop answering, as a dead or disconnected device does."""
        self._silent = True

    def speak(self) -> None:
        """Answer again; nothing was forgotten."""
        self._silent = False

    def reboot(self) -> None:
        """Supply gone and back: uptime from 0, pulse counters cleared, outputs by the device's power-on setting."""
        now_s = self.now_s()
        self._booted_at_s = now_s
        for quantity, channel in list(self._values):
            if quantity is Quantity.PULSE_COUNT:
                self._values[(quantity, channel)] = 0.0
        outputs = [cell for cell in self._values if cell[0] in (Quantity.DIM_LEVEL, Quantity.RELAY_CLOSED)]
        for cell in outputs:
            value = power_on_value(self.profile, cell[1], cell[0], lambda *setting: self._values.get(setting))
            if value is not None:
                self._store(cell, value, now_s)

    # -- the wire's side -------------------------------------------------------------------------------------------

    def read(self, table: Table, address: int, count: int) -> list[int] | None:
        """The raw registers or bits of a block, or None when it touches an undefined address."""
        pieces = self._map.block(table, address, count)
        if pieces is None or not all(piece.point.readable for piece in pieces):
            return None
        now_s = self.now_s()
        raw: list[int] = []
        for piece in pieces:
            words = piece.encode(self._value(_cell(piece.point), now_s))
            raw.extend(words[piece.skip : piece.skip + piece.take])
        return raw

    def write(self, function: int, table: Table, address: int, raw: Sequence[int]) -> int:
        """Take a write from the wire; returns 0 or the Modbus exception code. All of it is taken, or nothing."""
        now_s = self.now_s()
        changes = self._changes(table, address, raw)
        code = changes if isinstance(changes, int) else 0
        self.writes.append(WriteRecord(now_s, function, address, tuple(raw), code))
        if not isinstance(changes, int):
            for cell, value in changes:
                self._store(cell, value, now_s)
        return code

    def _changes(self, table: Table, address: int, raw: Sequence[int]) -> list[tuple[Cell, float]] | int:
        pieces = self._map.block(table, address, len(raw))
        if pieces is None:
            return ILLEGAL_ADDRESS
        changes: list[tuple[Cell, float]] = []
        start = 0
        for piece in pieces:
            words = raw[start : start + piece.take]
            start += piece.take
            if not (piece.point.writable and piece.is_whole):
                return ILLEGAL_ADDRESS
            value = from_raw(piece.point, words)
            if not _may_be_written(piece.point, words, value):
                return ILLEGAL_VALUE
            changes.append((_cell(piece.point), value))
        return changes

    # -- inside ----------------------------------------------------------------------------------------------------

    def _value(self, cell: Cell, now_s: float) -> Value:
        if cell[0] is Quantity.UPTIME:
            return max(0.0, now_s - self._booted_at_s)
        source = self._sources.get(cell)
        return source(now_s) if source is not None else self._values[cell]

    def _store(self, cell: Cell, value: float, now_s: float) -> None:
        self._values[cell] = value
        for effect in self._effects.get(cell, ()):
            effect(value, now_s)


def _may_be_written(point: Point, raw: Sequence[int], value: float) -> bool:
    if len(raw) == 1 and raw[0] in point.forbidden_raw:
        return False
    if point.write_min is not None and value < point.write_min:
        return False
    return point.write_max is None or value <= point.write_max


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
