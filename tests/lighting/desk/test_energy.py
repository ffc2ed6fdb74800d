"""The energy report from accounts whose truth is known: sums are exact, and what is not known is said."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine, make_url, text

from lighting.assets.baseline import Adjustment, Baseline, Reference, ReferencePeriod
from lighting.assets.model import CarbonFactor, Site, Tariff, TariffPeriod
from lighting.assets.tariff import FixedCharge, TariffVersion, Tier
from lighting.desk.desk import Desk
from lighting.desk.energy_answers import EnergyReport, Worth
from lighting.desk.energy_ledger import shared_along
from lighting.desk.energy_notes import notes_on_bills
from lighting.desk.energy_prices import shared_by
from lighting.desk.refusal import NotFound, WrongUsage
from lighting.energy.slots import day_start_ms
from lighting.energy.uncertainty import is_shown
from lighting.store.records import BillDraft
from lighting.store.store import Store, open_store
from lighting.wording.speech import say
from tests.lighting.desk.conftest import StandingClock, local_ms
from tests.lighting.desk.energy_store import POWER_W, Filled, Subject, figures, fill

DAY = timedelta(days=1)
FIRST, LAST = date(2026, 10, 20), date(2026, 11, 22)
CO2 = CarbonFactor(681.3, "a table", 2024)
BERLIN = "Europe/Berlin"
AskedDesk = Callable[..., Desk]


def subjects(site: Site) -> tuple[Subject, ...]:
    """The circuits of the example site, of three kinds, and a permanent load."""
    kinds = ("metered", "apportioned", "modelled", "unmetered")
    found = [
        Subject(one.id, one.district, n + 1, kinds[n], one.lamp_count) for n, one in enumerate(site.circuits.values())
    ]
    return (*found, Subject("CB01-M:L1/Controller and heater", "centre", 1, lamps=0, asset_kind="load"))


@pytest.fixture
def servers_store(request: pytest.FixtureRequest) -> Iterator[Store]:
    server = make_url(request.getfixturevalue("postgresql_url"))
    name = f"lighting_{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    url = server.update_query_dict({"options": f"-csearch_path={name}"}).render_as_string(hide_password=False)
    with open_store(url) as opened:
        yield opened
    with engine.connect() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


def desk_on(folder: Path, store: Store, *, now: str = "2026-11-23T20:00", **changes: object) -> Desk:
    """A desk on that store, of the example site with these fields of its own."""
    found = Desk(folder, user_id="operator", store=store, clock=StandingClock(local_ms(now)))
    found.site = replace(found.site, **{"tariff": replace(found.site.tariff, co2=CO2), **changes})  # type: ignore[arg-type, type-var]
    return found


def filled(desk: Desk, first: date = FIRST, last: date = LAST, **how: object) -> Filled:
    return fill(desk.store, subjects(desk.site), first, last, desk.site.timezone, **how)  # type: ignore[arg-type]


def parts_of(worth: Worth) -> tuple[int | None, ...]:
    return (worth.energy_ws, worth.money_e4, worth.co2_g)


def summed(worths: Sequence[Worth]) -> tuple[int | None, ...]:
    """The three sums; None where one is not known."""
    columns = zip(*(parts_of(one) for one in worths), strict=True)
    return tuple(None if None in column else sum(column) for column in columns)


def check_sums(report: EnergyReport) -> None:
    """What holds of every report, whatever the tariff: the parts are the whole."""
    total = report.total
    assert summed([one.saved for one in report.causes]) == parts_of(total.saved)
    for name in ("used", "baseline", "saved"):
        whole = parts_of(getattr(total, name))
        for lines in (report.months, report.days, report.places):
            assert summed([getattr(one, name) for one in lines]) == whole
    assert summed([total.used, total.saved]) == parts_of(total.baseline)
    for place in report.places:
        assert not place.causes or summed([one.saved for one in place.causes]) == parts_of(place.saved)
    mine = next(one for one in report.baselines if one.code == report.baseline_code)
    assert (mine.baseline, mine.used, mine.saved) == (total.baseline, total.used, total.saved)


TARIFFS = {
    "flat": Tariff("EUR", 0.27, co2=CO2),
    "by time": Tariff("VND", 2000.0, (TariffPeriod(3500.0, (), 1050, 1350), TariffPeriod(1300.0, (), 1350, 360)), CO2),
    "tiers, fixed and taxed by the kWh": Tariff(
        "USD",
        co2=CO2,
        versions=(
            TariffVersion(
                tiers=(Tier(0.1, 500.0), Tier(0.2)), fixed=(FixedCharge(9.0, "month"),), valid_to="2026-10-31"
            ),
            TariffVersion(0.31, valid_from="2026-11-01"),
        ),
    ),
    "without CO2": Tariff("JPY", 27.0),
}


@pytest.mark.parametrize("tariff", TARIFFS)
def test_the_parts_of_every_sum_are_the_whole(folder: Path, store: Store, tariff: str) -> None:
    desk = desk_on(folder, store, tariff=TARIFFS[tariff])
    truth = filled(desk)
    report = desk.energy_report(FIRST, LAST)
    check_sums(report)
    assert report.total.used.energy_ws == truth.total("metered_ws")
    assert report.total.baseline.energy_ws == truth.total("full_ws")
    for place in report.places:
        assert place.used.energy_ws == truth.total("metered_ws", district=place.id)
    assert report.total.used.money_e4 is not None
    assert (report.total.used.co2_g is None) == (tariff == "without CO2")
    of_circuits = summed([one.used for one in report.circuits])
    assert of_circuits[0] == report.total.used.energy_ws
    assert of_circuits == parts_of(report.total.used)


def test_each_cause_is_the_difference_of_its_two_worlds(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store)
    filled(desk)
    report = desk.energy_report(FIRST, LAST)
    lit_s = len(report.days) * 12 * 3600
    factors = sum(one.factor for one in subjects(desk.site))
    found = {line.code: line.saved.energy_ws for line in report.causes}
    assert found["scheduled_dimming"] == (POWER_W["switched"] - POWER_W["scheduled"]) * factors * lit_s
    assert found["day_burners"] == (POWER_W["asked"] - POWER_W["burning"]) * factors * lit_s
    assert found["day_burners"] < 0
    assert "retrofit" not in found


def test_the_lamps_before_have_the_retrofit_first(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store)
    truth = filled(desk)
    report = desk.energy_report(FIRST, LAST, baseline="lamps_before")
    check_sums(report)
    assert report.causes[0].code == "retrofit"
    assert report.total.baseline.energy_ws == truth.total("legacy_ws")


def test_money_of_a_flat_tariff_is_energy_times_its_price(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store, tariff=TARIFFS["flat"])
    filled(desk)
    for line in desk.energy_report(FIRST, LAST).days:
        assert line.used.money_e4 == pytest.approx(line.used.energy_ws / 3_600_000 * 27 * 10_000, abs=2)
        assert line.used.co2_g == pytest.approx(line.used.energy_ws / 3_600_000 * 681.3, abs=2)


def test_a_district_alone_is_its_line_of_the_whole(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store)
    truth = filled(desk)
    whole = {place.id: place for place in desk.energy_report(FIRST, LAST).places}
    alone = desk.energy_report(FIRST, LAST, ("Lakeside",))
    check_sums(alone)
    assert alone.districts == ("lakeside",)
    assert [one.id for one in alone.circuits] == ["C-0201"]
    assert alone.total.used == whole["lakeside"].used
    assert alone.coverage.unmetered_ws == truth.total("metered_ws", district="lakeside")
    assert "energy_of_districts" in {note.code for note in alone.notes}


def test_kinds_and_shares_of_what_is_known(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store)
    cast = [replace(one, unknown_share=0.5 if one.id == "C-0201" else 0.0) for one in subjects(desk.site)]
    fill(store, cast, FIRST, LAST, desk.site.timezone)
    report = desk.energy_report(FIRST, LAST)
    assert report.coverage.unknown_share == pytest.approx(0.5 / 5)
    assert report.coverage.known_share == pytest.approx(1 - 0.5 / 5)
    assert {one.id: one.kind for one in report.circuits}["C-0103"] == "modelled"
    assert {one.id: one.known_share for one in report.circuits}["C-0201"] == 0.5
    by_kind = (
        report.coverage.metered_ws,
        report.coverage.apportioned_ws,
        report.coverage.modelled_ws,
        report.coverage.unmetered_ws,
    )
    assert sum(by_kind) == report.total.used.energy_ws
    assert min(by_kind) > 0
    assert "energy_unknown_left_out" in {note.code for note in report.notes}


@pytest.mark.parametrize(
    ("first", "last", "hours"),
    [
        (date(2026, 3, 29), date(2026, 3, 29), 23),
        (date(2026, 10, 25), date(2026, 10, 25), 25),
        (date(2026, 3, 28), date(2026, 3, 30), 71),
    ],
)
def test_hours_of_a_clock_change_are_there_once_each(
    folder: Path, store: Store, first: date, last: date, hours: int
) -> None:
    desk = desk_on(folder, store, timezone=BERLIN)
    truth = fill(store, subjects(desk.site), first, last, BERLIN)
    report = desk.energy_report(first, last)
    check_sums(report)
    assert report.total.used.energy_ws == truth.total("metered_ws")
    known_ms = truth.total("known_ms")
    assert known_ms == hours * 3_600_000 * len(subjects(desk.site))
    never = [hour for hour, w in zip(report.load_profile.hours, report.load_profile.used_w, strict=True) if w is None]
    assert never == ([2] if hours == 23 else [])
    assert len(report.load_duration_w) == hours


def test_a_night_runs_from_noon_to_noon(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store)
    filled(desk)
    night = desk.energy_of_night(date(2026, 11, 10))
    check_sums(night)
    factors = sum(one.factor for one in subjects(desk.site))
    assert night.total.used.energy_ws == factors * 3600 * 12 * (POWER_W["metered"] + 5)
    assert (night.from_day, night.to_day, night.circuits) == ("2026-11-10", "2026-11-11", ())


def test_nothing_there_is_no_figure_but_a_note(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store)
    report = desk.energy_report(FIRST, LAST)
    assert report.coverage.days_without_account == report.coverage.days == 34
    for lines in (report.baselines, report.days, report.months, report.circuits, report.load_duration_w):
        assert len(lines) == 0
    assert report.indicators.peak_w is None
    assert set(report.load_profile.used_w) == {None}
    assert report.notes[0].code == "energy_days_without_account"
    assert desk.energy_days() is None


def test_without_a_store_and_without_a_tariff(folder: Path) -> None:
    with Desk(folder, user_id="operator", clock=StandingClock(local_ms("2026-11-23T20:00"))) as desk:
        desk.site = replace(desk.site, tariff=None)
        report = desk.energy_report(FIRST, LAST)
    assert report.total.used == Worth(0, None, None)
    assert {note.code for note in report.notes} == {"energy_days_without_account", "energy_no_tariff"}


def test_one_circuit_alone(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store)
    fill(store, subjects(desk.site)[:1], FIRST, FIRST, desk.site.timezone)
    report = desk.energy_report(FIRST, FIRST)
    check_sums(report)
    (line,) = report.circuits
    assert (line.used, line.baseline, line.saved) == (report.total.used, report.total.baseline, report.total.saved)
    assert report.worst == (line,)


def test_days_that_lack_an_account_or_are_to_be_made_again_are_named(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store)
    filled(desk, leave_out=[date(2026, 10, 22)], dirty=[LAST], basis=lambda day: ("x" if day.month == 10 else "y") * 64)
    report = desk.energy_report(FIRST, LAST)
    notes = {note.code: note.values for note in report.notes}
    assert notes["energy_days_without_account"]["from_date"] == "2026-10-22"
    assert notes["energy_days_dirty"]["days"] == 1
    assert notes["energy_basis_changed"]["bases"] == 2
    assert report.basis_hash not in ("x" * 64, "y" * 64, "")
    assert "2026-10-22" not in {line.from_day for line in report.days}
    check_sums(report)


def test_a_saving_within_its_error_is_not_shown(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store)

    def nearly_full(*slot: object) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        found = figures(*slot)  # type: ignore[arg-type]
        found[2:12] = found[1] * 99 // 100
        return found

    filled(desk, figures_of=nearly_full)
    report = desk.energy_report(FIRST, LAST)
    (same, before) = report.baselines
    assert 0 < same.saved.energy_ws < 2 * same.se_ws
    assert is_shown(-2.0, 1.0), "a loss beyond its error is no chance"
    assert not is_shown(-1.9, 1.0)
    assert not same.is_shown
    assert before.is_shown
    assert same.within_ws == pytest.approx(1.645 * same.se_ws, rel=0.01)


def test_an_adjustment_that_somebody_signed_is_a_line_of_its_own(folder: Path, store: Store) -> None:
    signed = Adjustment("2026-11-01", "A. Auditor", "lamps moved", kwh=-10.0)
    desk = desk_on(folder, store, baseline=Baseline(adjustments=(signed,)))
    truth = filled(desk)
    report = desk.energy_report(FIRST, LAST)
    check_sums(report)
    assert report.causes[0].code == "adjustments"
    assert report.causes[0].saved.energy_ws == -10 * 3_600_000
    assert report.total.baseline.energy_ws == truth.total("full_ws") - 10 * 3_600_000


def test_a_metered_reference_stands_before_the_model(folder: Path, store: Store) -> None:
    reference = Reference((ReferencePeriod("2025-10-20", "2025-11-22", 9000.0, lamps=68),), 4.0)
    desk = desk_on(folder, store, baseline=Baseline(reference=reference))
    filled(desk)
    report = desk.energy_report(FIRST, LAST, baseline="metered_reference")
    check_sums(report)
    assert report.causes[0].code == "reference_difference"
    assert next(one for one in report.baselines if one.code == "metered_reference").option == "C"
    with pytest.raises(NotFound) as refused:
        desk_on(folder, store).energy_report(FIRST, LAST, baseline="metered_reference")
    assert refused.value.fact.code == "energy_baseline_without_reference"


def test_tan_phi_is_told_by_tariff_period(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store)
    filled(desk, reactive_share=-0.35)
    report = desk.energy_report(FIRST, LAST)
    assert {line.period for line in report.reactive} == {"evening peak", "night", ""}
    assert sum(line.energy_ws for line in report.reactive) == report.total.used.energy_ws
    assert all(line.tan_phi == pytest.approx(-0.35, abs=1e-3) for line in report.reactive)


def test_bills_stand_beside_the_meters(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store, tariff=TARIFFS["flat"])
    truth = filled(desk)
    days = [date(2026, 11, 1) + n * DAY for n in range(20)]
    used_ws = truth.total("metered_ws", days=days)
    money_e4 = round(used_ws / 3_600_000 * 27 * 10_000)
    drafts = [
        BillDraft("site", "1", "2026-11-01", "2026-11-21", used_ws, money_e4, "EUR"),
        BillDraft("site", "2", "2026-11-21", "2026-11-23", used_ws, money_e4, "EUR"),
        BillDraft("elsewhere", "3", "2026-11-01", "2026-11-21", 5, 5, "EUR"),
        BillDraft("site", "4", "2026-09-01", "2026-10-01", 5, 5, "EUR"),
    ]
    store.bills.add(drafts, by="operator", at_ms=0)
    lines = {line.number: line for line in desk.energy_report(FIRST, LAST).bills}
    assert list(lines) == ["3", "1", "2"]
    assert (lines["1"].metered_ws, lines["1"].reckoned_e4, lines["1"].is_agreed) == (used_ws, money_e4, True)
    assert lines["2"].is_agreed is False
    (note,) = notes_on_bills(list(lines.values()), "USD")
    assert note.values == {"currencies": "EUR", "currency": "USD"}
    assert notes_on_bills(list(lines.values()), "EUR") == []
    assert (lines["3"].metered_ws, lines["3"].is_agreed) == (None, None)


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (LAST, FIRST, "energy_ends_before"),
        (FIRST, date(2026, 12, 1), "energy_ends_in_future"),
        (date(2026, 12, 1), date(2026, 12, 2), "energy_begins_in_future"),
        (date(2006, 1, 1), LAST, "energy_too_long"),
    ],
)
def test_wrong_days_are_refused(folder: Path, store: Store, first: date, last: date, code: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        desk_on(folder, store).energy_report(first, last)
    assert refused.value.fact.code == code


def test_an_unknown_district_or_baseline_is_refused(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store)
    with pytest.raises(NotFound):
        desk.energy_report(FIRST, LAST, ("nowhere",))
    with pytest.raises(WrongUsage):
        desk.energy_report(FIRST, LAST, baseline="last year")


@pytest.mark.postgresql
def test_the_same_report_from_both_databases(folder: Path, store: Store, servers_store: Store) -> None:
    found = []
    for one in (store, servers_store):
        desk = desk_on(folder, one, tariff=TARIFFS["by time"])
        if one is servers_store:  # other keys: nothing may hang on their order
            one.keys.ensure("district", ["lakeside", "zzz", "centre"], at_ms=0)
        filled(desk, reactive_share=0.1)
        found.append(desk.energy_report(FIRST, LAST))
        assert not desk.are_lines_held()
    for field in fields(EnergyReport):
        assert repr(getattr(found[0], field.name)) == repr(getattr(found[1], field.name))


def test_parts_by_weights_are_exact_and_never_far_off() -> None:
    chance = np.random.default_rng(3)
    for total in (0, 1, 7, 10**15 + 3, -(10**9)):
        weights = chance.integers(0, 1000, 50)
        found = shared_by(total, weights.astype(float), weights)
        assert int(found.sum()) == total
        assert np.abs(found - total * weights / weights.sum()).max() <= 1 + abs(total) * 1e-14
        assert sum(shared_along(total, weights.tolist())) == total
    assert shared_by(5, np.zeros(3), np.zeros(3, np.int64)).sum() == 5
    assert shared_along(5, [0, 0]) == [0, 0]


def test_a_day_begins_where_the_zone_says(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store)
    filled(desk, FIRST, FIRST + DAY)
    assert desk.energy_days() == (FIRST, FIRST + DAY)
    assert store.account_reads.days(0, 10**13)[0].start_ms == day_start_ms(FIRST, desk.site.timezone)


def test_standby_by_day_is_stated_watts_in_the_hours_in_which_the_baseline_is_off(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store)
    filled(desk)
    report = desk.energy_report(FIRST, LAST)
    found = report.indicators
    loads_w = sum(load.power_w for load in desk.site.permanent_loads)
    assert loads_w > 0  # every circuit of the example has a contactor, which cuts its lamps off
    assert found.standby_w == loads_w
    (lit_h,) = (one.values["hours"] for one in report.baselines[0].adjustments if "stipulated" in one.code)
    days = (LAST - FIRST).days + 1
    assert found.standby_h == pytest.approx(24 * days - float(str(lit_h)), abs=0.1)
    assert found.standby_ws == pytest.approx(loads_w * (found.standby_h or 0) * 3600, rel=1e-6)


def test_without_stated_standby_or_of_a_night_none_is_told(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store)
    filled(desk)
    night = desk.energy_of_night(LAST - DAY).indicators
    assert (night.standby_w, night.standby_h, night.standby_ws) == (None, None, None)
    assert night.annual_energy_wh_m2 is None  # a night is half of two days, and no part of a year
    desk.site = replace(desk.site, permanent_loads=())
    assert desk.energy_report(FIRST, LAST).indicators.standby_ws is None


def test_a_permanent_load_is_no_circuit(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store)
    filled(desk)
    lines = desk.energy_report(FIRST, LAST).circuits
    assert {line.id for line in lines if line.is_circuit} == set(desk.site.circuits)
    assert [line.id for line in lines if not line.is_circuit] == ["CB01-M:L1/Controller and heater"]


def test_the_sources_of_co2_are_facts(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store)
    filled(desk)
    report = desk.energy_report(FIRST, LAST)
    assert [one.code for one in report.co2_sources] == ["energy_co2_factor"]
    assert report.co2_source == say(report.co2_sources[0])


def test_each_line_has_its_uncertainty_and_the_whole_that_of_its_claim(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store)
    filled(desk)
    report = desk.energy_report(FIRST, LAST)
    claim = report.baselines[0]
    assert (report.total.errors.saved_se_ws, report.total.errors.saved_within_ws) == (claim.se_ws, claim.within_ws)
    spans, places = (report.total, *report.months, *report.days), (*report.places, *report.circuits)
    for errors in (*(one.errors for one in spans), *(one.errors for one in places)):
        parts = (errors.used_se_ws, errors.baseline_se_ws, errors.saved_se_ws)
        assert None not in parts
        assert 0 < max(errors.used_se_ws or 0, errors.baseline_se_ws or 0) <= (errors.saved_se_ws or 0) * 1.5
        assert errors.used_within_ws == pytest.approx(1.645 * (errors.used_se_ws or 0), rel=1e-3, abs=1)
    months = sum(one.errors.used_se_ws or 0 for one in report.months)
    assert report.total.errors.used_se_ws == pytest.approx(months, rel=0.01), "lines share what they rest on"


def test_an_hour_that_is_not_known_as_a_whole_is_in_no_mean_power(folder: Path, store: Store) -> None:
    desk = desk_on(folder, store)
    cast = [replace(one, unknown_share=0.5 if one.id == "C-0201" else 0.0) for one in subjects(desk.site)]
    fill(store, cast, FIRST, LAST, desk.site.timezone)
    profile = desk.energy_report(FIRST, LAST).load_profile
    assert set(profile.used_w) == {None}
    assert (profile.known_hours, profile.of_hours) == (0, 34 * 24)
