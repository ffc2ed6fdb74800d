"""``tariff.toml`` and the files that it names, as facts: both formats, checked as a whole with line and field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from lighting.assets.draft import TARIFF_FILE, Draft
from lighting.assets.fact import Fact, Problem, Value
from lighting.assets.nearest import unknown_reference
from lighting.assets.settings import read_calendar, read_shape
from lighting.assets.shapes import TariffFile
from lighting.assets.tariff import (
    PARTS,
    Adjustment,
    CarbonFactor,
    DemandCharge,
    FixedCharge,
    MinimumCharge,
    ReactiveCharge,
    Season,
    Series,
    Tariff,
    TariffPeriod,
    TariffVersion,
    Tax,
    Tier,
)
from lighting.assets.tariff_series import CO2_FOLDER, PRICES_FOLDER, is_series_file, read_series
from lighting.assets.tariff_shapes import (
    CarbonTable2,
    DemandTable,
    TariffFile2,
    VersionTable,
    WindowTable,
)
from lighting.assets.toml_file import read_toml

Place = tuple[str | int, ...]
_FLAT = tuple(name for name in VersionTable.model_fields)


def read_tariff(texts: Mapping[str, str], draft: Draft) -> None:
    """Read ``tariff.toml`` into the draft; without one, nothing is said about money and CO₂."""
    series = _read_all_series(texts, draft)
    if TARIFF_FILE in texts:
        table, _ = read_toml(texts[TARIFF_FILE], TARIFF_FILE)
        if table.get("format") == 1:
            _read_format_1(texts, draft)
        else:
            file = read_shape(texts, draft, TARIFF_FILE, TariffFile2)
            if file is not None:
                draft.tariff = _Reading(draft, series).tariff(file)
    used = set() if draft.tariff is None else {one.file for one in _named_series(draft.tariff)}
    if TARIFF_FILE not in draft.broken:
        for name in sorted(set(series) - used):
            draft.problems.append(Problem(Fact("series_not_used", {"file": name}), name, is_warning=True))


def check_tariff(texts: Mapping[str, str]) -> tuple[Tariff | None, tuple[Problem, ...]]:
    """A tariff without its site: ``tariff.toml`` with the files that it names, and ``calendar.toml`` for holidays.

    None where some problem is an error.
    """
    draft = Draft()
    read_calendar(texts, draft)
    draft.problems.clear()  # those of the calendar are told by the check of the site
    read_tariff(texts, draft)
    is_good = all(problem.is_warning for problem in draft.problems)
    return draft.tariff if is_good else None, tuple(sorted(draft.problems, key=lambda one: (one.file, one.line)))


def _named_series(tariff: Tariff) -> list[Series]:
    found = [version.prices for version in tariff.versions] + [factor.series for factor in tariff.co2_factors]
    return [one for one in found if one is not None]


def _read_all_series(texts: Mapping[str, str], draft: Draft) -> dict[str, Series]:
    series: dict[str, Series] = {}
    for name in sorted(texts):
        if is_series_file(name):
            series[name], problems = read_series(texts[name], name)
            draft.problems += problems
    return series


def _read_format_1(texts: Mapping[str, str], draft: Draft) -> None:
    file = read_shape(texts, draft, TARIFF_FILE, TariffFile)
    if file is None:
        return
    periods = tuple(TariffPeriod(**period.fields()) for period in file.periods)
    for index, period in enumerate(periods):
        if period.from_minutes == period.until_minutes:
            fact = Fact("tariff_period_empty", {"period_number": index + 1})
            _problem(draft, fact, ("periods", index, "until"))
    co2 = None if file.co2 is None else CarbonFactor(**file.co2.fields())
    draft.tariff = Tariff(file.currency, file.price_per_kwh, periods, co2)


def _problem(draft: Draft, fact: Fact, place: Place, *, is_warning: bool = False) -> None:
    line = draft.toml_lines[TARIFF_FILE].line_of(place)
    draft.problems.append(Problem(fact, TARIFF_FILE, line, ".".join(str(part) for part in place), is_warning))


class _Reading:
    """A file of format 2 being turned into facts."""

    def __init__(self, draft: Draft, series: Mapping[str, Series]) -> None:
        self.draft, self.series = draft, series

    def tariff(self, file: TariffFile2) -> Tariff:
        if file.versions:
            for name in _FLAT:
                if name in file.model_fields_set:
                    self.problem(Fact("tariff_flat_and_versions", {"field": name}), (name,))
            versions = [self.version(one, ("versions", n)) for n, one in enumerate(file.versions)]
            self.check_dates([("versions", n) for n in range(len(versions))], versions)
        else:
            versions = [self.version(file, ())]
            self.check_dates([()], versions)
        factors = [self.factor(one, ("co2", n)) for n, one in enumerate(file.co2)]
        self.check_dates([("co2", n) for n in range(len(factors))], factors)
        return Tariff(file.currency, name=file.name, versions=tuple(versions), co2_factors=tuple(factors))

    def problem(self, fact: Fact, place: Place, *, is_warning: bool = False) -> None:
        _problem(self.draft, fact, place, is_warning=is_warning)

    def version(self, table: VersionTable, at: Place) -> TariffVersion:
        has_price = table.price_per_kwh is not None
        if not (has_price or table.tiers or table.prices):
            self.problem(Fact("tariff_no_price"), (*at, "price_per_kwh"))
        if has_price and table.tiers:
            self.problem(Fact("tariff_price_and_tiers"), (*at, "tiers"))
        seasons = self.seasons(table, at)
        version = TariffVersion(
            price_per_kwh=table.price_per_kwh or 0.0,
            periods=tuple(self.periods(table, at, seasons)),
            valid_from=table.valid_from or "",
            valid_to=table.valid_to or "",
            tiers=self.tiers([(one.up_to_kwh, one.price_per_kwh) for one in table.tiers], (*at, "tiers"), "up_to_kwh"),
            seasons=seasons,
            prices=None if table.prices is None else self.file(table.prices, (*at, "prices")),
            demand=tuple(self.demand(one, (*at, "demand", n), seasons) for n, one in enumerate(table.demand)),
            fixed=tuple(FixedCharge(one.amount, one.per, one.name, one.per_supply) for one in table.fixed),
            reactive=tuple(
                ReactiveCharge(
                    one.kind,
                    one.tan_phi_limit,
                    one.price_per_kvarh,
                    *self.window(one, (*at, "reactive", n), seasons),
                )
                for n, one in enumerate(table.reactive)
            ),
            adjustments=tuple(
                Adjustment(one.price_per_kwh, *self.window(one, (*at, "adjustments", n), seasons))
                for n, one in enumerate(table.adjustments)
            ),
            taxes=tuple(self.taxes(table, at)),
            minimum=tuple(MinimumCharge(one.amount, one.per, one.name, one.per_supply) for one in table.minimum),
        )
        self.check_names(version, at)
        if version.knows_holidays and not self.draft.calendar.has_holidays:
            self.problem(Fact("tariff_holidays_unknown"), (*at, "periods"), is_warning=True)
        return version

    def check_names(self, version: TariffVersion, at: Place) -> None:
        """Periods of one name are one, and so are demand charges: they must have the same price."""
        of_periods = [(one.name, (one.price_per_kwh, one.tiers)) for one in version.periods]
        of_demand = [(one.name, (float(one.minutes), one.tiers)) for one in version.demand]
        for key, named in (("periods", of_periods), ("demand", of_demand)):
            prices: dict[str, tuple[float, tuple[Tier, ...]]] = {}
            for n, (name, price) in enumerate(named):
                if name and prices.setdefault(name, price) != price:
                    self.problem(Fact("tariff_name_of_two_prices", {"name": name}), (*at, key, n, "name"))

    def seasons(self, table: VersionTable, at: Place) -> tuple[Season, ...]:
        seen: set[str] = set()
        for n, one in enumerate(table.seasons):
            if one.name in seen:
                self.problem(Fact("tariff_season_twice", {"season": one.name}), (*at, "seasons", n, "name"))
            seen.add(one.name)
        return tuple(Season(one.name, one.dates) for one in table.seasons)

    def window(
        self, table: WindowTable, at: Place, seasons: Sequence[Season]
    ) -> tuple[tuple[int, ...], int, int, str, tuple[str, ...]]:
        """The fields of a window, in the order in which the facts have them."""
        if table.from_minutes == table.until_minutes:
            number = next((part + 1 for part in reversed(at) if isinstance(part, int)), 1)
            self.problem(Fact("tariff_period_empty", {"period_number": number}), (*at, "until"))
        known = [season.name for season in seasons]
        for season in table.seasons:
            if season not in known:
                self.problem(unknown_reference("season", season, known), (*at, "seasons"))
        return table.weekdays, table.from_minutes, table.until_minutes, table.name, table.seasons

    def periods(self, table: VersionTable, at: Place, seasons: Sequence[Season]) -> list[TariffPeriod]:
        found = []
        for n, one in enumerate(table.periods):
            place = (*at, "periods", n)
            if one.price_per_kwh is None and not one.tiers:
                self.problem(Fact("value_missing", {"field": "price_per_kwh"}), place)
            if one.price_per_kwh is not None and one.tiers:
                self.problem(Fact("tariff_price_and_tiers"), (*place, "tiers"))
            tiers = [(tier.up_to_kwh, tier.price_per_kwh) for tier in one.tiers]
            found.append(
                TariffPeriod(
                    one.price_per_kwh or 0.0,
                    *self.window(one, place, seasons),
                    self.tiers(tiers, (*place, "tiers"), "up_to_kwh"),
                )
            )
        return found

    def demand(self, table: DemandTable, at: Place, seasons: Sequence[Season]) -> DemandCharge:
        if table.ratchet_percent is not None:
            self.problem(Fact("tariff_ratchet_not_reckoned"), (*at, "ratchet_percent"))
        if (table.price_per_kw is None) == (not table.tiers):
            self.problem(Fact("tariff_one_of_two", {"either": "price_per_kw", "other": "tiers"}), at)
        tiers = [(one.up_to_kw, one.price_per_kw) for one in table.tiers]
        read = self.tiers(tiers, (*at, "tiers"), "up_to_kw") or (Tier(table.price_per_kw or 0.0),)
        return DemandCharge(read, table.minutes, *self.window(table, at, seasons))

    def tiers(self, given: Sequence[tuple[float | None, float]], at: Place, key: str) -> tuple[Tier, ...]:
        """Their limits must rise, and only the last has none."""
        for n, (limit, _) in enumerate(given):
            is_last = n == len(given) - 1
            if (limit is None) != is_last:
                code = "tariff_last_tier_open" if is_last else "tariff_tier_without_end"
                self.problem(Fact(code, {"field": key, "tier_number": n + 1}), (*at, n))
        limits = [limit for limit, _ in given if limit is not None]
        for n, (before, after) in enumerate(pairwise(limits)):
            if after <= before:
                values: dict[str, Value] = {"found": after, "before": before}
                self.problem(Fact("tariff_tiers_not_rising", values), (*at, n + 1, key))
        return tuple(Tier(price, limit) for limit, price in given)

    def taxes(self, table: VersionTable, at: Place) -> list[Tax]:
        known = [part for part in PARTS if part != "minimum" or table.minimum]
        found = []
        for n, one in enumerate(table.taxes):
            place = (*at, "taxes", n)
            if (one.percent is None) == (one.per_kwh is None):
                self.problem(Fact("tariff_one_of_two", {"either": "percent", "other": "per_kwh"}), place)
            if one.per_kwh is not None and one.on:
                self.problem(Fact("tariff_tax_on_nothing"), (*place, "on"))
            for part in one.on:
                if part not in known:
                    self.problem(unknown_reference("part of the bill", part, known), (*place, "on"))
            if one.name in known:
                self.problem(Fact("tariff_tax_twice", {"name": one.name}), (*place, "name"))
            # Without ``on`` it is on all that stands above it, taxes too.
            on = one.on or (tuple(known) if one.per_kwh is None else ())
            known.append(one.name)
            found.append(Tax(one.name, one.percent, one.per_kwh, on))
        return found

    def file(self, name: str, place: Place) -> Series:
        if name not in self.series:
            self.problem(Fact("tariff_file_missing", {"file": name}), place)
        wanted = CO2_FOLDER if place[0] == "co2" else PRICES_FOLDER
        if not name.startswith(wanted):
            self.problem(Fact("tariff_file_elsewhere", {"file": name, "folder": wanted}), place)
        return self.series.get(name, Series(name))

    def factor(self, table: CarbonTable2, at: Place) -> CarbonFactor:
        if (table.g_per_kwh is None) == (table.series is None):
            self.problem(Fact("tariff_one_of_two", {"either": "g_per_kwh", "other": "series"}), at)
        series = None if table.series is None else self.file(table.series, (*at, "series"))
        return CarbonFactor(
            table.g_per_kwh or 0.0, table.source, table.year, table.valid_from or "", table.valid_to or "", series
        )

    def check_dates(self, places: Sequence[Place], dated: Sequence[TariffVersion | CarbonFactor]) -> None:
        """Each ends after it begins; none overlaps another; a gap between two is told."""
        for place, one in zip(places, dated, strict=True):
            if one.valid_from and one.valid_to and one.valid_to < one.valid_from:
                self.problem(Fact("tariff_dates_reversed"), (*place, "valid_to"))
        order = sorted(range(len(dated)), key=lambda n: dated[n].valid_from)
        for n, after in pairwise(order):
            end, begin = dated[n].valid_to, dated[after].valid_from
            if not begin or not end or begin <= end:
                values: dict[str, Value] = {"first_number": n + 1, "other_number": after + 1}
                self.problem(Fact("tariff_dates_overlap", values), (*places[after], "valid_from"))
            elif _day_after(end) < begin:
                gap: dict[str, Value] = {"from_date": _day_after(end), "until_date": begin}
                self.problem(Fact("tariff_dates_gap", gap), (*places[after], "valid_from"), is_warning=True)


def _day_after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
