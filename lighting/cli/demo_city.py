"""The demonstration's city: a made-up district of Hà Nội, written as an ordinary site folder.

The streets' names are real, the cabinets, circuits and lamps on them are not.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from lighting.assets.template import write_folder

FIRST_PORTS = (15120, 15420, 16020, 17020, 18020, 19020, 21020, 23020)
CABINET_COUNT = 24
CIRCUIT_COUNT = 100
LAMP_COUNT = 2000
MARKER_FILE = ".lighting-demo"
_PORT = re.compile(r"(?<=:)\d+(?=\s*(?:,|$))", re.MULTILINE)
"""Tells a demonstration's folder from a city's own: only a folder that holds it is ever reset."""

_WARDS = {
    "hoan-kiem": "Hồ Hoàn Kiếm",
    "dong-xuan": "Đồng Xuân",
    "trang-tien": "Tràng Tiền",
    "cua-nam": "Cửa Nam",
}
_STREETS = {
    "hoan-kiem": ("Đinh Tiên Hoàng", "Lê Thái Tổ", "Hàng Khay", "Lương Văn Can", "Hàng Gai", "Bảo Khánh"),
    "dong-xuan": ("Hàng Đào", "Hàng Ngang", "Hàng Đường", "Hàng Mã", "Trần Nhật Duật", "Tạ Hiện"),
    "trang-tien": ("Tràng Tiền", "Lý Thái Tổ", "Ngô Quyền", "Phan Chu Trinh", "Hai Bà Trưng", "Trần Hưng Đạo"),
    "cua-nam": ("Lý Thường Kiệt", "Quang Trung", "Bà Triệu", "Quán Sứ", "Hàng Bông", "Phan Bội Châu"),
}
_CENTRES = {
    "hoan-kiem": (21.0287, 105.8524),
    "dong-xuan": (21.0365, 105.8500),
    "trang-tien": (21.0240, 105.8560),
    "cua-nam": (21.0255, 105.8450),
}
_DALI_GROUPS = ("c0g0", "c0g1", "c1g0", "c1g1")
_LAMP_COUNTS = (24, 18, 22, 14, 26, 16, 20, 19, 23, 17)
_MAIN, _SIDE, _PARK, _CROSSING, _SODIUM = "main-road", "side-street", "park-path", "crossing", "full-night"
_CLASSES = {
    _MAIN: ("M3", "M5", "1.25"),
    _SIDE: ("P2", "P4", "12.5"),
    _PARK: ("P4", "P6", "5.6"),
    _CROSSING: ("C2", "C2", "22"),
    _SODIUM: ("P3", "P5", "8.0"),
}
_COUNTED = "counted-road"
_SECTIONS = {15: "ngo-quyen", 19: "ly-thuong-kiet"}
"""Cabinets whose main roads are dimmed by their traffic: a section each, counted by the cabinet's input module."""
_LUMINAIRES = {_MAIN: "led-120", _SIDE: "led-60", _PARK: "led-40", _CROSSING: "led-90", _SODIUM: "hps-150"}


@dataclass(slots=True)
class _Tables:
    """The rows of the growing city, in the columns of their files."""

    buses: list[tuple[str, ...]] = field(default_factory=lambda: [("id", "url")])
    cabinets: list[tuple[str, ...]] = field(
        default_factory=lambda: [
            ("id", "name", "district", "latitude_deg", "longitude_deg", "hardware_fallback", "local_input")
        ]
    )
    devices: list[tuple[str, ...]] = field(default_factory=lambda: [("id", "cabinet", "bus", "unit_id", "profile")])
    circuits: list[tuple[str, ...]] = field(
        default_factory=lambda: [
            (
                *("id", "cabinet", "name", "road", "district", "program", "luminaires", "dimmer", "relay", "meter"),
                *("design_class", "lowest_class", "maintained_level", "never_dim", "latitude_deg", "longitude_deg"),
                "traffic_section",
            )
        ]
    )
    loads: list[tuple[str, ...]] = field(default_factory=lambda: [("meter", "name", "power_w")])
    lamps_left: int = LAMP_COUNT


