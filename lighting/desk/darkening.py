"""What in a change makes the city darker, or could: said before it is accepted, whatever else it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from lighting.assets.difference import named
from lighting.assets.fact import Fact, Value
from lighting.assets.failsafe import UNCOVERED, ReadValues, assess
from lighting.assets.lighting_classes import CLASS_LEVELS, floor_level_pct, is_brighter, same_family
from lighting.assets.model import Circuit, Site
from lighting.schedule.calendars import EVERY_PROGRAM
from lighting.schedule.site_index import ProgramColumn, site_index

_LEAST_PCT = 0.05
Pairs = list[tuple[Circuit, Circuit]]


def darkening(
    before: Site, after: Site, read: Callable[[Site], ReadValues], *, today: str, renamed: Mapping[str, str]
) -> tuple[Fact, ...]:
    """Facts, the gravest first. ``read`` gives what is known of a site's devices; ``renamed`` old ids by new ones."""
    pairs = [
        (before.circuits[old], circuit)
        for circuit in after.circuits.values()
        if (old := renamed.get(circuit.id, circuit.id)) in before.circuits
    ]
    found = (
        _dark_without_us(before, after, read, today, pairs),
        _left(before, pairs),
        _part_night(before, after, pairs),
        _floors(before, after, pairs),
        _classes(pairs),
        _never_dimmed(pairs),
        _lit_later(before, after),
    )
    return tuple(fact for facts in found for fact in facts)


def _dark_without_us(
    before: Site, after: Site, read: Callable[[Site], ReadValues], today: str, pairs: Pairs
) -> Iterator[Fact]:
    was, will = assess(before, read(before), today=today), assess(after, read(after), today=today)
    known = {new.id: old.id for old, new in pairs}

    def is_worse(circuit_id: str) -> bool:
        if circuit_id in known:
            return will[circuit_id].verdict in UNCOVERED and was[known[circuit_id]].verdict not in UNCOVERED
        return will[circuit_id].verdict == "goes_dark"  # nobody can have read the settings of a new one

    worse = [one for one in after.circuits if is_worse(one)]
    if worse:
        yield Fact("darker_without_us", named(worse))


def _left(before: Site, pairs: Pairs) -> Iterator[Fact]:
    kept = {old.id for old, _ in pairs}
    left = [one for one in before.circuits if one not in kept]
    if left:
        yield Fact("darker_left_alone", named(left))


def _part_night(before: Site, after: Site, pairs: Pairs) -> Iterator[Fact]:
    was, will = _part_night_off(before), _part_night_off(after)
    known = {circuit.id: old.id for old, circuit in pairs}
    new = [one for one in after.circuits if one in will and known.get(one) not in was]
    if new:
        yield Fact("darker_part_night", named(new))


def _part_night_off(site: Site) -> set[str]:
    """The circuits that some night's program may switch off while it is dark: marked so, and not never dimmed."""
    index = site_index(site)
    off = {
        program.id
        for program in site.programs.values()
        if any(step.part_night and step.level_pct == 0 and not step.lighting_class for step in program.steps)
    }
    columns = [bool(off & _programs(site, column)) for column in index.columns]
    of_trait = [columns[trait.column] and not trait.never_dim for trait in index.traits]
    return {circuit_id for circuit_id, kind in zip(index.ids, index.kind.tolist(), strict=True) if of_trait[kind]}


def _programs(site: Site, column: ProgramColumn) -> set[str]:
    """The programs that circuits of a column follow on some night: their own, and those of rules where they are."""
    found = {column.own_program}
    for number, rule in enumerate(site.calendar.rules):
        if not rule.places or number in column.inside:
            found.add(rule.use.get(column.own_program, rule.use.get(EVERY_PROGRAM, column.own_program)))
    return found


def _floors(before: Site, after: Site, pairs: Pairs) -> Iterator[Fact]:
    floors = [(new.id, floor_level_pct(old, before), floor_level_pct(new, after)) for old, new in pairs]
    lower = [(one, was, will) for one, was, will in floors if will < was - _LEAST_PCT]
    if lower:
        steepest = max(lower, key=lambda floor: floor[1] - floor[2])
        values: dict[str, Value] = {
            "example": steepest[0],
            "before_pct": round(steepest[1], 1),
            "after_pct": round(steepest[2], 1),
        }
        yield Fact("darker_floor", {**named([one for one, _, _ in lower]), **values})


def _classes(pairs: Pairs) -> Iterator[Fact]:
    for field in ("design_class", "lowest_class"):
        together: dict[tuple[str, str], list[str]] = {}
        for old, new in pairs:
            was, will = getattr(old, field), getattr(new, field)
            if _is_lower(was, will):
                together.setdefault((was, will), []).append(new.id)
        for (was, will), ids in together.items():
            yield Fact("darker_class", {**named(ids), "field": field, "before": was, "after": will})


def _is_lower(was: str, will: str) -> bool:
    known = was in CLASS_LEVELS and will in CLASS_LEVELS
    return known and same_family(was, will) and is_brighter(was, will)


def _never_dimmed(pairs: Iterable[tuple[Circuit, Circuit]]) -> Iterator[Fact]:
    freed = [new.id for old, new in pairs if old.never_dim and not new.never_dim]
    if freed:
        yield Fact("darker_never_dim", named(freed))


def _lit_later(before: Site, after: Site) -> Iterator[Fact]:
    was, will = before.control.dusk_elevation_deg, after.control.dusk_elevation_deg
    if will < was:
        yield Fact("darker_dusk", {"before_deg": was, "after_deg": will})
