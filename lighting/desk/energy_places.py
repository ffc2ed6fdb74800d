"""Districts and circuits of a report: what each used, and what its part of the money is.

Money is known by district and hour. A circuit's money in each world is its energy times the mean price of its district
in that world over the span, rounded so that the circuits of a district sum to what is the district's. What costs the
same without any energy (fixed charges) is shared by what was used, in every world alike, and is in no saving.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lighting.assets.model import Circuit, Site
from lighting.desk.energy_answers import Errors, PlaceLine
from lighting.desk.energy_ledger import BASELINE, KWH_WS, Against, Sums, known_share, lamp_h, picked, shared_along
from lighting.desk.energy_line_errors import ErrorBasis
from lighting.energy.account import Account
from lighting.energy.worlds import ENERGY_KINDS, WORLDS
from lighting.store.account_records import SpanAccounts, SubjectAccounts

Integers = NDArray[np.int64]
Places = NDArray[np.intp]
WORST = 10
_USED, _FULL = WORLDS.index("metered"), WORLDS.index("full")


@dataclass(frozen=True)
class Districts:
    """Every district that the site has or that an account names, in the order of the site's table, others after."""

    site: Site
    read: SpanAccounts

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Their ids; empty for a key that no asset has."""
        keys = {int(key) for key in np.unique(self.read.hours.district_key)}
        found = {self._id(key) for key in keys}
        return (*self.site.districts, *sorted(found - set(self.site.districts)))

    def _id(self, key: int) -> str:
        return self.read.assets.get(key, ("", ""))[1]

    def of_keys(self, keys: Integers) -> Places:
        """(n,) the place in ``ids`` of each key."""
        known, into = np.unique(keys, return_inverse=True)
        places = np.array([self.ids.index(self._id(int(key))) for key in known], np.intp)
        return places[into.reshape(-1)] if known.size else np.zeros(0, np.intp)

    @cached_property
    def kinds(self) -> dict[str, str]:
        """How the energy of each district is known, where it is in one way alone."""
        found: dict[str, set[int]] = {}
        for one in self.read.kinds:
            found.setdefault(self._id(one.district_key), set()).add(one.kind)
        return {one: ENERGY_KINDS[min(kinds)] for one, kinds in found.items() if len(kinds) == 1}

    def name(self, district_id: str) -> str:
        district = self.site.districts.get(district_id)
        return district_id if district is None else district.name

    def lamps(self, district_id: str) -> int:
        return sum(one.lamp_count for one in self.site.circuits.values() if one.district == district_id)


def district_lines(
    districts: Districts, sums: Sums, against: Against, wanted: Sequence[str], basis: ErrorBasis
) -> tuple[PlaceLine, ...]:
    """A line for each district that is wanted; ``sums`` in the order of the districts."""
    circuits: dict[str, list[Circuit]] = {one: [] for one in districts.ids}
    for circuit in districts.site.circuits.values():
        if circuit.district in circuits:
            circuits[circuit.district].append(circuit)
    errors = basis.of_places(list(circuits.values()), sums, are_whole=True)
    kinds = districts.kinds
    chosen = [n for n, district_id in enumerate(districts.ids) if district_id in wanted]
    ids = [districts.ids[n] for n in chosen]
    named = [_Named(one, districts.name(one), kinds.get(one, ""), districts.lamps(one)) for one in ids]
    return tuple(_lines(named, sums, against, chosen, errors))


@dataclass(frozen=True, slots=True)
class Subjects:
    """Circuits and other subjects in the order of the table, each once: arrays are (n,) or (n_worlds, n)."""

    ids: tuple[str, ...]
    circuits: tuple[Circuit | None, ...]
    are_circuits: tuple[bool, ...]
    kinds: tuple[str, ...]
    district: Places
    sums: Sums
    modelled_ws: NDArray[np.float64]
    apportioned_ws: NDArray[np.float64]

    def picked(self, chosen: Places) -> Sums:
        """The sums of some of them."""
        money, co2 = self.sums.money_e4, self.sums.co2_g
        return Sums(
            self.sums.energy_ws[:, chosen],
            None if money is None else money[:, chosen],
            None if co2 is None else co2[:, chosen],
            picked(self.sums.account, chosen),
        )


@dataclass(frozen=True, slots=True)
class DistrictSums:
    """The sums of districts, and ``standing_e4`` (n,) of their money in every world; None where it is not known."""

    sums: Sums
    standing_e4: Integers | None


def subjects_of(site: Site, districts: Districts, rows: SubjectAccounts, by_district: DistrictSums) -> Subjects:
    """Join the kinds of each subject and price them. A subject that no district is known of has district −1."""
    names = [districts.read.assets.get(int(key), ("", "")) for key in rows.subject_key]
    position = {circuit_id: n for n, circuit_id in enumerate(site.circuits)}
    order = sorted(
        range(len(names)),
        key=lambda n: (names[n][0] != "circuit", position.get(names[n][1], len(position)), names[n], int(rows.kind[n])),
    )
    ids = list(dict.fromkeys(names[n] for n in order))
    number = {name: n for n, name in enumerate(ids)}
    into = np.array([number[name] for name in names], np.intp)
    circuits = tuple(site.circuits.get(text_id) if kind == "circuit" else None for kind, text_id in ids)
    numbers = {district_id: n for n, district_id in enumerate(districts.ids)}
    district = np.array([numbers.get(_district_of(site, *name), -1) for name in ids], np.intp)
    account = rows.account.summed(into, len(ids))
    sums = _priced(account, district, by_district)
    are_circuits = tuple(kind == "circuit" for kind, _ in ids)
    used = rows.account.of_world("metered")
    modelled, apportioned = (
        np.bincount(into, weights=np.where(chosen, used, 0), minlength=len(ids)).astype(np.float64)
        for chosen in (rows.kind >= ENERGY_KINDS.index("modelled"), rows.kind == ENERGY_KINDS.index("apportioned"))
    )
    texts, kinds = tuple(text_id for _, text_id in ids), _kinds(rows, into, len(ids))
    return Subjects(texts, circuits, are_circuits, kinds, district, sums, modelled, apportioned)


def _district_of(site: Site, kind: str, text_id: str) -> str:
    """The district of a circuit, or of the cabinet of the device that a permanent load's meter is on."""
    if kind == "circuit":
        circuit = site.circuits.get(text_id)
        return "" if circuit is None else circuit.district
    device = site.devices.get(text_id.split(":", 1)[0])
    return "" if device is None else site.cabinets[device.cabinet].district