@dataclass(frozen=True, slots=True)
class _Place:
    """One cabinet: where it stands and its number in the city (from 1)."""

    number: int
    ward: str
    street: str
    next_street: str

    @property
    def id(self) -> str:
        return f"HK{self.number:02d}"

    def position(self, step: float = 0.0) -> tuple[str, str]:
        latitude, longitude = _CENTRES[self.ward]
        row, column = divmod(self.number - 1, 6)
        return f"{latitude + 0.0006 * (column - 2.5) + 0.0001 * step:.5f}", f"{longitude + 0.0004 * (row + step):.5f}"


def demo_city_texts(first_port: int = FIRST_PORTS[0]) -> dict[str, str]:
    """Every file of the city's folder; its buses listen on consecutive ports of 127.0.0.1 from ``first_port`` on."""
    tables = _Tables()
    for place in _places():
        _add_cabinet(tables, place, first_port)
    files = resources.files("lighting.cli") / "demo_files"
    fixed = ("site.toml", "programs.toml", "calendar.toml", "luminaire_types.csv")
    texts = {name: (files / name).read_text(encoding="utf-8") for name in fixed}
    texts["districts.csv"] = _csv([("id", "name"), *_WARDS.items()])
    texts["buses.csv"] = _csv(tables.buses)
    texts["cabinets.csv"] = _csv(tables.cabinets)
    texts["devices.csv"] = _csv(tables.devices)
    texts["circuits.csv"] = _csv(tables.circuits)
    texts["permanent_loads.csv"] = _csv(tables.loads)
    texts["traffic_sections.csv"] = _csv(_traffic_sections())
    return texts


def write_demo_city(folder: Path, first_port: int) -> None:
    """Write the city and its marker into a new or empty folder; raises ``FolderNotEmpty`` where something is."""
    write_folder(
        folder, {**demo_city_texts(first_port), MARKER_FILE: "Written by `lighting demo`, which may reset it.\n"}
    )


def move_ports(folder: Path, first_port: int) -> None:
    """Let the buses of a demonstration's folder listen from another port on; nothing else changes."""
    text = (folder / "buses.csv").read_text(encoding="utf-8")
    shift = first_port - min(int(port) for port in _PORT.findall(text))
    moved = _PORT.sub(lambda found: str(int(found[0]) + shift), text)
    (folder / "buses.csv").write_text(moved, encoding="utf-8", newline="\n")


def free_first_port(span: int = CABINET_COUNT) -> int | None:
    """The first of ``FIRST_PORTS`` from which on ``span`` ports are free, or None."""
    return next((port for port in FIRST_PORTS if ports_are_free(range(port, port + span))), None)


def ports_are_free(ports: Iterable[int]) -> bool:
    """Whether every one of these ports can be listened on at 127.0.0.1 now."""
    with ExitStack() as opened:
        try:
            for port in ports:
                probe = opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _places() -> list[_Place]:
    places: list[_Place] = []
    for ward, streets in _STREETS.items():
        for index, street in enumerate(streets):
            next_street = streets[(index + 1) % len(streets)]
            places.append(_Place(len(places) + 1, ward, street, next_street))
    return places


def _traffic_sections() -> list[tuple[str, ...]]:
    """Two lanes each, the worst of them against the service flow of one."""
    columns = ("id", "name", "basis", "capacity_veh_h", "lanes", "multilane", "counters", "pulses_per_vehicle")
    streets = {place.number: place.street for place in _places()}
    rows = [
        (section, streets[number], "uni_11248", "700", "2", "no", f"HK{number:02d}-S:3+HK{number:02d}-S:4", "1")
        for number, section in _SECTIONS.items()
    ]
    return [columns, *rows]


def _add_cabinet(tables: _Tables, place: _Place, first_port: int) -> None:
    # Every sixth line is a serial gateway that passes RTU frames on.
    scheme = "rtu-tcp" if place.number % 6 == 5 else "tcp"
    tables.buses.append((f"{place.id}-bus", f"{scheme}://127.0.0.1:{first_port + place.number - 1}"))
    has_switch = place.number % 4 == 3
    fallback = ("astronomical_switch", "photocell", "none")[place.number % 3]
    local_input = f"{place.id}-S:in1" if has_switch else ""
    name = f"{place.street} – {place.next_street}"
    tables.cabinets.append((place.id, name, place.ward, *place.position(), fallback, local_input))
    devices = _add_circuits(tables, place)
    if has_switch:
        devices.append(("S", "wb-mcm8"))
    for unit_id, (suffix, profile) in enumerate(devices, start=1):
        tables.devices.append((f"{place.id}-{suffix}", place.id, f"{place.id}-bus", str(unit_id), profile))


