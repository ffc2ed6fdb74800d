"""A whole site folder made out of an inventory: one cabinet, bus and set of devices for each controller.

What an inventory does not know is filled in so that the site can be checked and simulated at once: buses on loopback,
dimmers, contactors and meters of real types. A person replaces them by what stands in the cabinets.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lighting.assets.fact import Fact
from lighting.exchange.circuits_from_lights import DIMMER_PROFILE, DraftCircuit, circuits_of, luminaire_type_rows
from lighting.exchange.inventory import Inventory, InventoryError, Lamp

RELAY_PROFILE, METER_PROFILE = "wb-mr6c", "sdm630"
_DIMMERS_PER_DEVICE, _RELAYS_PER_DEVICE = 4, 6
_FIRST_RELAY_UNIT, _METER_UNIT = 101, 201
_PHASES = ("L1", "L2", "L3")
_FULL_PROGRAM = "full-night"

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class SiteOptions:
    """What the inventory does not say about the site. Without a time zone one is taken from the longitude."""

    site_id: str = "imported"
    name: str = "Imported site"
    timezone: str = ""
    port_base: int = 20000


@dataclass(frozen=True, slots=True)
class ImportedSite:
    """The folder's files by name, and what was assumed of the site as a whole."""

    texts: Mapping[str, str]
    remarks: tuple[Fact, ...]
    cabinet_count: int
    circuit_count: int
    luminaire_count: int


def site_texts_from(inventory: Inventory, options: SiteOptions) -> dict[str, str]:
    """The files of a site folder, by name, that ``read_site`` accepts. Raises InventoryError when that cannot be."""
    return dict(imported_site(inventory, options).texts)


def imported_site(inventory: Inventory, options: SiteOptions) -> ImportedSite:
    """The site's files with figures and remarks. Raises InventoryError for no lamps, no place, or too many cabinets."""
    cabinets = sorted({lamp.controller for lamp in inventory.lamps})
    if not cabinets:
        raise InventoryError(Fact("no_lamp_usable", {"read_count": inventory.read_count}))
    if options.port_base < 1 or options.port_base + len(cabinets) - 1 > 65535:
        values = {"port_base": options.port_base, "cabinet_count": len(cabinets)}
        raise InventoryError(Fact("ports_beyond_range", values))
    place = _centre(inventory.lamps)
    if place is None:
        raise InventoryError(Fact("site_without_position"))
    remarks: list[Fact] = [
        Fact("buses_are_loopback", {"port": options.port_base}),
        Fact("devices_assumed", {"dimmer": DIMMER_PROFILE, "relay": RELAY_PROFILE, "meter": METER_PROFILE}),
        Fact("gear_losses_not_included"),
    ]
    timezone = options.timezone or _zone_by_longitude(place[1], remarks)
    circuits = circuits_of(inventory.lamps, remarks)
    texts = {
        "site.toml": _site_toml(options, timezone, place),
        "districts.csv": _table(["id", "name"], [{"id": "city", "name": options.name}]),
        "programs.toml": _PROGRAMS,
        **_cabinet_tables(cabinets, inventory.lamps, circuits, options.port_base),
        "luminaire_types.csv": _table(_TYPE_COLUMNS, luminaire_type_rows(inventory.lamps)),
    }
    luminaires = sum(len(lamp.parts) for lamp in inventory.lamps)
    return ImportedSite(texts, tuple(remarks), len(cabinets), len(circuits), luminaires)


_TYPE_COLUMNS = ["id", "name", "rated_w", "curve", "minimum_level_pct", "start_s", "warm_up_s", "restrike_s"]
_CABINET_COLUMNS = ["id", "name", "district", "latitude_deg", "longitude_deg", "hardware_fallback"]
_CIRCUIT_COLUMNS = ["id", "cabinet", "name", "road", "district", "program", "luminaires", "dimmer", "relay", "meter"]

_PROGRAMS = f"""\
# Every circuit follows {_FULL_PROGRAM}: full light from dusk till dawn. Give a circuit another program in circuits.csv.
schema_version = 1

[programs.{_FULL_PROGRAM}]
description = "Full light all night"
lit_from = "dusk"
lit_until = "dawn"

[programs.dimmed-late]
description = "An example: 70 % from 22:00, 50 % from midnight, full from 05:00"
lit_from = "dusk"
lit_until = "dawn"
steps = [
  {{ at = "dusk", level_pct = 100 }},
  {{ at = "22:00", level_pct = 70 }},
  {{ at = "00:00", level_pct = 50 }},
  {{ at = "05:00", level_pct = 100 }},
]
"""


def _site_toml(options: SiteOptions, timezone: str, place: tuple[float, float]) -> str:
    return f"""\
# Made by `lighting import lights`. What was assumed stands in import-report.csv.
schema_version = 1

[site]
id = {_quoted(options.site_id)}
name = {_quoted(options.name)}
timezone = {_quoted(timezone)}
latitude_deg = {place[0]}
longitude_deg = {place[1]}

[control]

[[users]]
id = "operator"
name = "Operator"
role = "operator"
below_floor = true

[[users]]
id = "crew"
name = "Crew on the road"
role = "crew"
"""


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are a part of TOML's."""
    return json.dumps(text, ensure_ascii=False)


