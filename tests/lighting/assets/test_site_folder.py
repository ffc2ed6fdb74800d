"""A site folder is read as a whole, and every problem is found at once with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from lighting.assets.fact import Problem
from lighting.assets.folder import folder_texts, read_site
from lighting.assets.model import Anchor, ChannelRef, LampGroup, Site
from lighting.assets.template import FolderNotEmpty, template_texts, write_template


def edited(file: str, old: str, new: str) -> dict[str, str]:
    """The example's texts with one edit, which must hit."""
    texts = template_texts()
    assert old in texts[file], f"{old!r} is not in {file}"
    return {**texts, file: texts[file].replace(old, new, 1)}


def example() -> Site:
    site = read_site(template_texts()).site
    assert site is not None
    return site


def problems(file: str, old: str, new: str) -> list[Problem]:
    return list(read_site(edited(file, old, new)).problems)


def only_problem(file: str, old: str, new: str) -> Problem:
    found = problems(file, old, new)
    assert len(found) == 1, found
    return found[0]


def line_with(file: str, text: str) -> int:
    return next(n for n, line in enumerate(template_texts()[file].splitlines(), start=1) if text in line)


def test_the_example_has_no_problem_at_all() -> None:
    assert read_site(template_texts()).problems == ()


def test_the_example_as_facts() -> None:
    site = example()
    circuit = site.circuits["C-0101"]
    assert circuit.lamps == (LampGroup("led-90", 24),)
    assert circuit.dimmer == ChannelRef("CB01-D", "1")
    assert circuit.meter == (ChannelRef("CB01-M", "L1"),)
    assert (circuit.district, circuit.never_dim, circuit.maintained_level) == ("centre", False, 1.1)
    assert site.circuits["C-0102"].never_dim
    assert site.circuits["C-0103"].dimmer is None
    assert site.buses["CB02-bus"].framing == "rtu-tcp"
    assert site.cabinets["CB01"].local_input == ChannelRef("CB01-R", "in1")
    assert site.programs["main-road"].steps[1].at == Anchor(clock_minutes=22 * 60)
    assert site.programs["park-path"].steps[1].part_night
    assert site.luminaire_types["led-40"].curve_points[-1] == (100.0, 40.0)
    assert site.calendar.rules[1].weekdays == (4, 5)
    assert site.users["operator"].below_floor
    assert site.permanent_loads[0].power_w == 18


def test_written_example_is_what_is_read_from_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "town"
    write_template(folder)
    (folder / "state").mkdir()
    (folder / "state" / "circuits.csv").write_text("not the site's")
    (folder / "notes.txt").write_text("a person's notes")
    assert folder_texts(folder) == dict(sorted(template_texts().items()))


