"""The layers of the decision, worked out once for each kind of circuit: who rules, with which level, and why."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.schedule.class_levels import FULL_PCT, level_of_class
from lighting.schedule.grid import Grid
from lighting.schedule.inputs import BRIGHT, DARK, UNKNOWN, Inputs
from lighting.schedule.instructions import Instruction, Layer, instruction_fact, span_ms
from lighting.schedule.kinds import Kinds
from lighting.schedule.photocell_gate import cell_dark, lit_by_gate
from lighting.schedule.programs import Stretch
from lighting.schedule.shaping import with_ramp
from lighting.schedule.site_index import ColumnNight, SiteIndex, latest_dusk_deg
from lighting.schedule.sun import NightSun

AT_ONCE = 1e9
"""A rate in percent a millisecond that no ramp shows."""

NEVER_MS = 2**62


@dataclass(slots=True)
class Causes:
    """The facts of a decision, each numbered once."""

    facts: list[Fact] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)

    def number(self, fact: Fact) -> int:
        """Return the number of this fact object, which is kept alive by the list."""
        if id(fact) not in self.numbers:
            self.numbers[id(fact)] = len(self.facts)
            self.facts.append(fact)
        return self.numbers[id(fact)]


@dataclass(frozen=True, slots=True)
class Layered:
    """Columns before shaping, each (n_grid, n_kinds), changed in place while layers are laid.

    ``level_pct`` is what is asked at the instant, on its way down too; ``target_pct`` where that way ends;
    ``above_pct`` how far a step's own ramp still is above its level. ``dark`` is that of the circuit's district. Of the
    program: ``adaptive``; ``unlit`` outside its lit period; ``comes_on_ms`` when it is lit next, as far as the night
    knows; ``off_for_ms`` how long it wants no light; ``rate_pct_ms`` how fast a level may fall.
    """

    level_pct: NDArray[np.float32]
    target_pct: NDArray[np.float32]
    above_pct: NDArray[np.float32]
    layer: NDArray[np.uint8]
    cause: NDArray[np.int32]
    may_be_under: NDArray[np.bool_]
    dark: NDArray[np.bool_]
    adaptive: NDArray[np.bool_]
    unlit: NDArray[np.bool_]
    comes_on_ms: NDArray[np.int64]
    off_for_ms: NDArray[np.int64]
    rate_pct_ms: NDArray[np.float64]

    def columns(self, columns: NDArray[np.intp], names: Collection[str]) -> Layered:
        """Return some columns: a copy of what is named, and the others as they are."""
        found = {name: getattr(self, name) for name in Layered.__dataclass_fields__}
        return Layered(**found | {name: found[name][:, columns] for name in names})


@dataclass(frozen=True, slots=True)
class _Cell:
    """A photocell on the grid: where it is dark by it, what it says, and the entry of its series."""

    id: str
    dark: NDArray[np.bool_]
    value: NDArray[np.int8]
    entry: NDArray[np.intp]


class Layers:
    """Lays the layers over each other for the kinds of one decision."""

    def __init__(self, index: SiteIndex, grid: Grid, kinds: Kinds, inputs: Inputs, causes: Causes) -> None:
        self.index, self.grid, self.kinds, self.inputs, self.causes = index, grid, kinds, inputs, causes
        self.column = np.array([index.traits[trait].column for trait in kinds.trait], dtype=np.intp)
        self.dark = grid.dark
        self._cells: dict[str, _Cell] = {}

    def programs(self) -> Layered:
        """Return the program or, failing that, the fallback, of every kind."""
        shape = (self.grid.at_ms.size, len(self.kinds))
        control = self.index.site.control
        slow = 100.0 / (control.ramp_down_s * 1000) if control.ramp_down_s > 0 else AT_ONCE
        laid = Layered(
            level_pct=np.zeros(shape, dtype=np.float32),
            target_pct=np.zeros(shape, dtype=np.float32),
            above_pct=np.zeros(shape, dtype=np.float32),
            layer=np.full(shape, Layer.PROGRAM, dtype=np.uint8),
            cause=np.zeros(shape, dtype=np.int32),
            may_be_under=np.zeros(shape, dtype=np.bool_),
            dark=np.repeat(self.dark[:, None], shape[1], axis=1),
            adaptive=np.zeros(shape, dtype=np.bool_),
            unlit=np.zeros(shape, dtype=np.bool_),
            comes_on_ms=np.full(shape, NEVER_MS, dtype=np.int64),
            off_for_ms=np.full(shape, NEVER_MS, dtype=np.int64),
            rate_pct_ms=np.full(shape, slow, dtype=np.float64),
        )
        for column in np.unique(self.column).tolist():
            members = np.flatnonzero(self.column == column)
            for rows, night in self.grid.nights:
                self._lay_column(laid, rows, members, night.columns[column], night.sun, column)
        return laid

    def _lay_column(
        self, laid: Layered, rows: slice, members: NDArray[np.intp], found: ColumnNight, sun: NightSun, column: int
    ) -> None:
        if not found.stretches or found.program is None:
            self._lay_fallback(laid, rows, members, found.used)
            return
        if found.program.uses_photocell:
            self._lay_by_photocell(laid, rows, members, found, sun, column)
        else:
            self._lay_stretches(laid, rows, members, found.stretches)

    def _lay_fallback(self, laid: Layered, rows: slice, members: NDArray[np.intp], program: str) -> None:
        """Lay the fallback: 100 % while dark, because no program can say."""
        by_night = self.causes.number(Fact("fallback_dark", {"program": program}))
        by_day = self.causes.number(Fact("fallback_daylight", {"program": program}))
        dark = self.dark[rows]
        laid.level_pct[rows, members] = np.where(dark, FULL_PCT, 0.0)[:, None]
        laid.layer[rows, members] = Layer.FALLBACK
        laid.cause[rows, members] = np.where(dark, by_night, by_day)[:, None]

    def _lay_stretches(self, laid: Layered, rows: slice, members: NDArray[np.intp], row: tuple[Stretch, ...]) -> None:
        at_ms = self.grid.at_ms[rows]
        starts = np.array([stretch.from_ms for stretch in row], dtype=np.int64)
        which = np.searchsorted(starts, at_ms, side="right") - 1
        levels = self._levels(row, members)
        columns = _side_by_side(members)
        laid.level_pct[rows, columns] = levels[which]
        for name, values in (
            (laid.adaptive, [stretch.adaptive for stretch in row]),
            (laid.unlit, [not stretch.lit for stretch in row]),
            (laid.cause, [self.causes.number(stretch.fact) for stretch in row]),
            (laid.comes_on_ms, _comes_on(row)),
            (laid.off_for_ms, _off_for(row)),
        ):
            name[rows, columns] = np.array(values)[which][:, None]
        # Where lamps are never dimmed, a crossing, no program may switch them off in the dark: a person alone may.
        may_be_off = ~np.array([self.index.traits[kind].never_dim for kind in self.kinds.trait[members].tolist()])
        part_night = np.array([stretch.part_night for stretch in row])
        laid.may_be_under[rows, columns] = part_night[which][:, None] & may_be_off
        self._lay_ramps(laid, rows, members, row, levels, which)

    def _levels(self, row: tuple[Stretch, ...], members: NDArray[np.intp]) -> NDArray[np.float32]:
        """(n_stretches, n_members): the level of each stretch on each kind."""
        levels = np.empty((len(row), len(members)), dtype=np.float32)
        for number, stretch in enumerate(row):
            if stretch.lighting_class:
                traits = [self.index.traits[trait] for trait in self.kinds.trait[members].tolist()]
                levels[number] = [level_of_class(trait, stretch.lighting_class) for trait in traits]
            else:
                levels[number] = stretch.level_pct
        return levels

    def _lay_ramps(
        self,
        laid: Layered,
        rows: slice,
        members: NDArray[np.intp],
        row: tuple[Stretch, ...],
        levels: NDArray[np.float32],
        which: NDArray[np.intp],
    ) -> None:
        """The way down to a step that says how long it takes; the way up is at once."""
        for number, stretch in enumerate(row):
            if stretch.ramp_s is None or not number or not row[number - 1].lit:
                continue
            drop = np.maximum(levels[number - 1] - levels[number], 0.0)
            here = np.flatnonzero(which == number)
            if not here.size or not drop.any():
                continue
            at = here + rows.start
            ramp_ms = stretch.ramp_s * 1000
            gone = np.ones(here.size) if ramp_ms <= 0 else (self.grid.at_ms[at] - stretch.from_ms) / ramp_ms
            left = np.clip(1.0 - gone, 0.0, 1.0)[:, None]
            fast = AT_ONCE if ramp_ms <= 0 else drop / ramp_ms
            cells = np.ix_(at, members)
            laid.above_pct[cells] = drop * left
            laid.rate_pct_ms[cells] = np.maximum(laid.rate_pct_ms[cells], fast)

    def _lay_by_photocell(
        self,
        laid: Layered,
        rows: slice,
        members: NDArray[np.intp],
        found: ColumnNight,
        sun: NightSun,
        column: int,
    ) -> None:
        """The ring of steps, wherever the photocell's lit period is; off outside."""
        program = found.program
        if program is None:  # pragma: no cover - a column without a program is laid as the fallback
            return
        cell = self._cell(self.index.columns[column].photocell)
        dark = self.dark if cell is None else cell.dark
        self._lay_stretches(laid, rows, members, found.ring)
        laid.comes_on_ms[rows, members] = NEVER_MS
        lit = lit_by_gate(program, sun, self.index.site.timezone, self.grid.at_ms[rows], dark[rows])
        off = np.flatnonzero(~lit) + rows.start
        row = found.stretches or ()
        starts = np.array([stretch.from_ms for stretch in row], dtype=np.int64)
        which = np.searchsorted(starts, self.grid.at_ms[off], side="right") - 1
        unlit = Fact("program_unlit", {"program": program.id, "rule": "" if found.rule is None else found.rule.name})
        numbers = [self.causes.number(unlit if stretch.lit else stretch.fact) for stretch in row]
        cause = np.array(numbers, dtype=np.int32)[which]
        if cell is not None:
            laid.dark[rows, members] = dark[rows][:, None]
            self._name_cell(cause, cell, off)
        cells = np.ix_(off, members)
        laid.level_pct[cells] = 0.0
        laid.may_be_under[cells] = False
        laid.adaptive[cells] = False
        laid.unlit[cells] = True
        laid.cause[cells] = cause[:, None]

    def _name_cell(self, cause: NDArray[np.int32], cell: _Cell, rows: NDArray[np.intp]) -> None:
        """Where a believed cell says that it is bright, that is why the lamps are off."""
        known = self.inputs.photocells.get(cell.id)
        if known is None:
            return
        bright = cell.value[rows] == BRIGHT
        for entry in np.unique(cell.entry[rows][bright]).tolist():
            fact = known.fact_of(entry)
            if fact is not None:
                cause[bright & (cell.entry[rows] == entry)] = self.causes.number(fact)

    def _cell(self, cell_id: str) -> _Cell | None:
        if not cell_id:
            return None
        if cell_id not in self._cells:
            known = self.inputs.photocells.get(cell_id)
            site = self.index.site
            latest = self.index.latest_deg.index(latest_dusk_deg(site, site.photocells[cell_id]))
            dark, value = cell_dark(known, self.grid.at_ms, self.grid.dark, self.grid.latest[latest])
            entry = np.full(value.shape, -1, dtype=np.intp) if known is None else known.at(self.grid.at_ms)[1]
            self._cells[cell_id] = _Cell(cell_id, dark, value, entry)
        return self._cells[cell_id]

    def ramps(self, laid: Layered, cannot_dim: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Slow every fall that sun, program and traffic ask of what people may cover: caps compare with that.

        Return the levels with the steps' own ramps alone, for whoever shapes them before they are slowed: the very
        ``target_pct`` where no step has one. Lamps that cannot be dimmed have no way down.
        """
        laid.rate_pct_ms[:, cannot_dim] = AT_ONCE
        laid.target_pct[:] = laid.level_pct
        # To switch off is no dimming, and traffic has no ramp but the site's.
        on_its_way = laid.target_pct
        if laid.above_pct.any():
            by_step = (laid.level_pct > 0) & (laid.layer == Layer.PROGRAM) & ~cannot_dim
            on_its_way = np.where(by_step, laid.level_pct + laid.above_pct, laid.level_pct)
        covered = np.flatnonzero(self.kinds.in_scope.any(axis=0))
        if covered.size:
            slowed = with_ramp(on_its_way[:, covered], self.grid.at_ms, laid.rate_pct_ms[:, covered])
            laid.level_pct[:, covered] = slowed
        return on_its_way

    def doubt(self, laid: Layered) -> None:
        """Lay what a doubted clock leaves: a believed photocell decides in its district, else full light."""
        full = self.causes.number(Fact("clock_doubted"))
        for column in np.unique(self.column).tolist():
            members = np.flatnonzero(self.column == column)
            cell = self._cell(self.index.columns[column].photocell)
            level = np.full(self.grid.at_ms.shape, FULL_PCT, dtype=np.float32)
            cause = np.full(self.grid.at_ms.shape, full, dtype=np.int32)
            if cell is not None and (cell.value != UNKNOWN).any():
                rows = np.flatnonzero(cell.value != UNKNOWN)
                cause[rows] = self.causes.number(Fact("clock_doubted_photocell", {"photocell": cell.id}))
                level[cell.value == BRIGHT] = 0.0
                laid.dark[np.ix_(rows, members)] = (cell.value[rows] == DARK)[:, None]
            laid.level_pct[:, members] = laid.target_pct[:, members] = level[:, None]
            laid.cause[:, members] = cause[:, None]
        laid.layer[:] = Layer.FALLBACK
        laid.may_be_under[:] = False
        laid.adaptive[:] = False
        laid.comes_on_ms[:] = NEVER_MS

    def instructions(self, laid: Layered, notes: Sequence[Instruction]) -> None:
        """Lay demand limit, override, test and emergency over what is there, in this order; lockouts come later."""
        for note, covered in zip(notes, self.kinds.in_scope, strict=True):
            if note.layer is Layer.LOCKOUT or not covered.any():
                continue
            steps = self._steps_of(note, clock_doubted=False)
            if steps.start >= steps.stop:
                continue
            self._lay_note(laid, note, (steps, _side_by_side(np.flatnonzero(covered))))

    def _lay_note(self, laid: Layered, note: Instruction, cells: tuple[slice, slice | NDArray[np.intp]]) -> None:
        """Lay one instruction over the cells of the table that it covers."""
        wanted = np.float32(FULL_PCT if note.level_pct is None else note.level_pct)
        cause = self.causes.number(instruction_fact(note))
        is_excused = note.below_floor and note.layer is Layer.OVERRIDE
        if note.layer in (Layer.OVERRIDE, Layer.TEST):
            laid.level_pct[cells] = laid.target_pct[cells] = wanted
            laid.rate_pct_ms[cells], laid.layer[cells], laid.cause[cells] = AT_ONCE, note.layer, cause
            laid.may_be_under[cells] = is_excused
            return
        level = laid.level_pct[cells]
        where = np.ones(level.shape, dtype=np.bool_)
        if note.layer is Layer.DEMAND_LIMIT:
            where = level > wanted
        elif note.layer is Layer.EMERGENCY and note.level_pct is None:
            where = laid.dark[cells]  # without a level of its own it lights only while it is dark
        for asked in (laid.level_pct, laid.target_pct):
            asked[cells] = np.where(where, _asked_by(note.layer, asked[cells], wanted), asked[cells])
        laid.rate_pct_ms[cells] = np.where(where, AT_ONCE, laid.rate_pct_ms[cells])
        laid.layer[cells] = np.where(where, note.layer, laid.layer[cells])
        laid.cause[cells] = np.where(where, cause, laid.cause[cells])
        laid.may_be_under[cells] = np.where(where, False, laid.may_be_under[cells])

    def untouchable(self, laid: Layered, notes: Sequence[Instruction], *, clock_doubted: bool) -> None:
        """Lay NaN, «write nothing», where a circuit is in local control or, stronger, under a lockout."""
        if self.kinds.local.any():
            self._forbid(laid, slice(None), self.kinds.local, Layer.LOCAL_CONTROL, Fact("local_control"))
        for note, covered in zip(notes, self.kinds.in_scope, strict=True):
            if note.layer is Layer.LOCKOUT and covered.any():
                steps = self._steps_of(note, clock_doubted=clock_doubted)
                self._forbid(laid, steps, covered, Layer.LOCKOUT, instruction_fact(note))

    def _forbid(self, laid: Layered, steps: slice, columns: NDArray[np.bool_], layer: Layer, fact: Fact) -> None:
        laid.level_pct[steps, columns] = laid.target_pct[steps, columns] = np.nan
        laid.layer[steps, columns] = layer
        laid.cause[steps, columns] = self.causes.number(fact)
        laid.may_be_under[steps, columns] = True

    def _steps_of(self, note: Instruction, *, clock_doubted: bool) -> slice:
        span = span_ms(note, clock_doubted=clock_doubted)
        first, last = np.searchsorted(self.grid.at_ms, span, side="left").tolist()
        return slice(first, max(first, last))


def _side_by_side(columns: NDArray[np.intp]) -> slice | NDArray[np.intp]:
    """Return ascending columns as a slice where they are one: a table is then written in one piece."""
    span = slice(int(columns[0]), int(columns[-1]) + 1)
    return span if span.stop - span.start == columns.size else columns


def _asked_by(layer: Layer, level_pct: NDArray[np.float32], wanted_pct: np.float32) -> NDArray[np.float32]:
    """Return what an emergency or a demand limit makes of the levels below it."""
    if layer is Layer.EMERGENCY:  # never dimmer than what rules otherwise
        return np.maximum(level_pct, wanted_pct)
    return np.minimum(level_pct, wanted_pct)


def _comes_on(row: tuple[Stretch, ...]) -> list[int]:
    """For each unlit stretch when the program is lit next in this night, NEVER_MS otherwise."""
    coming, times = NEVER_MS, []
    for stretch in reversed(row):
        times.append(NEVER_MS if stretch.lit else coming)
        coming = stretch.from_ms if stretch.lit else coming
    return times[::-1]


def _off_for(row: tuple[Stretch, ...]) -> list[int]:
    """For each stretch at level 0 how long the program stays there between two lit ones; NEVER_MS for any other."""
    spans = [NEVER_MS] * len(row)
    begin: int | None = None
    for number, stretch in enumerate(row):
        is_off = not stretch.lighting_class and stretch.level_pct <= 0
        if is_off and begin is None:
            begin = number
        elif not is_off and begin is not None:
            if begin > 0:
                spans[begin:number] = [stretch.from_ms - row[begin].from_ms] * (number - begin)
            begin = None
    return spans
