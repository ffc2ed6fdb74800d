"""``lighting tariff`` and ``lighting bills``: shown, checked, imported; one clear error for each wrong file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lighting.cli.entry import run
from tests.lighting.cli.the_site import make_site

Capture = pytest.CaptureFixture[str]
RATE = {"name": "Lighting", "energyratestructure": [[{"rate": 0.1}]], "lookbackpercent": 5}
BILL = ["bills", "add", "--number", "A-1", "--from", "2026-01-01", "--to", "2026-01-31", "--kwh", "1000", "--amount"]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = make_site(tmp_path / "city")
    monkeypatch.chdir(folder)
    return folder


def test_the_tariff_is_shown_by_days_and_hours(site: Path, capsys: Capture) -> None:
    assert run(["tariff"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("tariff.toml: prices in VND")
    assert "mon-sat  17:30  22:30     3500" in lines
    (site / "tariff.toml").unlink()
    assert run(["tariff"]) == 3
    assert capsys.readouterr().err == "lighting: The site has no tariff.toml.\n"


def test_an_edit_that_is_not_accepted_is_told_of(site: Path, capsys: Capture) -> None:
    commands = (["tariff"], ["baseline"], ["energy"], ["report", "--out", "r.csv"])
    assert run(["apply", "--yes"]) == 0
    file = site / "tariff.toml"
    accepted = file.read_text(encoding="utf-8")
    for text, said in (
        (accepted, ""),
        (accepted + "\n# a note\n", "the site folder was edited since revision 1, which runs until lighting apply"),
        (accepted + "\nx", "lighting check"),
    ):
        file.write_text(text, encoding="utf-8")
        for words in commands:
            capsys.readouterr()
            run(words)
            told = [line for line in capsys.readouterr().err.splitlines() if "folder" in line]
            assert [said in line for line in told] == [True] * bool(said), words


def test_hourly_prices_are_imported_named_and_shown(site: Path, capsys: Capture) -> None:
    (site / "p.csv").write_text(
        "at;VND/MWh\n2026-01-31 00:00;1.000.500,5\n2026-01-31 01:00;900.000\n", encoding="utf-8"
    )
    words = ["tariff", "import", "prices", "p.csv", "--unit", "VND/MWh", "--out", "prices/2026.csv"]
    assert run(words) == 0
    assert "2026-01-31T00:00+07:00,2026-01-31T01:00+07:00,1000.5005" in (site / "prices/2026.csv").read_text()
    assert run(words) == 5
    assert run([*words, "--replace"]) == 0
    text = 'format = 2\ncurrency = "VND"\nprice_per_kwh = 100.0\nprices = "prices/2026.csv"\n'
    (site / "tariff.toml").write_text(text, encoding="utf-8")
    capsys.readouterr()
    assert run(["tariff", "check", "tariff.toml"]) == 0
    assert capsys.readouterr().out == "tariff.toml is good: 1 version\n"
    assert run(["tariff", "--at", "2026-01-31"]) == 0
    shown = capsys.readouterr().out
    assert ["00:00", "1100.5"] in [line.split() for line in shown.splitlines()]
    assert "has no price for 22 of this day's hours" in shown
    assert run(["whatif", "--from", "2026-01-31", "--to", "2026-01-31", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["total"]["worlds"]["present"]["money"] is None
    assert "whatif_hours_without_price" in [note["code"] for note in answer["notes"]]


def test_a_wrong_price_file_is_refused_line_by_line(site: Path, capsys: Capture) -> None:
    (site / "p.csv").write_text("at,p\n2026-01-31 00:00,1\n2026-01-31 00:00,x\n", encoding="utf-8")
    words = ["tariff", "import", "prices", "p.csv", "--unit", "VND/kWh", "--out", "o.csv", "--timezone"]
    assert run([*words, "Asia/Ho_Chi_Minh"]) == 1
    assert capsys.readouterr().err.splitlines()[0].startswith("p.csv:3: ")
    assert not (site / "o.csv").exists()
    assert run([*words, "Mars"]) == 2
    # Times that lack are those of the zone's clocks, with the offset where they show them twice.
    (site / "p.csv").write_text(
        "at,p\n2026-10-25 00:00,1\n2026-10-25 01:00,1\n2026-10-25 02:00,1\n2026-10-25 03:00,1\n2026-10-25 06:00,1\n"
    )
    capsys.readouterr()
    assert run([*words, "Europe/Berlin"]) == 1
    told = capsys.readouterr().err
    assert "p.csv:5: 2026-10-25 02:00+01:00 until 2026-10-25 03:00 lacks" in told
    assert "p.csv:6: 2026-10-25 04:00 until 2026-10-25 06:00 lacks" in told
    assert run(["tariff", "import", "prices", "none.csv", "--unit", "VND/kWh", "--out", "o.csv"]) == 2


def test_a_rate_is_imported_with_what_it_leaves_out(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "rate.json").write_text(json.dumps(RATE), encoding="utf-8")
    assert run(["tariff", "import", "urdb", "rate.json", "--out", "tariff.toml"]) == 0
    told = capsys.readouterr()
    assert "LEFT OUT, not in any bill: lookbackpercent = 5 (a ratchet" in told.err
    assert told.out.startswith("3 fields read: 2 used, 0 that charge nothing, 1 left out\n")
    assert "# LEFT OUT, not in any bill: lookbackpercent = 5 (a ratchet" in (tmp_path / "tariff.toml").read_text()
    assert run(["tariff", "check", "tariff.toml"]) == 0
    (tmp_path / "rate.json").write_text('{"energyratestructure":\n [[}', encoding="utf-8")
    capsys.readouterr()
    assert run(["tariff", "import", "urdb", "rate.json", "--out", "other.toml"]) == 2
    assert capsys.readouterr().err.startswith("lighting: rate.json:2: not JSON")
    (tmp_path / "tariff.toml").write_text('format = 2\ncurrency = "EUR"\n', encoding="utf-8")
    assert run(["tariff", "check", "tariff.toml"]) == 2
    assert "no price: give price_per_kwh" in capsys.readouterr().err


def test_all_rates_of_a_file_are_written_or_refused(tmp_path: Path, capsys: Capture) -> None:
    rates = [{**RATE, "label": "a/../b"}, {"label": "bad"}]
    (tmp_path / "rates.json").write_text(json.dumps({"items": rates}), encoding="utf-8")
    words = ["tariff", "import", "urdb", "rates.json", "--all", "--out", "rates"]
    assert run(words) == 0
    told = capsys.readouterr()
    assert told.out == "2 rates read: 1 written, 1 refused\n"
    assert "bad (number 2) refused: energyratestructure is missing" in told.err
    assert [path.name for path in (tmp_path / "rates").iterdir()] == ["0001-a----b.toml"]
    assert run(words) == 5
    assert run([*words, "--label", "bad"]) == 2
    (tmp_path / "rates.json").write_text(json.dumps({"items": rates[1:]}), encoding="utf-8")
    assert run([*words[:-1], "others"]) == 1


def test_bills_are_entered_listed_and_withdrawn(site: Path, capsys: Capture) -> None:
    assert run(["bills", "list"]) == 0
    assert "no bills on record" in capsys.readouterr().err
    assert run([*BILL, "2500000"]) == 0
    assert run([*BILL, "2500000"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "1 bill entered, 0 on record already",
        "0 bills entered, 1 on record already",
    ]
    assert run([*BILL, "2600000"]) == 5
    assert run([*BILL, "many"]) == 2
    assert run([*BILL, "1", "--currency", "EUR"]) == 5
    capsys.readouterr()
    assert run(["bills", "list"]) == 0
    row = capsys.readouterr().out.splitlines()[1].split()
    assert row[:3] == ["1", "site", "A-1"]
    assert run(["bills", "withdraw", "1", "--reason", "typed wrongly"]) == 0
    assert run(["bills", "withdraw", "1", "--reason", "again"]) == 3
    assert run([*BILL, "2600000"]) == 0


def test_a_file_of_bills_loses_no_good_line(site: Path, capsys: Capture) -> None:
    rows = ["supply,number,from,to,kwh,amount,currency", "a,1,2026-01-01,2026-01-31,5,10000,VND"]
    rows += ["a,2,2026-01-31,2026-02-27,5,10000,VND", "a,3,2026-03-01,2026-03-31,x,10000,VND"]
    rows += ["a,4,2026-04-01,2026-04-30,5,10,EUR", "b,1,2026-01-01,2026-01-31,5,10000,VND"]
    (site / "bills.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    with_supplies(site)
    assert run(["bills", "import", "bills.csv"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert [line.split(" ")[0].rstrip(":") for line in said[:3]] == ["bills.csv:3", "bills.csv:4", "bills.csv:5"]
    assert said[3] == "3 bills refused, 2 entered, 0 on record already"
    assert run(["bills", "import", "none.csv"]) == 2


def with_supplies(site: Path) -> None:
    (site / "supplies.csv").write_text("id,name,kind,tariff\na,North,metered,\nb,South,metered,\n", encoding="utf-8")


def test_a_bill_is_of_a_supply_of_the_site_and_of_days_that_are_over(site: Path, capsys: Capture) -> None:
    with_supplies(site)
    assert run([*BILL, "1", "--supply", "A"]) == 3
    assert "A is no supply of this site, did you mean a? There are: site, a, b" in capsys.readouterr().err
    assert run(["bills", "add", "--number", "N", "--from", "2098-01-01", "--to", "2098-01-31", *BILL[8:], "1"]) == 5
    assert "its last day, 2098-01-31, is not over" in capsys.readouterr().err
    rows = ["number,from,to,kwh,amount,supply", "1,2026-01-01,2026-01-31,5,9,", "2,2026-01-01,2026-01-31,5,9,c"]
    rows += ["3,2098-01-01,2098-01-31,5,9,c", "4,2026-01-01,2026-01-31,5,9,a", "5,2026-01-31,2026-02-01,5,9,a"]
    (site / "bills.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert run(["bills", "import", "bills.csv"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert [line.split(" ")[0].rstrip(":")[-1] for line in said[:4]] == ["3", "4", "4", "6"]
    assert "for 2026-01-01 to 2026-01-31, both included" in said[3]
    assert said[4] == "3 bills refused, 2 entered, 0 on record already"
    assert run(["bills", "list", "--json"]) == 0
    entered = json.loads(capsys.readouterr().out)["bills"]
    assert [(one["supply"], one["currency"]) for one in entered] == [("a", "VND"), ("site", "VND")]


def test_only_an_operator_enters_bills(site: Path, capsys: Capture) -> None:
    text = (site / "site.toml").read_text(encoding="utf-8")
    if "[[users]]" not in text:
        text += '\n[[users]]\nid = "operator"\nrole = "operator"\n\n[[users]]\nid = "crew"\nrole = "crew"\n'
        (site / "site.toml").write_text(text, encoding="utf-8")
    assert run(["--user", "stranger", *BILL, "1"]) == 5
    assert run(["--user", "stranger", "bills", "withdraw", "1", "--reason", "x"]) == 5
