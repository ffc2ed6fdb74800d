"""The overview of the city: lit, level, power against expected, and what needs a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.desk.answers import DistrictAnswer, StatusAnswer, TonightAnswer, WithoutUsAnswer
from lighting.desk.circuit_rows import is_stale, stale_limit_ms
from lighting.desk.metering import metered_w, meters_of
from lighting.desk.scopes import CircuitIndex
from lighting.desk.site_source import FolderStanding
from lighting.desk.snapshot import Snapshot
from lighting.schedule.decision import decide
from lighting.schedule.instructions import Layer
from lighting.schedule.night import night_of
from lighting.schedule.sun import elevation_deg, sun_of_night
from lighting.schedule.sun_events import SunState
from lighting.store.records import AlarmState, CircuitState
from lighting.store.store import Store


@dataclass(frozen=True, slots=True)
class Columns:
    """What the overview sums, each (n_circuits,); NaN or False where nothing fresh is known."""

    should_be_lit: NDArray[np.bool_]
    lit: NDArray[np.bool_]
    known: NDArray[np.bool_]
    local_control: NDArray[np.bool_]
    accepted_pct: NDArray[np.float64]
    expected_w: NDArray[np.float64]


def columns_of(site: Site, seen: Snapshot) -> Columns:
    """The columns of one look. What should be lit is decided anew, so that it is true without a controller too."""
    limit_ms = stale_limit_ms(site, seen.controller.tick_s)
    fresh: list[CircuitState | None] = [None if is_stale(s, seen.now_ms, limit_ms) else s for s in seen.states]
    decided = decide(site, np.array([seen.now_ms], dtype=np.int64), seen.in_force, seen.conditions())
    return Columns(
        should_be_lit=np.nan_to_num(decided.level_pct[0], nan=0.0) > 0,
        lit=np.array([s is not None and s.lit is True for s in fresh], dtype=np.bool_),
        known=np.array([s is not None and s.lit is not None for s in fresh], dtype=np.bool_),
        local_control=np.array([s is not None and bool(s.local_control) for s in seen.states], dtype=np.bool_),
        accepted_pct=_floats(None if s is None else s.accepted_pct for s in fresh),
        expected_w=_floats(None if s is None else s.expected_power_w for s in fresh),
    )


def _floats(values: Iterable[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def mean_level_pct(level_pct: NDArray[np.float64], rated_w: NDArray[np.float64]) -> float | None:
    """The mean level of the circuits that are known, weighted by their rated power; None where none is known."""
    known = ~np.isnan(level_pct)
    weight_w = rated_w[known]
    if not known.any():
        return None
    if weight_w.sum() <= 0:
        return float(level_pct[known].mean())
    return float(np.average(level_pct[known], weights=weight_w))


def tonight(site: Site, now_ms: int) -> TonightAnswer:
    """The sun of the present lighting night at the site's position."""
    night = night_of(now_ms, site.timezone)
    place = (site.latitude_deg, site.longitude_deg)
    sun = sun_of_night(night, site.timezone, *place, site.control.dusk_elevation_deg)
    elevation = elevation_deg(np.array([now_ms], dtype=np.int64), *place)
    return TonightAnswer(
        night=night.isoformat(),
        sunset_ms=sun.sunset_ms,
        sunrise_ms=sun.sunrise_ms,
        dusk_ms=sun.dusk_ms,
        dawn_ms=sun.dawn_ms,
        sun_state=_sun_state(sun.state),
        dark_now=bool(elevation[0] < site.control.dusk_elevation_deg),
    )


def _sun_state(state: SunState) -> Literal["rises_and_sets", "always_up", "always_down"]:
    """A night with only one of the two events counts as one with both: the time that is None tells which is missing."""
    if state is SunState.ALWAYS_UP:
        return "always_up"
    return "always_down" if state is SunState.ALWAYS_DOWN else "rises_and_sets"


def status(
    site: Site,
    index: CircuitIndex,
    seen: Snapshot,
    store: Store | None,
    folder: FolderStanding,
    without_us: WithoutUsAnswer | None,
) -> StatusAnswer:
    """The whole overview from one look at the store."""
    columns = columns_of(site, seen)
    power = _power_sums(site, index, columns, seen, store)
    power_w, expected_w = power.measured_w, power.expected_w
    metered = ~np.isnan(power_w)
    every = np.ones(len(index.circuits), dtype=np.bool_)
    return StatusAnswer(
        site_name=site.name,
        timezone=site.timezone,
        now_ms=seen.now_ms,
        clock_speed=1.0 if store is None else store.controller.clock().speed,
        controller=seen.controller,
        tonight=tonight(site, seen.now_ms),
        circuits=len(index.circuits),
        should_be_lit=int(columns.should_be_lit.sum()),
        lit=int((columns.lit & columns.should_be_lit).sum()),
        lit_besides=int((columns.lit & ~columns.should_be_lit).sum()),
        unknown=int((~columns.known).sum()),
        local_control=int(columns.local_control.sum()),
        level_pct=_mean(columns, index, every),
        power_w=_total(power_w),
        expected_power_w=_total(expected_w[metered] if metered.any() else expected_w),
        full_power_w=float(index.rated_w.sum()),
        districts=_districts(site, index, columns, power_w, expected_w, _unreachable_by_district(site, store)),
        alarms=() if store is None else tuple(_standing(store)),
        instructions_in_force=len([i for i in seen.in_force if i.layer is not Layer.LOCAL_CONTROL]),
        proposals=0 if store is None else len(store.instructions.proposals(seen.now_ms)),
        folder_differs=folder.differs,
        folder_problems=folder.problems,
        metered_full_power_w=power.full_w,
        metered_circuits=power.circuits,
        without_us=without_us,
        program_profiles=folder.program_profiles,
    )


