"""A device type as data: points, limits, channels, failsafe, test vectors. One TOML file each.

This module holds the facts; ``profile_file`` reads and checks the TOML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from drivers.quantity import UNITS, Quantity

Table = Literal["coil", "discrete", "holding", "input"]
DataType = Literal["bit", "u16", "s16", "u32", "s32", "u64", "s64", "float32", "float64", "string"]
Order = Literal["big", "little"]
PointClass = Literal["live", "setting", "command"]
PollClass = Literal["fast", "slow", "once", "never"]
ChannelRole = Literal["dimmer", "relay", "meter", "input", "counter", "sensor"]
FailsafeKind = Literal["lit", "hold", "dark", "unknown"]
Meaning = Literal["lit", "hold", "dark", "level", "unknown"]
"""What one choice of a failsafe setting does; ``level``: as the setting beside it says."""
Feed = Literal["any_request", "write", "register", "none", "unknown"]
Parity = Literal["none", "even", "odd"]
CounterReset = Literal["never", "on_power_loss", "unknown"]
CurveShape = Literal["linear", "dali_log", "dali_log_pct", "table"]
LevelMeaning = Literal["light", "arc", "unknown"]
Trust = Literal["hardware", "vendor", "community"]

WHOLE_DEVICE = ""
"""The channel of a point that belongs to the device and to none of its channels."""


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a device. ``value = raw * scale + offset`` in the unit of ``quantity``; addresses are 0-based PDU.

    ``sentinels`` and ``forbidden_raw`` are unsigned bit patterns of the whole value, most significant word first.
    ``bits`` is (first bit, width) of a field inside a u16 or u32, 0 the lowest; such a point is never written, for
    that would need its neighbours read first. ``flags`` names single bits of a status word. A ``string`` has one or
    two (``chars_per_register``) ASCII characters a register: one in the low byte, of two the first in the high byte.
    ``byte_order`` ``little`` swaps the two bytes of every register.

    Writing: to ``write_address`` where that is another than the one read; in steps of ``write_step`` (in the unit of
    the value; None: the device's own step). ``verify`` names the point that shows what a write has really done (a
    contact, for a coil), asked ``verify_after_ms`` after the echo; ``follows_ramp`` says that reading back shows the
    ramp on its way. ``min_interval_s`` and ``daily_budget`` spare the memory of settings (None: no interval, and
    the drivers' own budget).

    A counter has ``counter_bits`` and goes back to 0 after ``counter_wrap - 1`` (None: after all its bits);
    ``counter_reset`` says what else makes it 0. ``curve`` says how a level's raw number gives light: ``dali_log`` is
    the DALI arc level 0…254 of IEC 62386-102 9.3, ``dali_log_pct`` the same as percent of 254, ``table`` runs through
    ``curve_points`` of (raw, value), both rising, linear between them.
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
    byte_order: Order = "big"
    bits: tuple[int, int] | None = None
    flags: Mapping[int, str] = field(default_factory=dict)
    chars_per_register: Literal[1, 2] = 1
    unit: str = ""
    write_address: int | None = None
    write_step: Fraction | None = None
    verify_after_ms: float = 0.0
    min_interval_s: float | None = None
    daily_budget: int | None = None
    counter_wrap: int | None = None
    counter_reset: CounterReset = "unknown"
    curve: CurveShape = "linear"
    curve_points: tuple[tuple[int, float], ...] = ()

    @property
    def unit_name(self) -> str:
        """The engineering unit: the quantity's, or the point's own where the quantity has none; empty for a code."""
        return UNITS.get(self.quantity, self.unit)

    @property
    def address_written(self) -> int:
        """Where a write goes."""
        return self.address if self.write_address is None else self.write_address


@dataclass(frozen=True, slots=True)
class Channel:
    """An output, meter phase, input or sensor of the device; what it may carry (None: not limited by the device)."""

    id: str
    role: ChannelRole
    max_load_w: float | None = None
    max_lamps: int | None = None


@dataclass(frozen=True, slots=True)
class LinkDefaults:
    """How the device talks from the factory. None: no source says it. ``notes`` tells where sources disagree."""

    baud: int | None = None
    parity: Parity | None = None
    stop_bits: Literal[1, 2] | None = None
    unit_id: int | None = None
    notes: str = ""


FunctionCode = Literal[1, 2, 3, 4, 5, 6, 15, 16]
ALL_FUNCTIONS: tuple[FunctionCode, ...] = (1, 2, 3, 4, 5, 6, 15, 16)
"""The function codes that the drivers use (Modbus Application Protocol V1.1b3, 6)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request to the device may ask. ``pause_ms`` is kept by the bus between two requests to this device.

    ``timeout_ms`` matters only where it is longer than the time-out of the bus. ``max_gap`` is how many unasked
    addresses in a row a block may read over. ``functions`` are the codes that the device knows; ``broadcast`` says
    that it takes writes to unit 0, ``broadcast_tcp`` that it does so over Modbus TCP and TLS too, where unit 0 may be
    the gateway itself.
    """

    max_registers_per_read: int = 125
    max_registers_per_write: int = 123
    max_bits_per_read: int = 2000
    max_gap: int = 0
    pause_ms: float = 0.0
    timeout_ms: float = 0.0
    max_bits_per_write: int = 1968
    functions: tuple[FunctionCode, ...] = ALL_FUNCTIONS
    broadcast: bool = False
    broadcast_tcp: bool = False


@dataclass(frozen=True, slots=True)
class Reaction:
    """What an output does by itself for one cause: a fixed ``kind``, or what its settings say.

    ``action`` is the quantity of the setting that chooses, ``meanings`` its raw choices; ``level`` the quantity of
    the setting that holds the level. Both are looked for on the output's channel, then on the whole device. With
    ``level`` alone that level is always taken. With either, ``kind`` is what is known before the settings are read.
    """

    kind: FailsafeKind = "unknown"
    level_pct: float | None = None
    action: Quantity | None = None
    meanings: Mapping[int, Meaning] = field(default_factory=dict)
    level: Quantity | None = None

    @property
    def can_be_set(self) -> bool:
        """Whether it is a setting of the device, to be commissioned and watched."""
        return self.action is not None or self.level is not None


@dataclass(frozen=True, slots=True)
class Failsafe:
    """What the device does by itself, apart for each cause.

    ``fed_by`` says what keeps the watchdog quiet, ``fed_point`` which register where it is one. ``watchdog`` is the
    quantity of the setting that holds its time in seconds (0 there, or ``watchdog_off_raw``, switches it off);
    ``watchdog_s`` is a time that cannot be set, or that of the factory.
    """

    lost_master: Reaction = Reaction()
    lost_lamp_bus: Reaction = Reaction()
    power_return: Reaction = Reaction()
    fed_by: Feed = "unknown"
    notes: str = ""
    fed_point: str = ""
    watchdog: Quantity | None = None
    watchdog_s: float | None = None
    watchdog_off_raw: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Mode:
    """The setting that must hold for the points of a profile or a variant to be true: a point and its raw number."""

    point: str
    raw: int


@dataclass(frozen=True, slots=True)
class IdentityCheck:
    """A point by which the device is told from others: it reads ``equals``, or (None) a value in its valid range."""

    point: str
    equals: float | str | None = None


@dataclass(frozen=True, slots=True)
class TestVector:
    """Raw registers (or bits) of a point and the value they mean; run both ways by the test suite."""

    __test__ = False

    point: str
    raw: tuple[int, ...]
    value: float | str | None


@dataclass(frozen=True, slots=True)
class Profile:
    """A device type. ``points`` are expanded: a repeat over channels is already one point a channel.

    ``variants`` are whole profiles of their own for other output modes, named ``base+variant``; their ``mode`` is the
    setting that must hold. ``probe`` and ``identity`` tell the device from others by reading alone.
    """

    id: str
    name: str
    maker: str
    trust: Trust
    sources: tuple[str, ...]
    points: tuple[Point, ...]
    channels: tuple[Channel, ...]
    limits: Limits
    failsafe: Failsafe
    vectors: tuple[TestVector, ...]
    probe: str = ""
    notes: str = ""
    level_meaning: LevelMeaning = "unknown"
    ramp_ms_per_pct: float = 0.0
    link: LinkDefaults = LinkDefaults()
    identity: tuple[IdentityCheck, ...] = ()
    mode: Mode | None = None
    variants: tuple[Profile, ...] = ()

    def channel(self, channel_id: str, role: ChannelRole) -> Channel | None:
        """The channel of that id and role, or None."""
        return next((c for c in self.channels if c.id == channel_id and c.role == role), None)

    def point(self, quantity: Quantity, channel: str = WHOLE_DEVICE) -> Point | None:
        """The readable or writable point of that meaning on that channel, or None."""
        return next((p for p in self.points if p.quantity is quantity and p.channel == channel), None)

    def setting_of(self, quantity: Quantity, channel: str) -> Point | None:
        """The point of that meaning for one output: the channel's own, else the whole device's, or None."""
        return self.point(quantity, channel) or self.point(quantity, WHOLE_DEVICE)

    def point_named(self, name: str) -> Point | None:
        """The point of that name, or None."""
        return next((p for p in self.points if p.name == name), None)
