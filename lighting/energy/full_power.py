"""The world that saves nothing: every lamp at full power while it is dark."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lighting.assets.model import Anchor, Calendar, ControlProgram, Site

_PROGRAM = ControlProgram("full power while dark", "", Anchor(sun_event="dusk"), Anchor(sun_event="dawn"))


def full_power_site(site: Site) -> Site:
    """Return the site with one program for all: 100 % from dusk to dawn, no calendar, no light-output correction.

    Classes are left out, too: at full power none is missed, and circuits are all the more alike.
    """
    types = {name: replace(kind, output_correction="none") for name, kind in site.luminaire_types.items()}
    bare: dict[str, Any] = {"program": _PROGRAM.id, "design_class": "", "lowest_class": "", "maintained_level": None}
    circuits = {name: replace(circuit, traffic_section="", **bare) for name, circuit in site.circuits.items()}
    return replace(
        site, luminaire_types=types, circuits=circuits, programs={_PROGRAM.id: _PROGRAM}, calendar=Calendar()
    )
