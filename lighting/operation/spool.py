"""Readings on disk while the store is gone: files in the site's ``state`` folder to which portions are appended.

A portion is a length, a checksum, how many readings it holds, and the readings themselves, column by column and
packed. It is on the disk (fsync) when ``append`` returns. What a crash leaves half written at the end of a file is
passed over, and nothing is ever appended behind it. Portions are carried over oldest first; one that was carried over
before a crash is carried over again, which changes nothing in the store, for a reading is keyed by its time.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import IO

import numpy as np
import structlog

from lighting.store.records import Reading

SPOOL_FOLDER = "spool"
READINGS_A_PORTION = 5_000
SEGMENTS = 32
"""At the limit the oldest of about so many files goes, so that no more than this share is lost at once."""
_LEAST_SEGMENT_BYTES = 65_536
log = structlog.get_logger("lighting.operation.spool")

_HEADER = struct.Struct("<4sIII")
_MAGIC = b"LSR1"
_SUFFIX = ".readings"
_INTEGERS = ("at_ms", "series_key", "energy_ws", "quality")
_FLOATS = tuple(one.name for one in fields(Reading) if one.name not in _INTEGERS)
_integers = attrgetter(*_INTEGERS)
_floats = attrgetter(*_FLOATS)
_NONE = -(2**63)
_reading: Callable[..., Reading] = Reading


@dataclass(slots=True)
class _Segment:
    path: Path
    size: int
    readings: int


class ReadingSpool:
    """Used by one thread at a time. ``limit_bytes`` may be changed at any time; ``lost`` counts what it has cost.

    What an earlier controller left is found when this is made; a file that cannot be read is left as it is.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.lost = 0
        self._folder = folder
        paths = sorted(path for path in folder.glob(f"*{_SUFFIX}") if path.stem.isdigit())
        self._number = max((int(path.stem) for path in paths), default=0)
        self._segments = [segment for path in paths if (segment := _looked_through(path)) is not None]
        self._offset = 0
        self._taken = 0
        self._is_open = False

    @property
    def waiting(self) -> int:
        """How many readings lie here that were not carried over."""
        return sum(segment.readings for segment in self._segments) - self._taken

    @property
    def size_bytes(self) -> int:
        return sum(segment.size for segment in self._segments)

    def append(self, readings: Sequence[Reading]) -> None:
        """Write readings down, on the disk when this returns. Raises ``OSError``: then none of them is kept here."""
        portions = [
            _packed(readings[first : first + READINGS_A_PORTION])
            for first in range(0, len(readings), READINGS_A_PORTION)
        ]
        data = b"".join(portions)
        if not self._is_open or self._segments[-1].size >= max(_LEAST_SEGMENT_BYTES, self.limit_bytes // SEGMENTS):
            self._begin()
        segment = self._segments[-1]
        try:
            with segment.path.open("ab") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            self._take_back(segment)
            raise
        segment.size += len(data)
        segment.readings += len(readings)
        self._keep_limit()

    def first(self) -> list[Reading]:
        """The oldest portion, or nothing. Raises ``OSError``."""
        while self._segments:
            segment = self._segments[0]
            with segment.path.open("rb") as file:
                file.seek(self._offset)
                found = _next_portion(file)
            if found is not None:
                return _unpacked(*found)
            self._drop_first()
        return []

    def carried_over(self) -> None:
        """The portion that ``first`` gave is in the store. Raises ``OSError``."""
        segment = self._segments[0]
        with segment.path.open("rb") as file:
            file.seek(self._offset)
            _, length, _, count = _HEADER.unpack(file.read(_HEADER.size))
        self._offset += _HEADER.size + length
        self._taken += count
        if self._offset >= segment.size:
            self._drop_first()

    def _begin(self) -> None:
        """A new file, numbered after the last: never behind what a crash may have left half written."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._number += 1
        path = self._folder / f"{self._number:08d}{_SUFFIX}"
        path.touch()
        _sync_folder(self._folder)
        self._segments.append(_Segment(path, 0, 0))
        self._is_open = True

    def _take_back(self, segment: _Segment) -> None:
        """Cut off what was written in part; where even that fails, nothing more goes into this file."""
        try:
            os.truncate(segment.path, segment.size)
        except OSError:
            self._is_open = False

    def _keep_limit(self) -> None:
        while len(self._segments) > 1 and self.size_bytes > self.limit_bytes:
            self.lost += self._segments[0].readings - self._taken
            self._drop_first()

    def _drop_first(self) -> None:
        segment = self._segments.pop(0)
        self._offset = self._taken = 0
        self._is_open = self._is_open and bool(self._segments)
        segment.path.unlink(missing_ok=True)


def _looked_through(path: Path) -> _Segment | None:
    """What a file holds, as far as it is whole."""
    size = readings = 0
    try:
        with path.open("rb") as file:
            while (found := _next_portion(file)) is not None:
                size += _HEADER.size + len(found[0])
                readings += found[1]
    except OSError as error:
        log.error("spool_file_unreadable", file=path.name, detail=error.strerror)
        return None
    return _Segment(path, size, readings)


def _next_portion(file: IO[bytes]) -> tuple[bytes, int] | None:
    """(packed, how many), or None at the end of what is whole."""
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    magic, length, checksum, count = _HEADER.unpack(header)
    if magic != _MAGIC:
        return None
    packed = file.read(length)
    return (packed, count) if len(packed) == length and zlib.crc32(packed) == checksum else None


def _packed(readings: Sequence[Reading]) -> bytes:
    integers = [[_NONE if value is None else value for value in _integers(reading)] for reading in readings]
    floats = [[np.nan if value is None else value for value in _floats(reading)] for reading in readings]
    # Differences from one reading to the next are small, and packed far smaller.
    columns = np.diff(np.array(integers, np.int64).T, axis=1, prepend=0)
    # Bytes of one place lie together, for those of like numbers are alike.
    data = np.concatenate((columns, np.ascontiguousarray(np.array(floats, np.float64).T).view(np.int64)))
    planes = np.ascontiguousarray(data.view(np.uint8).reshape(len(data), len(readings), 8).transpose(0, 2, 1))
    packed = zlib.compress(planes.tobytes(), 1)
    return _HEADER.pack(_MAGIC, len(packed), zlib.crc32(packed), len(readings)) + packed


def _unpacked(packed: bytes, count: int) -> list[Reading]:
    n_columns = len(_INTEGERS) + len(_FLOATS)
    planes = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(n_columns, 8, count)
    data = np.ascontiguousarray(planes.transpose(0, 2, 1)).view(np.int64).reshape(n_columns, count)
    names = (*_INTEGERS, *_FLOATS)
    integers = np.cumsum(data[: len(_INTEGERS)], axis=1)
    columns: list[list[object]] = [[None if v == _NONE else v for v in column] for column in integers.tolist()]
    floats = data[len(_INTEGERS) :].view(np.float64)
    columns += [[None if value != value else value for value in column] for column in floats.tolist()]
    return [_reading(**dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
