"""A small site of its own for the year whose energy is known: meters that run over, are replaced and begin at 0."""

from __future__ import annotations

from collections.abc import Mapping

from lighting.assets.template import template_texts

ZONE = "Europe/Amsterdam"
LATITUDE_DEG, LONGITUDE_DEG = 52.37, 4.90
ON_DEG, OFF_DEG = -3.9, -3.3
"""The switching point of the baseline: elevations of the sun."""
WRAP_WH = 50_000
"""The counter of M-W goes on at 0 after so many watt-hours."""
LOAD_W = 18
"""The permanent load, on the first phase of the shared meter."""

LAMPS: Mapping[str, tuple[str, int]] = {
    "wraps": ("led-90", 12),
    "replaced": ("led-90", 8),
    "resets": ("led-60", 10),
    "shared-a": ("led-90", 9),
    "shared-b": ("led-60", 15),
    "modelled": ("led-60", 6),
    "unmetered": ("led-60", 4),
}
RATED_W = {"led-90": 90, "led-60": 60}
WATTS: Mapping[str, Mapping[int, int]] = {
    "led-90": {10: 10, 50: 41, 60: 50, 70: 60, 80: 70, 100: 90},
    "led-60": {10: 7, 50: 28, 60: 34, 70: 41, 80: 48, 100: 60},
}
"""Of one lamp by its level in percent; straight lines between."""
LEGACY_W = {"led-90": 169, "led-60": 120}
DISTRICTS = {name: "quay" if name in ("shared-a", "shared-b") else "centre" for name in LAMPS}
PROGRAMS = {
    "wraps": "main",
    "replaced": "full",
    "resets": "main",
    "shared-a": "main",
    "shared-b": "path",
    "modelled": "path",
    "unmetered": "full",
}
METERS: Mapping[str, tuple[str, ...]] = {
    "wraps": ("M-W:total",),
    "replaced": ("M-R:total",),
    "resets": ("M-Z:total",),
    "shared-a": ("M-S:L1", "M-S:L2", "M-S:L3"),
    "shared-b": ("M-S:L1", "M-S:L2", "M-S:L3"),
    "modelled": (),
    "unmetered": (),
}


def _meter_profile(name: str, counter: str) -> str:
    live = 'channel = "total", table = "input", type = "u32"'
    return f"""schema_version = 1
id = "{name}"
name = "A meter of 1 Wh steps"
maker = "Nobody"
trust = "community"
sources = ["made up"]
probe = "energy_import"
channels = [{{ id = "total", role = "meter" }}]
points = [
  {{ name = "active_power", quantity = "active_power", address = 0, {live} }},
  {{ name = "energy_import", quantity = "energy_import", address = 2, {live}, scale = "0.001", {counter} }},
]
identity = [{{ point = "energy_import" }}]
vectors = [{{ point = "energy_import", raw = [0, 1500], value = 1.5 }}]
[link]
unit_id = 1
[limits]
max_registers_per_read = 10
max_gap = 0
functions = [4]
[failsafe]
fed_by = "none"
"""


