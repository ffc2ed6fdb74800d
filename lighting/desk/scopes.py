"""What an act is about: a circuit, a cabinet or a district as a person writes it, and the circuits that it means."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.assets.model import Circuit, ScopeKind, Site
from lighting.desk.areas import area_wanted
from lighting.desk.refusal import NotFound, WrongUsage
from lighting.schedule.instructions import Instruction
from lighting.schedule.places import places_of


@dataclass(frozen=True, slots=True)
class Scope:
    """What an act is about, as written.

    ``C-0142``, ``cabinet:CB-03``, ``district:hang-bac``, ``road:Quay road``, ``group:market`` or
    ``area:21.03,105.85,300m``.
    """

    kind: ScopeKind
    id: str

    def __str__(self) -> str:
        return self.id if self.kind == "circuit" else f"{self.kind}:{self.id}"


def scope_of(instruction: Instruction) -> Scope:
    """The scope that an instruction was given for."""
    return Scope(instruction.scope_kind, instruction.scope_id)


def parse_scope(site: Site, text: str) -> Scope:
    """The scope that a person wrote. A district may be named by its name.

    Raises ``WrongUsage`` for an unknown kind and for none at all, and ``NotFound`` with the nearest ids.
    """
    kind, colon, rest = text.strip().partition(":")
    if not (rest if colon else kind).strip():
        raise WrongUsage(Fact("target_without_name", {"target": text.strip()}))
    if not colon or kind == "circuit":
        return _known("circuit", (rest or kind).strip(), site.circuits)
    wanted = rest.strip()
    if kind == "cabinet":
        return _known("cabinet", wanted, site.cabinets)
    if kind == "district":
        return _district(site, wanted)
    if kind == "road":
        return _known("road", wanted, dict.fromkeys(c.road for c in site.circuits.values() if c.road))
    if kind == "group":
        return _known("group", wanted, site.groups)
    if kind == "area":
        return Scope("area", str(area_wanted(wanted)))
    raise WrongUsage(Fact("scope_kind_unknown", {"found": kind, "target": text}))


def scope_named(text: str, instructions: Iterable[Instruction]) -> Scope | None:
    """The scope of one of these instructions that a person wrote, whether or not the site still has it."""
    wanted = text.strip().removeprefix("circuit:").strip().casefold()
    return next((scope for i in instructions if str(scope := scope_of(i)).casefold() == wanted), None)


def _district(site: Site, wanted: str) -> Scope:
    if wanted not in site.districts:
        named = [d.id for d in site.districts.values() if d.name.casefold() == wanted.casefold()]
        if len(named) == 1:
            return Scope("district", named[0])
    return _known("district", wanted, site.districts)


def _known(kind: ScopeKind, wanted: str, known: Iterable[str]) -> Scope:
    ids = list(known)
    if wanted in ids:
        return Scope(kind, wanted)
    same = [one for one in ids if one.casefold() == wanted.casefold()]
    if len(same) == 1:
        return Scope(kind, same[0])
    raise not_found(kind, wanted, ids)


def not_found(kind: str, wanted: str, ids: Sequence[str]) -> NotFound:
    """The refusal for an id that the site does not have, with up to three nearest ones that it has."""
    by_fold = {one.casefold(): one for one in ids}
    near = [by_fold[one] for one in difflib.get_close_matches(wanted.casefold(), list(by_fold), n=3, cutoff=0.5)]
    if near:
        return NotFound(Fact("asset_not_found_near", {"kind": kind, "id": wanted, "nearest": ", ".join(near)}))
    return NotFound(Fact("asset_not_found", {"kind": kind, "id": wanted, "known": len(ids)}))


def circuits_of(site: Site, scope: Scope) -> tuple[Circuit, ...]:
    """The circuits of a scope, in the order of the table; none where the site has no such scope (any more)."""
    circuits = tuple(site.circuits.values())
    return tuple(circuits[at] for at in places_of(site).members(scope.kind, scope.id).tolist())


class CircuitIndex:
    """Where each circuit, cabinet and district of one site stands in arrays that follow ``site.circuits``."""

    def __init__(self, site: Site) -> None:
        self.circuits: tuple[Circuit, ...] = tuple(site.circuits.values())
        self.position = {circuit.id: n for n, circuit in enumerate(self.circuits)}
        self.district_ids = tuple(site.districts)
        numbers = {district: n for n, district in enumerate(self.district_ids)}
        self.district = np.array([numbers.get(c.district, -1) for c in self.circuits], dtype=np.intp)
        self._places = places_of(site)
        self.rated_w = np.array([rated_w(site, c) for c in self.circuits], dtype=np.float64)

    def mask(self, scopes: Iterable[Scope]) -> NDArray[np.bool_]:
        """(n_circuits,) bool: the circuits that at least one of the scopes covers."""
        mask = np.zeros(len(self.circuits), dtype=np.bool_)
        for scope in set(scopes):
            mask[self._places.members(scope.kind, scope.id)] = True
        return mask


def rated_w(site: Site, circuit: Circuit) -> float:
    """The rated power of all lamps of a circuit at 100 %, in W."""
    return sum(site.luminaire_types[group.luminaire_type].rated_w * group.count for group in circuit.lamps)