def test_a_folder_with_something_in_it_is_not_written_into(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("kept")
    with pytest.raises(FolderNotEmpty) as refusal:
        write_template(tmp_path)
    assert refusal.value.fact.code == "folder_not_empty"
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_no_folder_has_no_texts_and_every_missing_file_is_named(tmp_path: Path) -> None:
    texts = folder_texts(tmp_path / "nowhere")
    assert texts == {}
    reading = read_site(texts)
    assert reading.site is None
    assert {p.file for p in reading.problems if p.fact.code == "file_missing"} == {
        "site.toml",
        "districts.csv",
        "buses.csv",
        "cabinets.csv",
        "devices.csv",
        "circuits.csv",
        "luminaire_types.csv",
        "programs.toml",
    }


@pytest.mark.parametrize("file", ["permanent_loads.csv", "calendar.toml"])
def test_optional_files_may_be_absent(file: str) -> None:
    texts = template_texts()
    del texts[file]
    assert read_site(texts).problems == ()


def test_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    texts = {name: "\ufeff" + text.replace("\n", "\r\n") for name, text in template_texts().items()}
    reading = read_site(texts)
    assert reading.problems == ()
    assert reading.site == example()


def test_what_is_not_utf8_is_reported_with_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "town"
    write_template(folder)
    path = folder / "districts.csv"
    path.write_bytes(path.read_bytes().replace(b"Lakeside", b"Bord d\xe9 l'eau"))
    found = read_site(folder_texts(folder)).problems
    assert [(p.fact.code, p.file, p.line) for p in found] == [("not_utf8", "districts.csv", 3)]


def test_a_misspelt_file_name_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "town"
    write_template(folder)
    (folder / "circuits.csv").rename(folder / "circuit.csv")
    found = {p.fact.code: p for p in read_site(folder_texts(folder)).problems}
    assert found["file_missing"].file == "circuits.csv"
    assert found["file_not_used"].fact.values["nearest"] == "circuits.csv"
    assert found["file_not_used"].is_warning


def test_every_problem_at_once() -> None:
    texts = template_texts()
    texts["circuits.csv"] = texts["circuits.csv"].replace("led-90:24", "led-9o:24").replace(",park-path,", ",park-pat,")
    texts["devices.csv"] = texts["devices.csv"].replace("CB02-bus,3,sdm120", "CB02-bus,2,sdm120")
    texts["site.toml"] = texts["site.toml"].replace("21.0285", "121.0285").replace("Asia/Ho_Chi_Minh", "Asia/Hochiminh")
    texts["programs.toml"] = texts["programs.toml"].replace('"22:00"', '"25:00"')
    codes = [(p.file, p.fact.code) for p in read_site(texts).problems]
    assert codes == [
        ("site.toml", "number_too_large"),
        ("devices.csv", "unit_id_twice"),
        ("circuits.csv", "unknown_reference_nearest"),
        ("programs.toml", "not_in_form"),
    ]


def test_a_value_out_of_shape_names_line_field_and_what_is_allowed() -> None:
    found = only_problem("site.toml", "latitude_deg = 21.0285", "latitude_deg = 95")
    assert found.fact.code == "number_too_large"
    assert found.fact.values == {"found": "95", "maximum": 90.0}
    assert (found.file, found.line, found.field) == (
        "site.toml",
        line_with("site.toml", "latitude_deg"),
        "site.latitude_deg",
    )


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "field"),
    [
        ("site.toml", "Asia/Ho_Chi_Minh", "Asia/Ho_Chi_Min", "unknown_timezone_nearest", "site.timezone"),
        ("site.toml", "Asia/Ho_Chi_Minh", "Mars", "unknown_timezone", "site.timezone"),
        ("site.toml", "Asia/Ho_Chi_Minh", "../../etc/passwd", "unknown_timezone", "site.timezone"),
        ("site.toml", "longitude_deg = 105.8542", "longitude_deg = -181", "number_too_small", "site.longitude_deg"),
        ("site.toml", "-0.833  #", "-6.5 #", "number_too_small", "control.dusk_elevation_deg"),
        ("site.toml", "-0.833  #", "0.0 #", "number_too_large", "control.dusk_elevation_deg"),
        ("site.toml", "floor_level_pct = 30.0", "floor_level_pct = 101", "number_too_large", "control.floor_level_pct"),
        ("site.toml", "floor_level_pct = 30.0", "floor_level_pct = nan", "not_a_number", "control.floor_level_pct"),
        ("site.toml", "floor_level_pct", "flor_level_pct", "unknown_key_nearest", "control.flor_level_pct"),
        ("site.toml", "safe_level_pct = 100.0", "safe_level_pct = 10.0", "night_safe_under_floor", None),
        ("site.toml", "stagger_s = 1.0", "stagger_s = 0.5", "stagger_too_short", None),
        ("site.toml", 'role = "crew"', 'role = "crw"', "not_one_of_nearest", "users.1.role"),
        ("site.toml", 'id = "crew"', 'id = "operator"', "id_twice", "users.id"),
        ("site.toml", "schema_version = 1", "schema_version = 2", "not_one_of", "schema_version"),
        ("site.toml", 'id = "example"\n', "", "value_missing", "site.id"),
        ("site.toml", "[site]", "[site", "not_toml", ""),
        ("buses.csv", "tcp://127.0.0.1:15021", "http://127.0.0.1:15021", "bus_url_not_valid", "url"),
        ("buses.csv", "tcp://127.0.0.1:15021", "tcp://127.0.0.1:150210", "bus_url_not_valid", "url"),
        ("buses.csv", "127.0.0.1:15022", "127.0.0.1:15021", "bus_url_twice", "url"),
        ("cabinets.csv", ",lakeside,", ",lakside,", "unknown_reference_nearest", "district"),
        ("cabinets.csv", "CB01-R:in1", "CB01-R:1", "channel_of_wrong_role", "local_input"),
        ("cabinets.csv", "CB01-R:in1", "CB01-R", "not_in_form", "local_input"),
        ("cabinets.csv", "none,,", "photocel,,", "not_one_of_nearest", "hardware_fallback"),
        ("cabinets.csv", "local_active\nCB", "local_activ\nCB", "unknown_key_nearest", "local_activ"),
        ("cabinets.csv", "CB02,Lake path", "CB01,Lake path", "id_twice", "id"),
        ("devices.csv", "CB02-bus,1", "CB03-bus,1", "unknown_reference_nearest", "bus"),
        ("devices.csv", "sdm120", "sdm121", "unknown_reference_nearest", "profile"),
        ("devices.csv", "CB02-bus,1", "CB02-bus,248", "number_too_large", "unit_id"),
        ("devices.csv", "CB02-bus,1", "CB02-bus,one", "not_a_whole_number", "unit_id"),
        ("devices.csv", "CB02-bus,1,", "CB02-bus,1,,", "wrong_cell_count", ""),
        ("luminaire_types.csv", "90,0.5,led", "0,0.5,led", "number_not_above", "rated_w"),
        ("luminaire_types.csv", "90,0.5,led", "1e999,0.5,led", "not_a_number", "rated_w"),
        ("luminaire_types.csv", "90,0.5,led", "90,90,led", "standby_not_under_rated", "standby_w"),
        ("luminaire_types.csv", "led,,10", "led,,110", "number_too_large", "minimum_level_pct"),
        ("luminaire_types.csv", "led,,10", "led,10:5+100:90,10", "curve_points_unused", "curve_points"),
        ("luminaire_types.csv", "10:6+25:11.5+50:20.5+75:30+100:40", "100:40", "curve_points_missing", "curve_points"),
        ("luminaire_types.csv", "25:11.5", "25:5", "curve_points_not_rising", "curve_points"),
        ("luminaire_types.csv", "10:6+25", "20:6+25", "curve_points_not_whole", "curve_points"),
        ("luminaire_types.csv", "+100:40", "+99:40", "curve_points_not_whole", "curve_points"),
        ("luminaire_types.csv", "+100:40", "+100:60", "curve_points_off_rated", "curve_points"),
        ("luminaire_types.csv", "25:11.5", "25:nan", "not_in_form", "curve_points"),
        ("circuits.csv", "C-0102,CB01", "C-0102,CB1", "unknown_reference_nearest", "cabinet"),
        ("circuits.csv", ",led-90:6,", ",led-90:0,", "not_in_form", "luminaires"),
        ("circuits.csv", ",led-90:6,", ",led-90:6+led-90:2,", "luminaire_type_twice", "luminaires"),
        ("circuits.csv", "CB01-D:2", "CB01-D:1", "channel_used_twice", "dimmer"),
        ("circuits.csv", "CB01-R:2", "CB01-R:1", "channel_used_twice", "relay"),
        ("circuits.csv", "CB01-D:2", "CB01-D:9", "no_such_channel", "dimmer"),
        ("circuits.csv", "CB01-D:2", "CB01-M:L1", "channel_of_wrong_role", "dimmer"),
        ("circuits.csv", "CB01-M:L2", "CB01-M:totl", "no_such_channel_nearest", "meter"),
        ("circuits.csv", "CB01-M:L2", "CB01-Q:L2", "unknown_reference_nearest", "meter"),
        ("circuits.csv", "CB01-M:L2", "CB01-M:L2+L2", "not_in_form", "meter"),
        ("circuits.csv", ",,CB01-R:3", ",,", "circuit_without_control", "dimmer"),
        ("circuits.csv", "M3,M5", "M3,M2", "lowest_class_brighter", "lowest_class"),
        ("circuits.csv", "M3,M5", "M3,P5", "classes_of_two_families", "lowest_class"),
        ("circuits.csv", "M3,M5", "M3,M7", "not_one_of", "lowest_class"),
        ("circuits.csv", "Market street crossings", "Market\x00crossings", "control_character", ""),
        ("circuits.csv", "Market street crossings", '"Market', "not_csv", ""),
        ("programs.toml", 'at = "22:00"', 'at = "sunsett"', "not_one_of_nearest", "programs.main-road.steps.1.at"),
        ("programs.toml", 'at = "22:00"', "at = 22", "wrong_kind_of_value", "programs.main-road.steps.1.at"),
        ("programs.toml", 'at = "22:00"', 'at = "dusk+13:00"', "number_too_large", "programs.main-road.steps.1.at"),
        (
            "programs.toml",
            "level_pct = 70 }",
            "level = 70 }",
            "unknown_key_nearest",
            "programs.main-road.steps.1.level",
        ),
        ("calendar.toml", 'country = "VN"', 'country = "VNM1"', "not_one_of_nearest", "holidays.country"),
        ("calendar.toml", 'country = "VN"', 'country = "VN"\nregion = "XY"', "not_one_of", "holidays.region"),
        ("calendar.toml", 'country = "VN"', "", "holiday_country_missing", "holidays.country"),
        ("calendar.toml", "added = []", 'added = ["2026-02-30"]', "not_in_form", "holidays.added.0"),
        ("calendar.toml", '"fri", "sat"', '"fri", "satur", "son"', "not_one_of_nearest", "rules.1.weekdays.2"),
        (
            "calendar.toml",
            'park-path = "festival" }',
            'park-path = "fest" }',
            "unknown_reference_nearest",
            "rules.0.use",
        ),
        ("calendar.toml", "use = { main-road", "use = { main-rod", "unknown_reference_nearest", "rules.0.use"),
    ],
)
def test_problem(file: str, old: str, new: str, code: str, field: str | None) -> None:
    reading = read_site(edited(file, old, new))
    assert reading.site is None
    of_code = [p for p in reading.problems if p.fact.code == code]
    assert of_code, reading.problems
    assert of_code[0].file == file
    assert of_code[0].line > 0
    if field is not None:
        assert of_code[0].field == field


