"""Bills in the store: never changed, never two for one day of a supply, withdrawn with a reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lighting.assets.fact import Fact
from lighting.store.records import BillDraft
from lighting.store.store import Store

JANUARY = BillDraft("site", "2026-1", "2026-01-01", "2026-02-01", 3_600_000_000, 250_000_000, "EUR", 7, 1500.5, "paper")
FEBRUARY = replace(JANUARY, number="2026-2", from_day="2026-02-01", until_day="2026-03-01")


def codes(found: list[int | Fact | None]) -> list[object]:
    return [one.code if isinstance(one, Fact) else "new" if one else one for one in found]


def number(store: Store) -> int:
    """That of the bill that was entered last."""
    return max(one.id for one in store.bills.list(with_withdrawn=True))


def test_bills_are_on_record_with_who_entered_them(store: Store) -> None:
    assert codes(store.bills.add([JANUARY, FEBRUARY], by="ann", at_ms=5)) == ["new", "new"]
    found = store.bills.list()
    assert [one.bill for one in found] == [JANUARY, FEBRUARY]
    assert found[0].id < found[1].id
    assert (found[0].entered_ms, found[0].by, found[0].withdrawn_ms) == (5, "ann", None)
    assert store.bills.get(found[1].id) == found[1]
    assert store.bills.get(found[1].id + 1) is None
    audit = store.history.audit()[1]
    assert (audit.by, audit.act, audit.subject, audit.values["number"]) == (
        "ann",
        "add_bill",
        f"bill:{found[0].id}",
        "2026-1",
    )


def test_the_same_bill_again_changes_nothing(store: Store) -> None:
    store.bills.add([JANUARY], by="ann", at_ms=5)
    assert codes(store.bills.add([JANUARY, JANUARY], by="bob", at_ms=6)) == [None, None]
    assert len(store.bills.list()) == 1


@pytest.mark.parametrize(
    ("other", "code"),
    [
        (replace(FEBRUARY, number="2026-1"), "bill_number_twice"),
        (replace(FEBRUARY, from_day="2026-01-31"), "bill_overlaps"),
        (replace(FEBRUARY, from_day="2025-12-01"), "bill_overlaps"),
        (replace(FEBRUARY, currency="VND"), "bill_other_currency"),
        (replace(JANUARY, energy_ws=1), "bill_number_twice"),
    ],
)
def test_what_contradicts_a_bill_is_refused(store: Store, other: BillDraft, code: str) -> None:
    store.bills.add([JANUARY], by="ann", at_ms=5)
    assert codes(store.bills.add([other], by="ann", at_ms=6)) == [code]
    assert codes(store.bills.add([replace(other, supply="north")], by="ann", at_ms=6)) == ["new"]


def test_a_withdrawn_bill_makes_room(store: Store) -> None:
    store.bills.add([JANUARY], by="ann", at_ms=5)
    mine = number(store)
    assert store.bills.withdraw(mine, by="bob", reason="typed wrongly", at_ms=7)
    assert not store.bills.withdraw(mine, by="bob", reason="again", at_ms=8)
    assert not store.bills.withdraw(mine + 9, by="bob", reason="none", at_ms=8)
    assert store.bills.list() == []
    assert [one.withdrawn_ms for one in store.bills.list(with_withdrawn=True)] == [7]
    audit = store.history.audit()[0]
    assert (audit.act, audit.subject, audit.values) == ("withdraw_bill", f"bill:{mine}", {"reason": "typed wrongly"})
    assert codes(store.bills.add([replace(JANUARY, energy_ws=1)], by="ann", at_ms=9)) == ["new"]


def test_bills_are_found_by_the_days_that_they_reach_into(store: Store) -> None:
    store.bills.add([FEBRUARY, JANUARY], by="ann", at_ms=5)
    for from_day, until_day, numbers in (
        ("2026-01-31", "2026-02-01", ["2026-1"]),
        ("2026-01-31", "2026-02-02", ["2026-1", "2026-2"]),
        ("2026-03-01", "", []),
        ("", "2026-01-01", []),
    ):
        assert [one.bill.number for one in store.bills.list(from_day=from_day, until_day=until_day)] == numbers
