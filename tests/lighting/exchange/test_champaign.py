"""A real inventory of 4,556 lamps with its real traps: nothing vanishes, both forms give the same site."""

from __future__ import annotations

from pathlib import Path

import pytest

from lighting.assets.folder import read_site
from lighting.exchange.import_report import counted
from lighting.exchange.inventory import Inventory, InventoryMapping, ReadingOptions
from lighting.exchange.lights import read_inventory
from lighting.exchange.site_from_lights import SiteOptions, imported_site, site_texts_from

pytestmark = pytest.mark.shared

OPTIONS = SiteOptions(site_id="champaign", name="Champaign", timezone="America/Chicago")


@pytest.fixture(scope="module")
def folder(shared_dir: Path) -> Path:
    return shared_dir / "data" / "lights_champaign_il"


def of_csv(folder: Path, options: ReadingOptions | None = None) -> Inventory:
    data = (folder / "Streetlights.csv").read_bytes()
    return read_inventory(data, "Streetlights.csv", InventoryMapping(crs="EPSG:3857"), options)


def of_geojson(folder: Path) -> Inventory:
    data = (folder / "Streetlights.geojson").read_bytes()
    return read_inventory(data, "Streetlights.geojson", InventoryMapping())


def test_read_is_used_and_refused(folder: Path) -> None:
    inventory = of_csv(folder)
    assert inventory.read_count == 4556
    assert len(inventory.lamps) == 4336
    reasons = {(f.code, f.values.get("found"), f.values.get("nearest")): n for f, n in counted(inventory.refusals)}
    assert reasons == {
        ("controller_missing", None, None): 215,
        ("controller_mistyped", "SL07", "SL007"): 3,
        ("controller_mistyped", "SL91", "SL091"): 2,
    }
    assert {lamp.row for lamp in inventory.lamps}.isdisjoint(note.row for note in inventory.refusals)


def test_mending_the_ids_leaves_only_lamps_without_a_controller(folder: Path) -> None:
    inventory = of_csv(folder, ReadingOptions(fix_ids=True))
    assert len(inventory.lamps) == 4341
    assert [(fact.code, count) for fact, count in counted(inventory.refusals)] == [("controller_missing", 215)]


def test_every_missing_wattage_is_a_stated_assumption(folder: Path) -> None:
    inventory = of_csv(folder)
    assumed = {f.values.get("lamp_type", f.code): n for f, n in counted(inventory.assumptions) if "median" in f.code}
    assert assumed == {"LED": 372, "HPS": 12, "watts_by_median_of_all": 427}


def test_two_lamps_on_one_pole_are_two_luminaires(folder: Path) -> None:
    inventory = of_csv(folder)
    assert sum(len(lamp.parts) for lamp in inventory.lamps) == 4336 + 192
    pole = next(lamp for lamp in inventory.lamps if {part.watts for part in lamp.parts} == {286.0, 66.0})
    assert [part.kind for part in pole.parts] == ["LED", "LED"]


def test_both_forms_give_the_same_site(folder: Path) -> None:
    assert site_texts_from(of_csv(folder), OPTIONS) == site_texts_from(of_geojson(folder), OPTIONS)


def test_the_site_is_valid_and_whole(folder: Path) -> None:
    inventory = of_csv(folder)
    made = imported_site(inventory, OPTIONS)
    reading = read_site(made.texts)
    assert reading.problems == ()
    site = reading.site
    assert site is not None
    assert (len(site.cabinets), len(site.circuits)) == (149, 174) == (made.cabinet_count, made.circuit_count)
    assert sum(circuit.lamp_count for circuit in site.circuits.values()) == made.luminaire_count == 4528
    assert (site.latitude_deg, site.longitude_deg) == pytest.approx((40.12, -88.26), abs=0.03)