def test_problem_in_a_table_points_at_the_row() -> None:
    found = only_problem("circuits.csv", "CB01-D:2", "CB01-D:9")
    assert found.line == line_with("circuits.csv", "CB01-D:2")


def test_problem_in_an_inline_table_of_a_list_points_at_its_line() -> None:
    found = only_problem("programs.toml", "level_pct = 50", "level_pct = 150")
    assert found.line == line_with("programs.toml", "level_pct = 50")


def test_problem_in_the_second_table_of_an_array_points_at_its_line() -> None:
    found = only_problem("calendar.toml", '"fri", "sat"', '"fri", "xyz"')
    assert found.line == line_with("calendar.toml", '"fri", "sat"')


def test_a_row_out_of_shape_is_not_reported_again_by_those_who_refer_to_it() -> None:
    found = only_problem("devices.csv", "CB01-D,CB01,CB01-bus,1", "CB01-D,CB01,CB01-bus,0")
    assert found.fact.code == "number_too_small"


def test_a_missing_column_is_said_once() -> None:
    texts = edited("devices.csv", "id,cabinet,bus,unit_id,profile", "id,cabinet,bus,unit,profile")
    codes = [p.fact.code for p in read_site(texts).problems]
    assert sorted(codes) == ["column_missing", "unknown_key_nearest"]