def _kinds(rows: SubjectAccounts, into: Places, n: int) -> tuple[str, ...]:
    kinds: list[set[int]] = [set() for _ in range(n)]
    for subject, kind in zip(into.tolist(), rows.kind.tolist(), strict=True):
        kinds[subject].add(kind)
    return tuple(ENERGY_KINDS[next(iter(one))] if len(one) == 1 else "" for one in kinds)


def _priced(account: Account, district: Places, by: DistrictSums) -> Sums:
    """Money and CO₂ of subjects by the mean of their district; of one without a district, by the mean of the site."""
    energy, by_district = account.worlds_ws, by.sums
    missing = len(by_district.energy_ws) - len(energy)  # what is claimed is no world of a circuit
    energy = np.vstack([energy, np.zeros((missing, energy.shape[1]), np.int64)])
    return Sums(
        energy,
        _money(by, energy, district),
        _shared(by_district.co2_g, energy, district, by_district.energy_ws),
        account,
    )


def _money(by: DistrictSums, energy: Integers, district: Places) -> Integers | None:
    """What stands whatever is used goes by what was used, in every world alike; the rest by the energy of each."""
    if by.sums.money_e4 is None or by.standing_e4 is None:
        return None
    of_energy = _shared(by.sums.money_e4 - by.standing_e4, energy, district, by.sums.energy_ws)
    key = [_USED if by.sums.energy_ws[_USED].any() else _FULL]
    standing = _shared(by.standing_e4[np.newaxis], energy[key], district, by.sums.energy_ws[key])
    return None if of_energy is None or standing is None else of_energy + standing


def _shared(values: Integers | None, energy: Integers, district: Places, of_districts: Integers) -> Integers | None:
    if values is None:
        return None
    found = np.zeros(energy.shape, np.int64)
    for place in np.unique(district):
        members = np.flatnonzero(district == place)
        for world in range(len(energy)):
            whole = int(of_districts[world].sum() if place < 0 else of_districts[world, place])
            value = int(values[world].sum() if place < 0 else values[world, place])
            weights = energy[world, members].tolist()
            part = sum(weights)
            if part and whole:
                # Of circuits that are all of the district the total is its own, to the unit.
                total = value if part == whole else (2 * value * part + whole) // (2 * whole)
                found[world, members] = shared_along(total, weights)
    return found


def _of_circuits(against: Against) -> Against:
    """What somebody signed for, or a meter of the whole site told, has no part in a circuit."""
    if against.world != BASELINE:
        return against
    return Against(against.code, against.causes[0].after, against.causes[1:])