def _add_circuits(tables: _Tables, place: _Place) -> list[tuple[str, str]]:
    """The circuits of one cabinet by its kind; returns its devices as (suffix, profile), in order of their unit ids."""
    match place.number % 6:
        case 1 | 4:
            return _own_meters(tables, place, (_MAIN, _MAIN, _SIDE, _CROSSING), dimmer="wb-mao4")
        case 2:
            return _shared_meter(tables, place, (_MAIN, _SIDE, _SIDE, _PARK))
        case 3:
            return _own_meters(tables, place, (_MAIN, _SIDE, _SIDE, _PARK), dimmer="intesis-dali-groups")
        case 5:
            return _own_meters(tables, place, (_SODIUM, _SODIUM, _SODIUM, _SODIUM), dimmer="")
        case _:
            return _own_meters(tables, place, (_MAIN, _SIDE, _PARK, _CROSSING, _SODIUM), dimmer="wb-mao4")


def _own_meters(tables: _Tables, place: _Place, programs: tuple[str, ...], *, dimmer: str) -> list[tuple[str, str]]:
    """Three circuits on the phases of one meter, each further one on a single-phase meter of its own."""
    single = [f"M{number}" for number in range(4, len(programs) + 1)]
    meters = [f"{place.id}-M:L1", f"{place.id}-M:L2", f"{place.id}-M:L3", *(f"{place.id}-{m}:total" for m in single)]
    for index, program in enumerate(programs):
        channel = _DALI_GROUPS[index] if dimmer.startswith("intesis") else str(index + 1)
        dims = bool(dimmer) and program != _SODIUM
        _add_circuit(tables, place, index, program, f"{place.id}-D:{channel}" if dims else "", meters[index])
    dimmers = [("D", dimmer)] if dimmer else []
    return [*dimmers, ("R", "wb-mr6c"), ("M", "sdm630"), *((meter, "sdm120") for meter in single)]


def _shared_meter(tables: _Tables, place: _Place, programs: tuple[str, ...]) -> list[tuple[str, str]]:
    """All circuits spread over the phases of one meter, beside the cabinet's permanent loads."""
    for index, program in enumerate(programs):
        _add_circuit(tables, place, index, program, f"{place.id}-D:{index + 1}", f"{place.id}-M:total")
    tables.loads.append((f"{place.id}-M:total", "Controller and modem", "14"))
    tables.loads.append((f"{place.id}-M:total", "Camera", "22"))
    return [("D", "wb-mao4"), ("R", "wb-mr6c"), ("M", "sdm630")]


def _add_circuit(tables: _Tables, place: _Place, index: int, program: str, dimmer: str, meter: str) -> None:
    number = len(tables.circuits)
    count = _LAMP_COUNTS[number % len(_LAMP_COUNTS)]
    count = tables.lamps_left if number == CIRCUIT_COUNT else min(count, tables.lamps_left)
    tables.lamps_left -= count
    road = place.street if index % 2 == 0 else place.next_street
    design, lowest, maintained = _CLASSES[program]
    section = _SECTIONS.get(place.number, "") if program == _MAIN else ""
    lamps = f"{_LUMINAIRES[program]}:{count}"
    if program == _MAIN and number % 5 == 0:
        # A junction's six lamps are of the smaller type.
        lamps = f"{_LUMINAIRES[program]}:{count - 6}+led-90:6"
    # The paths' DALI drivers are switched off by level 0 alone; they draw standby by day.
    relay = "" if program == _PARK and ":c" in dimmer else f"{place.id}-R:{index + 1}"
    tables.circuits.append(
        (
            *(f"C-{number:04d}", place.id, f"{road} {index + 1}", road, place.ward),
            _COUNTED if section else program,
            *(lamps, dimmer, relay, meter, design, lowest, maintained),
            *("yes" if program == _CROSSING else "no", *place.position(index + 1)),
            section,
        )
    )


def _csv(rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(",".join(row) + "\n" for row in rows)