def site_texts() -> dict[str, str]:
    """The files of the site, by name."""
    texts = template_texts()
    site = texts["site.toml"].replace('id = "example"', 'id = "known"').replace("Asia/Ho_Chi_Minh", ZONE)
    site = site.replace("21.0285", str(LATITUDE_DEG)).replace("105.8542", str(LONGITUDE_DEG))
    texts["site.toml"] = site
    texts["districts.csv"] = "id,name\ncentre,Centre\nquay,Quay\n"
    texts["cabinets.csv"] = (
        "id,name,district,latitude_deg,longitude_deg,hardware_fallback,local_input,local_active\n"
        "CB1,Square,centre,52.3702,4.9001,astronomical_switch,,\n"
        "CB2,Quay,quay,52.3703,4.9002,astronomical_switch,,\n"
    )
    texts["buses.csv"] = "id,url\nB1,tcp://127.0.0.1:15031\nB2,tcp://127.0.0.1:15032\n"
    texts["devices.csv"] = (
        "id,cabinet,bus,unit_id,profile\n"
        "D1,CB1,B1,1,wb-mao4\nR1,CB1,B1,2,wb-mr6c\nM-W,CB1,B1,3,wrapping\nM-R,CB1,B1,4,sdm120\nM-Z,CB1,B1,5,resetting\n"
        "D2,CB2,B2,1,wb-mao4\nR2,CB2,B2,2,wb-mr6c\nM-S,CB2,B2,3,sdm630\n"
        "D3,CB1,B1,6,wb-mao4\n"
    )
    texts["luminaire_types.csv"] = (
        "id,name,rated_w,standby_w,curve,curve_points,minimum_level_pct,lumens,start_s,legacy_w\n"
        + "".join(
            f"{name},{name},{RATED_W[name]},0.5,table,{'+'.join(f'{level}:{w}' for level, w in watts.items())},"
            f"10,9000,1,{LEGACY_W[name]}\n"
            for name, watts in WATTS.items()
        )
    )
    outputs = {
        "wraps": ("CB1", "D1:1", "R1:1"),
        "replaced": ("CB1", "D1:2", "R1:2"),
        "resets": ("CB1", "D1:3", "R1:3"),
        "shared-a": ("CB2", "D2:1", "R2:1"),
        "shared-b": ("CB2", "D2:2", "R2:2"),
        "modelled": ("CB1", "D3:1", "R1:4"),
        "unmetered": ("CB1", "D3:2", "R1:5"),
    }
    rows = []
    for name, (kind, count) in LAMPS.items():
        cabinet, dimmer, relay = outputs[name]
        device = METERS[name][0].partition(":")[0] if METERS[name] else ""
        meter = f"{device}:{'+'.join(one.partition(':')[2] for one in METERS[name])}" if device else ""
        supply = "agreed" if name == "unmetered" else "grid"
        rows.append(
            f"{name},{cabinet},{name},A road,{DISTRICTS[name]},{PROGRAMS[name]},{kind}:{count},{dimmer},{relay},"
            f"{meter},no,52.37,4.90,{supply}\n"
        )
    texts["circuits.csv"] = (
        "id,cabinet,name,road,district,program,luminaires,dimmer,relay,meter,never_dim,latitude_deg,longitude_deg,supply\n"
        + "".join(rows)
    )
    texts["supplies.csv"] = "id,name,kind,tariff\ngrid,Grid,metered,\nagreed,Agreed,unmetered,\n"
    texts["permanent_loads.csv"] = f"meter,name,power_w\nM-S:L1,Gateway and heater,{LOAD_W}\n"
    texts["programs.toml"] = """schema_version = 1
[programs.full]
lit_from = "dusk"
lit_until = "dawn"
[programs.main]
lit_from = "dusk"
lit_until = "dawn"
steps = [
  { at = "dusk", level_pct = 100 },
  { at = "22:00", level_pct = 70 },
  { at = "00:00", level_pct = 50 },
  { at = "05:00", level_pct = 100 },
]
[programs.path]
lit_from = "dusk"
lit_until = "dawn"
steps = [
  { at = "dusk", level_pct = 80 },
  { at = "00:30", level_pct = 0, part_night = true },
  { at = "04:30", level_pct = 60 },
]
"""
    texts["calendar.toml"] = "schema_version = 1\n"
    texts["baseline.toml"] = (
        f"format = 1\n[switching]\non_elevation_deg = {ON_DEG}\noff_elevation_deg = {OFF_DEG}\n"
        'source = "data sheet of the photocells"\n'
    )
    texts["tariff.toml"] = """format = 1
currency = "EUR"
price_per_kwh = 0.31
[[periods]]
name = "night"
from = "23:00"
until = "07:00"
price_per_kwh = 0.17
[co2]
g_per_kwh = 268.0
source = "the grid's factor"
year = 2025
"""
    texts["profiles/wrapping.toml"] = _meter_profile("wrapping", f'counter_wrap = {WRAP_WH}, counter_reset = "never"')
    texts["profiles/resetting.toml"] = _meter_profile("resetting", 'counter_bits = 32, counter_reset = "on_power_loss"')
    return texts
