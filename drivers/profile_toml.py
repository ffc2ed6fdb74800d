"""The shape of a profile's TOML file, schema version 1."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from drivers.profile import (
    ALL_FUNCTIONS,
    ChannelRole,
    CounterReset,
    CurveShape,
    DataType,
    FailsafeKind,
    Feed,
    FunctionCode,
    LevelMeaning,
    Meaning,
    Order,
    Parity,
    PointClass,
    PollClass,
    Table,
    Trust,
)
from drivers.quantity import Quantity

SCHEMA_VERSION = 1
Register = Annotated[int, Field(ge=0, le=0xFFFF)]
Address = Annotated[int, Field(ge=0, le=0xFFFF)]
LONGEST_NUMBER = 40
LARGEST_EXPONENT = 30
EXACT_NUMBER = 'a whole number, or "0.1" or "1/3" in quotes'
Finite = Annotated[float, Field(allow_inf_nan=False)]


def exact(value: object) -> Fraction:
    """A scale as written: ``"1/65536"``, ``"0.001"`` or an integer. A TOML float is not exact and is refused.

    So is what no device has and what would fill the memory: more than 40 signs, or an exponent beyond ±30.
    """
    text = str(value) if isinstance(value, int) and abs(value) < 10**30 else value
    if isinstance(value, bool) or not isinstance(text, str) or len(text) > LONGEST_NUMBER:
        raise ValueError(EXACT_NUMBER)
    exponent = text.lower().partition("e")[2].lstrip("+-")
    try:
        if exponent and int(exponent) > LARGEST_EXPONENT:
            raise ValueError(EXACT_NUMBER)
        return Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError(EXACT_NUMBER) from error


Exact = Annotated[Fraction, BeforeValidator(exact)]


class Strict(BaseModel):
    """Base of the shapes: an unknown key is a problem, and numbers are not taken from strings."""

    model_config = ConfigDict(
        extra="forbid", strict=True, populate_by_name=False, arbitrary_types_allowed=True, defer_build=True
    )


class AxisToml(Strict):
    """One axis of a repeat: its letter in names and channels counts from ``first``; addresses move by ``stride``."""

    letter: str = Field(alias="as", pattern=r"^[a-z]$")
    count: int = Field(ge=1, le=256)
    first: int = Field(default=0, ge=0, le=65535)
    stride: int = Field(default=0, ge=0, le=65535)


class ChannelToml(Strict):
    id: str = Field(min_length=1)
    role: ChannelRole
    max_load_w: Finite | None = Field(default=None, gt=0)
    max_lamps: int | None = Field(default=None, ge=1, le=65535)
    repeat: list[AxisToml] = []


def _pair(value: object) -> object:
    """TOML knows no tuples."""
    return tuple(value) if isinstance(value, list) else value


CurvePoint = Annotated[tuple[Annotated[int, Field(ge=-(2**32), le=2**32)], Finite], BeforeValidator(_pair)]


class BitsToml(Strict):
    """A field of bits inside the registers; bit 0 is the lowest."""

    first: int = Field(ge=0, le=31)
    width: int = Field(default=1, ge=1, le=32)


class PointToml(Strict):
    name: str = Field(min_length=1)
    quantity: Annotated[Quantity, Field(strict=False)]
    channel: str = ""
    table: Table
    address: Address
    manual: str = ""
    type: DataType
    registers: int | None = Field(default=None, ge=1, le=125)
    word_order: Order = "big"
    scale: Exact = Fraction(1)
    offset: Exact = Fraction(0)
    sentinels: list[Annotated[int, Field(ge=0, lt=2**64)]] = []
    valid_min: Finite | None = None
    valid_max: Finite | None = None
    enumeration: dict[str, str] = {}
    writable: bool = False
    readable: bool = True
    point_class: PointClass = Field(default="live", alias="class")
    poll: PollClass | None = None
    write_min: Finite | None = None
    write_max: Finite | None = None
    forbidden_raw: list[Annotated[int, Field(ge=0, lt=2**64)]] = []
    counter_bits: int | None = Field(default=None, ge=8, le=64)
    verify: str = ""
    follows_ramp: bool = False
    byte_order: Order = "big"
    bits: BitsToml | None = None
    flags: dict[str, str] = {}
    chars_per_register: Literal[1, 2] = 1
    unit: str = ""
    write_address: Address | None = None
    write_step: Exact | None = None
    verify_after_ms: Finite = Field(default=0.0, ge=0, le=600_000)
    min_interval_s: Finite | None = Field(default=None, gt=0, le=31_536_000)
    daily_budget: int | None = Field(default=None, ge=1, le=100_000)
    counter_wrap: int | None = Field(default=None, ge=2, le=2**64)
    counter_reset: CounterReset = "unknown"
    curve: CurveShape = "linear"
    curve_points: list[CurvePoint] = []
    repeat: list[AxisToml] = []


class VectorToml(Strict):
    point: str
    raw: list[Register] = Field(min_length=1)
    value: float | str | None = None


class LimitsToml(Strict):
    max_registers_per_read: int = Field(default=125, ge=1, le=125)
    max_registers_per_write: int = Field(default=123, ge=1, le=123)
    max_bits_per_read: int = Field(default=2000, ge=1, le=2000)
    max_bits_per_write: int = Field(default=1968, ge=1, le=1968)
    max_gap: int = Field(default=0, ge=0, le=124)
    pause_ms: Finite = Field(default=0.0, ge=0, le=10_000)
    timeout_ms: Finite = Field(default=0.0, ge=0, le=60_000)
    functions: list[FunctionCode] = Field(default=[*ALL_FUNCTIONS], min_length=1)
    broadcast: bool = False
    broadcast_tcp: bool = False


class LinkToml(Strict):
    baud: int | None = Field(default=None, ge=300, le=4_000_000)
    parity: Parity | None = None
    stop_bits: Literal[1, 2] | None = None
    unit_id: int | None = Field(default=None, ge=1, le=247)
    notes: str = ""


class ReactionToml(Strict):
    kind: FailsafeKind = "unknown"
    level_pct: Finite | None = Field(default=None, ge=0, le=100)
    action: Annotated[Quantity, Field(strict=False)] | None = None
    meanings: dict[str, Meaning] = {}
    level: Annotated[Quantity, Field(strict=False)] | None = None


def _short(value: object) -> object:
    """``lost_master = "hold"`` is short for ``{ kind = "hold" }``."""
    return {"kind": value} if isinstance(value, str) else value


Reacting = Annotated[ReactionToml, BeforeValidator(_short)]


class FailsafeToml(Strict):
    lost_master: Reacting = ReactionToml()
    lost_lamp_bus: Reacting = ReactionToml()
    power_return: Reacting = ReactionToml()
    fed_by: Feed = "unknown"
    fed_point: str = ""
    watchdog: Annotated[Quantity, Field(strict=False)] | None = None
    watchdog_s: Finite | None = Field(default=None, gt=0)
    watchdog_off_raw: list[Register] = []
    notes: str = ""


class IdentityToml(Strict):
    point: str
    equals: float | str | None = None


class ModeToml(Strict):
    point: str
    raw: Register


class VariantToml(Strict):
    """What another output mode changes: points replace those of the same name (template) or are added."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    name: str = Field(min_length=1)
    mode: ModeToml | None = None
    without: list[str] = []
    points: list[PointToml] = []
    vectors: list[VectorToml] = []
    level_meaning: LevelMeaning | None = None
    notes: str = ""


