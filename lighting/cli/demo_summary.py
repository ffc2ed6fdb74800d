"""What a night of the demonstration came to, judged from what was stored: readings, device writes, heartbeats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median_low
from typing import Any, Literal

import numpy as np

from lighting.assets.fact import Fact
from lighting.assets.model import ChannelRef, Circuit, Site
from lighting.cli.demo_night import DemoNight, lit_bound_s
from lighting.energy.luminaire_power import CircuitPower
from lighting.store.records import Reading
from lighting.store.store import Store

SCHEMA = "lighting.demo/1"
LIT_SHARE = 0.5
"""A circuit is lit when it draws at least half of what it should at its program's level."""
_WS_PER_KWH = 3_600_000
_CONFIRMED_OUTCOMES = ("verified",)

JudgedBy = Literal["power", "feedback"]


@dataclass(frozen=True, slots=True)
class LitCircuit:
    """When a circuit should be lit, and was: ``lit_ms`` is None when it never was, ``bound_s`` what it was allowed."""

    circuit: str
    program_ms: int
    lit_ms: int | None
    judged_by: JudgedBy
    bound_s: float

    @property
    def delay_s(self) -> float | None:
        return None if self.lit_ms is None else (self.lit_ms - self.program_ms) / 1000.0

    @property
    def in_time(self) -> bool:
        return self.delay_s is not None and self.delay_s <= self.bound_s


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """Times are UTC milliseconds, energies those of the lamps without permanent loads, the tick is in site seconds."""

    timezone: str
    sunset_ms: int
    until_ms: int
    circuits: tuple[LitCircuit, ...]
    unlit_circuit_count: int
    energy_kwh: float
    full_power_kwh: float
    energy_from_ms: int
    writes_by_outcome: dict[str, int]
    reading_count: int
    effective_tick_s: float

    @property
    def sent_count(self) -> int:
        return sum(self.writes_by_outcome.values())

    @property
    def confirmed_count(self) -> int:
        return sum(self.writes_by_outcome.get(outcome, 0) for outcome in _CONFIRMED_OUTCOMES)

    @property
    def late(self) -> tuple[LitCircuit, ...]:
        return tuple(circuit for circuit in self.circuits if not circuit.in_time)

    @property
    def is_good(self) -> bool:
        """Every circuit lit within its bound, and every command confirmed."""
        return not self.late and self.unlit_circuit_count == 0 and self.confirmed_count == self.sent_count > 0

    def as_json(self) -> dict[str, Any]:
        """The document of schema ``lighting.demo/1``; only additions are allowed."""
        form: dict[str, Any] = {"schema": SCHEMA, **asdict(self)}
        form["circuits"] = [
            {**asdict(circuit), "delay_s": circuit.delay_s, "in_time": circuit.in_time} for circuit in self.circuits
        ]
        sums = {"sent_count": self.sent_count, "confirmed_count": self.confirmed_count, "is_good": self.is_good}
        return {**form, **sums, "failed_count": self.sent_count - self.confirmed_count}

    def facts(self) -> list[Fact]:
        """The summary in lines for a person."""
        saved_pct = 100.0 * (1.0 - self.energy_kwh / self.full_power_kwh) if self.full_power_kwh > 0 else 0.0
        energy = {
            "energy_kwh": self.energy_kwh,
            "full_power_kwh": self.full_power_kwh,
            "share_pct": round(100.0 - saved_pct, 1),
            "saved_pct": round(saved_pct, 1),
        }
        failed_count = self.sent_count - self.confirmed_count
        commands = {
            "sent_count": self.sent_count,
            "confirmed_count": self.confirmed_count,
            "failed_count": failed_count,
        }
        return [
            Fact("demo_sunset", {"sunset_ms": self.sunset_ms}),
            *(fact for how in ("power", "feedback") if (fact := self._lit_fact(how)) is not None),
            *(_late_fact(circuit) for circuit in self.late),
            *([Fact("demo_unlit", {"count": self.unlit_circuit_count})] if self.unlit_circuit_count else []),
            Fact("demo_energy", energy),
            Fact("demo_energy_span", {"from_ms": self.energy_from_ms, "until_ms": self.until_ms}),
            Fact("demo_commands", commands),
            Fact("demo_readings", {"count": self.reading_count}),
            Fact("demo_tick", {"tick_s": self.effective_tick_s}),
            Fact("demo_good") if self.is_good else Fact("demo_not_good"),
        ]

    def _lit_fact(self, judged_by: str) -> Fact | None:
        lit = [c for c in self.circuits if c.judged_by == judged_by and c.lit_ms is not None]
        if not lit:
            return None
        times = sorted(circuit.lit_ms for circuit in lit if circuit.lit_ms is not None)
        delays = sorted(circuit.delay_s for circuit in lit if circuit.delay_s is not None)
        values = {
            "count": len(lit),
            "of_count": sum(circuit.judged_by == judged_by for circuit in self.circuits),
            "earliest_ms": times[0],
            "median_ms": median_low(times),
            "latest_ms": times[-1],
            "median_delay_s": median_low(delays),
            "latest_delay_s": delays[-1],
        }
        return Fact("demo_lit_by_power", values) if judged_by == "power" else Fact("demo_lit_by_feedback", values)


