"""Readings of one append, packed column by column: what a cabinet's flash card has to take is a third of plain rows.

Integers are kept as their distance from the smallest, in as few bytes as the largest distance needs; floats that are
decimal numbers of up to four places, as meters tell them, likewise, and others in their eight bytes: nothing is
rounded. A column of one value is that value alone. Reference: "frame of reference" coding, Goldstein, Ramakrishnan and
Shaft, *Compressing Relations and Indexes*, ICDE 1998.

Format 1, little-endian: a byte 1, the count (uint32), then each field of ``Reading`` in its order: a byte that says how
(``ONE_INTEGER`` …), and what belongs to it.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lighting.store.reading_columns import FIELDS, NO_ENERGY, ReadingColumns, dtype_of

FORMAT = 1
HEAD = struct.Struct("<BI")
ONE_INTEGER, INTEGERS, STEPS, ONE_FLOAT, FLOATS, DECIMALS = range(6)
INTEGER = struct.Struct("<q")
FLOAT = struct.Struct("<d")
SMALLEST = struct.Struct("<qBB")
"""The smallest value, bytes of a distance, and the power of ten that decimals were multiplied by."""

WIDTHS = (1, 2, 4, 8)
PLACES = 4
LARGEST_DECIMAL = 1e11
LARGEST_DISTANCE = 2**63


def pack(readings: ReadingColumns) -> bytes:
    """Return the packed readings, in their order."""
    parts = [HEAD.pack(FORMAT, len(readings))]
    for name in FIELDS:
        column = getattr(readings, name)
        parts += _packed_floats(column) if column.dtype == np.float64 else packed_integers(column.astype(np.int64))
    return b"".join(parts)


def unpack(packed: bytes) -> ReadingColumns:
    """Return what was packed, to the last bit. Raises ``ValueError`` for bytes that are no packed readings."""
    if len(packed) < HEAD.size or packed[0] != FORMAT:
        raise ValueError("these bytes are no packed readings")
    count = HEAD.unpack_from(packed)[1]
    columns = []
    place = HEAD.size
    for name in FIELDS:
        column, place = unpacked_column(packed, place, count)
        columns.append(column.astype(dtype_of(name), copy=False))
    return ReadingColumns(*columns)


def packed_integers(values: NDArray[np.int64]) -> list[bytes]:
    if len(values) == 0 or bool((values == values[0]).all()):
        return [bytes([ONE_INTEGER]), INTEGER.pack(int(values[0]) if len(values) else 0)]
    known = values[values != NO_ENERGY]
    smallest, largest = int(known.min()), int(known.max())
    if len(known) == len(values):
        steps = np.diff(values)
        if bool((steps == steps[0]).all()):
            return [bytes([STEPS]), INTEGER.pack(int(values[0])), INTEGER.pack(int(steps[0]))]
    if largest - smallest + 1 >= LARGEST_DISTANCE:
        raise ValueError("a counter of more than 62 bits cannot be kept")
    return [bytes([INTEGERS]), *_distances(values, smallest, largest, values == NO_ENERGY, 0)]


def _distances(
    values: NDArray[np.int64], smallest: int, largest: int, unknown: NDArray[np.bool_], power: int
) -> list[bytes]:
    """0 stands for unknown, 1 for the smallest."""
    width = next(width for width in WIDTHS if largest - smallest + 1 < 256**width)
    distances = np.where(unknown, 0, values - smallest + 1).astype(f"<u{width}")
    return [SMALLEST.pack(smallest, width, power), distances.tobytes()]


def _packed_floats(values: NDArray[np.float64]) -> list[bytes]:
    unknown = np.isnan(values)
    if bool(unknown.all()):
        return [bytes([ONE_FLOAT]), FLOAT.pack(np.nan)]
    if bool((values == values[0]).all()):
        return [bytes([ONE_FLOAT]), FLOAT.pack(float(values[0]))]
    decimals = _decimals(np.where(unknown, 0.0, values))
    if decimals is None:
        return [bytes([FLOATS]), values.astype("<f8").tobytes()]
    whole, power = decimals
    known = whole[~unknown]
    return [bytes([DECIMALS]), *_distances(whole, int(known.min()), int(known.max()), unknown, power)]


def _decimals(values: NDArray[np.float64]) -> tuple[NDArray[np.int64], int] | None:
    """(values times a power of ten, the power) where nothing at all is lost by it."""
    if not bool((np.abs(values) < LARGEST_DECIMAL).all()):
        return None
    for power in range(PLACES + 1):
        whole = np.rint(values * 10.0**power)
        if np.array_equal(whole / 10.0**power, values):
            return whole.astype(np.int64), power
    return None


def unpacked_column(packed: bytes, place: int, count: int) -> tuple[NDArray[Any], int]:
    """One column that begins at a place, and where the next one does."""
    how = packed[place]
    place += 1
    match how:
        case 0:
            return np.full(count, INTEGER.unpack_from(packed, place)[0], np.int64), place + 8
        case 2:
            first, step = INTEGER.unpack_from(packed, place)[0], INTEGER.unpack_from(packed, place + 8)[0]
            return first + step * np.arange(count, dtype=np.int64), place + 16
        case 3:
            return np.full(count, FLOAT.unpack_from(packed, place)[0]), place + 8
        case 4:
            return np.frombuffer(packed, "<f8", count, place).copy(), place + 8 * count
    smallest, width, power = SMALLEST.unpack_from(packed, place)
    place += SMALLEST.size
    distances = np.frombuffer(packed, f"<u{width}", count, place).astype(np.int64)
    place += width * count
    values = distances + (smallest - 1)
    if how == INTEGERS:
        return np.where(distances == 0, NO_ENERGY, values), place
    return np.where(distances == 0, np.nan, values / 10.0**power), place


def pick(packed: bytes, series_key: int) -> list[tuple[Any, ...]]:
    """Return the readings of one series as rows, without unpacking the others. See ``unpack``."""
    if len(packed) < HEAD.size or packed[0] != FORMAT:
        raise ValueError("these bytes are no packed readings")
    count = HEAD.unpack_from(packed)[1]
    places = []
    place = HEAD.size
    for _ in FIELDS:
        places.append(place)
        place = end_of(packed, place, count)
    keys, _ = unpacked_column(packed, places[1], count)
    return [
        tuple(_one(packed, place, index) for place in places) for index in np.flatnonzero(keys == series_key).tolist()
    ]


def end_of(packed: bytes, place: int, count: int) -> int:
    """Where the column behind the one at a place begins."""
    how = packed[place]
    if how in (ONE_INTEGER, ONE_FLOAT):
        return place + 9
    if how == STEPS:
        return place + 17
    if how == FLOATS:
        return place + 1 + 8 * count
    return place + 1 + SMALLEST.size + packed[place + 9] * count


def _one(packed: bytes, place: int, index: int) -> Any:
    how = packed[place]
    place += 1
    match how:
        case 0:
            value: float = INTEGER.unpack_from(packed, place)[0]
            return None if value == NO_ENERGY else value
        case 2:
            return INTEGER.unpack_from(packed, place)[0] + int(index) * INTEGER.unpack_from(packed, place + 8)[0]
        case 3:
            value = FLOAT.unpack_from(packed, place)[0]
            return None if value != value else value
        case 4:
            value = FLOAT.unpack_from(packed, place + 8 * int(index))[0]
            return None if value != value else value
    smallest, width, power = SMALLEST.unpack_from(packed, place)
    place += SMALLEST.size + width * int(index)
    distance = int.from_bytes(packed[place : place + width], "little")
    if distance == 0:
        return None
    whole = smallest - 1 + distance
    return whole if how == INTEGERS else whole / 10.0**power
