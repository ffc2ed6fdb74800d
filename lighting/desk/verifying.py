"""Whether the site's store is whole, and whether its rollups and accounts are what the raw readings give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lighting.assets.fact import Fact, Value
from lighting.desk.site_source import open_existing_store
from lighting.desk.store_export import DaySpan
from lighting.desk.store_keeping import url_of_site
from lighting.store.store import Store

if TYPE_CHECKING:
    from lighting.accounts.recheck import DayChecked
    from lighting.store.verify import CheckDone, StoreFault, Verification

DAYS_RECOMPUTED = 7
"""The newest of them, unless a span or all of them is asked for."""


def verify_store(
    folder: Path,
    *,
    is_full: bool,
    span: DaySpan | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> Verification:
    """Look at the site's store; nothing is changed. Raises ``WrongUsage`` without a site, ``StoreError``.

    Recomputed are the days of ``span``, or with ``is_full`` all, else the last seven that are rolled up whole.
    """
    from lighting.store.verify import verify

    def tell(check: str) -> None:
        if progress is not None:
            progress(check, 0)

    found = verify(url_of_site(folder), is_full=is_full, progress=tell)
    if any(one.faults and one.check in ("pages", "tables") for one in found.checks):
        return found  # what is not there cannot be read
    store = open_existing_store(folder)
    if store is None:
        return found
    with store:
        return _with_recomputed(store, found, span or DaySpan(), progress)


def _with_recomputed(
    store: Store, found: Verification, span: DaySpan, progress: Callable[[str, int], None] | None
) -> Verification:
    from lighting.accounts.day_builder import DayBuilder
    from lighting.accounts.recheck import days_rolled_up, recheck
    from lighting.store.verify import Recomputed

    site = DayBuilder(store).site
    is_chosen = found.is_full or span.first is not None or span.last is not None
    most = None if is_chosen else DAYS_RECOMPUTED
    days = [] if site is None else days_rolled_up(store, site.timezone, span.first, span.last, most)
    checked: list[DayChecked] = []
    for one in recheck(store, days):
        checked.append(one)
        if progress is not None:
            progress("recomputed days", len(checked))
    if not checked:
        return found
    done = Recomputed(
        checked[0].day.isoformat(),
        checked[-1].day.isoformat(),
        len(checked),
        sum(one.hours.gone for one in checked),
        sum(one.hours.waiting for one in checked),
        sum(one.is_waiting for one in checked),
    )
    names = store.keys.names()
    hours = _check("hours_of_readings", sum(one.hours.compared for one in checked), _hour_faults(checked, names))
    rows = _check("accounts_of_readings", sum(one.rows for one in checked), _account_faults(checked, names))
    return replace(
        found,
        checks=(*found.checks, hours[0], rows[0]),
        faults=(*found.faults, *hours[1], *rows[1]),
        recomputed=done,
    )


def _check(name: str, looked_at: int, facts: Iterator[Fact]) -> tuple[CheckDone, list[StoreFault]]:
    from lighting.store.verify import FAULTS_OF_A_CHECK, CheckDone, StoreFault

    wrong = list(facts)
    faults = [StoreFault(name, fact) for fact in wrong[:FAULTS_OF_A_CHECK]]  # type: ignore[arg-type]
    return CheckDone(name, looked_at, len(wrong)), faults  # type: ignore[arg-type]


def _hour_faults(checked: list[DayChecked], names: Mapping[int, tuple[str, str]]) -> Iterator[Fact]:
    for one in checked:
        if one.hours.fault is not None:
            yield Fact(one.hours.fault.code, {**one.hours.fault.values, "day": one.day.isoformat()})
        for hour in one.hours.differing:
            values: dict[str, Value] = {"slot_ms": hour.start_ms, "day": one.day.isoformat()}
            values |= _energies(hour.stored_ws, hour.raw_ws)
            yield Fact("verify_hour_differs", {**_named(names, hour.series_key), **values})


def _account_faults(checked: list[DayChecked], names: Mapping[int, tuple[str, str]]) -> Iterator[Fact]:
    for one in checked:
        for row in one.differing:
            values: dict[str, Value] = {"day": one.day.isoformat(), **_energies(row.stored_ws, row.raw_ws)}
            if row.is_hour:
                yield Fact("verify_account_hour_differs", {**_named(names, row.key), **values, "slot_ms": row.start_ms})
            else:
                yield Fact("verify_account_differs", {**_named(names, row.key), **values})


def _energies(stored_ws: int | None, raw_ws: int | None) -> dict[str, Value]:
    """Both, and what lies between them in Ws: written in kWh they may read alike."""
    difference = None if stored_ws is None or raw_ws is None else raw_ws - stored_ws
    return {"stored_ws": stored_ws, "raw_ws": raw_ws, "difference": difference}


def _named(names: Mapping[int, tuple[str, str]], key: int) -> dict[str, Value]:
    kind, name = names.get(key, ("series", str(key)))
    return {"kind": kind, "id": name}
