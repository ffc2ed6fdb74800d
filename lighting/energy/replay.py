"""A span of lighting nights replayed under a site's rules: energy, money, lamp-hours, switchings, minutes below class.

The levels are those of the one decision (`lighting.schedule.decision`), worked out for kinds of circuits and a few
nights at a time; what people ask for (overrides, lockouts, emergencies) is left out. How it counts:

* What holds in the middle of a step counts for the whole step. Energy is the sum over steps of power times length.
* Switching-on before the program, by a stagger, is added as each circuit's own lead times its power.
* The way down after traffic took a class away is at once (live it takes ``ramp_down_s`` at most).
* Light-output correction: lamps age by their burning hours in the replay itself, brought up to date once a month.
* Off is the lamps' standby power, or nothing where a contactor cuts it, by day too. Permanent loads are left out.
* The peak is the highest power of the whole city in any step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from lighting.assets.holiday_dates import holidays_between
from lighting.assets.model import Site
from lighting.energy.luminaire_power import power_w
from lighting.energy.replay_cast import Cast, Lamps, cast_of, lamps_of, steps_down_of
from lighting.energy.replay_steps import MS_PER_H, Rows, Steps, batches, merged, rows_of, steps_of
from lighting.energy.replay_traffic import values_of, weights_of
from lighting.energy.tariff import price_per_kwh
from lighting.schedule.grid import Grid
from lighting.schedule.inputs import Inputs
from lighting.schedule.layering import Layered
from lighting.schedule.site_index import SiteIndex, site_index
from lighting.schedule.stages import Stages
from lighting.schedule.worked import worked_kinds

Floats = NDArray[np.float64]
Progress = Callable[[int], None]

STEP_MS = 300_000
AGED_AFTER_NIGHTS = 30
"""Burning hours are brought up to date after that many nights."""
_ROWS_A_NIGHT = 100
_MOST_CELLS = 400_000
"""Of a table of rows by kinds: above it fewer nights are worked out together."""
_UNDER_PCT = 1e-3
"""What counts as under a level: more than the rounding of a level that is held as float32."""


@dataclass(frozen=True, slots=True)
class World:
    """The rules of a site, and what its senses say over the span; ``inputs.burning_h`` is the age of the lamps before
    its first night.
    """

    site: Site
    inputs: Inputs = field(default_factory=Inputs)


@dataclass(frozen=True, slots=True)
class Replay:
    """What a span of nights took. By circuit, (n_circuits,), in the order of ``site.circuits``.

    ``energy_kwh``; ``money`` in the tariff's currency, zeros without one; ``lamp_h``: lamps times hours alight;
    ``full_load_h``: energy over ``full_kw``, the power of all lamps at 100 %; ``switchings``: on and off, each counted;
    ``below_class_min``, ``below_floor_min``: minutes while dark with less light than the design class, or the floor,
    asks for; light is the level without light-output correction, and NaN is a design class that is not known.
    By night, (n_nights,): ``night_kwh``, ``night_money``. ``peak_kw`` of the whole site, at ``peak_ms`` (UTC ms).
    """

    circuit_ids: tuple[str, ...]
    energy_kwh: Floats
    money: Floats
    lamp_h: Floats
    full_load_h: Floats
    full_kw: Floats
    switchings: Floats
    below_class_min: Floats
    below_floor_min: Floats
    nights: tuple[date, ...]
    night_kwh: Floats
    night_money: Floats
    peak_kw: float
    peak_ms: int
    hours: float


def nights_from(first: date, last: date) -> tuple[date, ...]:
    """Return the lighting nights from one to another, both included."""
    return tuple(first + timedelta(days=day) for day in range((last - first).days + 1))


def replay(world: World, nights: Sequence[date], *, step_ms: int = STEP_MS, progress: Progress | None = None) -> Replay:
    """Replay consecutive lighting nights. ``progress`` is told how many nights are done.

    Raises ValueError without a night or for a step under a second.
    """
    if not nights or step_ms < 1000:
        raise ValueError("a replay has at least one night, and steps of at least a second")
    sums = Sums(world, tuple(nights))
    index, done = sums.index, 0
    steps_down = steps_down_of(index, world.inputs)
    part: Part | None = None
    for first in range(0, len(nights), AGED_AFTER_NIGHTS):
        if part is None or index.output.is_used:
            if part is not None:
                sums.take(part)
            cast = cast_of(index, index.kinds_by_age(sums.burning_h()), sums.lamps, world.inputs, steps_down)
            part = Part(cast, world)
        stretch = steps_of(nights[first : first + AGED_AFTER_NIGHTS], world.site.timezone, step_ms)
        values = values_of(world.inputs, cast.sections, steps_down, stretch.at_ms)
        for batch, span in batches(stretch, nights_at_once(cast, step_ms)):
            sums.add_city(done, batch, part.add(batch, values[:, span]))
            done += len(batch.nights)
            if progress is not None:
                progress(done)
    if part is not None:
        sums.take(part)
    return sums.result()


def nights_at_once(cast: Cast, step_ms: int) -> int:
    """Return how many nights are worked out together: more for a small site, one where the tables are large."""
    steps = 86_400_000 / step_ms
    table = min(steps, _ROWS_A_NIGHT) * max(len(cast.kinds), cast.cells.n_columns, cast.tried.size)
    return max(1, min(AGED_AFTER_NIGHTS, int(_MOST_CELLS / table), int(_MOST_CELLS / (steps * len(cast.sections)))))


@dataclass(frozen=True, slots=True)
class City:
    """The whole site in each step of a batch: ``power_w``, ``price`` (n_steps,), and by night what a stagger adds."""

    power_w: Floats
    price: Floats
    early_wh: Floats
    early_money: Floats


class Part:
    """The sums of the kinds and cells of one cast."""

    def __init__(self, cast: Cast, world: World) -> None:
        self.cast, self.world = cast, world
        n_kinds, n_cells = cast.tried.shape[1], len(cast.cells.kind)
        self.cell_wh, self.cell_money = np.zeros(n_cells), np.zeros(n_cells)
        self.early_w, self.early_price_w = np.zeros(n_cells), np.zeros(n_cells)
        self.lit_h, self.early_count, self.switchings = np.zeros(n_kinds), np.zeros(n_kinds), np.zeros(n_kinds)
        self.below_class_h, self.below_floor_h = np.zeros(n_kinds), np.zeros(n_kinds)
        self._cell_section = cast.section[cast.cells.kind]
        self._by_section = np.argsort(self._cell_section, kind="stable")
        present, self._section_starts = np.unique(self._cell_section[self._by_section], return_index=True)
        self._present = present.astype(np.intp)

    def add(self, steps: Steps, values: NDArray[np.int8]) -> City:
        """Work out a batch of nights, ``values`` (n_sections, n_steps) being what traffic takes away; what the whole
        city takes in it.
        """
        cast, site = self.cast, self.world.site
        rows = rows_of(cast.index, steps, cast.inputs)
        # One instant before and one at the end, so that every switching is seen once.
        at_ms = np.concatenate([[steps.start_ms - 1], rows.at_ms, [steps.end_ms - 1]])
        grid, laid, stages = worked_kinds(cast.index, cast.kinds, cast.figures, cast.class_pct, at_ms, cast.inputs)
        level, dark = stages.warm[grid.asked[1:-1]], laid.dark[grid.asked[1:-1]]
        differs = np.ones(len(level), dtype=np.bool_)
        differs[1:] = (level[1:] != level[:-1]).any(axis=1) | (dark[1:] != dark[:-1]).any(axis=1)
        rows, kept = merged(rows, differs)
        level, dark = level[kept], dark[kept]
        hours = weights_of(values, len(cast.steps_down), rows, steps.hours)
        price = price_per_kwh(site.tariff, steps.at_ms, site.timezone, _holidays(site, steps))
        table_w = cast.cells.lit_w(level)
        self._add_kinds(dark, level, hours)
        self._add_switchings(stages, int(grid.asked[0]))
        self._add_cells(table_w, level, hours, self.cell_wh)
        if site.tariff is not None:
            priced = weights_of(values, len(cast.steps_down), rows, steps.hours * price)
            self._add_cells(table_w, level, priced, self.cell_money)
        early_wh, early_money = self._add_early(grid, laid, stages, steps, values, price)
        return City(self._city_w(table_w, level, values, rows), price, early_wh, early_money)

    def _add_kinds(self, dark: NDArray[np.bool_], level_pct: NDArray[np.float32], hours: Floats) -> None:
        cast = self.cast
        light = level_pct / cast.kinds.output_share
        below_class = dark & (light < cast.design_pct - _UNDER_PCT)
        below_floor = dark & (light < cast.figures.floor_pct - _UNDER_PCT)
        for flags, into in (
            (level_pct > 0, self.lit_h),
            (below_class, self.below_class_h),
            (below_floor, self.below_floor_h),
        ):
            if flags.any():
                by_column = flags.T.astype(np.float64)
                for value, tried in enumerate(cast.tried):
                    into += np.einsum("kr,kr->k", hours[value][cast.section], by_column[tried])

    def _add_switchings(self, stages: Stages, first: int) -> None:
        on = stages.warm[first:] > 0
        self.switchings += (on[1:] != on[:-1]).sum(axis=0)[self.cast.tried[0]]

    def _add_cells(self, table_w: Floats, level_pct: NDArray[np.float32], weights: Floats, into: Floats) -> None:
        """Add power times weight (n_values, n_sections, n_rows) to each cell."""
        cells, cast = self.cast.cells, self.cast
        for value, tried in enumerate(cells.tried):
            into += np.einsum("cr,cr->c", weights[value][self._cell_section], table_w[tried])
        # What is off is off whatever the traffic; every section has the whole time.
        off = (level_pct[:, cast.tried[0]] <= 0).T @ weights[:, 0].sum(axis=0)
        into += cells.standby_w * off[cells.kind]

    def _city_w(self, table_w: Floats, level_pct: NDArray[np.float32], values: NDArray[np.int8], rows: Rows) -> Floats:
        """(n_steps,): the power of the whole site."""
        cells, ordered = self.cast.cells, self._by_section
        lamps = cells.lamps[ordered][:, None]
        of_sections = np.stack(
            [np.add.reduceat(table_w[tried[ordered]] * lamps, self._section_starts, axis=0) for tried in cells.tried]
        )
        numbers = np.arange(self._present.size)[:, None]
        total = of_sections[values[self._present], numbers, rows.of_step].sum(axis=0)
        of_kinds = np.bincount(cells.kind, cells.standby_w * cells.lamps, minlength=self.cast.tried.shape[1])
        standby_w = (level_pct[:, self.cast.tried[0]] <= 0) @ of_kinds
        return np.asarray(total + standby_w[rows.of_step], dtype=np.float64)

    def _add_early(
        self,
        grid: Grid,
        laid: Layered,
        stages: Stages,
        steps: Steps,
        values: NDArray[np.int8],
        price: Floats,
    ) -> tuple[Floats, Floats]:
        """Add what circuits take that are switched on ahead of their program; by night, for the whole site."""
        early_wh, early_money = np.zeros(len(steps.nights)), np.zeros(len(steps.nights))
        cast, first = self.cast, int(grid.asked[0])
        if not cast.index.longest_stagger_ms:
            return early_wh, early_money
        comes_on = laid.unlit[first:-1] & (laid.comes_on_ms[first:-1] == grid.at_ms[first + 1 :, None])
        comes_on &= (stages.warm[first:-1] == 0) & (stages.ramped[first + 1 :] > 0)
        for row in np.flatnonzero(comes_on.any(axis=1)).tolist():
            step = min(int(np.searchsorted(steps.at_ms, grid.at_ms[first + row + 1])), steps.at_ms.size - 1)
            level = np.where(comes_on[row], stages.ramped[first + row + 1], 0.0).astype(np.float32)
            lit_w = cast.cells.lit_w(level[None, :])[:, 0]
            of_cells = lit_w[cast.cells.tried[values[self._cell_section, step], np.arange(len(self.cell_wh))]]
            of_cells -= np.where(of_cells > 0, cast.cells.standby_w, 0.0)
            self.early_w += of_cells
            self.early_price_w += of_cells * price[step]
            self.early_count += comes_on[row][cast.tried[0]]
            night, total_wh = int(steps.night[step]), float(of_cells @ cast.cells.stagger_ms) / MS_PER_H
            early_wh[night] += total_wh
            early_money[night] += total_wh * price[step]
        return early_wh, early_money


def _holidays(site: Site, steps: Steps) -> frozenset[str]:
    """The holidays of the steps' days, where the tariff tells them from others."""
    if site.tariff is None or not site.tariff.knows_holidays:
        return frozenset()
    return holidays_between(site.calendar, steps.nights[0], steps.nights[-1] + timedelta(days=1))


