"""The shape of a profile's TOML file, schema version 1, and the place of a key in its text."""

from __future__ import annotations

import re
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
Finite = Annotated[float, Field(allow_inf_nan=False)]


def exact(value: object) -> Fraction:
    """A scale as written: ``"1/65536"``, ``"0.001"`` or an integer. A TOML float is not exact and is refused."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("exact_number")
    try:
        return Fraction(value)
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError("exact_number") from error


Exact = Annotated[Fraction, BeforeValidator(exact)]


class Strict(BaseModel):
    """Base of the shapes: an unknown key is a problem, and numbers are not taken from strings."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=False, arbitrary_types_allowed=True)


class AxisToml(Strict):
    """One axis of a repeat: its letter in names and channels counts from ``first``; addresses move by ``stride``."""

    letter: str = Field(alias="as", pattern=r"^[a-z]$")
    count: int = Field(ge=1, le=256)
    first: int = Field(default=0, ge=0)
    stride: int = Field(default=0, ge=0)


class ChannelToml(Strict):
    id: str = Field(min_length=1)
    role: ChannelRole
    max_load_w: Finite | None = Field(default=None, gt=0)
    max_lamps: int | None = Field(default=None, ge=1)
    repeat: list[AxisToml] = []


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
    sentinels: list[Annotated[int, Field(ge=0)]] = []
    valid_min: Finite | None = None
    valid_max: Finite | None = None
    enumeration: dict[str, str] = {}
    writable: bool = False
    readable: bool = True
    point_class: PointClass = Field(default="live", alias="class")
    poll: PollClass = "fast"
    write_min: Finite | None = None
    write_max: Finite | None = None
    forbidden_raw: list[Annotated[int, Field(ge=0)]] = []
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
    curve_points: list[tuple[int, Finite]] = []
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


class Places:
    """Where things stand in the text of a profile: a small search, good enough to send a reader to the line."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._items: dict[str, list[int]] = {}
        inside = ""
        for number, line in enumerate(self._lines, start=1):
            bare = line.strip()
            if opened := re.match(r"(\w+)\s*=\s*\[", bare):
                inside = opened[1]
                bare = bare[opened.end() :].strip()
            if header := re.match(r"\[\[?\s*(\w+)\s*\]\]?", bare):
                inside = header[1]
                self._items.setdefault(inside, []).append(number)
            elif bare.startswith("{"):
                self._items.setdefault(inside, []).append(number)
            elif bare == "]":
                inside = ""

    def line(self, path: Sequence[str | int]) -> int:
        """The 1-based line of a key such as ``("points", 3, "address")``, 0 when it is not found."""
        if len(path) > 1 and isinstance(path[1], int):
            starts = self._items.get(str(path[0]), [])
            if path[1] >= len(starts):
                return self._key(str(path[0]), 0) or (starts[-1] if starts else 0)
            key = next((part for part in reversed(path[2:]) if isinstance(part, str)), "")
            return self._key(key, starts[path[1]] - 1) or starts[path[1]]
        starts = self._items.get(str(path[0]), []) if path else []
        if len(path) > 1 and starts:
            return self._key(str(path[1]), starts[0] - 1) or starts[0]
        return self._key(str(path[0]), 0) if path else 0

    def _key(self, key: str, start: int) -> int:
        """The line of ``key =`` from ``start`` on, inside one array item or table."""
        if not key:
            return 0
        wanted = re.compile(rf"(^|[\s{{,\"]){re.escape(key)}\"?\s*=")
        for index in range(start, len(self._lines)):
            line = self._lines[index].strip()
            if index > start > 0 and (line.startswith(("[", "{")) or line == "]"):
                return 0
            if wanted.search(line):
                return index + 1
        return 0
