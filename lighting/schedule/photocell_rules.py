"""What a photocell says, from its readings, and when it is not believed. Pure: the sun's elevation is passed in.

Dark from ``on_lx`` down, bright from ``off_lx`` up, each after ``agree_s`` of agreement; between the two it stays as it
was. What is not known is UNKNOWN: then the sun decides in its district.

**Silence.** Bright is forgotten after three polls without a reading or 10 minutes, whichever is sooner, dark after
whichever is later: each way the doubt goes to light.

**Not believed** is a cell that says dark for over 60 minutes while the sun is higher than 10° (and no other believed
cell of the site says so, too), that says bright while the sun is lower than −6°, that reads the very same for 24 hours
with the sun up in them, or that changes more than six times an hour. It is believed again after 48 hours in which it
was read without a break and did none of these.

**Its own lamps.** A cell that looks into the light of its district would switch it off again. So the step that it sees
within ``agree_s`` after its lamps came on, at most ``off_lx``, is added to what it must read to say bright. The limit
of that: lamps that warm up later than that, or give it more than twice ``off_lx``, make it change until it is not
believed. Such a cell must be mounted otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from lighting.assets.fact import Fact, Value
from lighting.assets.model import Photocell
from lighting.schedule.inputs import BRIGHT, DARK, UNKNOWN

STALE_POLLS = 3.0
STALE_MS = 600_000
DAY_ELEVATION_DEG = 10.0
NIGHT_ELEVATION_DEG = -6.0
DARK_BY_DAY_MS = 3_600_000
CONSTANT_MS = 86_400_000
HOUR_MS = 3_600_000
MOST_CHANGES_PER_HOUR = 6
GOOD_AGAIN_MS = 2 * 86_400_000
NEVER_MS = 2**62

Change = tuple[int, int, Fact]
"""(at_ms, BRIGHT, DARK or UNKNOWN, why)"""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known around a cell at a reading.

    ``others_bright``: whether another believed cell of the site says bright, None where there is none to ask.
    """

    elevation_deg: float
    poll_s: float = 60.0
    lamps_on: bool = False
    others_bright: bool | None = None


