"""Everything that can be said of a wish before it becomes an instruction: what forbids it, and what it will not do."""

from __future__ import annotations

import numpy as np

from lighting.assets.fact import Fact, Value
from lighting.assets.lighting_classes import floor_level_pct
from lighting.assets.model import Circuit, Site
from lighting.desk import rights
from lighting.desk.person import Person, Wish, few, local_cause, standing_fact
from lighting.desk.refusal import Refused, WrongUsage
from lighting.desk.scopes import Scope, scope_of
from lighting.desk.times import check_length
from lighting.schedule.instructions import Layer
from lighting.schedule.places import places_of
from lighting.schedule.site_index import highest_level_pct, minimum_level_pct
from lighting.schedule.sun import elevation_deg

_DARK_LOOK_MS = 5 * 60_000


def check_wish(person: Person, wish: Wish) -> tuple[Fact, ...]:
    """Everything that can be said of a wish before it becomes an instruction; raises what forbids it."""
    now_ms = person.seen.now_ms
    level_pct = 100.0 if wish.level_pct is None else wish.level_pct
    if not 0 <= level_pct <= 100:  # NaN fails this too
        raise WrongUsage(Fact("level_out_of_range", {"found": str(wish.level_pct)}))
    if wish.until_ms <= now_ms:
        raise WrongUsage(Fact("until_in_the_past", {"text": "", "until_ms": wish.until_ms, "now_ms": now_ms}))
    check_length(wish.until_ms, now_ms, wish.layer)
    circuits = person.circuits(wish.scope)
    by_floor = _floor_says(person, wish, circuits, level_pct)
    return (
        *by_floor,
        *_undimmable_says(person, level_pct, circuits),
        *_minimum_says(person, level_pct, circuits, held_at_floor=bool(by_floor)),
        *(_highest_says(person, level_pct, circuits) if wish.layer is not Layer.DEMAND_LIMIT else ()),
        *_in_the_way(person, circuits, wish.layer),
        *_unplaced_says(person, wish.scope),
    )


def _unplaced_says(person: Person, scope: Scope) -> tuple[Fact, ...]:
    """How many circuits no circle can cover, because nobody has said where they are."""
    count = places_of(person.site).without_position() if scope.kind == "area" else 0
    return (Fact("circuits_without_position", {"circuits": count}),) if count else ()


def _floor_says(person: Person, wish: Wish, circuits: tuple[Circuit, ...], level_pct: float) -> tuple[Fact, ...]:
    if wish.below_floor:
        rights.require_below_floor(person.site, person.user_id)
        return ()
    under = [c for c in circuits if level_pct < floor_level_pct(c, person.site)]
    if not under or not any_dark(person.site, person.seen.now_ms, wish.until_ms):
        return ()
    floor_pct = max(floor_level_pct(c, person.site) for c in under)
    if wish.scope.kind == "circuit" and wish.layer is Layer.OVERRIDE:
        raise Refused(
            Fact("below_floor_refused", {"circuit": wish.scope.id, "level_pct": level_pct, "floor_pct": floor_pct})
        )
    values: dict[str, Value] = {"circuits": len(under), "of": len(circuits), "floor_pct": floor_pct}
    return (Fact("held_at_floor", {**values, "names": few(c.id for c in under)}),)


def _undimmable_says(person: Person, level_pct: float, circuits: tuple[Circuit, ...]) -> tuple[Fact, ...]:
    """Which circuits can only be off or at full light: whatever else is asked of them, they burn at 100 %."""
    if not 0 < level_pct < 100:
        return ()
    full = [c.id for c in circuits if minimum_level_pct(person.site, c) >= 100]
    if not full:
        return ()
    return (
        Fact(
            "stays_at_full",
            {"circuits": len(full), "of": len(circuits), "level_pct": level_pct, "names": few(full)},
        ),
    )


def _minimum_says(
    person: Person, level_pct: float, circuits: tuple[Circuit, ...], *, held_at_floor: bool
) -> tuple[Fact, ...]:
    """Which lamps cannot burn so low: they burn at their least level, and a confirmation is of that one."""
    if level_pct <= 0:
        return ()
    least_pct = {c.id: minimum_level_pct(person.site, c) for c in circuits}
    held = [
        c.id
        for c in circuits
        if level_pct < least_pct[c.id] < 100
        and not (held_at_floor and floor_level_pct(c, person.site) >= least_pct[c.id])
    ]
    if not held:
        return ()
    values: dict[str, Value] = {"circuits": len(held), "of": len(circuits), "level_pct": level_pct}
    return (Fact("held_at_minimum", {**values, "minimum_pct": max(least_pct[i] for i in held), "names": few(held)}),)


def _highest_says(person: Person, level_pct: float, circuits: tuple[Circuit, ...]) -> tuple[Fact, ...]:
    """Which dimmers take no such level by their profile: they are held at their highest, and confirmed at that."""
    highest_pct = {c.id: highest_level_pct(person.site, c) for c in circuits}
    held = [circuit_id for circuit_id, highest in highest_pct.items() if highest < level_pct]
    if not held:
        return ()
    values: dict[str, Value] = {"circuits": len(held), "of": len(circuits), "level_pct": level_pct}
    return (Fact("held_at_highest", {**values, "highest_pct": min(highest_pct[i] for i in held), "names": few(held)}),)


def any_dark(site: Site, from_ms: int, until_ms: int) -> bool:
    """Whether it is dark at any time of the span, looked at every five minutes and at both ends."""
    at_ms = np.append(np.arange(from_ms, until_ms, _DARK_LOOK_MS, dtype=np.int64), np.int64(until_ms))
    elevation = elevation_deg(at_ms, site.latitude_deg, site.longitude_deg)
    return bool((elevation < site.control.dusk_elevation_deg).any())


def _in_the_way(person: Person, circuits: tuple[Circuit, ...], layer: Layer) -> tuple[Fact, ...]:
    """What stands above an instruction of that layer on these circuits: lockouts, local control, stronger layers."""
    said = [
        Fact("locked_out_meanwhile", {"id": i.id, "by": i.by, "target": str(scope_of(i)), "reason": i.reason})
        for i in person.touching(circuits, Layer.LOCKOUT)
    ]
    local = [c.id for c in circuits if local_cause(person, c)]
    if local:
        said.append(Fact("in_local_control", {"circuits": len(local), "names": few(local)}))
    for stronger in (Layer.EMERGENCY, Layer.TEST, Layer.OVERRIDE):
        if stronger < layer:
            said += [standing_fact("stronger_meanwhile", i) for i in person.touching(circuits, stronger)]
    return tuple(said)
