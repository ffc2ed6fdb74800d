"""When a demonstration's circuits should be lit, and by when they must be."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from lighting.assets.folder import read_site
from lighting.assets.model import Site
from lighting.cli import demo
from lighting.cli.demo_city import demo_city_texts
from lighting.cli.demo_night import NoNight, earliest_until_ms, lit_bound_s, night_for, parse_until

MONDAY = dt.date(2026, 11, 23)
HANOI = dt.timezone(dt.timedelta(hours=7))


@pytest.fixture(scope="module")
def site() -> Site:
    site = read_site(demo_city_texts()).site
    assert site is not None
    return site


def local(at_ms: int) -> str:
    return dt.datetime.fromtimestamp(at_ms / 1000, HANOI).strftime("%d %H:%M")


def test_the_night_starts_before_sunset_and_ends_at_the_next_such_time(site: Site) -> None:
    night = night_for(site, MONDAY, parse_until("06:30"))
    assert local(night.sunset_ms) == "23 17:13"
    assert local(night.sunrise_ms) == "24 06:12"
    assert local(night.start_ms) == "23 16:53"
    assert local(night.until_ms) == "24 06:30"
    assert local(night_for(site, MONDAY, parse_until("18:00")).until_ms) == "23 18:00"
    assert local(night_for(site, MONDAY, parse_until("17:00")).until_ms) == "24 17:00"


def test_every_circuit_has_its_lighting_time_to_the_second(site: Site) -> None:
    night = night_for(site, MONDAY, parse_until("06:30"))
    assert set(night.lightings) == set(site.circuits)
    for circuit in site.circuits.values():
        lighting = night.lightings[circuit.id]
        offset_s = (lighting.at_ms - night.sunset_ms) / 1000
        wanted_s = -300 if circuit.program == "crossing" else 0
        assert wanted_s <= offset_s <= wanted_s + 2
        assert lighting.level_pct == pytest.approx(80.0 if circuit.program in ("side-street", "park-path") else 100.0)


def test_a_polar_day_has_no_night(site: Site) -> None:
    import dataclasses

    svalbard = dataclasses.replace(site, latitude_deg=78.2, longitude_deg=15.6, timezone="Europe/Oslo")
    with pytest.raises(NoNight):
        night_for(svalbard, dt.date(2026, 6, 21), 390)


def test_the_bound_is_tick_stagger_ramp_start_and_warm_up_and_nothing_else(site: Site) -> None:
    dimmed = next(c for c in site.circuits.values() if c.dimmer is not None and c.dimmer.device == "HK01-D")
    assert lit_bound_s(site, dimmed, 80.0, 10.0) == pytest.approx(10.0 + 4 * 1.0 + 80 * 0.020 + 1.0 + 5.0)
    sodium = next(c for c in site.circuits.values() if c.dimmer is None and c.cabinet == "HK05")
    assert lit_bound_s(site, sodium, 100.0, 10.0) == pytest.approx(10.0 + 4 * 1.0 + 5.0 + 600.0)
    path = next(c for c in site.circuits.values() if c.relay is None)
    assert lit_bound_s(site, path, 80.0, 10.0) == pytest.approx(10.0 + 1.0 + 5.0)


def test_no_night_may_end_before_its_last_lamps_can_be_lit_and_measured(site: Site) -> None:
    night = night_for(site, MONDAY, parse_until("17:14"))
    assert local(night.until_ms) == "23 17:14"
    earliest_ms = earliest_until_ms(site, night, 600.0)
    assert earliest_ms % 60_000 == 0
    for circuit_id, lighting in night.lightings.items():
        bound_s = lit_bound_s(site, site.circuits[circuit_id], lighting.level_pct, 600.0)
        assert lighting.at_ms + 1000 * bound_s <= earliest_ms
    assert "23 17:30" < local(earliest_ms) < "23 18:00"
    assert earliest_until_ms(site, night, 1.0) < earliest_ms


def test_a_headless_night_that_would_end_too_early_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def never(*_: object, **__: object) -> int:
        raise AssertionError("it began")

    monkeypatch.setattr(demo, "_show", never)
    monkeypatch.setattr(demo, "SystemClock", _Noon)
    code = demo.run_demo(
        tmp_path / "city", headless=True, speed=None, until="17:14", seed=0, json_output=False, like=None
    )
    assert code == 2
    assert "Give 17:3" in capsys.readouterr().err


class _Noon:
    """Noon of that Monday in Hà Nội."""

    def now_ms(self) -> int:
        return round(dt.datetime(2026, 11, 23, 12, 0, tzinfo=HANOI).timestamp() * 1000)


@pytest.mark.parametrize("text", ["6.30", "25:00", "tomorrow", ""])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="does not match"):
        parse_until(text)
