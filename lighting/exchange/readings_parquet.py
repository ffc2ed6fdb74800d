"""A Parquet file of past readings, in portions, as text: the same rules hold as for a CSV file.

It needs the optional package pyarrow (the extra ``[parquet]``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lighting.assets.fact import Fact
from lighting.assets.nearest import shown
from lighting.exchange.reading_roles import ReadingsError
from lighting.exchange.reading_rows import Integers

ROWS_AT_ONCE = 5_000
_ROWS_CHECKED = 50_000


def parquet_module() -> Any:
    """``pyarrow.parquet``. Raises ``ReadingsError`` where it is not installed."""
    try:
        import pyarrow.parquet as parquet
    except ModuleNotFoundError as error:
        raise ReadingsError(Fact("parquet_missing", {"detail": str(error)})) from error
    return parquet


def parquet_heading(file: Path) -> list[str]:
    """The columns of the file. Raises ``ReadingsError`` where it is no Parquet file, or damaged somewhere: what is
    found out in the middle of an import would leave half of it behind.
    """
    import pyarrow as pa

    opened = _opened(file)
    try:
        for _ in opened.iter_batches(batch_size=_ROWS_CHECKED):
            pass
    except (pa.ArrowException, OSError) as error:
        raise _damaged(file, error) from error
    return list(opened.schema_arrow.names)


def parquet_portions(file: Path) -> Iterator[tuple[Integers, Sequence[Sequence[str]]]]:
    """(rows from 1, columns as text) of the rows, some at a time."""
    done = 0
    for batch in _opened(file).iter_batches(batch_size=ROWS_AT_ONCE):
        lines = np.arange(done + 1, done + 1 + batch.num_rows, dtype=np.int64)
        done += batch.num_rows
        yield lines, [_texts(column) for column in batch.columns]


def _opened(file: Path) -> Any:
    parquet = parquet_module()
    import pyarrow as pa

    try:
        return parquet.ParquetFile(file)
    except pa.ArrowException as error:
        raise _damaged(file, error) from error


def _damaged(file: Path, error: Exception) -> ReadingsError:
    detail = shown((str(error).splitlines() or [type(error).__name__])[0])
    return ReadingsError(Fact("readings_not_parquet", {"file": file.name, "detail": detail}))


def _texts(column: Any) -> list[str]:
    """Each value once as text: floats with all their digits, times as ISO, with an offset where the type has a zone."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_timestamp(kind):
        end = "+00:00" if kind.tz is not None else ""
        times = column.cast(pa.timestamp("ms", kind.tz), safe=False).to_numpy(zero_copy_only=False)
        distinct, places = np.unique(times.astype("datetime64[ms]"), return_inverse=True)
        texts = [f"{one}{end}" for one in np.datetime_as_string(distinct)]
        return np.array(texts, object)[places].tolist()  # type: ignore[no-any-return]
    return ["" if value is None else str(value) for value in column.to_pylist()]
