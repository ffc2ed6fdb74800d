"""``lighting meter``: a replacement is told once, with its figures, and energy stays right."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from lighting.cli.entry import run
from lighting.energy.counters import CounterFacts, series_energy
from lighting.energy.rollup import SeriesFacts
from lighting.store.records import Quality, Reading
from tests.lighting.cli.the_site import make_site, store_of

Ask = Callable[..., tuple[int, str, str]]
AT = "2026-03-02T10:15+00:00"
AT_MS = round(datetime(2026, 3, 2, 10, 15, tzinfo=UTC).timestamp() * 1000)
KWH = 3_600_000
HOUR = 3_600_000


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return make_site(tmp_path / "city")


@pytest.fixture
def ask(site: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    def asked(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["-s", str(site), "meter", *words])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return asked


def replace(ask: Ask, *more: str, device: str = "CB02-M", at: str = AT, serial: str = "SN-2") -> tuple[int, str, str]:
    return ask("replace", device, "--at", at, "--serial", serial, "--reason", "display dead", *more)


def test_a_replacement_with_both_figures_leaves_no_energy_unknown(site: Path, ask: Ask) -> None:
    with store_of(site) as store:
        key = store.keys.ensure("meter", ["CB02-M:total"], at_ms=0)["CB02-M:total"]
        store.readings.append(
            [
                Reading(AT_MS - HOUR // 4, key, energy_ws=8_112 * KWH),
                Reading(AT_MS + HOUR, key, energy_ws=3 * KWH),
            ]
        )
    code, out, _ = replace(ask, "--closing", "8112.5", "--opening", "2.25", "--json")
    assert code == 0
    assert json.loads(out)["unknown_channels"] == []
    with store_of(site) as store:
        found = store.readings.of_series(key, 0, AT_MS + HOUR)
        assert store.keys.meters_replaced() == [(key, AT_MS)]
        entry = store.history.audit(limit=1)[0]
    assert (entry.act, entry.by, entry.subject) == ("meter_replace", "operator", "CB02-M")
    assert entry.values["closing_ws_total"] == round(8112.5 * KWH)
    assert [reading.quality for reading in found] == [0, Quality.ENTERED, Quality.ENTERED, 0]
    nothing = np.full(4, np.nan)
    energy = series_energy(
        [one.at_ms for one in found],
        [one.energy_ws or 0 for one in found],
        nothing,
        [one.quality for one in found],
        nothing,
        nothing,
        [AT_MS - HOUR // 4, AT_MS + HOUR],
        CounterFacts(),
        [AT_MS],
    )
    assert energy.energy_ws.tolist() == [round(0.5 * KWH) + round(0.75 * KWH)]
    assert energy.unknown_ms.tolist() == [0]


def test_without_figures_it_says_what_stays_unknown(site: Path, ask: Ask) -> None:
    code, out, err = replace(ask)
    assert code == 0
    assert "stays unknown on total" in out + err
    code, out, _ = ask("list", "--json")
    rows = {row["device"]: row for row in json.loads(out)["meters"]}
    assert rows["CB02-M"]["mounted"] == [{"serial_number": "SN-2", "from_ms": AT_MS, "until_ms": None}]
    assert rows["CB01-M"]["mounted"] == []
    code, out, _ = ask("list")
    assert "SN-2" in out


def test_a_replacement_told_late_makes_what_was_rolled_up_again(site: Path, ask: Ask) -> None:
    # The other meter shows a little more than the one before: nothing but what a person tells shows that it is another.
    facts: dict[int, SeriesFacts] = {}
    with store_of(site) as store:
        key = store.keys.ensure("meter", ["CB02-M:total"], at_ms=0)["CB02-M:total"]
        store.readings.append(
            [
                Reading(AT_MS + minute * 60_000, key, energy_ws=80 * KWH + minute * 1000 + (9000 if minute >= 0 else 0))
                for minute in range(-120, 121, 5)
            ]
        )
        store.rollups.roll(AT_MS + 4 * HOUR, "UTC", facts)
        rolled = store.rollups.hours([key], AT_MS - HOUR, AT_MS + HOUR)
        assert rolled.known_ms.tolist() == [HOUR, HOUR]
    assert replace(ask)[0] == 0
    with store_of(site) as store:
        facts = {key: SeriesFacts(replaced_ms=tuple(at for of, at in store.keys.meters_replaced() if of == key))}
        store.rollups.roll(AT_MS + 4 * HOUR, "UTC", facts)
        rolled = store.rollups.hours([key], AT_MS - HOUR, AT_MS + HOUR)
    assert rolled.known_ms.tolist() == [HOUR - 300_000, HOUR]


def test_a_closing_figure_that_was_rounded_down_is_no_fall_of_the_counter(site: Path, ask: Ask) -> None:
    with store_of(site) as store:
        key = store.keys.ensure("meter", ["CB02-M:total"], at_ms=0)["CB02-M:total"]
        store.readings.append([Reading(AT_MS - 60_000, key, energy_ws=round(8112.7 * KWH))])
    code, out, _ = replace(ask, "--closing", "8112", "--json")
    assert json.loads(out)["closing_ws"] == {"total": round(8112.7 * KWH)}
    code, _, err = replace(ask, "--closing", "8100", at="2026-03-02T10:16+00:00", serial="SN-3")
    assert code == 2
    assert "8100" in err


@pytest.mark.parametrize(
    ("more", "changed", "code", "says"),
    [
        ((), {"device": "CB02-X"}, 3, "CB02-M"),
        ((), {"device": "NOPE"}, 3, "no device NOPE (the site has 6)"),
        ((), {"device": "CB01-D"}, 2, "meter of no circuit"),
        ((), {"at": "2199-01-01T00:00"}, 2, "future"),
        ((), {"at": "yesterday"}, 2, "no time"),
        ((), {"serial": " "}, 2, "--serial"),
        (("--closing", "many"), {}, 2, "no figure in kWh"),
        (("--closing", "-1"), {}, 2, "no figure in kWh"),
        (("--closing", "1", "--closing", "2"), {}, 2, "two figures"),
        (("--opening", "L7=1"), {}, 3, "L7"),
        (("--opening", "1"), {"device": "CB01-M"}, 2, "L1=123.4"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(
    ask: Ask, site: Path, more: tuple[str, ...], changed: dict[str, str], code: int, says: str
) -> None:
    found, _, err = replace(ask, *more, **changed)
    assert (found, says in err) == (code, True), err
    with store_of(site) as store:
        assert store.keys.meters_replaced() == []


def test_not_before_the_former_replacement_nor_the_same_meter_again(ask: Ask) -> None:
    assert replace(ask)[0] == 0
    code, _, err = replace(ask, at="2026-03-02T10:14+00:00", serial="SN-3")
    assert (code, "SN-2" in err) == (5, True)
    code, _, err = replace(ask, at="2026-03-03T10:14+00:00")
    assert (code, "already" in err) == (2, True)


def test_a_reason_and_the_right_are_needed(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask("replace", "CB02-M", "--at", AT, "--serial", "SN-2")[0] == 2
    monkeypatch.setenv("LIGHTING_USER", "nobody-listed")
    assert replace(ask)[0] == 5
