"""A device type as data: points, limits, channels, failsafe, test vectors. One TOML file each.

This module holds the facts; ``profile_file`` reads and checks the TOML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from drivers.quantity import Quantity

Table = Literal["coil", "discrete", "holding", "input"]
DataType = Literal["bit", "u16", "s16", "u32", "s32", "u64", "s64", "float32", "string"]
Order = Literal["big", "little"]
PointClass = Literal["live", "setting", "command"]
PollClass = Literal["fast", "slow", "once", "never"]
ChannelRole = Literal["dimmer", "relay", "meter", "input", "counter"]
FailsafeKind = Literal["lit", "hold", "dark", "unknown"]

WHOLE_DEVICE = ""
"""The channel of a point that belongs to the device and to none of its channels."""


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a device. ``value = raw * scale + offset`` in the unit of ``quantity``; addresses are 0-based PDU.

    ``sentinels`` and ``forbidden_raw`` are unsigned bit patterns of the whole value, most significant word first.
    A ``string`` has one ASCII character a register, in its low byte. ``verify`` names the point that shows what a
    write has really done (a contact, for a coil); ``follows_ramp`` says that reading back shows the ramp on its way.
    """

    name: str
    quantity: Quantity
    channel: str
    table: Table
    address: int
    data_type: DataType
    scale: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)
    word_order: Order = "big"
    register_count: int = 1
    manual_number: str = ""
    sentinels: tuple[int, ...] = ()
    valid_min: float | None = None
    valid_max: float | None = None
    enumeration: Mapping[int, str] = field(default_factory=dict)
    writable: bool = False
    readable: bool = True
    point_class: PointClass = "live"
    poll: PollClass = "fast"
    write_min: float | None = None
    write_max: float | None = None
    forbidden_raw: tuple[int, ...] = ()
    counter_bits: int | None = None
    verify: str = ""
    follows_ramp: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """An output, meter phase or input of the device, with what it may carry (None: not limited by the device)."""

    id: str
    role: ChannelRole
    max_load_w: float | None = None
    max_lamps: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request to the device may ask. ``pause_ms`` is kept by the bus between two requests to this device.

    ``timeout_ms`` matters only where it is longer than the time-out of the bus.
    """

    max_registers_per_read: int = 125
    max_registers_per_write: int = 123
    max_bits_per_read: int = 2000
    max_gap: int = 0
    pause_ms: float = 0.0
    timeout_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Failsafe:
    """What the device does by itself, apart for each cause. ``fed_by`` says what keeps the watchdog quiet."""

    lost_master: FailsafeKind = "unknown"
    lost_lamp_bus: FailsafeKind = "unknown"
    power_return: FailsafeKind = "unknown"
    fed_by: Literal["any_request", "write", "register", "none", "unknown"] = "unknown"
    notes: str = ""


@dataclass(frozen=True, slots=True)
class TestVector:
    """Raw registers (or bits) of a point and the value they mean; run both ways by the test suite."""

    __test__ = False

    point: str
    raw: tuple[int, ...]
    value: float | str | None


@dataclass(frozen=True, slots=True)
class Profile:
    """A device type. ``points`` are expanded: a repeat over channels is already one point a channel."""

    id: str
    name: str
    maker: str
    trust: Literal["hardware", "vendor", "community"]
    sources: tuple[str, ...]
    points: tuple[Point, ...]
    channels: tuple[Channel, ...]
    limits: Limits
    failsafe: Failsafe
    vectors: tuple[TestVector, ...]
    probe: str = ""
    notes: str = ""
    level_meaning: Literal["light", "arc", "unknown"] = "unknown"
    ramp_ms_per_pct: float = 0.0

    def channel(self, channel_id: str, role: ChannelRole) -> Channel | None:
        """The channel of that id and role, or None."""
        return next((c for c in self.channels if c.id == channel_id and c.role == role), None)

    def point(self, quantity: Quantity, channel: str = WHOLE_DEVICE) -> Point | None:
        """The readable or writable point of that meaning on that channel, or None."""
        return next((p for p in self.points if p.quantity is quantity and p.channel == channel), None)
