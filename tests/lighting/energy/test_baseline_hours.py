"""When the baseline's lamps are lit: by the clear sky, at any latitude, by the log where there is one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lighting.assets.baseline import Baseline, LitSpan, SwitchingPoint
from lighting.energy.baseline_hours import DAY_MS, HOUR_MS, baseline_spans, lit_ms_between, switching_elevations
from lighting.energy.sky_light import clear_sky_lx, elevation_of_lx
from lighting.energy.slots import day_start_ms
from lighting.schedule.sun import elevation_deg, events

HANOI = (21.0285, 105.8542)


def ms(*when: int) -> int:
    return round(datetime(*when, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc]


def at_elevations(on_deg: float, off_deg: float) -> Baseline:
    return Baseline(SwitchingPoint(None, None, on_deg, off_deg))


YEAR = (ms(2026, 1, 1), ms(2027, 1, 1))


def hours(baseline: Baseline, place: tuple[float, float], span: tuple[int, int] = YEAR) -> float:
    spans = baseline_spans(baseline, *place, *span)
    return float((spans[:, 1] - spans[:, 0]).sum()) / HOUR_MS


def test_the_clear_sky_at_sunset_and_at_the_end_of_civil_twilight() -> None:
    """Glossary of Meteorology: 410 to 585 lx at sunset, 2 to 3.5 lx at the end of civil twilight."""
    assert 410 < clear_sky_lx(-0.833) < 585
    assert 2 < clear_sky_lx(-6.0) < 3.5


@given(st.floats(1.0, 400.0))
def test_the_way_back_gives_the_illuminance(illuminance_lx: float) -> None:
    assert float(clear_sky_lx(elevation_of_lx(illuminance_lx))) == pytest.approx(illuminance_lx, rel=0.01)


@pytest.mark.parametrize("wrong", [0.5, 401.0, float("nan")])
def test_other_illuminances_are_of_no_photocell(wrong: float) -> None:
    with pytest.raises(ValueError, match="illuminance"):
        elevation_of_lx(wrong)


def test_a_photocell_burns_less_than_from_sunset_to_sunrise() -> None:
    """Sunset to sunrise is 4,326.6 h in Hanoi in 2026; a cell of 35/70 lx has some 145 h less."""
    assert hours(at_elevations(-5 / 6, -5 / 6), HANOI) == pytest.approx(4326.6, abs=0.3)
    on_deg, off_deg = switching_elevations(SwitchingPoint())
    assert (round(on_deg, 2), round(off_deg, 2)) == (-3.84, -3.13)
    assert hours(Baseline(), HANOI) == pytest.approx(4181.3, abs=0.1)


def test_a_cell_that_switches_off_darker_than_on_burns_less_still() -> None:
    negative = Baseline(SwitchingPoint(70.0, 35.0))
    assert hours(negative, HANOI) == pytest.approx(hours(Baseline(), HANOI), abs=1.0)
    assert hours(Baseline(SwitchingPoint(70.0, 20.0)), HANOI) < hours(Baseline(SwitchingPoint(70.0, 70.0)), HANOI)


def test_a_night_that_never_gets_as_dark_as_the_lower_threshold_ends_at_the_upper() -> None:
    """Helsinki in midsummer: the sun goes down to -6.4°; a cell that would go off at -9° goes off where it went on."""
    helsinki, june = (60.17, 24.94), (ms(2026, 6, 20, 12), ms(2026, 6, 21, 12))
    (span,) = baseline_spans(at_elevations(-3.0, -9.0), *helsinki, *june)
    assert elevation_deg(span, *helsinki) == pytest.approx([-3.0, -3.0], abs=0.01)


@pytest.mark.parametrize(
    ("when", "lit"), [((2026, 12, 21), True), ((2026, 6, 21), False)], ids=["polar night", "polar day"]
)
def test_a_polar_night_is_lit_through_and_a_polar_day_is_not(when: tuple[int, int, int], lit: bool) -> None:
    from_ms = ms(*when)
    spans = baseline_spans(Baseline(), 80.0, 15.0, from_ms, from_ms + 3 * DAY_MS)
    assert spans.tolist() == ([[from_ms, from_ms + 3 * DAY_MS]] if lit else [])


@settings(max_examples=60)
@given(
    latitude=st.floats(-90, 90),
    longitude=st.floats(-180, 180),
    day=st.integers(0, 364),
    days=st.integers(1, 12),
    on_deg=st.floats(-8, -0.9),
    off_deg=st.floats(-8, -0.9),
)
def test_the_lamps_are_lit_when_it_is_darker_than_both_thresholds_and_never_when_lighter(
    latitude: float, longitude: float, day: int, days: int, on_deg: float, off_deg: float
) -> None:
    from_ms = ms(2026, 1, 1) + day * DAY_MS
    until_ms = from_ms + days * DAY_MS
    spans = baseline_spans(at_elevations(on_deg, off_deg), latitude, longitude, from_ms, until_ms)
    assert (spans[:, 1] > spans[:, 0]).all()
    assert (spans[1:, 0] > spans[:-1, 1]).all()
    at_ms = np.arange(from_ms, until_ms, 1_200_000)
    index = np.searchsorted(spans[:, 0], at_ms, side="right") - 1
    lit = (index >= 0) & (at_ms < spans[np.maximum(index, 0), 1]) if len(spans) else np.zeros(len(at_ms), bool)
    elevation = elevation_deg(at_ms, latitude, longitude)
    margin = 0.01
    assert not lit[elevation > max(on_deg, off_deg) + margin].any()
    if off_deg >= on_deg:
        assert lit[elevation < on_deg - margin].all()
    else:  # it goes off in the dark of the morning, on in the evening as soon as the light falls
        falling = elevation_deg(at_ms + 60_000, latitude, longitude) < elevation
        darker = (elevation < on_deg - margin) & falling & (abs(latitude) < 60)
        assert lit[darker].all()


@settings(max_examples=40)
@given(latitude=st.floats(-90, 90), day=st.integers(0, 364), cut=st.floats(0.01, 0.99))
def test_a_span_in_two_parts_is_the_span(latitude: float, day: int, cut: float) -> None:
    from_ms = ms(2026, 1, 1) + day * DAY_MS
    until_ms, middle_ms = from_ms + 5 * DAY_MS, from_ms + round(cut * 5 * DAY_MS)
    whole = baseline_spans(Baseline(), latitude, 20.0, from_ms, until_ms)
    parts = [
        baseline_spans(Baseline(), latitude, 20.0, *pair) for pair in ((from_ms, middle_ms), (middle_ms, until_ms))
    ]
    assert sum(int(np.diff(one).sum()) for one in parts) == pytest.approx(int(np.diff(whole).sum()), abs=200)


@pytest.mark.parametrize("timezone", ["Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe"])
def test_local_days_share_the_lit_time_without_gap_or_overlap_through_clock_changes(timezone: str) -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(366)]
    edges = np.array([day_start_ms(day, timezone) for day in days], dtype=np.int64)
    spans = baseline_spans(Baseline(), 52.5, 13.4, int(edges[0]), int(edges[-1]))
    by_day = lit_ms_between(spans, edges)
    assert by_day.sum() == np.diff(spans).sum()
    assert (by_day >= 0).all()
    assert (by_day < 17.5 * HOUR_MS).all()
    one = lit_ms_between(spans, np.array([spans[3, 0] + 5, spans[3, 1] - 7], dtype=np.int64))
    assert one.tolist() == [int(np.diff(spans[3])[0]) - 12]


def test_no_time_holds_no_light() -> None:
    assert baseline_spans(Baseline(), *HANOI, YEAR[0], YEAR[0]).shape == (0, 2)
    assert lit_ms_between(np.empty((0, 2), np.int64), np.array([0, 5])).tolist() == [0]


def logged(first: int, nights: int, skip: range = range(0)) -> Baseline:
    starts = np.array([first + n * DAY_MS for n in range(nights)])
    found = events(starts, starts + DAY_MS, *HANOI, (-4.5, -2.0))
    on, off = found.down_ms[0, :, 0, 0], found.up_ms[0, :, 1, 0]
    log = [LitSpan(int(a), int(b)) for n, (a, b) in enumerate(zip(on, off, strict=True)) if n not in skip]
    return Baseline(SwitchingPoint(None, None, is_logged=True), logged=tuple(log))


def test_logged_hours_count_where_they_reach_and_their_switching_point_elsewhere() -> None:
    """The log begins at 05:00 UTC, noon in Hanoi, and reaches from 1 to 20 March without the 10th to 12th."""
    baseline = logged(ms(2026, 3, 1, 5), 20, range(9, 12))
    on_deg, off_deg = switching_elevations(baseline.switching, baseline.logged, HANOI)
    assert (on_deg, off_deg) == pytest.approx((-4.5, -2.0), abs=0.001)
    spans = baseline_spans(baseline, *HANOI, ms(2026, 2, 20, 5), ms(2026, 4, 1, 5))
    assert len(spans) == 40
    assert {(one.on_ms, one.off_ms) for one in baseline.logged} <= {(int(a), int(b)) for a, b in spans}
    assert hours(baseline, HANOI) == pytest.approx(hours(at_elevations(-4.5, -2.0), HANOI), abs=0.1)


def test_a_logged_night_without_light_stays_dark() -> None:
    log = (LitSpan(ms(2026, 3, 1, 11), ms(2026, 3, 1, 23)), LitSpan(ms(2026, 3, 2, 11), ms(2026, 3, 2, 12)))
    baseline = Baseline(SwitchingPoint(None, None, is_logged=True), logged=log)
    spans = baseline_spans(baseline, *HANOI, ms(2026, 3, 1, 12), ms(2026, 3, 2, 12))
    assert spans.tolist() == [[ms(2026, 3, 1, 12), ms(2026, 3, 1, 23)], [ms(2026, 3, 2, 11), ms(2026, 3, 2, 12)]]
