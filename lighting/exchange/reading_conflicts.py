"""Readings of one series and instant that do not say the same: which of them, and in what.

Of two that agree in all that the later one says, the later one is known already. One that says another value, or one
where the first says nothing, would be lost in silence: it is refused, with both values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Value
from lighting.exchange.reading_roles import ENERGY, unit_of
from lighting.store.reading_columns import NO_ENERGY, ReadingColumns

FIELD_OF_ROLE = {
    ENERGY: "energy_ws",
    "power": "power_w",
    "level": "level_pct",
    "voltage": "voltage_v",
    "current": "current_a",
    "power_factor": "power_factor",
    "reactive": "reactive_var",
}
CONFLICTS = ("reading_contradicts_stored", "reading_contradicts_line")
"""Codes of rows that stand beside another reading of the same series and instant."""

_WS_PER_KWH = 3_600_000
_ALIKE = 1e-9
"""So far, of their size, may values differ that were converted between units."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LinedReadings:
    """Readings with the lines of the file that they stand in, (n,); lines None where they are sums of several."""

    line: NDArray[np.int64] | None
    readings: ReadingColumns

    def __len__(self) -> int:
        return len(self.readings)

    def take(self, which: Mask) -> LinedReadings:
        return LinedReadings(None if self.line is None else self.line[which], self.readings.take(which))

    @classmethod
    def joined(cls, parts: list[LinedReadings]) -> LinedReadings:
        lines = [part.line for part in parts if part.line is not None]
        line = np.concatenate(lines) if len(lines) == len(parts) else None
        return cls(line, ReadingColumns.joined([part.readings for part in parts]))


def beside_stored(ours: ReadingColumns, stored: ReadingColumns) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(places of ours, places of the stored ones) of one series and instant; ``stored`` has each pair once."""
    if len(stored) == 0:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    keys = np.concatenate([stored.series_key, ours.series_key])
    times = np.concatenate([stored.at_ms, ours.at_ms])
    number = _pair_numbers(keys, times)
    place = np.full(len(keys), -1, np.intp)
    place[number[: len(stored)]] = np.arange(len(stored))
    of_ours = place[number[len(stored) :]]
    mine = np.flatnonzero(of_ours >= 0)
    return mine, of_ours[mine]


def _pair_numbers(keys: NDArray[np.int64], times: NDArray[np.int64]) -> NDArray[np.intp]:
    """A number for each pair of series and time, ascending; equal pairs have the same."""
    order = np.lexsort((times, keys))
    is_new = np.ones(len(order), np.bool_)
    is_new[1:] = (np.diff(keys[order]) != 0) | (np.diff(times[order]) != 0)
    number = np.empty(len(order), np.intp)
    number[order] = np.cumsum(is_new) - 1
    return number


def first_of_each(readings: ReadingColumns) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(places, places of the first of the same series and instant) of those that are not the first, in their order."""
    number = _pair_numbers(readings.series_key, readings.at_ms)
    first = np.full(len(readings), -1, np.intp)
    first[number[::-1]] = np.arange(len(readings))[::-1]
    of_each = first[number]
    later = np.flatnonzero(of_each != np.arange(len(readings)))
    return later, of_each[later]


def conflicts(
    ours: ReadingColumns, others: ReadingColumns, mine: NDArray[np.intp], theirs: NDArray[np.intp]
) -> list[tuple[int, int, dict[str, Value]]]:
    """(place of ours, of the other, values of a fact) of the pairs in which ours says what the other does not."""
    found: dict[int, tuple[int, dict[str, Value]]] = {}
    for role, name in FIELD_OF_ROLE.items():
        a, b = getattr(ours, name)[mine], getattr(others, name)[theirs]
        for pair in np.flatnonzero(_differs(a, b)).tolist():
            if pair not in found:
                values: dict[str, Value] = {"stored_ms": int(ours.at_ms[mine[pair]]), "role": role}
                values |= {"found": _written(role, a[pair]), "other": _written(role, b[pair])}
                found[pair] = int(theirs[pair]), values
    return [(int(mine[pair]), *found[pair]) for pair in sorted(found)]


def _differs(a: NDArray[np.generic], b: NDArray[np.generic]) -> Mask:
    """Where ``a`` is known, and ``b`` is not the same."""
    if a.dtype == np.int64:
        found: Mask = (a != NO_ENERGY) & (a != b)
        return found
    x, y = a.astype(np.float64), b.astype(np.float64)
    is_alike = np.abs(x - y) <= _ALIKE * np.maximum(np.abs(x), np.abs(y))
    return ~np.isnan(x) & ~is_alike


def _written(role: str, value: np.generic) -> str | None:
    """With all its digits, for what differs must be seen; None for what is unknown."""
    if role == ENERGY:
        return None if int(value) == NO_ENERGY else f"{int(value) / _WS_PER_KWH:.12g} kWh"
    return None if np.isnan(value) else f"{float(value):.10g}{unit_of(role)}"
