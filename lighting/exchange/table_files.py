"""Tables as files for others: CSV whose bytes depend on the rows alone, or Parquet (the extra ``[parquet]``).

A CSV has each time twice: as ISO with the offset of the site's zone, and as UTC ms beside it. Numbers have a decimal
point and all their digits; unknown is an empty cell.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from lighting.assets.fact import Fact
from lighting.exchange.readings_parquet import parquet_module
from lighting.store.exports import Export, ExportColumn

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def write_csv(export: Export, file: Path, timezone: str) -> int:
    """Write the table, there whole or not at all; how many rows."""
    count = 0
    with _whole(file) as stream:
        text = _Utf8(stream)
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([heading for column in export.columns for heading in _csv_headings(column)])
        cells = [_csv_cells(column, timezone) for column in export.columns]
        for rows in export.rows:
            columns = [
                column for make, values in zip(cells, zip(*rows, strict=True), strict=True) for column in make(values)
            ]
            writer.writerows(zip(*columns, strict=True))
            count += len(rows)
    return count


class _Utf8:
    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(text.encode())


def _csv_headings(column: ExportColumn) -> list[str]:
    return [column.heading.removesuffix("_ms"), column.heading] if column.kind == "time" else [column.heading]


def _csv_cells(column: ExportColumn, timezone: str) -> Callable[[Sequence[Any]], list[Sequence[Any]]]:
    if column.kind == "time":
        written = lru_cache(maxsize=200_000)(_iso_writer(timezone))
        return lambda values: [["" if value is None else written(value) for value in values], values]
    if column.kind == "boolean":
        return lambda values: [["" if value is None else "true" if value else "false" for value in values]]
    if column.kind == "real":
        # SQLite keeps no minus before a zero, PostgreSQL does.
        return lambda values: [[None if value is None else value + 0.0 for value in values]]
    return lambda values: [values]


def _iso_writer(timezone: str) -> Callable[[int], str]:
    zone = ZoneInfo(timezone)

    def iso(at_ms: int) -> str:
        local = (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone)
        return local.isoformat(timespec="milliseconds" if at_ms % 1000 else "seconds")

    return iso


def write_parquet(export: Export, file: Path, timezone: str) -> int:
    """The same as Parquet, a time as a timestamp of the site's zone. Raises ``ReadingsError`` without pyarrow."""
    parquet = parquet_module()
    import pyarrow as pa

    kinds = {"text": pa.string(), "integer": pa.int64(), "real": pa.float64(), "boolean": pa.bool_()}
    kinds["time"] = pa.timestamp("ms", tz=timezone)
    schema = pa.schema([(_csv_headings(column)[0], kinds[column.kind]) for column in export.columns])
    count = 0
    with _whole(file) as stream, parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
        for rows in export.rows:
            arrays = [
                pa.array(values, kind) for values, kind in zip(zip(*rows, strict=True), schema.types, strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            count += len(rows)
    return count


class TableFileError(Exception):
    """A file that cannot be written; ``fact`` says why."""

    exit_code = 1

    def __init__(self, fact: Fact) -> None:
        super().__init__(fact.code)
        self.fact = fact


@contextmanager
def _whole(file: Path) -> Iterator[IO[bytes]]:
    """A file that has its name only once all of it is on disk."""
    draft = file.with_name(f".{file.name}.partial")
    try:
        with draft.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except OSError as error:
        detail = error.strerror or str(error)
        raise TableFileError(Fact("export_not_written", {"file": str(file), "detail": detail})) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