@pytest.mark.parametrize(
    ("url", "is_warned"),
    [
        ("tcp://8.8.8.8:502", True),
        ("tcp://[2606:4700::1111]:502", True),
        ("rtu-tcp://gateway.example.com:502", True),
        ("tcp://10.1.2.3:502", False),
        ("tcp://[fd00::1]:502", False),
        ("tcp://localhost:502", False),
        ("tcp://gateway-7:502", False),
        ("tcp://cb01.lighting.internal:502", False),
    ],
)
def test_a_public_bus_address_is_warned_of(url: str, is_warned: bool) -> None:
    reading = read_site(edited("buses.csv", "tcp://127.0.0.1:15021", url))
    assert reading.site is not None
    assert [p.fact.code for p in reading.problems] == (["bus_address_public"] if is_warned else [])
    assert all(p.is_warning for p in reading.problems)


def test_warnings_leave_the_site_readable() -> None:
    reading = read_site(edited("circuits.csv", "C2,C2,22", "C2,C2,18"))
    assert [(p.fact.code, p.is_warning) for p in reading.problems] == [("maintained_under_class", True)]
    assert reading.site is not None


@pytest.mark.parametrize(
    ("classes", "maintained", "expected"),
    [
        ("M3,M5", "1.1", []),
        ("M3,M5", "3.0", []),
        ("M3,M5", "3.1", [("maintained_over_class", True)]),
        ("M3,M5", "9.9", [("maintained_over_class", True)]),
        ("M3,M5", "10", [("maintained_over_class", False)]),
        ("M3,M5", "110", [("maintained_over_class", False)]),
        ("M3,", "110", [("maintained_over_class", False)]),
        (",M5", "10", []),
        (",M5", "10.1", [("floor_of_class_dark", True)]),
        (",M5", "110", [("floor_of_class_dark", False)]),
        ("M1,M6", "6.0", []),
        ("C0,C5", "160", [("maintained_over_class", True)]),
        (",", "110", []),
    ],
)
def test_a_maintained_level_far_above_the_class_would_make_the_floor_dark(
    classes: str, maintained: str, expected: list[tuple[str, bool]]
) -> None:
    found = problems("circuits.csv", "M3,M5,1.1", f"{classes},{maintained}")
    assert [(p.fact.code, p.is_warning) for p in found] == expected
    assert all(p.field == "maintained_level" and p.line == line_with("circuits.csv", "C-0101") for p in found)


