"""``lighting whatif --csv``: a row for each line and world, the whole site first."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TextIO
from zoneinfo import ZoneInfo

from lighting.cli.csv_file import write_to
from lighting.desk.whatif_answers import COMPARED, Line, WhatIfAnswer

HEADING = ("scope", "id", "circuits", "world", "currency", *COMPARED, "peak_at")


def write_csv(file: str, answer: WhatIfAnswer, timezone: str) -> int:
    """Write every line and return how many rows; a file is replaced only when all is written.

    What is not known is empty. Differences are left to the reader's own sheet.
    """
    return write_to(file, lambda stream: _write(stream, answer, timezone))


def _write(stream: TextIO, answer: WhatIfAnswer, timezone: str) -> int:
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(HEADING)
    count = 0
    for scope, lines in (("site", (answer.total,)), ("district", answer.districts), ("circuit", answer.circuits)):
        for line in lines:
            for row in _rows(scope, line, answer.currency, ZoneInfo(timezone)):
                table.writerow(row)
                count += 1
    return count


def _rows(scope: str, line: Line, currency: str, zone: ZoneInfo) -> Iterator[list[str]]:
    for world, figures in line.worlds.items():
        values = [getattr(figures, name) for name in COMPARED]
        peak = "" if figures.peak_ms is None else _local(figures.peak_ms, zone)
        written = ["" if value is None else f"{value:.3f}".rstrip("0").rstrip(".") for value in values]
        yield [scope, line.id, str(line.circuits), world, currency, *written, peak]


def _local(at_ms: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).isoformat(timespec="seconds")
