"""When it gets dark next, by the sun: what an emergency waits for that does not light by day."""

from __future__ import annotations

import numpy as np

from lighting.assets.model import Site
from lighting.schedule.instructions import Instruction, Layer
from lighting.schedule.sun_crossings import NONE_MS
from lighting.schedule.sun_events import LONGEST_WINDOW_MS, events, is_dark


def waits_for_dark(note: Instruction) -> bool:
    """Return whether the instruction lights only while it is dark."""
    return note.layer is Layer.EMERGENCY and note.level_pct is None


def next_dark_ms(site: Site, at_ms: int) -> int | None:
    """Return when the sun next sinks under the site's dusk elevation, UTC ms; None while it is under it, or never."""
    place, dusk_deg = (site.latitude_deg, site.longitude_deg), site.control.dusk_elevation_deg
    if is_dark(at_ms, *place, dusk_deg):
        return None
    begin = np.array([at_ms], dtype=np.int64)
    found = events(begin, begin + LONGEST_WINDOW_MS, *place, (dusk_deg,)).down_ms[0, 0, 0, 0]
    return None if found == NONE_MS else int(found)
