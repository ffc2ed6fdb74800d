"""What must be known of every series of a site to roll it up: its counter, and when a circuit counts as lit. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lighting.assets.model import Circuit, Site
from lighting.energy.counters import CounterFacts
from lighting.energy.level_runs import LIT_SHARE
from lighting.energy.luminaire_power import power_w
from lighting.energy.meter_facts import counter_facts
from lighting.energy.rollup import SeriesFacts

_POLLS_IN_A_HOLD = 3


def series_facts(
    site: Site,
    circuit_keys: Mapping[str, int],
    meter_keys: Mapping[str, int],
    replaced_ms: Mapping[int, Sequence[int]] | None = None,
) -> dict[int, SeriesFacts]:
    """Return the facts by series key.

    ``circuit_keys`` by circuit, ``meter_keys`` by ``device:channel``; ``replaced_ms``: by key, when another meter was
    mounted there.
    """
    hold_ms = round(max(900.0, _POLLS_IN_A_HOLD * site.control.poll_s) * 1000)
    replaced = replaced_ms or {}
    facts = {
        meter_keys[name]: SeriesFacts(counter, tuple(replaced.get(meter_keys[name], ())))
        for name, counter in counter_facts(site).items()
        if name in meter_keys
    }
    uncounted = CounterFacts(is_counted=False)
    for name, circuit in site.circuits.items():
        if name in circuit_keys:
            facts[circuit_keys[name]] = SeriesFacts(uncounted, (), _lit_above_w(site, circuit), hold_ms)
    return facts


def _lit_above_w(site: Site, circuit: Circuit) -> float:
    """More than a fifth of what it draws at its lowest level."""
    lowest = np.array([1e-6])
    parts = (
        group.count * float(power_w(site.luminaire_types[group.luminaire_type], lowest)[0]) for group in circuit.lamps
    )
    return LIT_SHARE * sum(parts)
