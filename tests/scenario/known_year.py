"""A span whose true energy is known by construction: lamps as step functions, meters that count them, and what goes
wrong with meters and lines in a year.

Nothing in here asks the product for energy. Levels are its decisions, minute by minute, for somebody has to decide
them; all watts, counters, unknown times and baselines are worked out from ``known_site`` alone, in whole numbers:
milliwatts times milliseconds are microwatt-seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import decide
from lighting.schedule.instructions import Instruction, Layer
from lighting.store.reading_columns import ReadingColumns
from lighting.store.records import DecisionChange
from tests.scenario.known_site import (
    LAMPS,
    LATITUDE_DEG,
    LOAD_W,
    LONGITUDE_DEG,
    METERS,
    OFF_DEG,
    ON_DEG,
    WATTS,
    WRAP_WH,
    ZONE,
)

Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]
Spans = list[tuple[int, int]]

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
POLL_MS = 300_000
READ_BACK_MS = 4_000
BELIEVED_MS = 900_000
"""A level is believed for so long (three polls, 15 minutes at least); readings of a counter further apart are a gap."""
UWS_PER_WH = 3_600_000_000
OF_NAMEPLATE = {"wraps": 1.03, "replaced": 0.98, "resets": 1.02}
"""What lamps take in truth, beside their nameplate; the others are as they say."""
FLOAT_STEP_UWS = 10 * UWS_PER_WH
"""Meters with floats show steps of 0.01 kWh."""
STARTS_AT_UWS = {"M-W:total": 31_000, "M-R:total": 8_112_400, "M-Z:total": 640_000}
"""In Wh: what the counters show at the beginning."""
EVERY_DAYS = 38
"""Everything goes wrong again after so many days."""
_NOT_POLLED_SHARE, _TWICE_SHARE = 0.02, 0.03


@dataclass(frozen=True, slots=True)
class Troubles:
    """Spans [from, until) in UTC ms of all that goes wrong, and instants."""

    all_silent: Spans
    resets_cut: Spans
    modelled_silent: Spans
    burns_by_day: Spans
    overridden: Spans
    swapped_ms: list[int]
    swapped_without_figures_ms: list[int]
    fell_back_ms: list[int]


@dataclass
class Known:
    """The truth. ``levels`` and ``mw`` (n_minutes,) by circuit: asked in percent, and taken in milliwatts."""

    site: Site
    first: date
    last: date
    at_ms: Integers
    troubles: Troubles
    levels: dict[str, NDArray[np.float64]]
    layers: dict[str, NDArray[np.uint8]]
    lit_levels: dict[str, NDArray[np.float64]]
    mw: dict[str, Integers]
    polls: dict[str, Integers] = field(default_factory=dict)
    counters: dict[str, Integers] = field(default_factory=dict)
    figures_ws: dict[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def start_ms(self) -> int:
        return int(self.at_ms[0])

    @property
    def end_ms(self) -> int:
        return int(self.at_ms[-1]) + MINUTE_MS

    def taken_uws(self, name: str, at_ms: Integers) -> Integers:
        """What a circuit had taken from the beginning until these instants."""
        return _integral(self.mw[name], self.at_ms, at_ms)

    def true_ws(self, name: str, spans: Spans | None = None) -> float:
        """What a circuit took in truth in these spans, or in all."""
        edges = np.array(spans or [(self.start_ms, self.end_ms)], np.int64)
        return float(np.diff(self.taken_uws(name, edges.ravel()).reshape(-1, 2), axis=1).sum()) / 1e6


def day_ms(day: date, clock: time = time()) -> int:
    """UTC ms of a time of the local clock."""
    return round(datetime.combine(day, clock, ZoneInfo(ZONE)).astimezone(UTC).timestamp() * 1000)


def known_span(site: Site, first: date, last: date) -> Known:
    """Live these local days, both included."""
    start_ms, end_ms = day_ms(first), day_ms(last + timedelta(days=1))
    at_ms = np.arange(start_ms, end_ms, MINUTE_MS, dtype=np.int64)
    troubles = _troubles(first, last)
    levels, layers = _decided(site, at_ms, troubles)
    lit = {name: level.copy() for name, level in levels.items()}
    lit["resets"][_within(at_ms, troubles.resets_cut)] = 0.0
    lit["replaced"][_within(at_ms, troubles.burns_by_day)] = 100.0
    mw = {name: _milliwatts(name, level) for name, level in lit.items()}
    known = Known(site, first, last, at_ms, troubles, levels, layers, lit, mw)
    _count(known)
    return known


def _troubles(first: date, last: date) -> Troubles:
    n = (last - first).days + 1
    rounds = [first + timedelta(days=begin) for begin in range(0, n - EVERY_DAYS + 1, EVERY_DAYS)]

    def at(day: date, after: int, hour: int, minute: int = 0) -> int:
        return day_ms(day + timedelta(days=after), time(hour, minute))

    return Troubles(
        all_silent=[
            span for day in rounds for span in ((at(day, 4, 19), at(day, 5, 1)), (at(day, 9, 8), at(day, 11, 20)))
        ],
        resets_cut=[
            span
            for day in rounds
            for span in ((at(day, 6, 22, 10), at(day, 6, 23, 40)), (at(day, 26, 13, 1), at(day, 26, 13, 22)))
        ],
        modelled_silent=[(at(day, 13, 20, 30), at(day, 13, 23)) for day in rounds],
        burns_by_day=[(at(day, 8, 11), at(day, 8, 14)) for day in rounds],
        overridden=[(at(day, 3, 21, 0), at(day, 3, 23, 0)) for day in rounds],
        swapped_ms=[at(day, 14, 23, 2) for day in rounds],
        swapped_without_figures_ms=[at(day, 30, 21, 32) for day in rounds],
        fell_back_ms=[at(day, 17, 23, 12) for day in rounds],
    )


def _decided(
    site: Site, at_ms: Integers, troubles: Troubles
) -> tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.uint8]]]:
    instructions = [
        Instruction(number, Layer.OVERRIDE, "circuit", "wraps", 40.0, begin, end, "ann", "")
        for number, (begin, end) in enumerate(troubles.overridden, 1)
    ]
    parts = [
        decide(site, at_ms[begin : begin + 7 * 1440], instructions, Conditions())
        for begin in range(0, at_ms.size, 7 * 1440)
    ]
    level = np.concatenate([part.level_pct for part in parts]).astype(np.float64)
    layer = np.concatenate([part.layer for part in parts])
    names = list(site.circuits)
    return (
        {name: level[:, number].copy() for number, name in enumerate(names)},
        {name: layer[:, number].copy() for number, name in enumerate(names)},
    )


def _milliwatts(name: str, level: NDArray[np.float64]) -> Integers:
    """Dark lamps are behind an open contactor and take nothing. Thirds of it are whole, for three phases."""
    kind, count = LAMPS[name]
    curve = np.array(list(WATTS[kind].items()), np.float64).T
    watts = np.where(level > 0, np.interp(level, *curve), 0.0) * count * OF_NAMEPLATE.get(name, 1.0)
    return np.asarray(3 * np.rint(watts * 1000 / 3), dtype=np.int64)


def _integral(mw: Integers, grid_ms: Integers, at_ms: Integers) -> Integers:
    before = np.concatenate([[0], np.cumsum(mw * MINUTE_MS)])
    minute = np.minimum((at_ms - grid_ms[0]) // MINUTE_MS, mw.size)
    power = np.append(mw, 0)[minute]
    found: Integers = before[minute] + power * (at_ms - grid_ms[0] - minute * MINUTE_MS)
    return found


def _within(at_ms: Integers, spans: Spans) -> Bools:
    found = np.zeros(at_ms.shape, np.bool_)
    for begin, end in spans:
        found |= (at_ms >= begin) & (at_ms < end)
    return found


def _count(known: Known) -> None:
    """Poll every five minutes, a few seconds late now and then; the first and the last poll are at the full hour."""
    rng = np.random.default_rng(20260329)
    channels = [ref for refs in METERS.values() for ref in refs]
    for series in dict.fromkeys((*channels, *LAMPS)):
        at_ms = np.arange(known.start_ms, known.end_ms + 1, POLL_MS, dtype=np.int64)
        at_ms[1:-1] += rng.integers(0, 20_000, at_ms.size - 2)
        missed = rng.random(at_ms.size) < _NOT_POLLED_SHARE
        missed[1:] &= ~missed[:-1]
        missed[[0, 1, -2, -1]] = False
        # All fall silent together, and are heard again together.
        missed &= ~_within(
            at_ms, [(begin - BELIEVED_MS, end + BELIEVED_MS) for begin, end in known.troubles.all_silent]
        )
        gone = known.troubles.all_silent + (known.troubles.modelled_silent if series == "modelled" else [])
        gone = gone + (known.troubles.resets_cut if series in ("resets", "M-Z:total") else [])
        polls = at_ms[~missed]
        if series in LAMPS:
            polls = np.union1d(polls, _read_back(known, series))
        known.polls[series] = polls[~_within(polls, gone)]
    for channel in dict.fromkeys(channels):
        known.counters[channel] = _counter_ws(known, channel, known.polls[channel])
    for at in known.troubles.swapped_ms:
        closing, _ = _counter_ws(known, "M-R:total", np.array([at - 1, at])).tolist()
        known.figures_ws[at] = closing, 0


def _read_back(known: Known, name: str) -> Integers:
    """Seconds after each change, as a controller reads back what it wrote, and a contactor tells of itself."""
    changed = np.flatnonzero(np.diff(known.lit_levels[name]) != 0) + 1
    return known.at_ms[changed] + READ_BACK_MS


def _counter_ws(known: Known, channel: str, at_ms: Integers) -> Integers:
    """What the counter of a channel shows at these instants, in Ws."""
    start = STARTS_AT_UWS.get(channel, 100_000) * UWS_PER_WH
    if channel.startswith("M-S"):
        total = (known.taken_uws("shared-a", at_ms) + known.taken_uws("shared-b", at_ms)) // 3
        if channel == "M-S:L1":
            total = total + LOAD_W * 1000 * (at_ms - known.start_ms)
        return np.asarray((total + start) // FLOAT_STEP_UWS * (FLOAT_STEP_UWS // 1_000_000), np.int64)
    if channel == "M-W:total":
        return np.asarray((known.taken_uws("wraps", at_ms) + start) // UWS_PER_WH % WRAP_WH * 3600, np.int64)
    if channel == "M-Z:total":
        begins = [end for _, end in known.troubles.resets_cut]
        return _anew(known, "resets", at_ms, start, begins) // UWS_PER_WH * 3600
    begins = sorted(known.troubles.swapped_ms + known.troubles.swapped_without_figures_ms)
    counter = _anew(known, "replaced", at_ms, start, begins) // FLOAT_STEP_UWS * (FLOAT_STEP_UWS // 1_000_000)
    for fell_ms in known.troubles.fell_back_ms:
        at = int(np.searchsorted(at_ms, fell_ms))
        if 0 < at < at_ms.size and at_ms[at] - fell_ms < POLL_MS * 2:
            counter[at] -= 5 * 3_600_000
    return counter


def _anew(known: Known, name: str, at_ms: Integers, start_uws: int, begins_ms: Sequence[int]) -> Integers:
    """A counter that began at 0 at each of these instants."""
    taken = known.taken_uws(name, at_ms) + start_uws
    for begin_ms in begins_ms:
        before = int(known.taken_uws(name, np.array([begin_ms]))[0])
        taken = np.where(at_ms >= begin_ms, known.taken_uws(name, at_ms) - before, taken)
    return taken


def readings_of(known: Known, keys: dict[str, int]) -> ReadingColumns:
    """All that was polled, some of it twice, in no order."""
    parts = []
    for series, at_ms in known.polls.items():
        n = at_ms.size
        if series in LAMPS:
            minute = np.minimum((at_ms - known.start_ms) // MINUTE_MS, known.at_ms.size - 1)
            parts.append(
                ReadingColumns.made(at_ms, np.full(n, keys[series]), level_pct=known.lit_levels[series][minute])
            )
        else:
            parts.append(ReadingColumns.made(at_ms, np.full(n, keys[series]), energy_ws=known.counters[series]))
    whole = ReadingColumns.joined(parts)
    rng = np.random.default_rng(7)
    twice = np.flatnonzero(rng.random(len(whole)) < _TWICE_SHARE)
    return whole.take(rng.permutation(np.concatenate([np.arange(len(whole)), twice])))


def decisions_of(known: Known, keys: dict[str, int], revision_id: int) -> list[DecisionChange]:
    """A row for each change of what is asked."""
    found = []
    for name, level in known.levels.items():
        layer = known.layers[name]
        changed = (np.diff(level, prepend=-1) != 0) | (np.diff(layer.astype(np.int64), prepend=-1) != 0)
        found += [
            DecisionChange(
                keys[name], int(known.at_ms[row]), float(level[row]), int(layer[row]), Fact("x"), revision_id
            )
            for row in np.flatnonzero(changed).tolist()
        ]
    return sorted(found, key=lambda one: (one.at_ms, one.circuit_key))


def unknown_spans(known: Known, name: str) -> Spans:
    """When nobody can know what a circuit took: from the last reading that is trusted to the next that is."""
    if name == "wraps":
        # In so long a gap the counter may have run over once more.
        most_w = 1.25 * (3 * LAMPS[name][1] * 90 + 200)
        spans = _gaps(known.polls["M-W:total"], known.troubles.all_silent)
        return [(begin, end) for begin, end in spans if most_w * (end - begin) / 1000 > WRAP_WH * 3600]
    if name == "resets":
        return _gaps(known.polls["M-Z:total"], known.troubles.resets_cut)
    if name == "replaced":
        polls, found = known.polls["M-R:total"], []
        for at in known.troubles.swapped_without_figures_ms:
            row = int(np.searchsorted(polls, at))
            found.append((int(polls[row - 1]), int(polls[row])))
        for at in known.troubles.fell_back_ms:
            row = int(np.searchsorted(polls, at))
            # The reading that fell, the one after it, and the intervals beside: nobody knows which of them is wrong.
            found.append((int(polls[row - 2]), int(polls[row + 1])))
        return found
    return []


def _gaps(polls: Integers, spans: Spans) -> Spans:
    rows = [int(np.searchsorted(polls, end)) for _, end in spans]
    return [(int(polls[row - 1]), int(polls[row])) for row in rows]


def known_hours(known: Known, name: str) -> tuple[Spans, Spans]:
    """The hours of the span whose energy is known, and those whose energy is not, however little of them is missing."""
    unknown = unknown_spans(known, name)
    edges = range(known.start_ms, known.end_ms, HOUR_MS)  # offsets of this zone are whole hours
    touched = [any(begin < edge + HOUR_MS and end > edge for begin, end in unknown) for edge in edges]
    hours = [(edge, edge + HOUR_MS) for edge in edges]
    return (
        [one for one, is_unknown in zip(hours, touched, strict=True) if not is_unknown],
        [one for one, is_unknown in zip(hours, touched, strict=True) if is_unknown],
    )


def undelivered_minutes(known: Known, name: str) -> Bools:
    """(n_minutes,) where light was asked for and nobody can say that it was there, while others were heard."""
    spans = {"resets": known.troubles.resets_cut, "modelled": known.troubles.modelled_silent}.get(name, [])
    polls = known.polls[name]
    silent = [(begin + BELIEVED_MS, end) for begin, end in _gaps(polls, spans)]
    found: Bools = _within(known.at_ms, silent) & (known.levels[name] > 0)
    return found


def overridden_ws(known: Known, name: str) -> float:
    """What overrides saved by nameplate: what would have been asked without them, less what was."""
    total, number = 0.0, list(known.site.circuits).index(name)
    for begin, end in known.troubles.overridden:
        rows = np.flatnonzero(_within(known.at_ms, [(begin, end)]))
        # In summer dusk falls within an override, and at no whole minute: ten looks a minute. The way down to a step
        # takes a minute, which is none of the override's saving: what counts is the step.
        at_ms = (known.at_ms[rows][:, None] + np.arange(0, MINUTE_MS, MINUTE_MS // 10)).ravel()
        alone = decide(known.site, at_ms, (), Conditions()).target_pct[:, number].astype(np.float64)
        total += float(_milliwatts(name, alone).sum()) * 6 / 1000
        total -= float(_milliwatts(name, known.levels[name][rows]).sum()) * 60 / 1000
    return total / OF_NAMEPLATE.get(name, 1.0)


def lit_by_baseline(at_ms: Integers) -> Bools:
    """Whether the lamps of the baseline would be lit: after the sun falls under ON_DEG until it rises over OFF_DEG."""
    elevation = elevation_deg(at_ms)
    rises = np.append(elevation[1:] > elevation[:-1], elevation[-1] > elevation[-2])
    return np.where(rises, elevation < OFF_DEG, elevation < ON_DEG)


def elevation_deg(at_ms: Integers) -> NDArray[np.float64]:
    """The sun's geometric elevation, by the formulas of the Astronomical Almanac (0.01 degrees, 1950 to 2050)."""
    days = at_ms / DAY_MS + 2440587.5 - 2451545.0
    mean_longitude = np.radians(280.460 + 0.9856474 * days)
    anomaly = np.radians(357.528 + 0.9856003 * days)
    longitude = mean_longitude + np.radians(1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    obliquity = np.radians(23.439 - 0.0000004 * days)
    ascension = np.arctan2(np.cos(obliquity) * np.sin(longitude), np.cos(longitude))
    declination = np.arcsin(np.sin(obliquity) * np.sin(longitude))
    sidereal = np.radians(15.0 * (18.697374558 + 24.06570982441908 * days) + LONGITUDE_DEG)
    latitude = np.radians(LATITUDE_DEG)
    height = np.sin(latitude) * np.sin(declination)
    height = height + np.cos(latitude) * np.cos(declination) * np.cos(sidereal - ascension)
    return np.asarray(np.degrees(np.arcsin(height)), np.float64)


def baseline_ws(known: Known, name: str, lamp_w: Mapping[str, int], spans: Spans) -> float:
    """What lamps of so many watts would have taken at full power, in these spans, less light that was not delivered."""
    kind, count = LAMPS[name]
    lit = lit_by_baseline(known.at_ms + MINUTE_MS // 2) & _within_hours(known, spans)
    lit &= ~undelivered_minutes(known, name)
    return float(lit.sum()) * 60.0 * count * lamp_w[kind]


def _within_hours(known: Known, hours: Spans) -> Bools:
    found = np.zeros(known.at_ms.size, np.bool_)
    for begin, _ in hours:
        first = (begin - known.start_ms) // MINUTE_MS
        found[first : first + 60] = True
    return found
