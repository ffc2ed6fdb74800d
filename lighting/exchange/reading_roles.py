"""Which column of a file of readings means what, and in which unit: as a person says, or by names that are usual."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lighting.assets.fact import Fact, Value
from lighting.assets.nearest import listed, nearest, shown

TIME, METER, CIRCUIT, ENERGY = "time", "meter", "circuit", "energy"
MEASURED = (ENERGY, "power", "level", "voltage", "current", "power_factor", "reactive")
ROLES = (TIME, METER, CIRCUIT, *MEASURED)

_NAMES: dict[str, tuple[str, ...]] = {
    TIME: (
        "time",
        "timestamp",
        "datetime",
        "at",
        "atms",
        "atutc",
        "utc",
        "begin",
        "from",
        "start",
        "zeit",
        "zeitstempel",
    ),
    METER: ("meter", "meterid", "channel", "series", "meterchannel", "zaehler", "zähler"),
    CIRCUIT: ("circuit", "circuitid"),
    ENERGY: (
        "energy",
        "counter",
        "consumption",
        "total",
        "energytotal",
        "register",
        "energie",
        "verbrauch",
        "zaehlerstand",
    ),
    "power": ("power", "activepower", "load", "leistung"),
    "level": ("level", "levelpct", "dimlevel", "dimming"),
    "voltage": ("voltage", "voltagev", "u", "spannung"),
    "current": ("current", "currenta", "i", "strom"),
    "power_factor": ("powerfactor", "pf", "cosphi"),
    "reactive": ("reactive", "reactivepower", "q", "blindleistung"),
}
# The unit that a heading ends in, and what its figures are multiplied by.
_UNITS: dict[str, dict[str, float]] = {
    ENERGY: {"kwh": 3_600_000.0, "mwh": 3_600_000_000.0, "wh": 3_600.0, "ws": 1.0},
    "power": {"kw": 1000.0, "w": 1.0},
    "reactive": {"kvar": 1000.0, "var": 1.0},
    "voltage": {"v": 1.0},
    "current": {"a": 1.0},
    "level": {"pct": 1.0, "%": 1.0},
}
ENERGY_UNITS = {"kWh": 3_600_000.0, "Wh": 3_600.0, "MWh": 3_600_000_000.0}

_WRITTEN = {**ENERGY_UNITS, "Ws": 1.0}
_OTHERS = {
    "power": {1000.0: " kW", 1.0: " W"},
    "reactive": {1000.0: " kvar", 1.0: " var"},
    "voltage": {1.0: " V"},
    "current": {1.0: " A"},
    "level": {1.0: " %"},
}


def unit_of(role: str, factor: float = 1.0) -> str:
    """The unit of a role's figures, with a space before it: by default that of the store. Empty for a power factor."""
    if role == ENERGY:
        return next((f" {unit}" for unit, of_unit in _WRITTEN.items() if of_unit == factor), "")
    return _OTHERS.get(role, {}).get(factor, "")


class ReadingsError(Exception):
    """The file as a whole cannot be used, and nothing was recorded. ``fact`` says why and what to do."""

    exit_code = 2

    def __init__(self, fact: Fact) -> None:
        super().__init__(fact.code)
        self.fact = fact


@dataclass(frozen=True, slots=True)
class Roles:
    """The place of the column of each role that the file has, and the factor that leads to Ws, W, var, V, A, %."""

    places: Mapping[str, int]
    factors: Mapping[str, float]

    @property
    def measured(self) -> tuple[str, ...]:
        return tuple(role for role in MEASURED if role in self.places)


def roles_of(
    columns: Sequence[str], given: Mapping[str, str], *, energy_unit: str | None, file: str, has_series: bool
) -> Roles:
    """Find the columns. Raises ``ReadingsError`` for one that is not there, or where a needed one is not told.

    ``has_series``: whose readings they are is said for the whole file, so that no column need say it.
    """
    twice = next((name for name in columns if name and columns.count(name) > 1), None)
    if twice is not None:
        raise ReadingsError(Fact("column_twice_in", {"file": file, "column": shown(twice)}))
    places = {role: _given(role, name, columns, file) for role, name in given.items()}
    factors: dict[str, float] = {}
    for role in ROLES:
        if role not in places and (found := _recognised(role, columns)) is not None:
            places[role] = found
        if role in places:
            factors[role] = _factor(role, columns[places[role]])
    if TIME not in places:
        raise _needed(TIME, columns, file)
    if not has_series and METER not in places and CIRCUIT not in places:
        raise _needed(METER, columns, file)
    if not set(places) & set(MEASURED):
        raise _needed(ENERGY, columns, file)
    if ENERGY in places:
        factors[ENERGY] = _energy_factor(columns[places[ENERGY]], factors[ENERGY], energy_unit, file)
    return Roles(places, factors)


def _given(role: str, name: str, columns: Sequence[str], file: str) -> int:
    if name in columns:
        return columns.index(name)
    values: dict[str, Value] = {"file": file, "role": role, "found": shown(name), "allowed": listed(columns)}
    guess = nearest(name, columns)
    if guess:
        raise ReadingsError(Fact("readings_column_unknown_nearest", {**values, "nearest": guess}))
    raise ReadingsError(Fact("readings_column_unknown", values))


def _needed(role: str, columns: Sequence[str], file: str) -> ReadingsError:
    return ReadingsError(Fact("readings_column_needed", {"file": file, "role": role, "allowed": listed(columns)}))


def _recognised(role: str, columns: Sequence[str]) -> int | None:
    for place, column in enumerate(columns):
        plain, unit = _split(role, column)
        if plain in _NAMES[role] or (not plain and unit and role in (ENERGY, "power", "reactive")):
            return place
    return None


def _split(role: str, column: str) -> tuple[str, str]:
    """The name of a heading without its unit, and the unit: ``Energy (kWh)`` is energy in kWh."""
    words = [word for word in re.split(r"[^a-zà-ÿ0-9%]+", column.strip().casefold()) if word]
    unit = words.pop() if words and words[-1] in _UNITS.get(role, {}) else ""
    return "".join(words), unit


def _factor(role: str, column: str) -> float:
    """0 where the heading says no unit and there is no usual one."""
    unit = _split(role, column)[1]
    if unit:
        return _UNITS[role][unit]
    return 0.0 if role == ENERGY else 1.0


def _energy_factor(column: str, of_heading: float, told: str | None, file: str) -> float:
    if told is not None:
        return ENERGY_UNITS[told]
    if not of_heading:
        allowed = ", ".join(ENERGY_UNITS)
        raise ReadingsError(Fact("readings_unit_needed", {"file": file, "column": column, "allowed": allowed}))
    return of_heading