def _zone_by_longitude(longitude_deg: float, remarks: list[Fact]) -> str:
    """The zone without summer time nearest to the sun's own; Etc/GMT names have the sign turned."""
    hours = round(longitude_deg / 15)
    zone = f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"
    remarks.append(Fact("timezone_by_longitude", {"timezone": zone}))
    return zone


def _centre(lamps: Sequence[Lamp]) -> tuple[float, float] | None:
    """The mean position, to a tenth of a metre or so."""
    points = [(p.latitude_deg, p.longitude_deg) for p in lamps]
    known = [(lat, lon) for lat, lon in points if lat is not None and lon is not None]
    if not known:
        return None
    return (
        round(math.fsum(lat for lat, _ in known) / len(known), 6),
        round(math.fsum(lon for _, lon in known) / len(known), 6),
    )


def _cabinet_tables(
    cabinets: Sequence[str], lamps: Sequence[Lamp], circuits: Sequence[DraftCircuit], port_base: int
) -> dict[str, str]:
    """Buses, cabinets, devices and circuits, cabinet by cabinet."""
    lamps_of: dict[str, list[Lamp]] = {name: [] for name in cabinets}
    circuits_by: dict[str, list[DraftCircuit]] = {name: [] for name in cabinets}
    for lamp in lamps:
        lamps_of[lamp.controller].append(lamp)
    for circuit in circuits:
        circuits_by[circuit.cabinet].append(circuit)
    bus_rows, cabinet_rows, device_rows, circuit_rows = [], [], [], []
    for number, name in enumerate(cabinets):
        bus_rows.append({"id": f"{name}-bus", "url": f"tcp://127.0.0.1:{port_base + number}"})
        cabinet_rows.append({"id": name, "district": "city", "hardware_fallback": "none", **_place(lamps_of[name])})
        rows, devices = _wired(name, circuits_by[name])
        circuit_rows += rows
        device_rows += devices
    return {
        "buses.csv": _table(["id", "url"], bus_rows),
        "cabinets.csv": _table(_CABINET_COLUMNS, cabinet_rows),
        "devices.csv": _table(["id", "cabinet", "bus", "unit_id", "profile"], device_rows),
        "circuits.csv": _table([*_CIRCUIT_COLUMNS, "latitude_deg", "longitude_deg"], circuit_rows),
    }


def _wired(cabinet: str, circuits: Sequence[DraftCircuit]) -> tuple[list[Row], list[Row]]:
    """The circuits of a cabinet on channels, and as many devices as those need."""
    rows: list[Row] = []
    dimmers = 0
    for index, circuit in enumerate(circuits):
        dimmer = ""
        if circuit.is_dimmable:
            dimmer = f"{cabinet}-D{dimmers // _DIMMERS_PER_DEVICE + 1}:{dimmers % _DIMMERS_PER_DEVICE + 1}"
            dimmers += 1
        row: Row = {
            "id": circuit.id,
            "cabinet": cabinet,
            "name": circuit.id,
            "road": _most_common(lamp.road for lamp in circuit.lamps),
            "district": "city",
            "program": _FULL_PROGRAM,
            "luminaires": circuit.luminaires,
            "dimmer": dimmer,
            "relay": f"{cabinet}-R{index // _RELAYS_PER_DEVICE + 1}:{index % _RELAYS_PER_DEVICE + 1}",
            "meter": _meter(cabinet, index, len(circuits)),
            **_place(circuit.lamps),
        }
        rows.append(row)
    dimmer_devices = math.ceil(dimmers / _DIMMERS_PER_DEVICE)
    relay_devices = math.ceil(len(circuits) / _RELAYS_PER_DEVICE)
    if dimmer_devices >= _FIRST_RELAY_UNIT or relay_devices > _METER_UNIT - _FIRST_RELAY_UNIT:
        raise InventoryError(Fact("too_many_circuits", {"cabinet": cabinet, "circuit_count": len(circuits)}))
    devices = [_device(cabinet, f"D{n + 1}", n + 1, DIMMER_PROFILE) for n in range(dimmer_devices)]
    devices += [_device(cabinet, f"R{n + 1}", _FIRST_RELAY_UNIT + n, RELAY_PROFILE) for n in range(relay_devices)]
    return rows, [*devices, _device(cabinet, "M1", _METER_UNIT, METER_PROFILE)]


def _device(cabinet: str, suffix: str, unit_id: int, profile: str) -> Row:
    return {
        "id": f"{cabinet}-{suffix}",
        "cabinet": cabinet,
        "bus": f"{cabinet}-bus",
        "unit_id": unit_id,
        "profile": profile,
    }


def _meter(cabinet: str, index: int, count: int) -> str:
    """One circuit has all three phases, up to three have one each, more share them."""
    channels = "+".join(_PHASES) if count == 1 else _PHASES[index % len(_PHASES)]
    return f"{cabinet}-M1:{channels}"


def _place(lamps: Sequence[Lamp]) -> Row:
    centre = _centre(lamps)
    return {} if centre is None else {"latitude_deg": centre[0], "longitude_deg": centre[1]}


def _most_common(roads: Iterable[str]) -> str:
    counts = Counter(road for road in roads if road)
    return min(counts, key=lambda road: (-counts[road], road)) if counts else ""


def _table(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