OWN_PROFILE = """\
schema_version = 1
id = "wb-mao4"
name = "Dimmer that may carry little"
maker = "the town's own workshop"
trust = "hardware"
sources = ["measured"]
"""


def profile_with(limit: str) -> str:
    """The built-in dimmer's profile with a limit on its outputs, as a site would keep it in ``profiles/``."""
    from importlib import resources

    text = (resources.files("drivers") / "profiles" / "wb-mao4.toml").read_text(encoding="utf-8")
    old = 'role = "dimmer", '
    assert old in text
    return text.replace(old, f"{old}{limit}, ", 1)


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ("max_lamps = 23", "channel_too_many_lamps"),
        ("max_load_w = 2159.0", "channel_overloaded"),
    ],
)
def test_a_circuit_over_its_channel_is_refused(limit: str, code: str) -> None:
    texts = {**template_texts(), "profiles/ours.toml": profile_with(limit)}
    found = [(p.fact.code, p.line) for p in read_site(texts).problems if p.fact.values.get("channel") == "CB01-D:1"]
    assert found == [(code, line_with("circuits.csv", "C-0101"))]


@pytest.mark.parametrize("limit", ["max_lamps = 30", "max_load_w = 2160.0"])
def test_a_circuit_at_its_channels_limit_is_accepted(limit: str) -> None:
    texts = {**template_texts(), "profiles/ours.toml": profile_with(limit)}
    assert read_site(texts).problems == ()


def test_problems_of_a_sites_own_profile_are_the_sites_problems() -> None:
    texts = {**template_texts(), "profiles/ours.toml": OWN_PROFILE + 'colour = "grey"\n'}
    found = read_site(texts)
    assert found.site is None
    assert {p.file for p in found.problems} == {"profiles/ours.toml"}


def test_a_device_may_be_of_a_variant_of_a_profile() -> None:
    texts = template_texts()
    texts["devices.csv"] = texts["devices.csv"].replace("wb-mao4", "wb-mao4+pwm")
    reading = read_site(texts)
    assert reading.site is not None
    assert reading.site.devices["CB01-D"].profile == "wb-mao4+pwm"
    texts["devices.csv"] = texts["devices.csv"].replace("+pwm", "+pmw")
    assert {p.fact.values.get("nearest") for p in read_site(texts).problems} == {"wb-mao4+pwm"}
