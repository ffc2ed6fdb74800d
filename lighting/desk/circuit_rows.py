"""The table of circuits: what each is, where it stands, and whether a person has taken it over."""

from __future__ import annotations

from lighting.assets.model import Circuit, Site
from lighting.desk.answers import CircuitRow
from lighting.desk.scopes import CircuitIndex, scope_of
from lighting.desk.snapshot import Snapshot
from lighting.schedule.instructions import Layer
from lighting.store.records import CircuitState


def stale_limit_ms(site: Site, tick_s: float | None) -> float:
    """How old a poll may be, in ms: the site's number of polls, and never under three of the controller's ticks."""
    return 1000 * max(site.control.stale_after_polls * site.control.poll_s, 3.0 * (tick_s or 0.0))


def is_stale(state: CircuitState | None, now_ms: int, limit_ms: float) -> bool:
    """Whether a state is too old to be believed; one that was never polled is."""
    return state is None or state.polled_ms is None or now_ms - state.polled_ms > limit_ms


def circuit_rows(site: Site, index: CircuitIndex, seen: Snapshot) -> list[CircuitRow]:
    """Every circuit in the order of the table."""
    overridden = index.mask(scope_of(i) for i in seen.in_force if i.layer is Layer.OVERRIDE)
    locked_out = index.mask(scope_of(i) for i in seen.in_force if i.layer is Layer.LOCKOUT)
    limit_ms = stale_limit_ms(site, seen.controller.tick_s)
    now_ms = seen.now_ms
    names = {district.id: district.name for district in site.districts.values()}
    return [
        _row(circuit, state, is_stale(state, now_ms, limit_ms), by_person, locked, names)
        for circuit, state, by_person, locked in zip(
            index.circuits, seen.states, overridden.tolist(), locked_out.tolist(), strict=True
        )
    ]


def _row(
    circuit: Circuit,
    state: CircuitState | None,
    stale: bool,
    overridden: bool,
    locked_out: bool,
    district_names: dict[str, str],
) -> CircuitRow:
    return CircuitRow(
        id=circuit.id,
        name=circuit.name,
        road=circuit.road,
        cabinet=circuit.cabinet,
        district=circuit.district,
        program=circuit.program,
        lamp_count=circuit.lamp_count,
        state=state,
        is_stale=stale,
        overridden=overridden,
        locked_out=locked_out,
        district_name=district_names.get(circuit.district, ""),
    )