class ProfileToml(Strict):
    schema_version: int
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    name: str = Field(min_length=1)
    maker: str = Field(min_length=1)
    trust: Trust
    sources: list[str] = []
    probe: str = ""
    notes: str = ""
    level_meaning: LevelMeaning = "unknown"
    ramp_ms_per_pct: Finite = Field(default=0.0, ge=0)
    channels: list[ChannelToml] = []
    points: list[PointToml] = Field(min_length=1)
    vectors: list[VectorToml] = []
    limits: LimitsToml = LimitsToml()
    failsafe: FailsafeToml = FailsafeToml()
    link: LinkToml = LinkToml()
    identity: list[IdentityToml] = []
    mode: ModeToml | None = None
    variants: list[VariantToml] = []


SHAPES: dict[str, type[Strict]] = {
    "channels": ChannelToml,
    "points": PointToml,
    "vectors": VectorToml,
    "limits": LimitsToml,
    "failsafe": FailsafeToml,
    "repeat": AxisToml,
    "bits": BitsToml,
    "link": LinkToml,
    "identity": IdentityToml,
    "variants": VariantToml,
    "mode": ModeToml,
    "lost_master": ReactionToml,
    "lost_lamp_bus": ReactionToml,
    "power_return": ReactionToml,
}
"""The shape below each key that has one."""


def valid_keys(path: Sequence[str | int]) -> list[str]:
    """The keys allowed in the table that holds the last key of ``path``."""
    shape: type[Strict] = ProfileToml
    for part in path[:-1]:
        shape = SHAPES.get(part, shape) if isinstance(part, str) else shape
    return [info.alias or name for name, info in shape.model_fields.items()]


def known_part(path: Sequence[str | int]) -> tuple[str | int, ...]:
    """The beginning of a path that the file can have: without what a choice of types adds at its end."""
    shape: type[Strict] | None = ProfileToml
    for at, part in enumerate(path):
        if isinstance(part, int):
            continue
        if shape is None or part not in (info.alias or name for name, info in shape.model_fields.items()):
            return tuple(path[:at])
        shape = SHAPES.get(part)
    return tuple(path)
