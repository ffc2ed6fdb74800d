"""Demand limits: a cap on what programs and traffic give, and by how many W floors and people keep light above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact, Value
from lighting.assets.lighting_classes import floor_level_pct
from lighting.assets.model import Circuit, Site
from lighting.desk.acts import record
from lighting.desk.answers import Receipt
from lighting.desk.person import Person, Wish, few, require_right
from lighting.desk.refusal import WrongUsage
from lighting.desk.scopes import CircuitIndex, Scope, circuits_of, scope_of
from lighting.desk.snapshot import Snapshot
from lighting.desk.wish_checks import check_wish
from lighting.energy.demand_limit import cap_for_power, over_cap_w
from lighting.energy.luminaire_power import CircuitPower
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import decide
from lighting.schedule.instructions import Instruction, Layer
from lighting.schedule.site_index import minimum_level_pct
from lighting.store.store import Store

_LOOKS = 48
_LEAST_STEP_MS = 15 * 60_000
_NO_ID = 2**62

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Model:
    """What a site's circuits use, and what they are held at: (n_circuits,) each."""

    power: CircuitPower
    minimum_pct: Floats
    floor_pct: Floats


def limit(
    person: Person, store: Store, scope: Scope, level_pct: float, *, until_ms: int, reason: str, target_w: float | None
) -> Receipt:
    """Record a cap. ``target_w`` is the power that it was worked out for, told again in the receipt."""
    require_right(person, Layer.DEMAND_LIMIT)
    wish = Wish(scope, level_pct, until_ms, reason, layer=Layer.DEMAND_LIMIT)
    said = check_wish(person, wish)
    return record(person, store, wish, (*_power_says(person, wish, level_pct, target_w), *said))


def level_for(person: Person, scope: Scope, target_w: float) -> float:
    """Return the highest whole level at which the scope uses at most that power by the model.

    Raises ``WrongUsage`` for a power that is no number above 0.
    """
    if not 0 < target_w < 1e12:  # NaN fails this too
        raise WrongUsage(Fact("target_power_out_of_range"))
    model = _model(person.site)
    here = _places(person.index, person.circuits(scope))
    return float(cap_for_power(model.power, np.maximum(model.minimum_pct, model.floor_pct), here, target_w)[0])


def _power_says(person: Person, wish: Wish, level_pct: float, target_w: float | None) -> tuple[Fact, ...]:
    """The modelled power before and under the cap, by how much it is missed, and by whom."""
    site, seen = person.site, person.seen
    # As if it were in force for long enough that nothing is still on its way down.
    from_ms = seen.now_ms - round(site.control.ramp_down_s * 1000) - 1
    scope = wish.scope
    asked = Instruction(
        _NO_ID, wish.layer, scope.kind, scope.id, level_pct, from_ms, wish.until_ms, person.user_id, wish.reason
    )
    under = replace(seen, in_force=(*seen.in_force, asked))
    here = _places(person.index, person.circuits(scope))
    model, level = _model(site), _levels_now(site, under)
    before_w = float(model.power.expected_w(_levels_now(site, seen))[here].sum())
    after_w = float(model.power.expected_w(level)[here].sum())
    said = [Fact("limit_power", {"before_w": round(before_w), "after_w": round(after_w)})]
    over_w = over_cap_w(model.power, model.minimum_pct, level, level_pct)[here]
    most_w = max(float(over_w.sum()), _most_missed_w(person, model, asked, here))
    said.append(_missed_fact(person.index, here, over_w, most_w))
    if target_w is not None and after_w > target_w:
        said.append(Fact("target_power_missed", {"target_w": round(target_w), "after_w": round(after_w)}))
    return tuple(said)


def _missed_fact(index: CircuitIndex, here: NDArray[np.intp], over_w: Floats, most_w: float) -> Fact:
    if most_w < 1:
        return Fact("limit_met")
    above = [index.circuits[at].id for at in here[over_w >= 0.5].tolist()]
    values: dict[str, Value] = {"missed_w": round(float(over_w.sum())), "most_missed_w": round(most_w)}
    if not above:
        return Fact("limit_missed_later", values)
    return Fact("limit_missed", {**values, "circuits": len(above), "names": few(above)})


def missed_w(site: Site, index: CircuitIndex, seen: Snapshot) -> dict[int, float]:
    """Return by how many W each demand limit in force is missed now, by its number. A model, no measurement."""
    limits = [note for note in seen.in_force if note.layer is Layer.DEMAND_LIMIT]
    if not limits:
        return {}
    model, level = _model(site), _levels_now(site, seen)
    found = {}
    for note in limits:
        cap_pct = 100.0 if note.level_pct is None else note.level_pct
        over_w = over_cap_w(model.power, model.minimum_pct, level, cap_pct)
        found[note.id] = round(float(over_w[_places(index, circuits_of(site, scope_of(note)))].sum()), 1)
    return found


def _levels_now(site: Site, seen: Snapshot) -> Floats:
    """(n_circuits,): the level decided now; where nothing may be written, the one reported, else full while dark."""
    decided = decide(site, np.array([seen.now_ms], dtype=np.int64), seen.in_force, seen.conditions())
    level: Floats = decided.level_pct[0].astype(np.float64)
    unknown = np.where(decided.dark[0], 100.0, 0.0)
    for at in np.flatnonzero(np.isnan(level)).tolist():
        state = seen.states[at]
        level[at] = unknown[at] if state is None or state.accepted_pct is None else state.accepted_pct
    return level


def _most_missed_w(person: Person, model: _Model, asked: Instruction, here: NDArray[np.intp]) -> float:
    """The most that the limit will be missed by, as far as the plan knows; what is locked out then is not counted."""
    now_ms, until_ms = person.seen.now_ms, asked.until_ms or 0
    step_ms = max(_LEAST_STEP_MS, (until_ms - now_ms) // _LOOKS)
    notes = [*person.seen.in_force, asked]
    cap_pct = 100.0 if asked.level_pct is None else asked.level_pct
    most_w = 0.0
    for at_ms in range(now_ms, until_ms, step_ms):  # one by one: a city's whole night is hundreds of megabytes
        instant = np.array([at_ms], dtype=np.int64)
        level = decide(person.site, instant, notes, Conditions()).level_pct[0].astype(np.float64)
        over_w = over_cap_w(model.power, model.minimum_pct, level, cap_pct)[here]
        most_w = max(most_w, float(np.nansum(over_w)))
    return most_w


def _places(index: CircuitIndex, circuits: Sequence[Circuit]) -> NDArray[np.intp]:
    return np.array([index.position[circuit.id] for circuit in circuits], dtype=np.intp)


def _model(site: Site) -> _Model:
    circuits = tuple(site.circuits.values())
    return _Model(
        CircuitPower(site),
        np.array([minimum_level_pct(site, c) for c in circuits], dtype=np.float64),
        np.array([floor_level_pct(c, site) for c in circuits], dtype=np.float64),
    )