def is_about_folder(fault: Fact | None) -> bool:
    """Whether a controller's fault says how the folder was when it began: how the folder is now is known anew."""
    return fault is not None and fault.code in ("folder_differs_revision_runs", "folder_broken_revision_runs")


def _standing(store: Store) -> list[AlarmState]:
    return sorted(store.history.alarms(standing_only=True), key=lambda alarm: -alarm.raised_ms)


def _mean(columns: Columns, index: CircuitIndex, part: NDArray[np.bool_]) -> float | None:
    return mean_level_pct(columns.accepted_pct[part], index.rated_w[part])


@dataclass(frozen=True, slots=True)
class PowerSums:
    """``measured_w`` and ``expected_w`` by district; ``full_w`` of the so many ``circuits`` whose meters are fresh."""

    measured_w: NDArray[np.float64]
    expected_w: NDArray[np.float64]
    full_w: float | None
    circuits: int


def _power_sums(site: Site, index: CircuitIndex, columns: Columns, seen: Snapshot, store: Store | None) -> PowerSums:
    """Of the fresh meters and of nothing else, so that measured, expected and full power can be compared.

    A district none of whose meters is fresh has no measured power; what is expected is then that of all its circuits.
    """
    meters = meters_of(site, index)
    limit_ms = stale_limit_ms(site, seen.controller.tick_s)
    measured_w = metered_w(meters, store, seen.now_ms, limit_ms)
    n = len(index.district_ids)
    fresh = ~np.isnan(measured_w)
    power_w = np.full(n, np.nan)
    expected_w = np.full(n, np.nan)
    circuit_fresh = np.zeros(len(index.circuits), dtype=np.bool_)
    has_meter = meters.of_circuit >= 0
    circuit_fresh[has_meter] = fresh[meters.of_circuit[has_meter]]
    for district in range(n):
        here, of_meters = index.district == district, (meters.district == district) & fresh
        if of_meters.any():
            power_w[district] = measured_w[of_meters].sum()
            expected_w[district] = _known_sum(columns.expected_w[here & circuit_fresh]) + float(
                meters.permanent_w[of_meters].sum()
            )
        else:
            expected_w[district] = _known_sum(columns.expected_w[here])
    full_w = float(index.rated_w[circuit_fresh].sum() + meters.permanent_w[fresh].sum()) if fresh.any() else None
    return PowerSums(power_w, expected_w, full_w, int(circuit_fresh.sum()))


def _known_sum(values: NDArray[np.float64]) -> float:
    return float(np.nansum(values)) if (~np.isnan(values)).any() else np.nan


def _total(values: NDArray[np.float64]) -> float | None:
    total = _known_sum(values)
    return None if np.isnan(total) else total


def _districts(
    site: Site,
    index: CircuitIndex,
    columns: Columns,
    power_w: NDArray[np.float64],
    expected_w: NDArray[np.float64],
    unreachable: Mapping[str, int],
) -> tuple[DistrictAnswer, ...]:
    answers = []
    for number, district in enumerate(site.districts.values()):
        here = index.district == number
        answers.append(
            DistrictAnswer(
                id=district.id,
                name=district.name,
                circuits=int(here.sum()),
                should_be_lit=int((columns.should_be_lit & here).sum()),
                lit=int((columns.lit & columns.should_be_lit & here).sum()),
                lit_besides=int((columns.lit & ~columns.should_be_lit & here).sum()),
                unknown=int((~columns.known & here).sum()),
                level_pct=_mean(columns, index, here),
                power_w=_total(power_w[number : number + 1]),
                expected_power_w=_total(expected_w[number : number + 1]),
                unreachable_devices=unreachable.get(district.id, 0),
            )
        )
    return tuple(answers)


def _unreachable_by_district(site: Site, store: Store | None) -> dict[str, int]:
    """How many devices do not answer, by the district of their cabinet."""
    if store is None:
        return {}
    states, keys = store.states.devices(), store.keys.known("device")
    count: dict[str, int] = {}
    for device in site.devices.values():
        state = states.get(keys.get(device.id, -1))
        if state is not None and state.reachable is False:
            district = site.cabinets[device.cabinet].district
            count[district] = count.get(district, 0) + 1
    return count
