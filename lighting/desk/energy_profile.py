"""Power over time: the night's profile noon to noon, the highest hour, load duration, and tan φ by tariff period.

What is not known is no zero: an hour counts only where at least 99 % of its circuit-time is known, and its energy is
brought from the known share to the whole. All other hours are in no mean, and no peak, and how many hours count stands
beside the figures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.assets.holiday_dates import holidays_between
from lighting.assets.model import Site
from lighting.desk.energy_answers import LoadProfile, ReactiveLine
from lighting.desk.energy_ledger import ALL_WORLDS, Ledger
from lighting.desk.energy_span import DaySpan
from lighting.energy.indicators import PROFILE_HOURS, load_duration_w, load_profile_w, local_hours, reactive_by_period
from lighting.energy.tariff_clock import LocalTimes, version_index

Integers = NDArray[np.int64]
WHOLE_FROM = 0.99
"""An hour is as good as whole from this share of known circuit-time on."""


@dataclass(frozen=True, slots=True)
class Slots:
    """The slots that are known as a whole, all districts together; each array is (n,).

    ``every_ms``: when each slot of the span began, known or not.
    """

    start_ms: Integers
    length_ms: Integers
    used_ws: Integers
    baseline_ws: Integers
    every_ms: Integers

    @property
    def used_w(self) -> NDArray[np.float64]:
        """Mean power of each slot."""
        return self.used_ws * 1000 / self.length_ms


def slots_of(ledger: Ledger, world: str, span: DaySpan, now_ms: int) -> Slots:
    """Add up the districts. A slot of which less is known is left out, not taken for zero.

    Of the span, slots count that have begun at ``now_ms``, and those of which anything is told.
    """
    start_ms, into = np.unique(ledger.start_ms, return_inverse=True)
    energies = ledger.energy_ws[[ALL_WORLDS.index("metered"), ALL_WORLDS.index(world)]]
    rows = (*energies, ledger.account.known_ms, ledger.account.unknown_ms)
    used, baseline, known, unknown = sums = np.zeros((4, start_ms.size), np.int64)
    for total, row in zip(sums, rows, strict=True):
        np.add.at(total, into, row)
    share = known / np.maximum(known + unknown, 1)
    whole = share >= WHOLE_FROM
    at = np.searchsorted(span.slot_edges_ms, start_ms, "right") - 1
    length_ms = span.slot_edges_ms[at + 1] - start_ms
    used, baseline = (np.rint(values[whole] / share[whole]).astype(np.int64) for values in (used, baseline))
    return Slots(start_ms[whole], length_ms[whole], used, baseline, _begun(span, start_ms, now_ms))


def _begun(span: DaySpan, told_ms: Integers, now_ms: int) -> Integers:
    """When the slots began that have begun, or of which something is told."""
    begins = span.slot_edges_ms[:-1]
    if span.cut_ms is not None:
        begins = begins[(begins >= span.cut_ms[0]) & (begins < span.cut_ms[1])]
    begun: Integers = begins[(begins < now_ms) | (begins <= told_ms.max(initial=0))]
    return begun


def load_profile(slots: Slots, timezone: str) -> LoadProfile:
    """Mean power by hour of the lighting night; an hour that a clock change repeats counts in both its passes."""

    def mean_w(energy_ws: Integers) -> tuple[float | None, ...]:
        found = load_profile_w(slots.start_ms, energy_ws, slots.length_ms, timezone)
        return tuple(None if value is None else round(value, 3) for value in found)

    def nights(start_ms: Integers) -> tuple[int, ...]:
        counts = np.bincount(local_hours(start_ms, timezone), minlength=24)
        return tuple(int(counts[hour]) for hour in PROFILE_HOURS)

    known, every = nights(slots.start_ms), nights(slots.every_ms)
    return LoadProfile(PROFILE_HOURS, mean_w(slots.used_ws), mean_w(slots.baseline_ws), known, every)


def load_duration(slots: Slots) -> tuple[tuple[float, float], ...]:
    """(share of the time, W): the site's mean power of each slot, highest first, at most 500 points."""
    return tuple((round(share, 6), round(power_w, 3)) for share, power_w in load_duration_w(slots.used_w))


def peak(slots: Slots) -> tuple[float | None, int | None]:
    """The highest mean power of a slot, and when that began, the first of several; None where nothing is known."""
    if not slots.start_ms.size:
        return None, None
    at = int(np.argmax(slots.used_w))
    return round(float(slots.used_w[at]), 3), int(slots.start_ms[at])


@dataclass(frozen=True, slots=True)
class Reactive:
    """Of each row of a ledger (n,): the reactive energy, the active energy of the same meters, and all of it."""

    start_ms: Integers
    reactive_vars: Integers
    measured_ws: Integers
    used_ws: Integers
    is_measured: NDArray[np.bool_]

    def where(self, chosen: NDArray[np.bool_]) -> Reactive:
        """Some rows of it."""
        return Reactive(
            self.start_ms[chosen],
            self.reactive_vars[chosen],
            self.measured_ws[chosen],
            self.used_ws[chosen],
            self.is_measured[chosen],
        )


def reactive_lines(site: Site, span: DaySpan, rows: Reactive) -> tuple[ReactiveLine, ...]:
    """tan φ by tariff period; nothing where no meter measures reactive energy. What no meter measures has no part."""
    if not rows.is_measured.any():
        return ()
    start_ms, into = np.unique(rows.start_ms, return_inverse=True)
    sums = np.zeros((3, start_ms.size), np.int64)
    unmeasured_ws = rows.used_ws - rows.measured_ws
    for total, row in zip(sums, (rows.reactive_vars, rows.measured_ws, unmeasured_ws), strict=True):
        np.add.at(total, into, row)
    measured = np.zeros(start_ms.size, np.bool_)
    np.logical_or.at(measured, into, rows.is_measured)
    periods, limits = _periods(site, span, start_ms)
    found = reactive_by_period(
        periods * 2,
        np.concatenate([sums[1], sums[2]]),
        np.concatenate([sums[0], np.zeros_like(sums[0])]),
        np.concatenate([measured, np.zeros_like(measured)]),
    )
    return tuple(
        ReactiveLine(
            one.period,
            one.energy_ws,
            one.reactive_vars,
            None if one.tan_phi is None else round(one.tan_phi, 4),
            limits.get(one.period),
        )
        for one in found
    )


def _periods(site: Site, span: DaySpan, start_ms: Integers) -> tuple[list[str], dict[str, float]]:
    """The name of the tariff period of each slot, empty for the base price; and the limit of tan φ of each."""
    tariff = site.tariff
    if tariff is None:
        return [""] * start_ms.size, {}
    holidays = holidays_between(site.calendar, span.first, span.last) if tariff.knows_holidays else frozenset()
    times = LocalTimes.of(start_ms, span.timezone, holidays)
    index = version_index(tariff.dated, times)
    names = np.full(start_ms.size, "", dtype=object)
    limits: dict[str, float] = {}
    for number in np.unique(index[index >= 0]).tolist():
        version = tariff.dated[number]
        mine = index == number
        of_period = np.array([*(one.name for one in version.periods), ""], dtype=object)
        names[mine] = of_period[times.period_index(version)][mine]
        for charge in version.reactive:
            held = times.holds(charge, version) & mine
            limits |= dict.fromkeys(names[held].tolist(), charge.tan_phi_limit)
    return names.tolist(), limits
