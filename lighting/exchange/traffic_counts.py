"""Traffic counts of a file as they were read: one row a lane and an interval, and every refusal with its place.

No count vanishes: ``read_count == len(rows) + sum(refusal.count for refusal in refusals)``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lighting.assets.fact import Fact
from lighting.assets.nearest import shown

MOST_PLAUSIBLE_VEH_H = 3000.0
"""More vehicles an hour no lane carries: capacity is about 2,400 (HCM), the highest 5-minute flow of a PeMS lane that
we have is 2,364. Sums of many loops and broken counters are above it."""

LONGEST_COUNT_MS = 24 * 3_600_000
HOUR_MS = 3_600_000
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{0,9})?\Z", re.ASCII)


class CountsError(Exception):
    """The file as a whole cannot be used. ``fact`` says why and what to do."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(fact.code)
        self.fact = fact


@dataclass(frozen=True, slots=True)
class CountRow:
    """Vehicles of one interval, UTC ms, half-open; one number a lane, or of lane ``lane`` (from 1) alone.

    ``section`` is empty where the file does not name it; ``line`` is its line in the file.
    """

    line: int
    section: str
    from_ms: int
    until_ms: int
    vehicles: tuple[float, ...]
    lane: int | None = None


@dataclass(frozen=True, slots=True)
class CountRefusal:
    """Why ``count`` counts were not taken; ``subject`` is the section or detector that they belong to."""

    file: str
    line: int
    subject: str
    fact: Fact
    count: int = 1


@dataclass(frozen=True, slots=True)
class CountsRead:
    """What a file held. ``remarks`` hold for the whole file: what it lacks, and how its times were read."""

    file: str
    read_count: int
    rows: tuple[CountRow, ...]
    refusals: tuple[CountRefusal, ...] = ()
    remarks: tuple[Fact, ...] = ()

    @property
    def refused_count(self) -> int:
        return sum(refusal.count for refusal in self.refusals)


def vehicles_of(text: str, length_ms: int, most_veh_h: float) -> float | Fact:
    """The vehicles that a cell says, or why they are no count of an interval of that length."""
    if not _NUMBER.match(text.strip()):
        return Fact("count_not_a_number", {"found": shown(text)})
    vehicles = float(text)
    if vehicles < 0:
        return Fact("count_negative", {"found": shown(text)})
    if not vehicles.is_integer():
        return Fact("count_not_whole", {"found": shown(text)})
    flow_veh_h = vehicles * HOUR_MS / length_ms
    if flow_veh_h > most_veh_h:
        return Fact("count_not_plausible", {"flow_veh_h": round(flow_veh_h, 1), "most_veh_h": most_veh_h})
    return vehicles


def text_of(data: bytes, file: str) -> str:
    """The text of a file, with or without a byte-order mark. Raises CountsError when it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CountsError(Fact("counts_not_text", {"file": file, "line": line})) from None


def by_reason(refusals: Sequence[CountRefusal]) -> list[tuple[Fact, int, CountRefusal]]:
    """Refusals that say the same, most frequent first: the reason, its number of counts, and the first of them.

    Figures that differ from row to row are left to the row-by-row report: the reason shown is that of the first.
    """
    counts: Counter[str] = Counter()
    first: dict[str, CountRefusal] = {}
    for refusal in refusals:
        counts[refusal.fact.code] += refusal.count
        first.setdefault(refusal.fact.code, refusal)
    return [(first[code].fact, count, first[code]) for code, count in counts.most_common()]


def named(read: CountsRead, section: str) -> CountsRead:
    """The same with every row as one of that section, for formats that know detectors only."""
    return replace(read, rows=tuple(replace(row, section=section) for row in read.rows))