class Sums:
    """What was added up so far, by circuit and by night."""

    def __init__(self, world: World, nights: tuple[date, ...]) -> None:
        self.world, self.nights = world, nights
        self.index: SiteIndex = site_index(world.site)
        self.lamps: Lamps = lamps_of(world.site)
        n = len(self.index.ids)
        self._wh, self._money, self._lit_h = np.zeros(n), np.zeros(n), np.zeros(n)
        self._switchings, self._below_class_h, self._below_floor_h = np.zeros(n), np.zeros(n), np.zeros(n)
        self._night_wh, self._night_money = np.zeros(len(nights)), np.zeros(len(nights))
        self._peak_w, self._peak_ms, self._hours = -1.0, 0, 0.0
        stated = np.array([circuit.burning_h for circuit in world.site.circuits.values()], dtype=np.float64)
        self._began_h = stated if world.inputs.burning_h is None else world.inputs.burning_h

    def burning_h(self) -> Floats:
        """(n_circuits,): the age of the lamps by now."""
        return self._began_h + self._lit_h

    def add_city(self, first: int, steps: Steps, city: City) -> None:
        """Add a batch of nights, of which the first has that number."""
        energy_wh = city.power_w * steps.hours
        nights, n = slice(first, first + len(steps.nights)), len(steps.nights)
        self._night_wh[nights] = np.bincount(steps.night, energy_wh, minlength=n) + city.early_wh
        self._night_money[nights] = np.bincount(steps.night, energy_wh * city.price, minlength=n) + city.early_money
        self._hours += float(steps.hours.sum())
        highest = int(np.argmax(city.power_w))
        if city.power_w[highest] > self._peak_w:
            self._peak_w, self._peak_ms = float(city.power_w[highest]), int(steps.at_ms[highest])

    def take(self, part: Part) -> None:
        """Spread the sums of a cast over its circuits."""
        n, lamps, cells, kind = len(self.index.ids), self.lamps, part.cast.cells, part.cast.of_circuit
        lead_h = self.index.stagger_ms / MS_PER_H
        for into, of_cells, early in (
            (self._wh, part.cell_wh, part.early_w),
            (self._money, part.cell_money, part.early_price_w),
        ):
            of_groups = of_cells[cells.of_group] + early[cells.of_group] * lead_h[lamps.circuit]
            into += np.bincount(lamps.circuit, lamps.count * of_groups, minlength=n)
        self._lit_h += part.lit_h[kind] + part.early_count[kind] * lead_h
        self._switchings += part.switchings[kind]
        self._below_class_h += np.where(part.cast.design_pct[part.cast.tried[0]] > 0, part.below_class_h, np.nan)[kind]
        self._below_floor_h += part.below_floor_h[kind]

    def result(self) -> Replay:
        """Return the sums, in the units of a reader."""
        n, lamps = len(self.index.ids), self.lamps
        full_w = np.array([float(power_w(kind, np.array([100.0]))[0]) for kind in lamps.types])
        circuit_w = np.bincount(lamps.circuit, lamps.count * full_w[lamps.kind], minlength=n)
        count = np.bincount(lamps.circuit, lamps.count, minlength=n)
        return Replay(
            circuit_ids=self.index.ids,
            energy_kwh=self._wh / 1000.0,
            money=self._money / 1000.0,
            lamp_h=self._lit_h * count,
            full_load_h=np.divide(self._wh, circuit_w, out=np.zeros(n), where=circuit_w > 0),
            full_kw=circuit_w / 1000.0,
            switchings=self._switchings,
            below_class_min=self._below_class_h * 60.0,
            below_floor_min=self._below_floor_h * 60.0,
            nights=self.nights,
            night_kwh=self._night_wh / 1000.0,
            night_money=self._night_money / 1000.0,
            peak_kw=max(0.0, self._peak_w) / 1000.0,
            peak_ms=self._peak_ms,
            hours=self._hours,
        )
