"""Traffic for a what-if: the counts of a file, or the typical week learnt from the counts on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from lighting.assets.fact import Fact
from lighting.assets.holiday_dates import is_holiday
from lighting.assets.model import Site, TrafficSection
from lighting.desk.refusal import WrongUsage
from lighting.desk.traffic_now import typical_week
from lighting.desk.whatif_worlds import sections_used
from lighting.exchange.traffic_counts import CountRefusal, CountsError, by_reason
from lighting.exchange.traffic_csv import read_csv_counts
from lighting.exchange.traffic_lanes import LaneGathering, SectionCount
from lighting.schedule.inputs import Inputs, Series
from lighting.schedule.traffic_counts import TrafficCount
from lighting.schedule.traffic_series import class_series
from lighting.schedule.traffic_ties import tie
from lighting.schedule.typical_week import typical_counts

if TYPE_CHECKING:
    from lighting.desk.desk import Desk

_ANY_TIME_MS = 2**61
_TRAFFIC = (Fact("traffic_class"),)
_MOST_REASONS = 3

REFUSED_COUNTS = "whatif_counts_refused"
"""A note of counts that were not taken: ``code`` is that of the reason, whose values stand beside it."""


@dataclass(frozen=True, slots=True)
class CountedTraffic:
    """What a world is given, and what must be said of it."""

    inputs: Inputs
    notes: tuple[Fact, ...]


def from_file(site: Site, file: str, data: bytes, span_ms: tuple[int, int]) -> CountedTraffic:
    """The classes that the counts of a file (``section,from,until,vehicles[,lane]``) give to a site's sections.

    Counts of time to come are taken, too: here they are a guess, and move no lamp. Raises ``WrongUsage`` where the file
    cannot be read, or counts for none of the site's sections.
    """
    try:
        read = read_csv_counts(data, file, site.timezone)
    except CountsError as error:
        raise WrongUsage(error.fact) from error
    gathering = LaneGathering(file, site.traffic_sections, _ANY_TIME_MS)
    counts: dict[str, list[TrafficCount]] = {}
    refusals: list[CountRefusal] = list(read.refusals)
    for row in read.rows:
        for result in gathering.take(row):
            if isinstance(result, SectionCount):
                counts.setdefault(result.section, []).append(result.count)
            else:
                refusals.append(result)
    refusals += gathering.end()
    if not counts:
        raise WrongUsage(Fact("whatif_no_counts", {"file": file, "refused": _refused(refusals)}))
    notes = [Fact("whatif_traffic_counts", _covered(site, counts, span_ms) | {"file": file})]
    notes += [
        Fact(REFUSED_COUNTS, {**fact.values, "file": file, "line": first.line, "count": number, "code": fact.code})
        for fact, number, first in by_reason(refusals)[:_MOST_REASONS]
    ]
    return CountedTraffic(_inputs(site, counts), tuple(notes))


def _refused(refusals: Sequence[CountRefusal]) -> int:
    return sum(refusal.count for refusal in refusals)


def _covered(
    site: Site, counts: Mapping[str, Sequence[TrafficCount]], span_ms: tuple[int, int]
) -> dict[str, int | float]:
    """How many of the sections that circuits name were counted, and what share of the span, on the mean of all."""
    used = sections_used(site)
    first_ms, last_ms = span_ms
    counted_ms = sum(
        max(0, min(count.until_ms, last_ms) - max(count.from_ms, first_ms))
        for section in used
        for count in counts.get(section, ())
    )
    most_ms = max(1, len(used)) * (last_ms - first_ms)
    return {
        "sections": len(set(used) & set(counts)),
        "of": len(used),
        "covered_pct": min(100.0, 100.0 * counted_ms / most_ms),
    }


def typical(desk: Desk, site: Site, span_ms: tuple[int, int]) -> CountedTraffic:
    """The classes of the typical week of every section that circuits name, as far as its counts on record allow.

    Each is learnt from the newest year of its counts that suffices; the note names the span of all.
    Raises ``WrongUsage`` where no section has enough.
    """
    counts: dict[str, Sequence[TrafficCount]] = {}
    holiday = partial(is_holiday, site.calendar)
    used = sections_used(site)
    spans_ms: list[tuple[int, int]] = []
    for section in used:
        if section not in desk.site.traffic_sections:
            continue
        try:
            week = typical_week(desk, section).week
        except WrongUsage:
            continue
        spans_ms.append((week.from_ms, week.until_ms))
        counts[section] = typical_counts(week, *span_ms, site.timezone, is_holiday=holiday)
    if not counts:
        raise WrongUsage(Fact("whatif_no_typical_week", {"sections": len(used)}))
    note = Fact(
        "whatif_traffic_typical",
        {
            "sections": len(counts),
            "of": len(used),
            "from_ms": min(begin for begin, _ in spans_ms),
            "until_ms": max(end for _, end in spans_ms),
        },
    )
    return CountedTraffic(_inputs(site, counts), (note,))


def _inputs(site: Site, counts: Mapping[str, Sequence[TrafficCount]]) -> Inputs:
    series = {name: _slim(site.traffic_sections[name], of_section) for name, of_section in counts.items()}
    return Inputs(traffic=tie(site.traffic_sections, series))


def _slim(section: TrafficSection, counts: Sequence[TrafficCount]) -> Series:
    """The series without the reason of each change: nobody asks for them here, and there may be millions."""
    found = class_series(section, counts, coarse=True)
    return Series(found.from_ms, found.value, np.zeros(found.fact.shape, dtype=np.int32), _TRAFFIC)
