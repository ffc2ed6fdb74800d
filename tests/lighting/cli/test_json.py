"""The documents of ``--json`` are contracts: what a golden file holds must stay, with its type. Only additions pass.

``LIGHTING_REWRITE_GOLDEN=1`` writes the golden files anew, for a schema that is new or has grown.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lighting.assets.folder import folder_texts
from lighting.assets.template import template_texts
from lighting.cli.entry import run
from tests.lighting.cli.the_site import live_now, make_site, store_of, weeks_of_counts, with_traffic

GOLDEN = Path(__file__).parent / "golden"
PAGE = Path(__file__).resolve().parents[3] / "docs" / "json.md"
COMMANDS = {
    "status": ["status"],
    "plan": ["plan", "--night", "2026-11-23"],
    "calendar": ["calendar", "--from", "2026-11-23"],
    "whatif": ["whatif", "--from", "2026-11-23", "--to", "2026-11-24", "--program", "main-road=full-night"],
    "baseline": ["baseline"],
    "why": ["why", "C-0101"],
    "instructions": ["instructions"],
    "revisions": ["revisions"],
    "sun": ["sun", "--date", "2026-11-23"],
    "check": ["check"],
    "apply": ["apply"],
    "diff": ["diff"],
    "revision": ["revisions", "show", "2"],
    "rollback": ["rollback", "1", "--dry-run"],
    "profiles": ["profiles", "wb-mao4"],
    "profile": ["profiles", "show", "wb-mao4"],
    "profile_check": ["profiles", "check", "wrong.toml"],
    "traffic": ["traffic", "show"],
    "traffic_push": ["traffic", "push", "MARKET", "57"],
    "traffic_import": ["traffic", "import", "counts.csv", "--format", "csv"],
    "traffic_week": ["traffic", "week", "MARKET"],
    "receipt": ["set", "C-0101", "100", "--reason", "x", "--no-wait"],
}


def shape(value: Any) -> Any:
    """The types of a document: objects by their keys, lists by their first element, numbers alike."""
    if isinstance(value, dict):  # the values of a reason belong to its code, not to the document
        return {key: "object" if key == "values" else shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, bool) or value is None:
        return "null" if value is None else "boolean"
    return "number" if isinstance(value, (int, float)) else "text"


def lost(golden: Any, actual: Any, place: str = "") -> list[str]:
    """The places where a document no longer keeps what the golden file holds."""
    if isinstance(golden, dict) and isinstance(actual, dict):
        missing = [f"{place}/{key} is gone" for key in golden if key not in actual]
        return missing + [
            line for key in golden if key in actual for line in lost(golden[key], actual[key], f"{place}/{key}")
        ]
    if isinstance(golden, list) and isinstance(actual, list):
        return lost(golden[0], actual[0], f"{place}[]") if golden and actual else []
    if "null" in (golden, actual) or golden == actual:
        return []
    return [f"{place} was {golden}, is {actual}"]


@pytest.fixture
def document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Any]:
    """The document of a command on a site that lives: a revision, a lockout, a controller's beat, an alarm."""
    site = make_site(tmp_path / "city")
    with_traffic(site)
    run(["-s", str(site), "apply", "--note", "first"])
    run(["-s", str(site), "lock", "C-0201", "--until", "2h", "--reason", "lamp", "--no-wait"])
    with store_of(site) as store:
        live_now(store)
    (site / "districts.csv").write_text("id,name\ncentre,Centre\nlakeside,Lakeside\n", encoding="utf-8")
    buses = (site / "buses.csv").read_text(encoding="utf-8")
    (site / "buses.csv").write_text(buses.replace("tcp://127.0.0.1", "tcp://8.8.8.8", 1), encoding="utf-8")

    second = {**folder_texts(site), "programs.toml": template_texts()["programs.toml"].replace("= 80 }", "= 70 }")}
    with store_of(site) as store:
        store.revisions.add(second, at_ms=1, by="an", note="second")
    (site / "wrong.toml").write_text("schema_version = 1\n", encoding="utf-8")
    monkeypatch.chdir(site)

    def ask(name: str) -> Any:
        if name.startswith("traffic"):
            (site / "counts.csv").write_text(weeks_of_counts("MARKET", 6) + "MARKET,never,never,1\n", encoding="utf-8")
            run(["-s", str(site), "traffic", "import", "counts.csv", "--format", "csv"])
            run(["-s", str(site), "traffic", "push", "MARKET", "57", "--from", "40m", "--until", "30m"])
        capsys.readouterr()
        assert run(["-s", str(site), *COMMANDS[name], "--json"]) in (0, 2, 4)
        return json.loads(capsys.readouterr().out)

    return ask


@pytest.mark.parametrize("name", COMMANDS)
def test_a_document_keeps_all_that_was_promised(name: str, document: Callable[[str], Any]) -> None:
    actual = document(name)
    assert actual["schema"] == f"lighting.{name}/1"
    file = GOLDEN / f"{name}.json"
    if os.environ.get("LIGHTING_REWRITE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(shape(actual), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert lost(json.loads(file.read_text(encoding="utf-8")), shape(actual)) == []


def test_a_field_that_goes_or_changes_its_type_is_noticed() -> None:
    golden = {"a": "number", "b": [{"c": "text"}], "d": "null"}
    assert lost(golden, {"a": "number", "b": [{"c": "text", "new": "text"}], "d": "text", "new": "number"}) == []
    assert lost(golden, {"a": "text", "b": [{}], "d": "null"}) == ["/a was number, is text", "/b[]/c is gone"]


def test_unknown_is_null_and_never_zero(document: Callable[[str], Any]) -> None:
    status = document("status")
    assert status["districts"][1]["power_w"] is None


def field_names(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*(field_names(one) for one in value.values()))
    return set().union(*(field_names(one) for one in value)) if isinstance(value, list) else set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_field_is_documented(name: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    golden = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    assert f"lighting.{name}/1" in page
    assert sorted(one for one in field_names(golden) if f"`{one}`" not in page) == []
