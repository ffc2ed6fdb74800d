"""The facts of a city's lamp inventory as it was read: lamps, refused rows, what was assumed.

No row vanishes: ``read_count == len(lamps) + len(refusals)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lighting.assets.fact import Fact

NO_COLUMN = "-"
"""Given as a column's name: the inventory has no such column, and none is to be guessed."""

WGS84 = "EPSG:4326"


class InventoryError(Exception):
    """The file as a whole cannot be used; nothing was imported. ``fact`` says why and what to do."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(fact.code)
        self.fact = fact


@dataclass(frozen=True, slots=True)
class InventoryMapping:
    """Which column means what; an empty name is filled in from well-known names, ``-`` says that there is none.

    ``crs`` is the coordinate reference system of ``x`` and ``y`` (``EPSG:3857``); empty for degrees or GeoJSON.
    """

    controller: str = ""
    wattage: str = ""
    lamp_type: str = ""
    branch: str = ""
    lamp_id: str = ""
    road: str = ""
    x: str = ""
    y: str = ""
    crs: str = ""
    encoding: str = "utf-8-sig"


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """What a person allows: taking mistyped controller ids for the right ones, watts for lamp types that state none,
    a cabinet for lamps without a controller."""

    fix_ids: bool = False
    assume_watts: Mapping[str, float] = field(default_factory=dict)
    orphans: str = ""


@dataclass(frozen=True, slots=True)
class RawRow:
    """One record of the file. ``row`` counts records from 1; ``line`` is its line in a CSV file, else 0."""

    row: int
    line: int
    cells: Mapping[str, str]
    refusal: Fact | None = None


@dataclass(frozen=True, slots=True)
class LampPart:
    """One luminaire of a pole: its kind as the inventory calls it (empty when it does not say), and its watts."""

    kind: str
    watts: float


@dataclass(frozen=True, slots=True)
class Lamp:
    """One usable row: one pole with one or more luminaires, on a branch of a controller."""

    row: int
    line: int
    id: str
    controller: str
    branch: str
    road: str
    parts: tuple[LampPart, ...]
    latitude_deg: float | None = None
    longitude_deg: float | None = None


@dataclass(frozen=True, slots=True)
class RowNote:
    """Why a row was refused, or what was assumed to use it."""

    row: int
    line: int
    lamp_id: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class Inventory:
    """What was read. ``assumptions`` hold for single rows, ``remarks`` for the whole file."""

    read_count: int
    lamps: tuple[Lamp, ...]
    refusals: tuple[RowNote, ...]
    assumptions: tuple[RowNote, ...]
    remarks: tuple[Fact, ...]
