"""The command: a folder that is whole or not there at all, a summary, and one clear message when it cannot be."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from lighting.assets.folder import folder_texts, read_site
from lighting.cli.entry import run
from lighting.cli.import_lights import ImportOptions, ImportRefused, run_import_lights
from lighting.wording.speech import say_problem

GOOD = """\
lon,lat,id,lamp_type,watts,cabinet
105.85,21.03,1,LED,60,C1
105.85,21.04,2,HPS,150,C2
105.85,21.04,3,HPS,150,
"""


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    file = tmp_path / "lamps.csv"
    file.write_text(GOOD, encoding="utf-8")
    return file


def test_the_folder_is_a_valid_site_with_a_report(
    inventory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "deep" / "site"
    assert run_import_lights(inventory, out, ImportOptions(timezone="Asia/Ho_Chi_Minh")) == 0
    assert read_site(folder_texts(out)).problems == ()
    with (out / "import-report.csv").open(encoding="utf-8", newline="") as report:
        refused = [row for row in csv.DictReader(report) if row["outcome"] == "refused"]
    assert [(row["row"], row["line"], row["lamp_id"], row["code"]) for row in refused] == [
        ("3", "4", "3", "controller_missing")
    ]
    printed = capsys.readouterr().out
    assert "Read 3 lamps: 2 used, 1 refused." in printed
    assert [path.name for path in out.parent.iterdir()] == ["site"]


def test_an_empty_folder_may_be_filled(inventory: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    out.mkdir()
    assert run_import_lights(inventory, out, ImportOptions()) == 0
    assert (out / "site.toml").is_file()


def test_a_folder_with_something_in_it_is_left_alone(inventory: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    out.mkdir()
    (out / "site.toml").write_text("mine")
    with pytest.raises(ImportRefused) as refusal:
        run_import_lights(inventory, out, ImportOptions())
    assert (refusal.value.fact.code, refusal.value.exit_code) == ("folder_not_empty", 2)
    assert (out / "site.toml").read_text() == "mine"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (ImportOptions(columns={"controller": "cabinte"}), "inventory_column_unknown_nearest"),
        (ImportOptions(timezone="Mars/Olympus"), "imported_site_not_valid"),
        (ImportOptions(assume_watts=("LED",)), "assume_watts_not_valid"),
        (ImportOptions(assume_watts=("LED=nan",)), "assume_watts_not_valid"),
        (ImportOptions(orphans="a:b"), "option_not_id"),
        (ImportOptions(site_id="*"), "option_not_id"),
        (ImportOptions(mapping_file=Path("nowhere.toml")), "inventory_file_missing"),
        (ImportOptions(port_base=65535), "ports_beyond_range"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    inventory: Path, tmp_path: Path, options: ImportOptions, code: str
) -> None:
    out = tmp_path / "site"
    with pytest.raises(ImportRefused) as refusal:
        run_import_lights(inventory, out, options)
    assert refusal.value.fact.code == code
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lamps.csv"]


def test_when_no_row_can_be_used_every_reason_is_told(inventory: Path, tmp_path: Path) -> None:
    inventory.write_text(f"{GOOD.splitlines()[0]}\n105.85,21.03,1,LED,60,\n105.85,21.03,2,LED,lots,C1\n")
    with pytest.raises(ImportRefused) as refusal:
        run_import_lights(inventory, tmp_path / "site", ImportOptions())
    assert refusal.value.fact.code == "no_lamp_usable"
    told = [say_problem(problem) for problem in refusal.value.problems]
    assert len(told) == 2
    assert "no controller" in told[0]
    assert "lots" in told[1]
    assert not (tmp_path / "site").exists()


def test_lamps_of_a_file_without_controllers_are_collected(inventory: Path, tmp_path: Path) -> None:
    options = ImportOptions(columns={"controller": "-"}, orphans="stray")
    assert run_import_lights(inventory, tmp_path / "site", options) == 0
    site = read_site(folder_texts(tmp_path / "site")).site
    assert site is not None
    assert list(site.cabinets) == ["stray"]


@pytest.mark.parametrize("who", ["ngoc", "Anh.Tu", "operator", "imported", 'x"] evil', "..", ""])
def test_who_imports_is_an_operator_of_the_site(who: str, inventory: Path, tmp_path: Path) -> None:
    assert run_import_lights(inventory, tmp_path / "site", ImportOptions(operator=who)) == 0
    site = read_site(folder_texts(tmp_path / "site")).site
    assert site is not None
    expected = {"operator", "crew"} | ({who} if who in ("ngoc", "Anh.Tu", "imported") else set())
    assert set(site.users) == expected
    assert all(site.users[name].role == "operator" for name in expected - {"crew"})


def test_the_command_takes_the_user_as_every_command_does(inventory: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    assert run(["--user", "ngoc", "import", "lights", str(inventory), "--out", str(out)]) == 0
    site = read_site(folder_texts(out)).site
    assert site is not None
    assert site.users["ngoc"].below_floor


def test_a_missing_inventory_is_one_clear_refusal(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused) as refusal:
        run_import_lights(tmp_path / "none.csv", tmp_path / "site", ImportOptions())
    assert refusal.value.fact.code == "inventory_file_missing"


def test_a_broken_mapping_file_gives_all_its_problems(inventory: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "map.toml"
    mapping.write_text('controler = "C"\nwatage = "W"\n')
    with pytest.raises(ImportRefused) as refusal:
        run_import_lights(inventory, tmp_path / "site", ImportOptions(mapping_file=mapping))
    assert [problem.line for problem in refusal.value.problems] == [1, 2]


def test_the_command_line_wins_over_the_mapping_file(inventory: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "map.toml"
    mapping.write_text('controller = "no such column"\nlamp_id = "id"\n')
    options = ImportOptions(columns={"controller": "cabinet"}, mapping_file=mapping)
    assert run_import_lights(inventory, tmp_path / "site", options) == 0
