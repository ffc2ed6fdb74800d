"""Past readings as they are read: columns of what is right, and every refusal with its line.

No row vanishes: ``read_count`` is the rows that were used and those that were refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact, Value
from lighting.assets.nearest import Names, nearest, shown
from lighting.exchange.office_numbers import plain_number
from lighting.exchange.reading_roles import CIRCUIT, ENERGY, METER, Roles, unit_of
from lighting.exchange.reading_times import REFUSED, TWICE, ReadingTimes

REFUSALS_LISTED = 100_000
"""So many are kept with their lines; all are counted."""

ODD_ROWS = ("reading_row_width", "reading_quote_open", "line_too_long")
"""Codes of lines that are no row, so that no reader of rows has counted them."""

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_LARGEST_WS = 3.6e18
"""10¹² kWh: a round number, and less than the counters of the store can hold."""
_LIMITS: dict[str, tuple[float, float]] = {
    ENERGY: (0.0, _LARGEST_WS),
    "power": (-1e8, 1e8),
    "level": (0.0, 100.0),
    "voltage": (0.0, 1000.0),
    "current": (0.0, 1e5),
    "power_factor": (-1.0, 1.0),
    "reactive": (-1e8, 1e8),
}


@dataclass(frozen=True, slots=True)
class RowRefusal:
    """Why a row was not taken; ``subject`` is the meter or circuit that it names."""

    file: str
    line: int
    subject: str
    fact: Fact


@dataclass(slots=True)
class Refusals:
    """All refusals of a file, by code, with the first of each and the first of all."""

    file: str
    rows: list[RowRefusal] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, RowRefusal] = field(default_factory=dict)

    def add(self, line: int, subject: str, fact: Fact) -> None:
        refusal = RowRefusal(self.file, line, subject, fact)
        self.counts[fact.code] += 1
        self.first.setdefault(fact.code, refusal)
        if len(self.rows) < REFUSALS_LISTED:
            self.rows.append(refusal)

    @property
    def count(self) -> int:
        return self.counts.total()


@dataclass(frozen=True, slots=True)
class RowChunk:
    """Rows in the order of the file, (n,) each: line, time UTC ms, series key; values by role, NaN where empty."""

    line: Integers
    at_ms: Integers
    series: Integers
    values: Mapping[str, Floats]

    def take(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> RowChunk:
        values = {role: column[which] for role, column in self.values.items()}
        return RowChunk(self.line[which], self.at_ms[which], self.series[which], values)

    def __len__(self) -> int:
        return int(self.line.size)


def joined(chunks: Sequence[RowChunk]) -> RowChunk:
    """One after the other; at least one."""
    roles = chunks[0].values
    return RowChunk(
        np.concatenate([chunk.line for chunk in chunks]),
        np.concatenate([chunk.at_ms for chunk in chunks]),
        np.concatenate([chunk.series for chunk in chunks]),
        {role: np.concatenate([chunk.values[role] for chunk in chunks]) for role in roles},
    )


class SeriesNames(dict[str, int]):
    """Ids of meters or circuits to their keys; -1 for one that is not known."""

    def __init__(self, keys: Mapping[str, int]) -> None:
        super().__init__(keys)
        self._names = Names(tuple(keys))

    def __missing__(self, text: str) -> int:
        # A text with blanks around it is the same id.
        key = self.get(text.strip(), -1) if text.strip() != text else -1
        self[text] = key
        return key

    def why(self, kind: str, text: str) -> Fact:
        values: dict[str, Value] = {"kind": kind, "found": shown(text)}
        guess = nearest(text, self._names)
        if guess:
            return Fact("reading_series_unknown_nearest", {**values, "nearest": guess})
        return Fact("reading_series_unknown", values)


@dataclass(frozen=True, slots=True)
class Series:
    """Whose readings rows are: one for the whole file (``key``), or by the ids of meters and of circuits."""

    meters: SeriesNames
    circuits: SeriesNames
    key: int | None = None


class RowReader:
    """Makes chunks of columns of text; what is refused goes to ``refusals``.

    Times that clocks show twice are kept aside in ``twice``, with both instants, until the file has been read.
    """

    def __init__(self, roles: Roles, times: ReadingTimes, series: Series, refusals: Refusals) -> None:
        self._roles = roles
        self._times = times
        self._series = series
        self._refusals = refusals
        self._mark = ""
        self.read_count = 0
        self.twice: list[tuple[RowChunk, Integers]] = []

    def read(self, lines: Integers, columns: Sequence[Sequence[str]]) -> RowChunk:
        """The rows of these columns of text, (n,) each, in the order of the file's columns."""
        self.read_count += lines.size
        places = self._roles.places
        texts = columns[places["time"]]
        at_ms = np.array(list(map(self._times.__getitem__, texts)), np.int64)
        series, subjects = self._keys(columns, lines.size)
        why: dict[int, Fact] = {}
        for row in np.flatnonzero(at_ms == REFUSED).tolist():
            why[row] = self._times.why[texts[row]]
        for row in np.flatnonzero(series < 0).tolist():
            why.setdefault(row, self._unknown(columns, row))
        values = {role: self._numbers(role, columns[places[role]], why) for role in self._roles.measured}
        return self._sorted_out(RowChunk(lines, at_ms, series, values), texts, subjects, why)

    def refuse(self, line: int, fact: Fact) -> None:
        """Refuse a row of which more had to be known than itself."""
        self._refusals.add(line, "", fact)

    def _sorted_out(
        self, chunk: RowChunk, texts: Sequence[str], subjects: Callable[[int], str], why: dict[int, Fact]
    ) -> RowChunk:
        empty = np.ones(len(chunk), np.bool_)
        for column in chunk.values.values():
            empty &= np.isnan(column)
        for row in np.flatnonzero(empty).tolist():
            why.setdefault(row, Fact("reading_row_empty"))
        good = np.ones(len(chunk), np.bool_)
        for row in sorted(why):
            self._refusals.add(int(chunk.line[row]), subjects(row), why[row])
            good[row] = False
        doubled = good & (chunk.at_ms == TWICE)
        if doubled.any():
            rows = np.flatnonzero(doubled)
            both = np.array([self._times.both[texts[row]] for row in rows.tolist()], np.int64)
            self.twice.append((chunk.take(rows), both))
            good &= ~doubled
        return chunk if bool(good.all()) else chunk.take(good)

    def _keys(self, columns: Sequence[Sequence[str]], count: int) -> tuple[Integers, Callable[[int], str]]:
        series, places = self._series, self._roles.places
        if series.key is not None:
            return np.full(count, series.key, np.int64), lambda _row: ""
        role = METER if METER in places else CIRCUIT
        names = series.meters if role == METER else series.circuits
        texts = columns[places[role]]
        return np.array(list(map(names.__getitem__, texts)), np.int64), texts.__getitem__

    def _unknown(self, columns: Sequence[Sequence[str]], row: int) -> Fact:
        role = METER if METER in self._roles.places else CIRCUIT
        names = self._series.meters if role == METER else self._series.circuits
        return names.why(role, columns[self._roles.places[role]][row])

    def _numbers(self, role: str, texts: Sequence[str], why: dict[int, Fact]) -> Floats:
        found = self._plain_numbers(texts)
        if found is None:
            found = np.array([self._number(text) for text in texts], np.float64)
        found *= self._roles.factors[role]
        low, high = _LIMITS[role]
        outside = ~((found >= low) & (found <= high))  # so is what is no number
        for row in np.flatnonzero(outside).tolist():
            text = texts[row]
            if not text.strip():
                continue
            if self._number(text) != self._number(text):
                why.setdefault(row, Fact("reading_not_a_number", {"role": role, "found": shown(text)}))
            else:
                factor = self._roles.factors[role]
                unit = unit_of(role, factor)
                limits: dict[str, Value] = {"least": _limit(low / factor), "most": f"{_limit(high / factor)}{unit}"}
                why.setdefault(row, Fact("reading_value_outside", {"role": role, "found": shown(text), **limits}))
        return found

    def _plain_numbers(self, texts: Sequence[str]) -> Floats | None:
        """All at once, where every one has a point before its decimals; None where they must be looked at singly."""
        every = "".join(texts)
        if self._mark == "," or "_" in every or not every.isascii():
            return None
        try:
            found = np.array([float(text) if text else np.nan for text in texts], np.float64)
        except ValueError:
            return None
        self._mark = self._mark or ("." if "." in every else "")
        return found

    def _number(self, text: str) -> float:
        """A number with a point or a comma before its decimals, the same in the whole file; NaN for any other text."""
        text = text.strip()
        if "," in text and "." in text:
            plain = plain_number(text, has_comma=True)
            text = "" if plain is None else plain.replace(".", ",")
        mark = "," if "," in text else "." if "." in text else ""
        if text.count(",") + text.count(".") > 1 or (mark and self._mark and mark != self._mark):
            return np.nan
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            return np.nan
        self._mark = self._mark or mark
        return value if np.isfinite(value) and "_" not in text and text.isascii() else np.nan


def _limit(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ")
