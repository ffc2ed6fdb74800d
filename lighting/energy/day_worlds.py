"""The energies of all worlds but the metered one, of every circuit in every slot of a day, by model. Exact in integers.

Levels are step functions; in the pieces between all their steps each world has one level, and so one power. How the
worlds follow from what is known:

* ``legacy`` and ``full``: the hours of the baseline. Off, the present lamps take standby; those before took nothing.
* ``switched`` to ``output``: the rules alone (`lighting.energy.rule_levels`).
* ``limited``: the recorded level where a demand limit ruled, else as ``output``.
* ``people``: the recorded level where a person or a local switch ruled (where nothing could be asked: the level that
  the devices reported), else as ``limited``.
* ``asked``: the recorded level; where none is recorded, because no controller ran, as ``people``.
* ``actual``: what devices and meters reported; where nothing did, as ``asked``.
* ``burning``: as ``asked``, but the actual level where lamps burned for five minutes while off was asked.

Light is *undelivered* where it was asked for (or, while nothing could be asked, due by the rules) and was for five
minutes not seen. That needs evidence: dark by power or report; or no report from a circuit that a controller's
decision was in force for and that was heard at another time of the day, while others under a decision were heard. A
circuit of which nothing was reported in the whole day is as asked. What a meter shows to be lit is delivered. These
pieces are in no world. Five minutes: shorter is what polling leaves, and stands as "not followed".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.energy.lamp_power import LampPower, whole_ws
from lighting.energy.level_runs import LIT, LIT_UNKNOWN, UNLIT
from lighting.energy.pieces import Steps, lasting, pieces_of
from lighting.energy.rule_levels import FULL_LEVEL, RuleLevels
from lighting.energy.worlds import WORLDS
from lighting.schedule.instructions import Layer

Integers = NDArray[np.int64]
Levels = NDArray[np.int32]
Bools = NDArray[np.bool_]
Spans = tuple[tuple[int, int], ...]

LEAST_MS = 300_000
"""So long where devices are asked every minute or two."""

MODELLED_WORLDS = WORLDS[:-1]
NOT_DECIDED = 0
"""The layer of a step before anything was recorded."""

_AT_ONCE = 2_500
"""Circuits worked out together: their tables stay small."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Recorded decisions: rows by circuit (number) and time, level in hundredths of a percent (-1: nothing could be
    asked) and layer. Each circuit has a first row, of the layer ``NOT_DECIDED`` where nothing is recorded.
    """

    steps: Steps
    level: Levels
    layer: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Reported:
    """What devices reported: rows by circuit (number) and time, level (-1 unknown) and ``lit`` of
    `lighting.energy.level_runs`. Each circuit has a first row. ``spoke`` (n_circuits,): of which anything at all was
    reported in the day, of which these rows may be a part.
    """

    steps: Steps
    level: Levels
    lit: NDArray[np.uint8]
    spoke: Bools


@dataclass(frozen=True, slots=True)
class Span:
    """A day, or the part of it in which one revision ruled. ``edges_ms`` (n_slots + 1,): its slots.

    Spans [from, until), ascending: ``lit_ms`` in which the baseline is on; ``ruled_ms`` in which a controller ran, so
    that recorded decisions are in force; ``heard_ms`` in which some circuit under a decision was heard of, so that
    silence says something of the others; ``decided_ms`` in which decisions are in force for circuits of which nothing
    was reported. ``least_ms``: a day burner, or undelivered light, lasts at least so long.
    """

    edges_ms: Integers
    lit_ms: Spans
    ruled_ms: Spans
    heard_ms: Spans
    least_ms: int = LEAST_MS
    decided_ms: Spans = ()

    @property
    def start_ms(self) -> int:
        return int(self.edges_ms[0])

    @property
    def end_ms(self) -> int:
        return int(self.edges_ms[-1])


@dataclass(frozen=True, slots=True)
class Modelled:
    """(n_worlds, n_circuits, n_slots) energies in Ws in the order of ``MODELLED_WORLDS``; all else (n_circuits,
    n_slots). ``off_ws``: the part of the actual world while the baseline is off; ``replayed_ms``: without a decision;
    ``missing_ws``: what was asked for in undelivered time would have taken.
    """

    worlds_ws: Integers
    undelivered_lamp_ms: Integers
    undelivered_ws: Integers
    lit_lamp_ms: Integers
    off_ws: Integers
    replayed_ms: Integers
    missing_ws: Integers


@dataclass(frozen=True, slots=True)
class ShownLit:
    """(n_circuits, n_slots) in which a meter shows light: against silence of devices, and against reports of dark."""

    silent: Bools
    dark: Bools

    def of_circuits(self, circuits: slice) -> ShownLit:
        return ShownLit(self.silent[circuits], self.dark[circuits])


_SUMS = ("undelivered_lamp_ms", "undelivered_ws", "lit_lamp_ms", "off_ws", "replayed_ms", "missing_ws")


def modelled_worlds(
    power: LampPower,
    rules: RuleLevels,
    decided: Decided,
    reported: Reported,
    span: Span,
    dead_share: NDArray[np.float64] | None = None,
    shown: ShownLit | None = None,
) -> Modelled:
    """Work the worlds out. ``dead_share`` (n_circuits,): of the lamps, those that give no light; None: none of them.
    ``shown``: where meters show light.
    """
    n, parts = len(power.lamps), []
    for first in range(0, n, _AT_ONCE):
        circuits = slice(first, min(n, first + _AT_ONCE))
        levels = _Levels(
            power, rules, decided, reported, span, circuits, None if shown is None else shown.of_circuits(circuits)
        )
        parts.append(levels.energies(None if dead_share is None else dead_share[circuits]))
    if not parts:
        none = np.zeros((0, span.edges_ms.size - 1), dtype=np.int64)
        return Modelled(np.zeros((len(MODELLED_WORLDS), *none.shape), np.int64), *(none for _ in _SUMS))
    return Modelled(
        np.concatenate([part.worlds_ws for part in parts], axis=1),
        *(np.concatenate([getattr(part, name) for part in parts]) for name in _SUMS),
    )


@dataclass(frozen=True, slots=True)
class _OfPieces:
    """(n_pieces,) lamps and full power of each one's circuit; how long light was missing, and wanted but for that."""

    lamps: Integers
    full_uw: Integers
    missing_ms: Integers
    wanted_ms: Integers


