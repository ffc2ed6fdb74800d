"""No text of a site may command a terminal, and what is no file is not taken for an absent one."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import pytest

from lighting.assets.folder import folder_texts, read_site
from lighting.assets.template import template_texts, write_template

CONTROLS = {
    "escape": "\x1b[31m",
    "bell": "\x07",
    "line end": "\n",
    "return": "\r",
    "tab": "\t",
    "delete": "\x7f",
    "CSI": "\x9b31m",
    "next line": "\x85",
    "separator": "\u2028",
    "turned": "\u202e",
}


def profile_text() -> str:
    return (resources.files("drivers") / "profiles" / "wb-mao4.toml").read_text(encoding="utf-8")


def swapped(texts: dict[str, str], file: str, old: str, new: str) -> dict[str, str]:
    assert old in texts[file], f"{old!r} is not in {file}"
    return {**texts, file: texts[file].replace(old, new, 1)}


TOML_FIELDS = [
    ("site.toml", 'id = "example"', "id"),
    ("site.toml", 'name = "Example town"', "name"),
    ("site.toml", 'timezone = "Asia/Ho_Chi_Minh"', "timezone"),
    ("site.toml", '# url = "postgresql://lighting@localhost/lighting"', "url"),
    ("site.toml", 'id = "operator"', "id"),
    ("site.toml", 'name = "Operator"', "name"),
    ("programs.toml", "description", "description"),
    ("calendar.toml", "name", "name"),
    ("calendar.toml", 'country = "VN"', "country"),
    ("profiles/own.toml", "name", "name"),
    ("profiles/own.toml", "maker", "maker"),
    ("profiles/own.toml", "sources", "sources"),
]


@pytest.mark.parametrize("control", CONTROLS.values(), ids=CONTROLS.keys())
@pytest.mark.parametrize(("file", "place", "key"), TOML_FIELDS)
def test_no_text_of_a_toml_file_holds_a_control_character(file: str, place: str, key: str, control: str) -> None:
    texts = {**template_texts(), "profiles/own.toml": profile_text()}
    line = next(line for line in texts[file].splitlines() if line.startswith(place))
    value = json.dumps(f"a{control}b")
    texts = swapped(texts, file, line, f"{key} = [{value}]" if key == "sources" else f"{key} = {value}")
    reading = read_site(texts)
    assert reading.site is None
    own = [p for p in reading.problems if p.file == file and key in p.field]
    assert own, reading.problems
    assert own[0].line > 0


CSV_NAMES = [
    ("districts.csv", "Lakeside"),
    ("cabinets.csv", "Lake path"),
    ("circuits.csv", "Market street crossings"),
]


@pytest.mark.parametrize("control", [c for c in CONTROLS.values() if c not in "\r\n"])
@pytest.mark.parametrize(("file", "name"), CSV_NAMES)
def test_no_cell_of_a_table_holds_a_control_character(file: str, name: str, control: str) -> None:
    reading = read_site(swapped(template_texts(), file, name, f"{name}{control}x"))
    assert [(p.fact.code, p.file) for p in reading.problems if not p.is_warning][:1] == [("control_character", file)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "uptime"', 'name = "uptime\\u001b[31m"'),
        ('id = "{n}"', 'id = "{n}\\u009b"'),
        ('0 = "pwm_10_v"', '0 = "pwm\\n10_v"'),
        ("trust =", '"k\\u001b" = 1\ntrust ='),
    ],
)
def test_no_key_and_no_nested_text_of_a_profile_holds_one(old: str, new: str) -> None:
    texts = swapped({**template_texts(), "profiles/own.toml": profile_text()}, "profiles/own.toml", old, new)
    found = [p for p in read_site(texts).problems if p.fact.code == "profile_text_unprintable"]
    assert [p.file for p in found] == ["profiles/own.toml"]
    assert found[0].line > 0 or "u001b" in new  # the line of a quoted key is not found
    assert found[0].field.isprintable()


@pytest.mark.parametrize(("notes", "codes"), [("one\n\ttwo", []), ("one\x1b[2J", ["profile_text_unprintable"])])
def test_notes_of_a_profile_may_have_lines_but_no_escape_codes(notes: str, codes: list[str]) -> None:
    text = re.sub(
        'notes = """.*?"""', lambda _: f"notes = {json.dumps(notes)}", profile_text(), count=1, flags=re.DOTALL
    )
    assert json.dumps(notes) in text
    assert [p.fact.code for p in read_site({**template_texts(), "profiles/own.toml": text}).problems] == codes


def test_every_built_in_profile_may_be_copied_into_a_site() -> None:
    folder = resources.files("drivers") / "profiles"
    names = [entry.name for entry in folder.iterdir() if entry.name.endswith(".toml")]
    own = {f"profiles/{name}": (folder / name).read_text(encoding="utf-8") for name in names}
    assert read_site({**template_texts(), **own}).problems == ()


FILES = ["calendar.toml", "permanent_loads.csv", "circuits.csv", "profiles/own.toml"]


@pytest.mark.parametrize("how", ["a folder", "a link that leads nowhere", "a link to itself"])
@pytest.mark.parametrize("file", FILES)
def test_what_is_no_file_is_a_problem_not_an_absent_file(file: str, how: str, tmp_path: Path) -> None:
    folder = tmp_path / "town"
    write_template(folder)
    path = folder / file
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    if how == "a folder":
        path.mkdir()
    else:
        path.symlink_to(path if how == "a link to itself" else tmp_path / "nowhere")
    reading = read_site(folder_texts(folder))
    assert reading.site is None
    assert [(p.fact.code, p.file) for p in reading.problems if p.fact.code != "file_missing"] == [
        ("not_a_plain_file", file)
    ]


@pytest.mark.parametrize("is_link", [True, False])
def test_profiles_that_are_no_folder_are_a_problem(is_link: bool, tmp_path: Path) -> None:
    folder = tmp_path / "town"
    write_template(folder)
    if is_link:
        (folder / "profiles").symlink_to(tmp_path / "nowhere")
    else:
        (folder / "profiles").write_text("")
    problems = read_site(folder_texts(folder)).problems
    assert [(p.fact.code, p.is_warning) for p in problems] == [("profiles_not_a_folder", False)]


def test_a_link_to_a_file_and_to_a_folder_of_profiles_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "town"
    write_template(folder)
    (folder / "calendar.toml").rename(tmp_path / "calendar.toml")
    (folder / "calendar.toml").symlink_to(tmp_path / "calendar.toml")
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "own.toml").write_text(profile_text(), encoding="utf-8")
    (folder / "profiles").symlink_to(tmp_path / "ours")
    texts = folder_texts(folder)
    assert {"calendar.toml", "profiles/own.toml"} <= set(texts)
    assert read_site(texts).problems == ()
