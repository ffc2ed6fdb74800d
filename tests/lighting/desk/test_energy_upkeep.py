"""Accounts that a question finds missing: made where no controller runs; the hours of a day that is not over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from lighting.assets.template import template_texts
from lighting.desk.desk import Desk
from lighting.store.store import Store
from tests.lighting.accounts.conftest import Past, past_of
from tests.lighting.desk.conftest import Controller, StandingClock, local_ms

EVENING, MORNING = date(2026, 11, 20), date(2026, 11, 21)
METERS = ("CB01-M:L1", "CB01-M:L2", "CB01-M:L3", "CB02-M:total")
PER_HOUR_WS = 3_600_000


@pytest.fixture
def past(store: Store) -> Past:
    found = past_of(store, template_texts())
    for meter in METERS:
        found.meter(meter, EVENING, [PER_HOUR_WS] * 24)
        found.meter(meter, MORNING, [2 * PER_HOUR_WS] * 24)
    return found


@pytest.fixture
def at_eight(folder: Path, store: Store, past: Past) -> Iterator[Desk]:
    """A desk on the morning after, at eight: the night is over, its second day is not."""
    with Desk(folder, user_id="operator", store=store, clock=StandingClock(local_ms("2026-11-21T08:00"))) as desk:
        yield desk


def test_a_day_that_is_over_is_made_where_no_controller_runs(at_eight: Desk) -> None:
    assert at_eight.energy_days() is None
    report = at_eight.energy_report(EVENING, EVENING)
    assert report.total.used.energy_ws == len(METERS) * 24 * PER_HOUR_WS
    assert report.coverage.known_share == 1
    assert at_eight.energy_days() == (EVENING, EVENING)
    assert report.basis_hash
    again = at_eight.energy_report(EVENING, EVENING)
    assert again == report


def test_a_controller_makes_its_accounts_itself(at_eight: Desk, store: Store) -> None:
    controller = Controller(store, StandingClock(local_ms("2026-11-21T08:00")))
    controller.start()
    try:
        report = at_eight.energy_report(EVENING, EVENING)
    finally:
        controller.stop()
    assert report.coverage.days_without_account == 1
    assert at_eight.energy_days() is None


def test_a_night_has_the_hours_of_the_day_that_is_not_over(at_eight: Desk, store: Store) -> None:
    report = at_eight.energy_of_night(EVENING)
    assert report.total.used.energy_ws == len(METERS) * (12 + 2 * 8) * PER_HOUR_WS
    assert sum(line.used.energy_ws for line in report.places) == report.total.used.energy_ws
    coverage = report.coverage
    assert coverage.metered_ws + coverage.apportioned_ws == report.total.used.energy_ws
    assert "energy_today" in {note.code for note in report.notes}
    assert at_eight.energy_days() == (EVENING, EVENING)  # of the day that is not over nothing was stored


def test_what_a_late_reading_made_old_is_made_again(at_eight: Desk, store: Store) -> None:
    first = at_eight.energy_report(EVENING, EVENING)
    states = store.account_reads.days(0, 10**13)
    store.accounts.mark_dirty([states[0].start_ms])
    assert store.account_reads.days(0, 10**13)[0].is_dirty
    assert at_eight.energy_report(EVENING, EVENING) == first
    assert not store.account_reads.days(0, 10**13)[0].is_dirty


def test_the_first_evening_is_told_while_no_day_is_over(folder: Path, store: Store) -> None:
    found = past_of(store, template_texts())
    for meter in METERS:
        found.meter(meter, EVENING, [PER_HOUR_WS] * 24)
    clock = StandingClock(local_ms("2026-11-20T21:30"))
    with Desk(folder, user_id="operator", store=store, clock=clock) as desk:
        report = desk.energy_of_night(EVENING)
        assert desk.energy_days() is None
    assert report.total.used.energy_ws == len(METERS) * 9 * PER_HOUR_WS
    assert report.baselines[0].baseline == report.total.baseline
    assert [note.code for note in report.notes if "without_account" in note.code] == []
