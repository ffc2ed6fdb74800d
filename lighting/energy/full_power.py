"""The world that saves nothing: every lamp at full power while it is dark."""

from __future__ import annotations

from dataclasses import replace

from lighting.assets.model import Anchor, Calendar, ControlProgram, Site

_PROGRAM = ControlProgram("full power while dark", "", Anchor(sun_event="dusk"), Anchor(sun_event="dawn"))


def full_power_site(site: Site) -> Site:
    """Return the site with one program for all: 100 % from dusk to dawn, no calendar, no light-output correction."""
    types = {name: replace(kind, output_correction="none") for name, kind in site.luminaire_types.items()}
    circuits = {name: replace(circuit, program=_PROGRAM.id) for name, circuit in site.circuits.items()}
    return replace(
        site, luminaire_types=types, circuits=circuits, programs={_PROGRAM.id: _PROGRAM}, calendar=Calendar()
    )
