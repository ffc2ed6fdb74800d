"""The layers of the decision, worked out once for each kind of circuit: who rules, with which level, because of what.

A *kind* is what circuits share that the decision cannot tell apart: program, floor, lamp minimum, warm-up, and the same
instructions. A city of ten thousand circuits has a few dozen; the result is gathered at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.schedule.instructions import Instruction, Layer, instruction_fact, span_ms, weakest_first
from lighting.schedule.night import night_of, night_span_ms
from lighting.schedule.site_index import NightPrograms, SiteIndex

FULL_PCT = 100.0


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
    """Columns before shaping, each (n_steps, n_columns), changed in place while layers are laid."""

    level_pct: NDArray[np.float32]
    layer: NDArray[np.uint8]
    cause: NDArray[np.int32]
    may_be_under: NDArray[np.bool_]

    def gathered(self, columns: NDArray[np.intp]) -> Layered:
        """Return the same for other columns, made of these."""
        return Layered(
            self.level_pct[:, columns], self.layer[:, columns], self.cause[:, columns], self.may_be_under[:, columns]
        )


@dataclass(frozen=True, slots=True)
class Kinds:
    """``of_circuit`` (n_circuits,) numbers kinds; ``example`` (n_kinds,) is the position of one circuit of each.

    ``in_scope`` (n_notes, n_kinds) says which instruction covers which kind, ``local`` (n_kinds,) what is in local
    control.
    """

    of_circuit: NDArray[np.intp]
    example: NDArray[np.intp]
    in_scope: NDArray[np.bool_]
    local: NDArray[np.bool_]


def kinds_of(
    index: SiteIndex,
    circuits: NDArray[np.intp],
    notes: Sequence[Instruction],
    local_control: NDArray[np.bool_] | None,
) -> Kinds:
    """Return the kinds among the circuits at these positions."""
    n = len(index.ids)
    marks = np.zeros((len(notes) + 1, n), dtype=np.bool_)
    for i, note in enumerate(notes):
        members = index.members.get((note.scope_kind, note.scope_id))
        if members is not None:
            marks[i, members] = True
    if local_control is not None:
        marks[-1] = local_control
    marks = marks[:, circuits]
    traits = index.kind[circuits]
    if not marks.any():
        _, first, inverse = np.unique(traits, return_index=True, return_inverse=True)
    else:
        bits = np.packbits(marks, axis=0).T
        rows = np.ascontiguousarray(np.hstack([traits.astype(np.uint32)[:, None].view(np.uint8), bits]))
        keys = rows.view(np.dtype((np.void, rows.shape[1]))).ravel()
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    return Kinds(
        of_circuit=inverse.astype(np.intp), example=circuits[first], in_scope=marks[:-1, first], local=marks[-1, first]
    )


def nights_of(index: SiteIndex, at_ms: NDArray[np.int64]) -> list[tuple[slice, NightPrograms]]:
    """Return the lighting nights that the ascending instants fall in, each with the slice of its instants."""
    timezone = index.site.timezone
    nights: list[date] = []
    begins: list[int] = []
    i = 0
    while i < at_ms.size:
        nights.append(night_of(int(at_ms[i]), timezone))
        begins.append(i)
        i = int(np.searchsorted(at_ms, night_span_ms(nights[-1], timezone)[1], side="left"))
    ends = [*begins[1:], at_ms.size] if begins else []
    found = index.night_programs(nights)
    return [(slice(a, b), programs) for a, b, programs in zip(begins, ends, found, strict=True)]


def lay_programs(index: SiteIndex, at_ms: NDArray[np.int64], dark: NDArray[np.bool_], causes: Causes) -> Layered:
    """Return the program or, failing that, the fallback, of every own program: (n_steps, n_own_programs)."""
    shape = (at_ms.size, len(index.own_programs))
    laid = Layered(
        level_pct=np.zeros(shape, dtype=np.float32),
        layer=np.full(shape, Layer.PROGRAM, dtype=np.uint8),
        cause=np.zeros(shape, dtype=np.int32),
        may_be_under=np.zeros(shape, dtype=np.bool_),
    )
    for steps, night in nights_of(index, at_ms):
        for column, (row, used) in enumerate(zip(night.by_own_program, night.used, strict=True)):
            if not row:
                _lay_fallback(laid, (steps, column), dark[steps], used, causes)
                continue
            which = np.searchsorted([stretch.from_ms for stretch in row], at_ms[steps], side="right") - 1
            laid.level_pct[steps, column] = np.array([stretch.level_pct for stretch in row], dtype=np.float32)[which]
            laid.may_be_under[steps, column] = np.array([stretch.part_night for stretch in row])[which]
            laid.cause[steps, column] = np.array([causes.number(stretch.fact) for stretch in row])[which]
    return laid


def _lay_fallback(
    laid: Layered, where: tuple[slice, int], dark: NDArray[np.bool_], program: str, causes: Causes
) -> None:
    """Lay the fallback: 100 % while dark, because no program can say."""
    laid.level_pct[where] = np.where(dark, FULL_PCT, 0.0)
    laid.layer[where] = Layer.FALLBACK
    by_night = causes.number(Fact("fallback_dark", {"program": program}))
    by_day = causes.number(Fact("fallback_daylight", {"program": program}))
    laid.cause[where] = np.where(dark, by_night, by_day)


def lay_instructions(
    laid: Layered,
    at_ms: NDArray[np.int64],
    dark: NDArray[np.bool_],
    notes: Sequence[Instruction],
    kinds: Kinds,
    causes: Causes,
) -> None:
    """Lay emergency, test and override over what is there, weakest first; lockouts are laid by `lay_untouchable`."""
    for note, covered in zip(notes, kinds.in_scope, strict=True):
        if note.layer is Layer.LOCKOUT or not covered.any():
            continue
        steps = _steps_of(note, at_ms, clock_doubted=False)
        if steps.start >= steps.stop:
            continue
        where = covered[None, :] & (_emergency_holds(note, dark[steps])[:, None])
        level = laid.level_pct[steps]
        wanted = np.float32(FULL_PCT if note.level_pct is None else note.level_pct)
        # An emergency is never dimmer than what rules otherwise.
        wanted_here = np.maximum(level, wanted) if note.layer is Layer.EMERGENCY else wanted
        laid.level_pct[steps] = np.where(where, wanted_here, level)
        laid.layer[steps][where] = note.layer
        laid.cause[steps][where] = causes.number(instruction_fact(note))
        laid.may_be_under[steps][where] = note.below_floor and note.layer is Layer.OVERRIDE


def _emergency_holds(note: Instruction, dark: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """An emergency without a level of its own lights only while it is dark; all others hold whenever in force."""
    if note.layer is Layer.EMERGENCY and note.level_pct is None:
        return dark
    return np.ones_like(dark)


def lay_doubt(laid: Layered, causes: Causes) -> None:
    """Lay full light over everything: the clock is doubted, so nothing that depends on time may darken a street."""
    laid.level_pct[:] = FULL_PCT
    laid.layer[:] = Layer.FALLBACK
    laid.cause[:] = causes.number(Fact("clock_doubted"))
    laid.may_be_under[:] = False


def lay_untouchable(
    laid: Layered,
    at_ms: NDArray[np.int64],
    notes: Sequence[Instruction],
    kinds: Kinds,
    causes: Causes,
    *,
    clock_doubted: bool,
) -> None:
    """Lay NaN, «write nothing», where a circuit is in local control or, stronger, under a lockout."""
    if kinds.local.any():
        _forbid(laid, slice(None), kinds.local, Layer.LOCAL_CONTROL, causes.number(Fact("local_control")))
    for note, covered in zip(notes, kinds.in_scope, strict=True):
        if note.layer is Layer.LOCKOUT and covered.any():
            steps = _steps_of(note, at_ms, clock_doubted=clock_doubted)
            _forbid(laid, steps, covered, Layer.LOCKOUT, causes.number(instruction_fact(note)))


def _forbid(laid: Layered, steps: slice, columns: NDArray[np.bool_], layer: Layer, cause: int) -> None:
    laid.level_pct[steps, columns] = np.nan
    laid.layer[steps, columns] = layer
    laid.cause[steps, columns] = cause
    laid.may_be_under[steps, columns] = True


def _steps_of(note: Instruction, at_ms: NDArray[np.int64], *, clock_doubted: bool) -> slice:
    span = span_ms(note, clock_doubted=clock_doubted)
    first, last = np.searchsorted(at_ms, span, side="left").tolist()
    return slice(first, max(first, last))


def laid_layers(
    index: SiteIndex,
    at_ms: NDArray[np.int64],
    dark: NDArray[np.bool_],
    instructions: Sequence[Instruction],
    circuits: NDArray[np.intp],
    local_control: NDArray[np.bool_] | None,
    causes: Causes,
    *,
    clock_doubted: bool,
) -> tuple[Layered, Kinds]:
    """Return what every kind of circuit is asked for, before shaping, with the kinds."""
    notes = weakest_first(instructions)
    kinds = kinds_of(index, circuits, notes, local_control)
    programs = lay_programs(index, at_ms, dark, causes)
    laid = programs.gathered(index.own_program[kinds.example])
    if clock_doubted:
        lay_doubt(laid, causes)
    else:
        lay_instructions(laid, at_ms, dark, notes, kinds, causes)
    lay_untouchable(laid, at_ms, notes, kinds, causes, clock_doubted=clock_doubted)
    return laid, kinds
