"""Many blocks of readings packed and unpacked at once, to the same bytes as ``lighting.store.packing`` makes of each.

A block of an hour has sixty readings: one by one, NumPy would be called a hundred times a block, ten times the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lighting.store.packing import (
    DECIMALS,
    FLOAT,
    FLOATS,
    FORMAT,
    HEAD,
    INTEGER,
    INTEGERS,
    LARGEST_DECIMAL,
    LARGEST_DISTANCE,
    ONE_FLOAT,
    ONE_INTEGER,
    PLACES,
    SMALLEST,
    STEPS,
    WIDTHS,
    end_of,
    unpacked_column,
)
from lighting.store.reading_columns import FIELDS, NO_ENERGY, ReadingColumns, dtype_of

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


def pack_many(readings: ReadingColumns, starts: Integers) -> list[bytes]:
    """Return a packed block for each stretch that begins at one of ``starts`` (ascending, the first 0)."""
    if len(starts) == 0:
        return []
    counts = np.diff(starts, append=len(readings))
    columns = [
        _floats(column, starts, counts) if column.dtype == np.float64 else _integers(column, starts, counts)
        for column in (getattr(readings, name) for name in FIELDS)
    ]
    heads = [HEAD.pack(FORMAT, count) for count in counts.tolist()]
    return list(map(b"".join, zip(heads, *columns, strict=True)))


def _integers(column: NDArray[Any], starts: Integers, counts: Integers) -> list[bytes]:
    values = column.astype(np.int64)
    unknown = values == NO_ENERGY
    first = values[starts]
    is_one = np.logical_and.reduceat(values == np.repeat(first, counts), starts)
    has_unknown = np.logical_or.reduceat(unknown, starts) if unknown.any() else np.zeros(len(starts), np.bool_)
    step = np.zeros(len(starts), np.int64)
    several = counts > 1
    step[several] = values[starts[several] + 1] - first[several]
    # The first of a block has no step before it.
    steps = np.diff(values, prepend=values[:1])
    steps[starts] = step
    in_steps = ~is_one & ~has_unknown & np.logical_and.reduceat(steps == np.repeat(step, counts), starts)
    parts = _distances(INTEGERS, values, unknown, starts, counts, ~is_one & ~in_steps, np.zeros(len(starts), np.int64))
    for at in np.flatnonzero(is_one).tolist():
        parts[at] = bytes([ONE_INTEGER]) + INTEGER.pack(int(first[at]))
    for at in np.flatnonzero(in_steps).tolist():
        parts[at] = bytes([STEPS]) + INTEGER.pack(int(first[at])) + INTEGER.pack(int(step[at]))
    return parts


def _floats(values: NDArray[np.float64], starts: Integers, counts: Integers) -> list[bytes]:
    unknown = np.isnan(values)
    first = values[starts]
    is_one = np.logical_and.reduceat(unknown, starts)
    is_one |= np.logical_and.reduceat(values == np.repeat(first, counts), starts)
    whole, power = _whole(np.where(unknown, 0.0, values), starts, counts, ~is_one)
    parts = _distances(DECIMALS, whole, unknown, starts, counts, ~is_one & (power >= 0), power)
    plain = np.flatnonzero(~is_one & (power < 0))
    if plain.size:
        raw = values.astype("<f8").tobytes()
        for at in plain.tolist():
            begin = int(starts[at]) * 8
            parts[at] = bytes([FLOATS]) + raw[begin : begin + int(counts[at]) * 8]
    for at in np.flatnonzero(is_one).tolist():
        parts[at] = bytes([ONE_FLOAT]) + FLOAT.pack(float(first[at]))
    return parts


def _whole(
    values: NDArray[np.float64], starts: Integers, counts: Integers, wanted: Booleans
) -> tuple[Integers, Integers]:
    """(values times a power of ten, that power of each block; -1 where something would be lost)."""
    whole = np.zeros(len(values), np.int64)
    power = np.full(len(starts), -1, np.int64)
    left = wanted & np.logical_and.reduceat(np.abs(values) < LARGEST_DECIMAL, starts)
    for places in range(PLACES + 1):
        if not left.any():
            break
        # All at once only where it may still succeed: the first reading of a block tells most of it.
        heads = values[starts[left]]
        likely = left.copy()
        likely[left] = np.rint(heads * 10.0**places) / 10.0**places == heads
        if not likely.any():
            continue
        some = np.rint(values * 10.0**places)
        exact = np.logical_and.reduceat(some / 10.0**places == values, starts) & likely
        rows = np.repeat(exact, counts)
        whole[rows] = some[rows].astype(np.int64)
        power[exact] = places
        left &= ~exact
    return whole, power


def _distances(
    how: int,
    values: Integers,
    unknown: Booleans,
    starts: Integers,
    counts: Integers,
    wanted: Booleans,
    power: Integers,
) -> list[bytes]:
    """The bytes of those blocks that are wanted, as distances from their smallest; of the others nothing."""
    parts = [b""] * len(starts)
    if not wanted.any():
        return parts
    most = np.iinfo(np.int64).max
    smallest = np.minimum.reduceat(np.where(unknown, most, values), starts)
    largest = np.maximum.reduceat(np.where(unknown, -most - 1, values), starts)
    # As floats the difference of two far ends does not run over.
    far = largest.astype(np.float64) - smallest.astype(np.float64) + 1 >= float(LARGEST_DISTANCE)
    if bool((far & wanted).any()):
        raise ValueError("a counter of more than 62 bits cannot be kept")
    reach = np.where(wanted, largest - smallest + 1, 0)
    width_of = np.select([reach < 256**width for width in WIDTHS[:-1]], WIDTHS[:-1], WIDTHS[-1])
    distance = np.where(unknown, 0, values - np.repeat(smallest, counts) + 1)
    for width in np.unique(width_of[wanted]).tolist():
        chosen = wanted & (width_of == width)
        raw = distance[np.repeat(chosen, counts)].astype(f"<u{width}").tobytes()
        begin = 0
        for at in np.flatnonzero(chosen).tolist():
            end = begin + int(counts[at]) * width
            head = SMALLEST.pack(int(smallest[at]), width, int(power[at]))
            parts[at] = bytes([how]) + head + raw[begin:end]
            begin = end
    return parts


def unpack_many(blocks: Sequence[bytes]) -> ReadingColumns:
    """Return the readings of all blocks, one after the other. Raises ``ValueError`` as ``unpack`` does."""
    if not blocks:
        return ReadingColumns.of_rows([])
    counts = []
    for packed in blocks:
        if len(packed) < HEAD.size or packed[0] != FORMAT:
            raise ValueError("these bytes are no packed readings")
        counts.append(HEAD.unpack_from(packed)[1])
    places = [HEAD.size] * len(blocks)
    ends = np.concatenate(([0], np.cumsum(counts))).tolist()
    columns = []
    for name in FIELDS:
        columns.append(_column(blocks, counts, places, ends, dtype_of(name)))
        places = [end_of(packed, at, n) for packed, at, n in zip(blocks, places, counts, strict=True)]
    return ReadingColumns(*columns)


def _column(
    blocks: Sequence[bytes], counts: list[int], places: list[int], ends: list[int], kind: type[np.generic]
) -> NDArray[Any]:
    """Blocks of one form and width are read together."""
    forms: dict[tuple[int, int], list[int]] = {}
    for index, (packed, place) in enumerate(zip(blocks, places, strict=True)):
        how = packed[place]
        width = packed[place + 9] if how in (INTEGERS, DECIMALS) else 0
        forms.setdefault((how, width), []).append(index)
    found = np.empty(ends[-1], kind)
    count_of = np.array(counts)
    for (how, width), some in forms.items():
        if how == STEPS or len(some) < 8:
            for at in some:
                found[ends[at] : ends[at + 1]] = unpacked_column(blocks[at], places[at], counts[at])[0]
            continue
        values = _together(blocks, places, counts, how, width, some)
        if len(some) == len(blocks):
            found[:] = values
        else:
            chosen = np.zeros(len(blocks), np.bool_)
            chosen[some] = True
            found[np.repeat(chosen, count_of)] = values
    return found


def _together(
    blocks: Sequence[bytes], places: list[int], counts: list[int], how: int, width: int, some: list[int]
) -> NDArray[Any]:
    n = np.array([counts[at] for at in some])
    if how in (ONE_INTEGER, ONE_FLOAT):
        raw = b"".join([blocks[at][places[at] + 1 : places[at] + 9] for at in some])
        return np.repeat(np.frombuffer(raw, "<i8" if how == ONE_INTEGER else "<f8"), n)
    head = 1 if how == FLOATS else 1 + SMALLEST.size
    size = 8 if how == FLOATS else width
    raw = b"".join([blocks[at][places[at] + head : places[at] + head + size * counts[at]] for at in some])
    if how == FLOATS:
        return np.frombuffer(raw, "<f8")
    heads = [SMALLEST.unpack_from(blocks[at], places[at] + 1) for at in some]
    distances = np.frombuffer(raw, f"<u{width}").astype(np.int64)
    values = distances + np.repeat(np.array([one[0] - 1 for one in heads], np.int64), n)
    if how == INTEGERS:
        return np.where(distances == 0, NO_ENERGY, values)
    scale = np.repeat(np.array([10.0 ** one[2] for one in heads]), n)
    return np.where(distances == 0, np.nan, values / scale)