@dataclass(frozen=True, slots=True)
class PhotocellState:
    """What must outlive a restart. Plain values, so that it can be kept as JSON.

    ``value`` is what is told since ``since_ms``; ``seen`` what the readings say, believed or not. ``leans`` to another
    value since ``leans_since_ms``. Read without a break since ``run_from_ms``, last at ``read_ms``: ``read_lx``, the
    very same since ``same_since_ms`` (``same_by_day``: with the sun up meanwhile). ``dark_by_day_since_ms``: says dark
    while the sun is high. ``changed_ms`` are the changes of the last hour. ``odd_ms`` is when it was last not to be
    believed, ``doubt`` the code of why; empty while it is believed. ``own_lx`` is what its own lamps add, seen from
    ``unlit_lx`` before they came on at ``lamps_on_ms``.
    """

    value: int = UNKNOWN
    since_ms: int = 0
    seen: int = UNKNOWN
    leans: int = UNKNOWN
    leans_since_ms: int = 0
    run_from_ms: int | None = None
    read_ms: int | None = None
    read_lx: float | None = None
    same_since_ms: int = 0
    same_by_day: bool = False
    dark_by_day_since_ms: int | None = None
    changed_ms: tuple[int, ...] = ()
    odd_ms: int | None = None
    doubt: str = ""
    lamps_on_ms: int | None = None
    unlit_lx: float = 0.0
    own_lx: float = 0.0

    def as_values(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return asdict(self) | {"changed_ms": list(self.changed_ms)}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> PhotocellState:
        """Return the state of such values; keys that a newer program wrote are left aside.

        Raises ValueError or TypeError for values that are no state: then nothing is known of the cell.
        """
        known = {name: values[name] for name in cls.__dataclass_fields__ if name in values}
        known["changed_ms"] = tuple(int(at_ms) for at_ms in known.get("changed_ms", ()))
        if any(known.get(name, UNKNOWN) not in (BRIGHT, DARK, UNKNOWN) for name in ("value", "seen", "leans")):
            raise ValueError("a photocell says bright, dark or nothing")
        figures = [value for name, value in known.items() if name not in ("changed_ms", "doubt") and value is not None]
        if not isinstance(known.get("doubt", ""), str) or not all(isinstance(v, (int, float)) for v in figures):
            raise ValueError("a photocell's state is made of numbers")
        return cls(**known)


def advance(
    cell: Photocell, state: PhotocellState, at_ms: int, read_lx: float | None, around: Surroundings
) -> tuple[PhotocellState, list[Change]]:
    """Take one reading in lux; return the state after it and what changed with it.

    None, NaN or a negative figure is no reading. One that is not later than the newest changes nothing.
    """
    state, changes = overtaken(cell, state, at_ms, around.poll_s)
    if read_lx is None or not math.isfinite(read_lx) or read_lx < 0 or at_ms <= (state.read_ms or -NEVER_MS):
        return state, changes
    state = _noted(cell, state, at_ms, read_lx, around)
    before = state.seen
    state = _leaned(cell, state, at_ms, read_lx)
    if before != UNKNOWN and state.seen != before:
        recent = tuple(at for at in (*state.changed_ms, at_ms) if at > at_ms - HOUR_MS)
        state = replace(state, changed_ms=recent)
    high = around.elevation_deg > DAY_ELEVATION_DEG and around.others_bright is not False
    by_day_ms = at_ms if state.dark_by_day_since_ms is None else state.dark_by_day_since_ms
    state = replace(state, dark_by_day_since_ms=by_day_ms if state.seen == DARK and high else None)
    odd = _oddity(state, at_ms, around)
    if odd:
        state = replace(state, odd_ms=at_ms, doubt=odd)
    elif state.doubt and at_ms - max(state.odd_ms or 0, state.run_from_ms or at_ms) >= GOOD_AGAIN_MS:
        state = replace(state, doubt="")
    return _told(cell, state, changes, at_ms, read_lx)


def overtaken(
    cell: Photocell, state: PhotocellState, at_ms: int, poll_s: float = 60.0
) -> tuple[PhotocellState, list[Change]]:
    """Return the state at an instant if no further reading came: a cell that is silent for too long says nothing."""
    stale_ms = stale_after(state, poll_s)
    if at_ms < stale_ms:
        return state, []
    fact = Fact("photocell_silent", {"photocell": cell.id, "since_ms": state.read_ms})
    changes: list[Change] = [] if state.value == UNKNOWN else [(stale_ms, UNKNOWN, fact)]
    since_ms = stale_ms if changes else state.since_ms
    return PhotocellState(
        since_ms=since_ms, read_ms=state.read_ms, changed_ms=state.changed_ms, odd_ms=state.odd_ms, doubt=state.doubt
    ), changes


def stale_after(state: PhotocellState, poll_s: float = 60.0) -> int:
    """Return the instant from which the newest reading says nothing any more; one that never comes before the first."""
    if state.read_ms is None or state.run_from_ms is None:
        return NEVER_MS
    limits = (round(STALE_POLLS * poll_s * 1000), STALE_MS)
    return state.read_ms + (max(limits) if state.seen == DARK else min(limits))


def _noted(cell: Photocell, state: PhotocellState, at_ms: int, read_lx: float, around: Surroundings) -> PhotocellState:
    """Keep what later readings are compared with: how long it reads the same, and the light of its own lamps."""
    is_same = read_lx == state.read_lx
    by_day = around.elevation_deg > 0
    if not around.lamps_on:
        lamps_on_ms, own_lx, unlit_lx = None, 0.0, read_lx
    else:
        lamps_on_ms = at_ms if state.lamps_on_ms is None else state.lamps_on_ms
        # Where nothing was read before they came on, their light cannot be told from the sky's.
        unlit_lx = state.unlit_lx if state.run_from_ms is not None else read_lx
        fresh = at_ms - lamps_on_ms <= cell.agree_s * 1000
        own_lx = max(state.own_lx, min(read_lx - unlit_lx, cell.off_lx)) if fresh else state.own_lx
    return replace(
        state,
        run_from_ms=at_ms if state.run_from_ms is None else state.run_from_ms,
        read_ms=at_ms,
        read_lx=read_lx,
        same_since_ms=state.same_since_ms if is_same else at_ms,
        same_by_day=by_day or (is_same and state.same_by_day),
        lamps_on_ms=lamps_on_ms,
        unlit_lx=unlit_lx,
        own_lx=own_lx,
    )


def _leaned(cell: Photocell, state: PhotocellState, at_ms: int, read_lx: float) -> PhotocellState:
    """The hysteresis: what the reading leans to, and what is seen once it has leaned there for long enough."""
    own_lx = state.own_lx if state.seen == DARK else 0.0
    if read_lx <= cell.on_lx:
        leans = DARK
    else:
        leans = BRIGHT if read_lx >= cell.off_lx + own_lx else UNKNOWN
    if leans in (UNKNOWN, state.seen):
        return replace(state, leans=UNKNOWN)
    since_ms = state.leans_since_ms if state.leans == leans else at_ms
    if at_ms - since_ms >= cell.agree_s * 1000:
        return replace(state, seen=leans, leans=UNKNOWN)
    return replace(state, leans=leans, leans_since_ms=since_ms)


def _oddity(state: PhotocellState, at_ms: int, around: Surroundings) -> str:
    """The code of why it is not to be believed now; empty where nothing speaks against it."""
    if state.seen == BRIGHT and around.elevation_deg < NIGHT_ELEVATION_DEG:
        return "photocell_bright_by_night"
    if state.dark_by_day_since_ms is not None and at_ms - state.dark_by_day_since_ms > DARK_BY_DAY_MS:
        return "photocell_dark_by_day"
    if state.same_by_day and at_ms - state.same_since_ms >= CONSTANT_MS:
        return "photocell_constant"
    if sum(at > at_ms - HOUR_MS for at in state.changed_ms) > MOST_CHANGES_PER_HOUR:
        return "photocell_restless"
    return ""


def _told(
    cell: Photocell, state: PhotocellState, changes: list[Change], at_ms: int, read_lx: float
) -> tuple[PhotocellState, list[Change]]:
    value = UNKNOWN if state.doubt else state.seen
    if value == state.value:
        return state, changes
    values: dict[str, Value] = {"photocell": cell.id, "read_lx": round(read_lx, 1)}
    if value == DARK:
        fact = Fact("photocell_dark", values | {"on_lx": cell.on_lx})
    elif value == BRIGHT:
        fact = Fact("photocell_bright", values | {"off_lx": cell.off_lx})
    else:
        fact = Fact(state.doubt, values)
    return replace(state, value=value, since_ms=at_ms), [*changes, (at_ms, value, fact)]
