"""An inventory becomes lamps, refusals and assumptions; no row vanishes; the site made from it can be read."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lighting.assets.fact import Fact
from lighting.assets.folder import read_site
from lighting.exchange.columns import read_mapping
from lighting.exchange.import_report import counted, report_csv
from lighting.exchange.inventory import Inventory, InventoryError, InventoryMapping, LampPart, ReadingOptions
from lighting.exchange.lights import read_inventory
from lighting.exchange.site_from_lights import SiteOptions, imported_site, site_texts_from
from tests.effort import examples

HEADER = "lon,lat,id,street,lamp_type,watts,cabinet,branch"
ROWS = (
    "105.85,21.03,1,Hàng Bạc,LED,60,C1,A",
    "105.85,21.03,2,Hàng Bạc,LED,60,C1,A",
    "105.86,21.03,3,Hàng Gai,HPS,150,C1,B",
    "105.86,21.04,4,Hàng Gai,HPS,,C1,B",
    "105.86,21.04,5,Hàng Gai,HPS,250/100,C2,?",
    "105.86,21.04,6,Hàng Gai,LED,lots,C2,",
    "105.86,21.04,7,Hàng Gai,LED,60,,",
    "somewhere,21.04,8,Hàng Gai,LED,60,C2,",
    "105.86,121.04,9,Hàng Gai,LED,60,C2,",
    ",,10,Hàng Gai,LED,60,C2,",
    "105.86,21.04,11,Hàng Gai,LED,60,C2",
    "105.86,21.04,12,Hàng Gai,,,C2,",
    "105.86,21.04,13,Hàng Gai,MH,,C2,",
)


def table(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join((header, *rows)).encode("utf-8")


def read(*rows: str, options: ReadingOptions | None = None, mapping: InventoryMapping | None = None) -> Inventory:
    return read_inventory(table(*rows), "lamps.csv", mapping or InventoryMapping(), options)


def refusals(inventory: Inventory) -> dict[str, str]:
    return {note.lamp_id: note.fact.code for note in inventory.refusals}


def assumptions(inventory: Inventory) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for note in inventory.assumptions:
        found.setdefault(note.lamp_id, []).append(note.fact.code)
    return found


def test_every_row_is_used_or_refused_with_its_reason() -> None:
    inventory = read(*ROWS)
    assert inventory.read_count == len(ROWS) == len(inventory.lamps) + len(inventory.refusals)
    assert refusals(inventory) == {
        "6": "wattage_not_understood",
        "7": "controller_missing",
        "8": "position_not_understood",
        "9": "position_out_of_range",
        "11": "wrong_cell_count",
        "13": "wattage_missing",
    }
    assert [note.line for note in inventory.refusals] == [7, 8, 9, 10, 12, 14]


def test_what_was_assumed_is_listed_row_by_row() -> None:
    inventory = read(*ROWS)
    assert assumptions(inventory) == {
        "4": ["watts_by_median_of_type"],
        "10": ["position_missing"],
        "12": ["watts_by_median_of_all"],
    }
    by_id = {lamp.id: lamp for lamp in inventory.lamps}
    assert by_id["4"].parts == (LampPart("HPS", 150.0),)
    assert by_id["5"].parts == (LampPart("HPS", 250.0), LampPart("HPS", 100.0))
    assert by_id["12"].parts[0].kind == ""


def test_watts_for_a_type_as_told() -> None:
    inventory = read(*ROWS, options=ReadingOptions(assume_watts={"mh": 400.0}))
    assert "13" not in refusals(inventory)
    assert next(lamp.parts for lamp in inventory.lamps if lamp.id == "13") == (LampPart("MH", 400.0),)
    assert assumptions(inventory)["13"] == ["watts_as_told"]


def test_mistyped_controllers_are_refused_with_the_likely_one_or_mended() -> None:
    rows = [f"105.85,21.03,{n},,LED,60,SL007," for n in range(3)] + ["105.85,21.03,9,,LED,60,SL07,"]
    refused = read(*rows)
    assert [(n.fact.code, n.fact.values["nearest"]) for n in refused.refusals] == [("controller_mistyped", "SL007")]
    mended = read(*rows, options=ReadingOptions(fix_ids=True))
    assert mended.refusals == ()
    assert {lamp.controller for lamp in mended.lamps} == {"SL007"}
    assert assumptions(mended) == {"9": ["controller_mended"]}


def test_lamps_without_a_controller_may_be_collected() -> None:
    inventory = read(*ROWS, options=ReadingOptions(orphans="no-cabinet"))
    assert next(lamp.controller for lamp in inventory.lamps if lamp.id == "7") == "no-cabinet"
    assert assumptions(inventory)["7"] == ["controller_assumed"]


def test_recognised_columns_are_stated() -> None:
    stated = {f.values["role"]: f.values["column"] for f in read(*ROWS).remarks if f.code == "column_assumed"}
    assert stated == {
        "controller": "cabinet",
        "wattage": "watts",
        "lamp-type": "lamp_type",
        "branch": "branch",
        "lamp-id": "id",
        "road": "street",
        "x": "lon",
        "y": "lat",
    }


def test_a_column_may_be_named_or_declared_absent() -> None:
    inventory = read(*ROWS, mapping=InventoryMapping(branch="-", x="-", y="-"))
    assert all(lamp.branch == "" and lamp.latitude_deg is None for lamp in inventory.lamps)


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        (InventoryMapping(controller="cabinett"), "inventory_column_unknown_nearest"),
        (InventoryMapping(controller="Schaltstelle"), "inventory_column_unknown"),
        (InventoryMapping(crs="EPSG:99999"), "unknown_crs"),
        (InventoryMapping(encoding="utf-99"), "unknown_encoding"),
        (InventoryMapping(encoding="ascii"), "inventory_not_text"),
    ],
)
def test_a_mapping_that_does_not_fit_the_file(mapping: InventoryMapping, code: str) -> None:
    with pytest.raises(InventoryError) as refusal:
        read(*ROWS, mapping=mapping)
    assert refusal.value.fact.code == code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "inventory_without_header"),
        (HEADER.encode(), "inventory_empty"),
        (b"\xff\xfe\x00", "inventory_not_text"),
        (b"a,a\n1,2\n", "inventory_without_header"),
        (b'a,b\n"1,2\n', "inventory_not_csv"),
        (b"{", "inventory_not_json"),
        (b"{" + b'"a":[' * 100_000, "inventory_not_json"),
        (b'{"type": "Feature"}', "inventory_not_features"),
        (b'{"type": "FeatureCollection", "features": []}', "inventory_empty"),
    ],
)
def test_a_file_that_is_no_inventory(data: bytes, code: str) -> None:
    with pytest.raises(InventoryError) as refusal:
        read_inventory(data, "lamps", InventoryMapping())
    assert refusal.value.fact.code == code


def test_metres_without_a_coordinate_system_are_not_guessed() -> None:
    data = table("-9824847.8,4887225.9,C1,100", header="X,Y,cabinet,watts")
    with pytest.raises(InventoryError) as refusal:
        read_inventory(data, "lamps.csv", InventoryMapping())
    assert refusal.value.fact.code == "crs_needed"
    lamp = read_inventory(data, "lamps.csv", InventoryMapping(crs="EPSG:3857")).lamps[0]
    assert lamp.latitude_deg == pytest.approx(40.146306, abs=1e-5)
    assert lamp.longitude_deg == pytest.approx(-88.258109, abs=1e-5)


@pytest.mark.parametrize("role", ["controller", "wattage"])
def test_a_needed_column_that_is_not_recognised_is_asked_for(role: str) -> None:
    header = HEADER.replace({"controller": "cabinet", "wattage": "watts"}[role], "other")
    with pytest.raises(InventoryError) as refusal:
        read_inventory(table(*ROWS, header=header), "lamps.csv", InventoryMapping())
    assert refusal.value.fact.code == "inventory_column_needed"
    assert refusal.value.fact.values["role"] == role


def test_a_needed_column_may_be_declared_absent_and_what_it_lacks_told() -> None:
    orphans = ReadingOptions(orphans="stray")
    collected = read(ROWS[0], ROWS[2], mapping=InventoryMapping(controller="-"), options=orphans)
    assert {lamp.controller for lamp in collected.lamps} == {"stray"}
    assert refusals(read(ROWS[0], mapping=InventoryMapping(controller="-"))) == {"1": "controller_missing"}
    told = ReadingOptions(assume_watts={"LED": 60.0})
    assert read(ROWS[0], mapping=InventoryMapping(wattage="-"), options=told).lamps[0].parts[0].watts == 60.0
    assert refusals(read(ROWS[0], mapping=InventoryMapping(wattage="-"))) == {"1": "wattage_missing"}


@pytest.mark.parametrize("name", ["type", "Type", "lamp_type", "LampType", "technology", "light source"])
def test_the_usual_names_of_the_lamps_type_are_recognised(name: str) -> None:
    inventory = read_inventory(table("C1,60,LED", header=f"cabinet,watts,{name}"), "lamps.csv", InventoryMapping())
    assert inventory.lamps[0].parts == (LampPart("LED", 60.0),)


def test_an_assumed_wattage_says_of_how_many_lamps_it_is_the_median() -> None:
    notes = {note.lamp_id: note.fact for note in read(*ROWS).assumptions}
    assert notes["4"].values == {"lamp_type": "HPS", "watts_w": 150.0, "lamp_count": 3}
    assert notes["12"].values["lamp_count"] == 9  # refused rows that state theirs count too


def test_a_pole_in_another_country_does_not_move_the_site() -> None:
    rows = [*ROWS[:2], "-105.85,21.03,99,,LED,60,C2,"]
    inventory = read(*rows)
    assert assumptions(inventory)["99"] == ["position_far_away"]
    assert len(inventory.lamps) == 3
    reading = read_site(site_texts_from(inventory, SiteOptions(timezone="Asia/Ho_Chi_Minh")))
    assert reading.problems == ()
    assert reading.site is not None
    assert reading.site.longitude_deg == 105.85


@pytest.mark.parametrize("coordinates", [None, [], [105.85], "105.85 21.03"])
def test_a_point_without_coordinates_is_refused_as_that(coordinates: object) -> None:
    point = {"type": "Point", "coordinates": coordinates}
    feature = {"type": "Feature", "properties": {"id": 1, "watts": 60, "cabinet": "C1"}, "geometry": point}
    data = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    inventory = read_inventory(data, "lamps.geojson", InventoryMapping())
    assert [note.fact.code for note in inventory.refusals] == ["point_without_coordinates"]


def test_other_separators_and_encodings() -> None:
    data = "Straße;cabinet;watts\nGrüner Weg;K1;70\n".encode("cp1252")
    lamp = read_inventory(data, "lampen.csv", InventoryMapping(road="Straße", encoding="cp1252")).lamps[0]
    assert (lamp.road, lamp.controller, lamp.parts[0].watts) == ("Grüner Weg", "K1", 70.0)


def test_geojson_gives_the_same_lamps_and_odd_features_are_refused() -> None:
    properties = {"id": 1, "type": "LED", "watts": 60.0, "cabinet": "C1", "branch": None}
    point = {"type": "Point", "coordinates": [105.85, 21.03]}
    features: list[object] = [
        {"type": "Feature", "properties": properties, "geometry": point},
        {"type": "Feature", "properties": properties, "geometry": None},
        {"type": "Feature", "properties": properties, "geometry": {"type": "LineString", "coordinates": []}},
        {"type": "Feature", "properties": None, "geometry": point},
        "no feature",
    ]
    data = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    inventory = read_inventory(data, "lamps.geojson", InventoryMapping(lamp_type="type"))
    assert inventory.read_count == 5
    assert [note.fact.code for note in inventory.refusals] == [
        "geometry_not_a_point",
        "controller_missing",
        "feature_not_readable",
    ]
    assert inventory.lamps[0].latitude_deg == 21.03
    assert inventory.lamps[0].parts == (LampPart("LED", 60.0),)


def test_the_site_made_has_a_cabinet_for_each_controller_and_no_problem() -> None:
    inventory = read(*ROWS, mapping=InventoryMapping(lamp_type="lamp_type"))
    reading = read_site(site_texts_from(inventory, SiteOptions(timezone="Asia/Ho_Chi_Minh", port_base=21000)))
    assert reading.problems == ()
    site = reading.site
    assert site is not None
    assert list(site.cabinets) == ["C1", "C2"]
    assert [bus.url for bus in site.buses.values()] == ["tcp://127.0.0.1:21000", "tcp://127.0.0.1:21001"]
    assert list(site.circuits) == ["C1-A", "C1-B", "C2-1"]
    assert site.circuits["C1-A"].dimmer is not None
    assert site.circuits["C1-B"].dimmer is None
    assert site.circuits["C1-A"].road == "Hàng Bạc"
    assert [ref.channel for ref in site.circuits["C2-1"].meter] == ["L1", "L2", "L3"]
    luminaires = sum(len(lamp.parts) for lamp in inventory.lamps)
    assert sum(circuit.lamp_count for circuit in site.circuits.values()) == luminaires
    assert site.luminaire_types["hps-150"].warm_up_s == 600


def test_many_branches_get_as_many_devices_as_they_need() -> None:
    rows = [f"105.85,21.03,{n},,LED,60,C1,{n}" for n in range(1, 15)]
    reading = read_site(site_texts_from(read(*rows, mapping=InventoryMapping(lamp_type="lamp_type")), SiteOptions()))
    assert reading.problems == ()
    assert reading.site is not None
    profiles = [device.profile for device in reading.site.devices.values()]
    assert (profiles.count("wb-mao4"), profiles.count("wb-mr6c"), profiles.count("sdm630")) == (4, 3, 1)


def test_without_a_zone_the_longitude_gives_one_and_it_is_said() -> None:
    site = imported_site(read(*ROWS), SiteOptions())
    assert Fact("timezone_by_longitude", {"timezone": "Etc/GMT-7"}) in site.remarks
    assert 'timezone = "Etc/GMT-7"' in site.texts["site.toml"]


@pytest.mark.parametrize(
    ("rows", "options", "code"),
    [
        ((ROWS[6],), SiteOptions(), "no_lamp_usable"),
        ((ROWS[9],), SiteOptions(), "site_without_position"),
        (ROWS, SiteOptions(port_base=65535), "ports_beyond_range"),
    ],
)
def test_a_site_that_cannot_be_made(rows: tuple[str, ...], options: SiteOptions, code: str) -> None:
    with pytest.raises(InventoryError) as refusal:
        imported_site(read(*rows), options)
    assert refusal.value.fact.code == code


def test_the_report_has_every_refusal_and_assumption() -> None:
    inventory = read(*ROWS)
    site = imported_site(inventory, SiteOptions())
    rows = list(csv.DictReader(io.StringIO(report_csv(inventory, site.remarks, lambda fact: f"={fact.code}"))))
    refused = [row for row in rows if row["outcome"] == "refused"]
    assert len(refused) == len(inventory.refusals)
    remarks = len(inventory.remarks) + len(site.remarks)
    assert len(rows) == len(refused) + len(inventory.assumptions) + remarks
    assert refused[0]["explanation"] == "'=wattage_not_understood"
    assert sum(count for _, count in counted(inventory.refusals)) == len(inventory.refusals)


def test_mapping_file() -> None:
    text = 'controller = "Cab"\ncrs = "EPSG:3857"\n[assume_watts]\nLED = 60\n'
    mapping, watts, problems = read_mapping(text, "map.toml")
    assert (mapping.controller, mapping.crs, watts, problems) == ("Cab", "EPSG:3857", {"LED": 60.0}, [])
    _, _, problems = read_mapping('\ncontroler = "Cab"\n', "map.toml")
    assert [(p.fact.code, p.line) for p in problems] == [("unknown_key_nearest", 2)]


CELLS = st.one_of(
    st.sampled_from(["", "C1", "SL007", "SL07", "100", "286(LED)/85", "LED", "HPS/IND", "nan", "1e999", "=1+1", "#x"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=12), st.booleans(), st.booleans())
def test_whatever_the_cells_hold_no_row_vanishes_and_the_site_is_valid(
    rows: list[tuple[str, ...]], fix_ids: bool, collects: bool
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows(
        [("cabinet", "watts", "lamptype", "branch", "road", "lon", "lat"), *((*r, "9", "50") for r in rows)]
    )
    options = ReadingOptions(fix_ids=fix_ids, orphans="stray" if collects else "")
    inventory = read_inventory(text.getvalue().encode("utf-8"), "lamps.csv", InventoryMapping(), options)
    assert inventory.read_count == len(inventory.lamps) + len(inventory.refusals)
    if inventory.lamps:
        assert read_site(site_texts_from(inventory, SiteOptions())).problems == ()
