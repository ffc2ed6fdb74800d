"""The example site with a traffic counter, a section that is pushed to, and a photocell."""

from __future__ import annotations

from lighting.assets.template import template_texts

PROGRAMS = """
schema_version = 1

[programs.full-night]
lit_from = "photocell"
lit_until = "photocell"

[programs.main-road]
lit_from = "dusk"
lit_until = "dawn"
steps = [{ at = "dusk", level_pct = 40, adaptive = true }]

[programs.park-path]
lit_from = "dusk"
lit_until = "dawn"
steps = [{ at = "dusk", level_pct = 40, adaptive = true }]

[programs.festival]
lit_from = "dusk"
lit_until = "dawn"
"""
SECTIONS = """id,name,basis,capacity_veh_h,lanes,multilane,counters,pulses_per_vehicle,tied_to,most_steps_down
quay,Quay road,uni_11248,1000,2,no,CB01-T:1+CB01-T:2,1,,2
lake,Lake path,uni_11248,600,1,no,,,,2
"""
CELLS = "id,district,channel,on_lx,off_lx,agree_s,latest_elevation_deg\nsquare,centre,CB01-P:1,35,70,120,-6\n"


def with_senses() -> dict[str, str]:
    """The example with a counter and a light sensor, an adaptive main road, and a street lit by its photocell."""
    texts = template_texts()
    devices = texts["devices.csv"].rstrip("\n") + "\nCB01-T,CB01,CB01-bus,8,wb-mcm8\nCB01-P,CB01,CB01-bus,9,sen0644\n"
    rows = [row.split(",") for row in texts["circuits.csv"].splitlines() if not row.startswith("#")]
    sections = {"id": "traffic_section", "C-0101": "quay", "C-0201": "lake"}
    circuits = "\n".join(",".join([*row, sections.get(row[0], "")]) for row in rows) + "\n"
    return {
        "devices.csv": devices,
        "circuits.csv": circuits,
        "programs.toml": PROGRAMS,
        "traffic_sections.csv": SECTIONS,
        "photocells.csv": CELLS,
    }