def _alive(values: Integers, dead_share: NDArray[np.float64]) -> Integers:
    """(…, n_circuits, n_slots) sums less the share of the dead lamps."""
    if not dead_share.any():
        return values
    return np.asarray(np.rint(values * (1.0 - dead_share[:, None])), dtype=np.int64)


class _Levels:
    """The pieces of some circuits, with the level of each world in them."""

    def __init__(
        self,
        power: LampPower,
        rules: RuleLevels,
        decided: Decided,
        reported: Reported,
        span: Span,
        circuits: slice,
        shown: ShownLit | None,
    ) -> None:
        self.power, self.span, self.first, self.shown = power, span, circuits.start, shown
        self.n = circuits.stop - circuits.start
        rows, of = rules.of_circuits(circuits)
        sites = np.unique(
            np.concatenate(
                [span.edges_ms[:-1], *map(_edges, (span.lit_ms, span.ruled_ms, span.heard_ms, span.decided_ms))]
            )
        )
        sites = sites[(sites >= span.start_ms) & (sites < span.end_ms)].astype(np.int64)
        mine_decided, mine_reported = _cut(decided.steps, circuits), _cut(reported.steps, circuits)
        every = np.repeat(np.arange(self.n, dtype=np.intp), sites.size)
        sources = (
            Steps(every, np.tile(sites, self.n)),
            Steps(of, rules.at_ms[rows]),
            *(
                Steps(one.circuit[cut] - self.first, one.at_ms[cut])
                for one, cut in ((decided.steps, mine_decided), (reported.steps, mine_reported))
            ),
        )
        self.pieces = pieces_of(sources, span.start_ms, span.end_ms)
        site, rule, decision, report = self.pieces.rows
        self.site_row = site % sites.size
        self.is_on = _inside(sites, span.lit_ms)[self.site_row]
        self.heard = _inside(sites, span.heard_ms)[self.site_row]
        self.spoke = reported.spoke[circuits][self.pieces.circuit]
        rulings = _inside(sites, span.ruled_ms), _inside(sites, span.decided_ms)
        self.ruled = np.where(self.spoke, *(ruling[self.site_row] for ruling in rulings))
        self.slot = (np.searchsorted(span.edges_ms, sites, side="right") - 1)[self.site_row]
        self.by_rules = rules.levels[:, rows[rule]]
        self.recorded, self.layer = decided.level[mine_decided][decision], decided.layer[mine_decided][decision]
        self.report, self.lit = reported.level[mine_reported][report], reported.lit[mine_reported][report]
        self.slot_starts = _slot_starts(self.pieces.circuit, self.site_row, sites, span.edges_ms)
        self.circuit = self.pieces.circuit + self.first

    def energies(self, dead_share: NDArray[np.float64] | None) -> Modelled:
        levels, undelivered, wanted, is_recorded = self._worlds()
        pieces, power = self.pieces, self.power
        counted_ms = np.where(undelivered, 0, pieces.length_ms)
        watts = np.where(self.is_on, power.legacy_uw[self.circuit], 0)
        energies = [self._by_slot(watts * counted_ms)]
        before: Levels | None = None
        for level in levels:
            if before is None:
                watts = power.at(self.circuit, level)
                energies.append(self._by_slot(watts * counted_ms))
            elif (differs := np.flatnonzero(level != before)).size:
                watts[differs] = power.at(self.circuit[differs], level[differs])
                energies.append(self._by_slot(watts * counted_ms))
            else:
                energies.append(energies[-1])
            before = level
        of_piece = _OfPieces(
            lamps=power.lamps[self.circuit],
            full_uw=power.full_uw()[self.circuit],
            missing_ms=np.where(undelivered, pieces.length_ms, 0),
            wanted_ms=np.where(wanted, counted_ms, 0),
        )
        share = np.zeros(self.n) if dead_share is None else dead_share
        return Modelled(
            worlds_ws=whole_ws(_alive(np.stack(energies), share)),
            undelivered_lamp_ms=self._lost(of_piece, of_piece.lamps, share),
            undelivered_ws=whole_ws(self._lost(of_piece, of_piece.full_uw, share)),
            lit_lamp_ms=_alive(self._by_slot(np.where(levels[-1] > 0, counted_ms, 0) * of_piece.lamps), share),
            off_ws=whole_ws(_alive(self._by_slot(np.where(self.is_on, 0, watts * counted_ms)), share)),
            replayed_ms=self._by_slot(np.where(is_recorded, 0, pieces.length_ms)),
            missing_ws=self._missing_ws(levels, undelivered),
        )

    def _missing_ws(self, levels: tuple[Levels, ...], undelivered: Bools) -> Integers:
        missing = np.flatnonzero(undelivered)
        taken = np.zeros(undelivered.shape, dtype=np.int64)
        asked = levels[_ASKED][missing]
        taken[missing] = self.power.at(self.circuit[missing], asked) * self.pieces.length_ms[missing]
        return whole_ws(self._by_slot(taken))

    def _lost(self, of_piece: _OfPieces, each: Integers, dead_share: NDArray[np.float64]) -> Integers:
        """What was not delivered: all where it is undelivered, the share of the dead lamps where light was wanted."""
        lost = self._by_slot(of_piece.missing_ms * each)
        if dead_share.any():
            wanted = self._by_slot(of_piece.wanted_ms * each)
            lost += np.rint(wanted * dead_share[:, None]).astype(np.int64)
        return lost

    def _worlds(self) -> tuple[tuple[Levels, ...], Bools, Bools, Bools]:
        """The levels from ``full`` to ``actual``; where light is undelivered, wanted, and a decision is recorded."""
        layer, recorded = self.layer, self.recorded
        switched, scheduled, traffic, output = self.by_rules
        in_force = self.ruled & (layer != NOT_DECIDED)
        is_asked = in_force & (recorded >= 0)
        limited = np.where(is_asked & (layer == Layer.DEMAND_LIMIT), recorded, output)
        by_people = in_force & (layer < Layer.DEMAND_LIMIT)
        seen = self._seen()
        by_hand = np.where(seen == _LIT_SOMEHOW, FULL_LEVEL, np.where(seen >= 0, seen, limited))
        people = np.where(by_people, np.where(recorded >= 0, recorded, by_hand), limited)
        asked = np.where(is_asked, recorded, people)
        # Seen lit with no level reported, or with 0: as asked where it is asked, else at full power.
        actual = np.where(seen == _LIT_SOMEHOW, np.where(asked > 0, asked, FULL_LEVEL), seen)
        actual = np.where(actual < 0, asked, actual).astype(np.int32)
        burns = self._lasting((asked == 0) & (actual > 0))
        burning = np.where(burns, actual, asked)
        wanted = np.where(by_people & (recorded < 0), output > 0, asked > 0)
        is_dark = self.lit == UNLIT
        is_silent = (self.lit == LIT_UNKNOWN) & (self.report < 0) & self.heard & self.spoke & in_force
        undelivered = self._lasting(wanted & (is_dark | is_silent))
        if self.shown is not None:
            place = self.pieces.circuit, self.slot
            is_lit = undelivered & np.where(is_dark, self.shown.dark[place], self.shown.silent[place])
            undelivered, actual = undelivered & ~is_lit, np.where(is_lit, asked, actual).astype(np.int32)
        full = np.where(self.is_on, FULL_LEVEL, 0)
        chain = (full, switched, scheduled, traffic, output, limited, people, asked, burning, actual)
        found = tuple(level.astype(np.int32) for level in chain)
        return found, undelivered, wanted, is_asked

    def _seen(self) -> Levels:
        """The level as devices and meters reported it; -1 where nobody did."""
        level = np.where(self.lit == UNLIT, 0, self.report)
        somehow = (self.lit == LIT) & (self.report <= 0)
        return np.where(somehow, _LIT_SOMEHOW, level).astype(np.int32)

    def _lasting(self, holds: Bools) -> Bools:
        if not holds.any():
            return holds
        return lasting(holds, self.pieces, self.span.least_ms, self.span.start_ms, self.span.end_ms)

    def _by_slot(self, values: Integers) -> Integers:
        """(n_circuits, n_slots) sums of whole numbers over the pieces."""
        sums = np.add.reduceat(values, self.slot_starts)
        return np.asarray(sums.reshape(self.n, self.span.edges_ms.size - 1), dtype=np.int64)


