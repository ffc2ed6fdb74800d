"""``lighting plan --csv``: the levels of a night as a table of numbers, a row a step and a column a circuit."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO
from zoneinfo import ZoneInfo

import numpy as np

from lighting.cli.csv_file import write_to
from lighting.desk.answers import PlanSeries


def write_csv(file: str, parts: Iterable[PlanSeries], timezone: str) -> int:
    """Write the steps of every part and return how many; a file is replaced only when all is written.

    The first column is the local time in ISO form with its offset; a level is empty where nothing is ours to write.
    """
    return write_to(file, lambda stream: _write(stream, parts, timezone))


def _write(stream: TextIO, parts: Iterable[PlanSeries], timezone: str) -> int:
    zone, count = ZoneInfo(timezone), 0
    for part in parts:
        if not count:
            csv.writer(stream, lineterminator="\n").writerow(["local_time", *part.circuit_ids])
        # Levels are few: each is written once, and its text taken as often as needed.
        values, which = np.unique(np.round(part.level_pct, 2), return_inverse=True)
        texts = np.array(["" if np.isnan(value) else f"{value:.2f}".rstrip("0").rstrip(".") for value in values])
        rows = texts[which.reshape(part.level_pct.shape)]
        for at_ms, row in zip(part.at_ms.tolist(), rows, strict=True):
            local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone)
            stream.write(",".join([local.isoformat(timespec="seconds"), *row.tolist()]) + "\n")
        count += part.at_ms.size
    return count