def supply_lines(
    site: Site, subjects: Subjects, against: Against, wanted: NDArray[np.bool_], basis: ErrorBasis
) -> tuple[PlaceLine, ...]:
    """A line for each supply of the site, of the subjects that are wanted, and one without an id for those that name
    none. Nothing where the site has no supplies. They sum up to the lines of the circuits.
    """
    if not site.supplies:
        return ()
    ids = (*site.supplies, "")
    of = ["" if one is None or one.supply not in site.supplies else one.supply for one in subjects.circuits]
    chosen = np.flatnonzero(wanted)
    places = np.array([ids.index(of[at]) for at in chosen.tolist()], np.intp)
    sums = subjects.picked(chosen).summed(places, len(ids))
    lamps = dict.fromkeys(ids, 0)
    for at in chosen.tolist():
        circuit = subjects.circuits[at]
        lamps[of[at]] += 0 if circuit is None else circuit.lamp_count
    named = [_Named(one.id, one.name, one.kind, lamps[one.id]) for one in site.supplies.values()]
    told = [*range(len(site.supplies)), *([len(ids) - 1] if (places == len(ids) - 1).any() else [])]
    circuits: list[list[Circuit]] = [[] for _ in ids]
    for at, place in zip(chosen.tolist(), places.tolist(), strict=True):
        circuit = subjects.circuits[at]
        circuits[place] += [] if circuit is None else [circuit]
    modelled = np.bincount(places, weights=subjects.modelled_ws[chosen], minlength=len(ids)).astype(np.float64)
    errors = basis.of_sums(circuits, sums, modelled, np.zeros(len(ids)))
    named.append(_Named("", "", "", lamps[""]))
    return tuple(_lines(named[: len(told)], sums, _of_circuits(against), told, errors))


def circuit_lines(
    subjects: Subjects, against: Against, wanted: NDArray[np.bool_], basis: ErrorBasis
) -> tuple[PlaceLine, ...]:
    """A line for each subject that is wanted."""
    against = _of_circuits(against)
    chosen = np.flatnonzero(wanted).tolist()
    named = []
    for at in chosen:
        circuit = subjects.circuits[at]
        if circuit is None:
            is_circuit = subjects.are_circuits[at]
            named.append(_Named(subjects.ids[at], "", subjects.kinds[at], 0, is_circuit=is_circuit))
        else:
            place = circuit.latitude_deg, circuit.longitude_deg
            named.append(_Named(circuit.id, circuit.name, subjects.kinds[at], circuit.lamp_count, *place))
    circuits = [[] if one is None else [one] for one in subjects.circuits]
    errors = basis.of_sums(circuits, subjects.sums, subjects.modelled_ws, subjects.apportioned_ws)
    return tuple(_lines(named, subjects.sums, against, chosen, errors))


@dataclass(frozen=True, slots=True)
class _Named:
    """What a line says of a place besides its sums."""

    id: str
    name: str
    kind: str
    lamps: int
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    is_circuit: bool = True


def _lines(
    named: Sequence[_Named], sums: Sums, against: Against, chosen: Sequence[int], errors: Sequence[Errors]
) -> Iterator[PlaceLine]:
    """``errors`` are of all sums, chosen or not."""
    used = sums.worths("metered", chosen)
    baseline = sums.worths(against.world, chosen)
    saved = sums.differences(against.world, "metered", chosen)
    causes = sums.some_causes(against, chosen)
    undelivered = sums.account.undelivered_lamp_ms[chosen].tolist()
    for n, place in enumerate(named):
        yield PlaceLine(
            id=place.id,
            name=place.name,
            kind=place.kind,
            lamps=place.lamps,
            used=used[n],
            baseline=baseline[n],
            saved=saved[n],
            kwh_per_lamp=round(used[n].energy_ws / KWH_WS / place.lamps, 6) if place.lamps else 0.0,
            undelivered_lamp_h=lamp_h(undelivered[n]),
            known_share=known_share(sums.account, chosen[n]),
            latitude_deg=place.latitude_deg,
            longitude_deg=place.longitude_deg,
            causes=causes[n],
            is_circuit=place.is_circuit,
            errors=errors[chosen[n]],
        )


def worst_of(lines: Sequence[PlaceLine]) -> tuple[PlaceLine, ...]:
    """The ten circuits with the most energy a lamp, the first of the table before its equals."""
    with_lamps = [line for line in lines if line.lamps and line.used.energy_ws > 0]
    return tuple(sorted(with_lamps, key=lambda line: (-line.kwh_per_lamp, line.id))[:WORST])
