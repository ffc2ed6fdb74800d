"""Whose energy an account is about: circuits and permanent loads of every revision of a day, numbered once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lighting.accounts.sites import Ruling
from lighting.assets.meter_groups import meter_groups
from lighting.assets.model import ChannelRef, PermanentLoad, Site
from lighting.energy.day_account import Subjects
from lighting.energy.lamp_power import UW_PER_W
from lighting.energy.luminaire_power import CircuitPower
from lighting.store.store import Store

LOAD = "load"
"""The kind of asset that a permanent load is."""


@dataclass(slots=True)
class _Subject:
    kind: str
    id: str
    district: str
    installed_uw: int
    refs: dict[ChannelRef, None] = field(default_factory=dict)
    is_unmetered: bool = False


@dataclass(frozen=True, slots=True)
class Cast:
    """The subjects of a day: their keys and districts, what they are, and the channels of each meter group.

    ``circuit`` and ``load``: the number of each by its id. ``district`` (n_subjects,) indexes ``district_ids``.
    """

    subjects: Subjects
    keys: tuple[int, ...]
    circuit: dict[str, int]
    load: dict[str, int]
    district: tuple[int, ...]
    district_ids: tuple[str, ...]
    channels: tuple[tuple[ChannelRef, ...], ...]


def load_ids(site: Site) -> tuple[str, ...]:
    """Return an id for each permanent load: its channels and its name, numbered where two are alike."""
    seen: dict[str, int] = {}
    return tuple(_numbered(f"{'+'.join(map(str, load.meter))}/{load.name}", seen) for load in site.permanent_loads)


def _numbered(text: str, seen: dict[str, int]) -> str:
    seen[text] = seen.get(text, 0) + 1
    return text if seen[text] == 1 else f"{text}#{seen[text]}"


def cast_of_day(store: Store, parts: Sequence[Ruling], at_ms: int) -> Cast:
    """Number the subjects of all revisions of a day; what a later revision says of one counts.

    A subject whose meter changed within the day is in one group with all that was on either: their parts still sum to
    what the meters counted.
    """
    found: dict[tuple[str, str], _Subject] = {}
    for part in parts:
        for subject in _subjects(part.site):
            before = found.get((subject.kind, subject.id))
            if before is not None:
                subject.refs = before.refs | subject.refs
            found[subject.kind, subject.id] = subject
    ordered = sorted(found.values(), key=lambda one: one.kind == LOAD)
    groups = meter_groups(_with_all_devices(parts), [tuple(one.refs) for one in ordered])
    keys = {
        kind: store.keys.ensure(kind, [one.id for one in ordered if one.kind == kind], at_ms=at_ms)
        for kind in ("circuit", LOAD)
    }
    districts = {name: number for number, name in enumerate(dict.fromkeys(one.district for one in ordered))}
    number = {(one.kind, one.id): at for at, one in enumerate(ordered)}
    return Cast(
        subjects=Subjects(
            group=np.array(groups.of_member, dtype=np.intp),
            is_load=np.array([one.kind == LOAD for one in ordered], dtype=np.bool_),
            installed_uw=np.array([one.installed_uw for one in ordered], dtype=np.int64),
            is_unmetered=np.array([one.is_unmetered and not one.refs for one in ordered], dtype=np.bool_),
        ),
        keys=tuple(keys[one.kind][one.id] for one in ordered),
        circuit={text_id: at for (kind, text_id), at in number.items() if kind != LOAD},
        load={text_id: at for (kind, text_id), at in number.items() if kind == LOAD},
        district=tuple(districts[one.district] for one in ordered),
        district_ids=tuple(districts),
        channels=groups.channels,
    )


def _subjects(site: Site) -> Iterator[_Subject]:
    full_w = CircuitPower(site).full_w().tolist()
    unmetered = {supply.id for supply in site.supplies.values() if supply.kind == "unmetered"}
    for circuit, watts in zip(site.circuits.values(), full_w, strict=True):
        yield _Subject(
            "circuit",
            circuit.id,
            circuit.district,
            round(watts * UW_PER_W),
            dict.fromkeys(circuit.meter),
            circuit.supply in unmetered,
        )
    for text_id, load in zip(load_ids(site), site.permanent_loads, strict=True):
        yield _Subject(
            LOAD, text_id, _district_of(site, load), round(load.power_w * UW_PER_W), dict.fromkeys(load.meter)
        )


def _district_of(site: Site, load: PermanentLoad) -> str:
    """The district of the cabinet in which its meter is; the site's first where it names none."""
    for ref in load.meter:
        device = site.devices.get(ref.device)
        if device is not None:
            return site.cabinets[device.cabinet].district
    return next(iter(site.districts), "")


def _with_all_devices(parts: Sequence[Ruling]) -> Site:
    """The last site, with the devices and profiles of the earlier ones that it has no more."""
    if len(parts) == 1:
        return parts[0].site  # going through its profiles would read all that are built in
    devices = {name: device for part in parts for name, device in part.site.devices.items()}
    profiles = {name: profile for part in parts for name, profile in part.site.profiles.items()}
    return replace(parts[-1].site, devices=devices, profiles=profiles)
