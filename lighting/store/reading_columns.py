"""Readings as columns: one NumPy array a field, all of one length, for whatever comes by the hundred thousand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lighting.store.records import Reading

NO_ENERGY = int(np.iinfo(np.int64).min)
"""Stands in ``energy_ws`` where the counter is unknown: integers have no NaN."""

FIELDS = tuple(field.name for field in fields(Reading))
INTEGERS = ("at_ms", "series_key", "energy_ws")
_values = attrgetter(*FIELDS)


@dataclass(frozen=True, slots=True)
class ReadingColumns:
    """As ``Reading``, (n,) each: times UTC ms, energy Ws int64 with ``NO_ENERGY``, quality int16, floats with NaN."""

    at_ms: NDArray[np.int64]
    series_key: NDArray[np.int64]
    level_pct: NDArray[np.float64]
    power_w: NDArray[np.float64]
    energy_ws: NDArray[np.int64]
    voltage_v: NDArray[np.float64]
    current_a: NDArray[np.float64]
    power_factor: NDArray[np.float64]
    quality: NDArray[np.int16]
    reactive_var: NDArray[np.float64]

    @classmethod
    def of(cls, readings: Sequence[Reading]) -> ReadingColumns:
        """The same readings as columns, in their order."""
        return cls.of_rows(list(map(_values, readings)))

    @classmethod
    def of_rows(cls, rows: Sequence[Sequence[Any]]) -> ReadingColumns:
        """Rows with the fields in their order, None for what is unknown."""
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(FIELDS)
        return cls(*(_column(name, values) for name, values in zip(FIELDS, columns, strict=True)))

    @classmethod
    def made(cls, at_ms: Any, series_key: Any, **given: Any) -> ReadingColumns:
        """Columns of these fields; all that is not given is unknown, and of good quality."""
        n = len(at_ms)
        blank = {name: np.full(n, np.nan) for name in FIELDS}
        blank |= {"energy_ws": np.full(n, NO_ENERGY), "quality": np.zeros(n, np.int16)}
        chosen = blank | {"at_ms": at_ms, "series_key": series_key} | given
        return cls(*(np.ascontiguousarray(chosen[name], dtype=dtype_of(name)) for name in FIELDS))

    @classmethod
    def joined(cls, parts: Iterable[ReadingColumns]) -> ReadingColumns:
        """All of these, one after the other."""
        found = list(parts)
        if len(found) == 1:
            return found[0]
        if not found:
            return cls.of_rows([])
        return cls(*(np.concatenate([getattr(part, name) for part in found]) for name in FIELDS))

    def __len__(self) -> int:
        return len(self.at_ms)

    def take(self, which: Any) -> ReadingColumns:
        """Those that an index, a slice or a mask chooses."""
        return ReadingColumns(*(getattr(self, name)[which] for name in FIELDS))

    def by_series(self) -> ReadingColumns:
        """Ascending by series and time; of several of one series and time the first stands."""
        at_ms, key = self.at_ms, self.series_key
        ascending = (key[1:] > key[:-1]) | ((key[1:] == key[:-1]) & (at_ms[1:] > at_ms[:-1]))
        if bool(ascending.all()):
            return self
        order = np.lexsort((at_ms, key))  # stable
        at_ms, key = at_ms[order], key[order]
        first = np.ones(len(order), np.bool_)
        first[1:] = (key[1:] != key[:-1]) | (at_ms[1:] != at_ms[:-1])
        return self.take(order[first])

    def newest(self) -> ReadingColumns:
        """The newest reading of each series, ascending by series."""
        ordered = self.by_series()
        last = np.ones(len(ordered), np.bool_)
        last[:-1] = ordered.series_key[1:] != ordered.series_key[:-1]
        return ordered.take(last)

    def of_keys(self, series_keys: NDArray[np.int64]) -> ReadingColumns:
        """Those of these series."""
        return self.take(np.isin(self.series_key, series_keys))

    def between(self, from_ms: int, until_ms: int) -> ReadingColumns:
        """Those of the half-open span."""
        return self.take((self.at_ms >= from_ms) & (self.at_ms < until_ms))

    def among(self, others: ReadingColumns) -> NDArray[np.bool_]:
        """Which of them are of a series and time of the others."""
        found: NDArray[np.bool_] = np.isin(_pairs(self), _pairs(others))
        return found

    def rows(self) -> list[tuple[Any, ...]]:
        """One tuple a reading, None for what is unknown."""
        return list(zip(*(_listed(getattr(self, name)) for name in FIELDS), strict=True))

    def readings(self) -> list[Reading]:
        """One object a reading, in their order."""
        return [Reading(*row) for row in self.rows()]


_PAIR = np.dtype([("series", np.int64), ("at", np.int64)])


def _pairs(columns: ReadingColumns) -> NDArray[np.void]:
    found = np.empty(len(columns), _PAIR)
    found["series"], found["at"] = columns.series_key, columns.at_ms
    return found


def dtype_of(name: str) -> type[np.generic]:
    """The type of a column's values."""
    if name == "quality":
        return np.int16
    return np.int64 if name in INTEGERS else np.float64


def _column(name: str, values: Sequence[Any]) -> NDArray[Any]:
    if name == "energy_ws":
        values = [NO_ENERGY if value is None else value for value in values]
    return np.array(values, dtype=dtype_of(name))


def _listed(column: NDArray[Any]) -> list[Any]:
    values: list[Any] = column.tolist()
    unknown = np.isnan(column) if column.dtype == np.float64 else column == NO_ENERGY
    if column.dtype != np.int16 and bool(unknown.any()):
        for index in np.flatnonzero(unknown).tolist():
            values[index] = None
    return values
