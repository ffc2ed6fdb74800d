"""The chain of worlds in which a saving is split by cause: each world changes one thing of the one before it.

A cause's saving is the energy of the world before it less that of the world after it, so that the parts sum to the
whole exactly, in energy, in money and in CO₂, whatever the tariff. The order is fixed, because what dimming saves
depends on what the lamps are; it is printed wherever the split is.

=============  =====================================================================================================
``legacy``     the lamps that were there before (``legacy_w``), at full power through the hours of the baseline
``full``       the present lamps at full power, through the same hours
``switched``   the present lamps at full power, through the lit period of the program of the night
``scheduled``  the program's levels, traffic left out (a step with a class has its design class)
``traffic``    with traffic
``output``     with constant light output, where the controller does it
``limited``    with demand limits
``people``     with overrides, emergencies, tests, lockouts and local control
``asked``      as it was decided in truth: ramps, staggering, warm-up, hours without a controller
``burning``    as asked, but lit where a lamp burned that should have been off
``actual``     the level that the lamps had, as the devices said
``metered``    what the meters counted; the same as ``actual`` where there is no meter
=============  =====================================================================================================

Light that was not delivered is left out of every world but ``metered``, so that it is no saving.
"""

from __future__ import annotations

from dataclasses import dataclass

WORLDS = (
    "legacy",
    "full",
    "switched",
    "scheduled",
    "traffic",
    "output",
    "limited",
    "people",
    "asked",
    "burning",
    "actual",
    "metered",
)


@dataclass(frozen=True, slots=True)
class Cause:
    """What makes the difference between two neighbouring worlds. The code is part of ``--json`` and never changes."""

    code: str
    before: str
    after: str


CAUSES = tuple(
    Cause(code, before, after)
    for code, before, after in zip(
        (
            "retrofit",
            "switching_times",
            "scheduled_dimming",
            "traffic_dimming",
            "constant_light_output",
            "demand_limits",
            "overrides",
            "ramps_and_delays",
            "day_burners",
            "not_followed",
            "unexplained",
        ),
        WORLDS,
        WORLDS[1:],
        strict=False,
    )
)
"""In the order of attribution. A loss is a negative saving. ``unexplained`` is modelled less metered, never spread."""

ENERGY_KINDS = ("metered", "apportioned", "modelled", "unmetered")
"""How the energy of a subject is known: its own meter; its part of a shared meter, by model; from its levels and lamps;
inventory times hours (an unmetered supply)."""
