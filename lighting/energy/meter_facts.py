"""What is known of the energy counter of each meter channel of a site: from its profile, and from what hangs on it."""

from __future__ import annotations

from fractions import Fraction

from drivers.profile import Point, Profile
from drivers.quantity import Quantity
from lighting.assets.metering import meter_phases
from lighting.assets.model import ChannelRef, Circuit, LuminaireType, Site
from lighting.energy.counter_facts import GAP_LIMIT_MS, CounterFacts

WS_PER_KWH = 3_600_000
HEADROOM = 3.0
"""A channel may draw so many times what is installed on it, and ``UNLISTED_W``, before its counter is not believed: the
meter is right where the inventory is not, and only a jump that no supply could give is absurd."""
UNLISTED_W = 200.0
POLLS_IN_A_GAP = 3
_FLOAT_STEP_WS = WS_PER_KWH // 100
"""A float of 32 bits shows a counter of 100,000 kWh in steps of about 0.01 kWh."""
_MOST_WS = 2**62
"""A counter that runs over beyond this does not run over."""

_Hanging = dict[ChannelRef, list[tuple[tuple[str, str], float]]]


def counter_facts(site: Site) -> dict[str, CounterFacts]:
    """Return the facts by meter channel, ``device:channel``, of every channel that circuits or permanent loads name."""
    refs = [ref for circuit in site.circuits.values() for ref in circuit.meter]
    refs += [ref for load in site.permanent_loads for ref in load.meter]
    hanging = _hanging(site)
    return {str(ref): _facts_of(site, ref, hanging) for ref in dict.fromkeys(refs)}


def energy_point(profile: Profile, channel: str) -> Point | None:
    """The counter that is polled for the energy of a channel: imported energy before the total of both directions.

    Exported energy is no lighting's and is not read.
    """
    points = [p for p in profile.points if p.channel == channel and p.readable and p.point_class == "live"]
    wanted = (Quantity.ENERGY_IMPORT, Quantity.ENERGY_TOTAL)
    return next((p for quantity in wanted for p in points if p.quantity is quantity), None)


def _facts_of(site: Site, ref: ChannelRef, hanging: _Hanging) -> CounterFacts:
    profile = site.profiles[site.devices[ref.device].profile]
    point = energy_point(profile, ref.channel)
    installed = {name: power for phase in meter_phases(site, [ref]) for name, power in hanging.get(phase, ())}
    rated_w = HEADROOM * sum(installed.values()) + UNLISTED_W
    if point is None:
        return CounterFacts(rated_w=rated_w)
    poll_s = site.control.slow_poll_s if point.poll == "slow" else site.control.poll_s
    return CounterFacts(
        modulus_ws=_modulus_ws(point),
        reset=point.counter_reset,
        rated_w=rated_w,
        resolution_ws=_step_ws(point),
        gap_limit_ms=max(GAP_LIMIT_MS, round(POLLS_IN_A_GAP * poll_s * 1000)),
        reactive_gap_ms=max(GAP_LIMIT_MS, round(POLLS_IN_A_GAP * site.control.slow_poll_s * 1000)),
    )


def _modulus_ws(point: Point) -> int | None:
    """What the counter can hold: as the profile says, or all the bits of an unsigned number; None: not known."""
    numbers = point.counter_wrap
    if numbers is None and point.counter_bits is not None:
        numbers = 1 << point.counter_bits
    if numbers is None and point.data_type in ("u16", "u32", "u64"):
        numbers = 1 << (16 * point.register_count)
    if numbers is None:
        return None
    modulus = round(numbers * abs(Fraction(point.scale)) * WS_PER_KWH)
    return modulus if modulus <= _MOST_WS else None


def _step_ws(point: Point) -> int:
    if point.data_type in ("float32", "float64"):
        return _FLOAT_STEP_WS
    return max(1, round(abs(Fraction(point.scale)) * WS_PER_KWH))


def _hanging(site: Site) -> _Hanging:
    """What hangs on each phase, (name, W): all of a circuit, for nobody says how its lamps lie on its phases."""
    found: _Hanging = {}
    parts = [("circuit", one.id, one.meter, _rated_w(site, one)) for one in site.circuits.values()]
    parts += [("load", str(n), load.meter, load.power_w) for n, load in enumerate(site.permanent_loads)]
    for kind, name, meter, power_w in parts:
        for phase in meter_phases(site, meter):
            found.setdefault(phase, []).append(((kind, name), power_w))
    return found


def _rated_w(site: Site, circuit: Circuit) -> float:
    return sum(group.count * _most_w(site.luminaire_types[group.luminaire_type]) for group in circuit.lamps)


def _most_w(kind: LuminaireType) -> float:
    return max([kind.rated_w, kind.standby_w, *(power for _, power in kind.curve_points)])