def _late_fact(circuit: LitCircuit) -> Fact:
    if circuit.lit_ms is None:
        return Fact("demo_never_lit", {"circuit": circuit.circuit, "program_ms": circuit.program_ms})
    values = {"circuit": circuit.circuit, "delay_s": circuit.delay_s, "bound_s": circuit.bound_s}
    return Fact("demo_lit_late", values)


def summarise(site: Site, store: Store, night: DemoNight, ticks: Sequence[tuple[int, float]]) -> DemoSummary:
    """Judge the night. ``ticks`` are (site ms, effective tick in site seconds), as the controller's beats gave them."""
    tick_s = effective_tick_s(ticks, night)
    keys = store.keys.known("circuit")
    power = CircuitPower(site)
    circuits = []
    for circuit_id, lighting in night.lightings.items():
        circuit = site.circuits[circuit_id]
        column = power.index(circuit_id)
        levels = np.zeros(len(power.circuit_ids))
        levels[column] = lighting.level_pct
        least_w = LIT_SHARE * float(power.expected_w(levels)[column])
        readings = store.readings.of_series(keys[circuit_id], night.start_ms, night.until_ms + 1)
        by: JudgedBy = "power" if has_own_meter(site, circuit) else "feedback"
        bound_s = lit_bound_s(site, circuit, lighting.level_pct, tick_s)
        circuits.append(LitCircuit(circuit_id, lighting.at_ms, _first_lit_ms(readings, by, least_w), by, bound_s))
    hours = (min(night.sunrise_ms, night.until_ms) - night.sunset_ms) / 3_600_000
    return DemoSummary(
        timezone=site.timezone,
        sunset_ms=night.sunset_ms,
        until_ms=night.until_ms,
        circuits=tuple(circuits),
        unlit_circuit_count=len(site.circuits) - len(circuits),
        energy_kwh=round(metered_kwh(site, store, night.start_ms, night.until_ms), 2),
        energy_from_ms=night.start_ms,
        full_power_kwh=round(float(power.full_w().sum()) * hours / 1000.0, 2),
        writes_by_outcome=store.history.write_counts(0, night.until_ms + 1),
        reading_count=store.readings.count(),
        effective_tick_s=tick_s,
    )


def effective_tick_s(ticks: Sequence[tuple[int, float]], night: DemoNight) -> float:
    """The longest effective tick from the first lighting until half an hour after the last."""
    after_ms = night.last_lighting_ms + 1_800_000
    lighting = [tick_s for at_ms, tick_s in ticks if night.first_lighting_ms <= at_ms <= after_ms]
    return max(lighting or [tick_s for _, tick_s in ticks], default=0.0)


def has_own_meter(site: Site, circuit: Circuit) -> bool:
    """Whether no other circuit shares any of its meter's phases, so that its power is measured."""
    mine = set(circuit.meter)
    return bool(mine) and not any(
        mine.intersection(other.meter) for other in site.circuits.values() if other.id != circuit.id
    )


def metered_kwh(site: Site, store: Store, from_ms: int, until_ms: int) -> float:
    """What the meters counted in the span, less the permanent loads: the lamps' energy."""
    keys = store.keys.known("meter")
    total_ws = 0.0
    for ref in counted_channels(site):
        counts = [
            (reading.at_ms, reading.energy_ws)
            for reading in store.readings.of_series(keys[str(ref)], from_ms, until_ms + 1)
            if reading.energy_ws is not None
        ]
        if len(counts) >= 2:
            seconds = (counts[-1][0] - counts[0][0]) / 1000.0
            total_ws += counts[-1][1] - counts[0][1] - _permanent_w(site, ref) * seconds
    return total_ws / _WS_PER_KWH


def counted_channels(site: Site) -> list[ChannelRef]:
    """The channels that together count every lamp once: a meter's total where a circuit uses it, else its phases."""
    used = {ref for circuit in site.circuits.values() for ref in circuit.meter}
    totals = {ref.device for ref in used if ref.channel == "total"}
    return sorted((r for r in used if r.channel == "total" or r.device not in totals), key=str)


def measured_power_w(site: Site, latest: dict[str, Reading]) -> float | None:
    """The power of all lamps by the newest reading of every counted meter channel, or None while one is unknown."""
    powers: list[float] = []
    for ref in counted_channels(site):
        reading = latest.get(str(ref))
        if reading is None or reading.power_w is None:
            return None
        powers.append(reading.power_w - _permanent_w(site, ref))
    return max(0.0, sum(powers))


def _permanent_w(site: Site, ref: ChannelRef) -> float:
    return sum(_share_w(load.meter, load.power_w, ref) for load in site.permanent_loads)


def _share_w(meter: Iterable[ChannelRef], power_w: float, ref: ChannelRef) -> float:
    refs = list(meter)
    if ref.channel == "total":
        return power_w * sum(one.device == ref.device for one in refs) / len(refs)
    return power_w * sum(one == ref for one in refs) / len(refs)


def _first_lit_ms(readings: Iterable[Reading], judged_by: JudgedBy, least_w: float) -> int | None:
    for reading in readings:
        value = reading.power_w if judged_by == "power" else reading.level_pct
        if value is not None and value >= (least_w if judged_by == "power" else 1.0):
            return reading.at_ms
    return None
