"""What traffic and photocells have said, as the controller recorded it, and how far that can be carried on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.desk.lamp_ages import burning_hours
from lighting.schedule import photocell_rules, traffic_rules
from lighting.schedule.inputs import UNKNOWN, Inputs, Series, series
from lighting.schedule.photocell_rules import PhotocellState
from lighting.schedule.traffic_rules import TrafficState, tie
from lighting.store.records import InputChange, InputKind, InputState
from lighting.store.store import Store

BEFORE_MS = 6 * 3_600_000
"""How much of the past a decision of this instant is given: longer than any ramp shows it."""

Entry = tuple[int, int, Fact]


def inputs_known(
    site: Site,
    store: Store | None,
    from_ms: int,
    until_ms: int,
    *,
    now_ms: int | None = None,
    expected: Mapping[str, Series] | None = None,
) -> Inputs:
    """Return what the senses of the site said from one instant to another, both included, and the age of its lamps.

    What was said last is not carried on past the moment at which it is stale: from there on nothing is known, which is
    the design class, and the sun. ``expected`` are series of a typical week by section: for a plan alone they take the
    place of what is not known after ``now_ms``.
    """
    if not (site.traffic_sections or site.photocells):
        return Inputs(burning_h=burning_hours(site, store))
    traffic, cells = _said(store, "traffic", from_ms, until_ms), _said(store, "photocell", from_ms, until_ms)
    states, cell_states = _states(store, "traffic"), _states(store, "photocell")
    sections: dict[str, Series] = {}
    for section in site.traffic_sections.values():

        def stale_ms(state: InputState, section: str = section.id) -> int:
            machine = TrafficState.from_values(_mapping(state.state["machine"]))
            return traffic_rules.stale_after(site.traffic_sections[section], machine)

        entries = _ended(
            traffic.get(section.id, []), states.get(section.id), stale_ms, Fact("traffic_not_counted_yet"), until_ms
        )
        if expected is not None and section.id in expected and now_ms is not None:
            entries = _carried_on(entries, expected[section.id], now_ms, until_ms)
        if entries:
            sections[section.id] = series(entries)
    photocells: dict[str, Series] = {}
    for cell in site.photocells.values():
        fact = Fact("photocell_not_read_yet", {"photocell": cell.id})
        found = _ended(cells.get(cell.id, []), cell_states.get(cell.id), _cell_stale_ms(site), fact, until_ms)
        if found:
            photocells[cell.id] = series(found)
    return Inputs(tie(site.traffic_sections, sections), photocells, burning_hours(site, store))


def _cell_stale_ms(site: Site) -> Callable[[InputState], int]:
    return lambda state: photocell_rules.stale_after(PhotocellState.from_values(state.state), site.control.poll_s)


def _said(store: Store | None, kind: InputKind, from_ms: int, until_ms: int) -> dict[str, list[InputChange]]:
    return {} if store is None else store.senses.changes_between(kind, from_ms, until_ms)


def _states(store: Store | None, kind: InputKind) -> dict[str, InputState]:
    return {} if store is None else store.senses.states(kind)


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise TypeError("a state is an object")
    return value


def _ended(
    said: Iterable[InputChange],
    state: InputState | None,
    stale_ms: Callable[[InputState], int],
    unknown: Fact,
    until_ms: int,
) -> list[Entry]:
    """Return the entries, with an end to what was said last where nothing newer has come by then."""
    entries = sorted(((c.at_ms, c.value, c.fact) for c in said), key=lambda entry: entry[0])
    if not entries or entries[-1][1] == UNKNOWN:
        return entries
    try:
        end_ms = entries[-1][0] + traffic_rules.STALE_MS if state is None else stale_ms(state)
    except (ValueError, TypeError, KeyError):
        end_ms = entries[-1][0] + traffic_rules.STALE_MS
    return [*entries, (end_ms, UNKNOWN, unknown)] if entries[-1][0] < end_ms <= until_ms else entries


def _carried_on(entries: list[Entry], expected: Series, now_ms: int, until_ms: int) -> list[Entry]:
    """Return the entries with what is expected from now on, wherever nothing else is known."""
    if entries and entries[-1][1] != UNKNOWN:
        return entries  # nothing of the span is past its end
    begin_ms = max([now_ms, *(at_ms for at_ms, _, _ in entries[-1:])])
    value, entry = expected.at(np.array([begin_ms], dtype=np.int64))
    fact = expected.fact_of(int(entry[0]))
    first = [] if fact is None else [(begin_ms, int(value[0]), fact)]
    later = [
        (at_ms, value, expected.facts[number])
        for at_ms, value, number in zip(
            expected.from_ms.tolist(), expected.value.tolist(), expected.fact.tolist(), strict=True
        )
        if begin_ms < at_ms <= until_ms
    ]
    return [*entries, *first, *later]