def _slot_starts(circuit: NDArray[np.intp], site_row: NDArray[np.intp], sites: Integers, edges: Integers) -> Integers:
    """Return the first piece of every slot of every circuit; ``site_row`` is the piece's row among ``sites``."""
    begins = np.ones(site_row.size, dtype=np.bool_)
    begins[1:] = (site_row[1:] != site_row[:-1]) | (circuit[1:] != circuit[:-1])
    is_edge = np.isin(sites, edges[:-1])
    return np.flatnonzero(begins & is_edge[site_row])


_LIT_SOMEHOW = -2
_ASKED = MODELLED_WORLDS.index("asked") - 1
"""Among the levels, which begin with the world ``full``."""


def heard_spans(reported: Reported, end_ms: int, counts: Bools) -> Spans:
    """Return the spans in which at least one circuit of those that count (n_circuits,) was heard of."""
    steps = reported.steps
    known = ((reported.lit != LIT_UNKNOWN) | (reported.level >= 0)) & counts[steps.circuit]
    ends = np.append(steps.at_ms[1:], end_ms)
    ends[np.append(steps.circuit[1:] != steps.circuit[:-1], True)] = end_ms
    begin, end = steps.at_ms[known], ends[known]
    order = np.argsort(begin, kind="stable")
    begin, end = begin[order], end[order]
    if not begin.size:
        return ()
    reach = np.maximum.accumulate(end)
    fresh = np.append(True, begin[1:] > reach[:-1])
    last = np.append(np.flatnonzero(fresh)[1:] - 1, begin.size - 1)
    return tuple(zip(begin[fresh].tolist(), reach[last].tolist(), strict=True))


def _cut(steps: Steps, circuits: slice) -> slice:
    first, end = np.searchsorted(steps.circuit, (circuits.start, circuits.stop)).tolist()
    return slice(first, end)


def _edges(spans: Spans) -> Integers:
    return np.array(spans, dtype=np.int64).ravel()


def _inside(at_ms: Integers, spans: Spans) -> Bools:
    found = np.zeros(at_ms.shape, dtype=np.bool_)
    for begin, end in spans:
        found |= (at_ms >= begin) & (at_ms < end)
    return found
