"""How a report writes numbers, days, money and words: each language in its own form, by Babel.

None is written «not known», never 0. Nothing here reads a clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency, format_decimal, format_percent

from lighting.assets.fact import Fact, Value
from lighting.desk.energy_answers import EnergyReport, Worth
from lighting.wording.speech import say, translate

LANGUAGES = ("en", "vi")
_LOCALES = {"en": "en_GB", "vi": "vi_VN"}  # days before months, so that no date is read the other way round
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
WS_PER_KWH = 3_600_000
E4 = 10_000
Z_90 = 1.645
"""Two-sided 90 % of a normal distribution: ± = 1.645 × standard error."""


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(_LOCALES[code])


@cache
def _pattern(decimals: int) -> str:
    return "#,##0" + ("." + "0" * decimals if decimals else "")


@dataclass(frozen=True, slots=True)
class Language:
    """A language with the zone and currency of one report, and the decimals of its energies."""

    code: str
    timezone: str = "UTC"
    currency: str = ""
    currency_digits: int = 2
    energy_decimals: int = 0

    def word(self, text: str) -> str:
        """A heading or label of ``lighting.wording.words_report``."""
        return translate(text, language=self.code)

    def say(self, code: str, **values: str | None) -> str:
        """A sentence of the report, its values written already."""
        return say(Fact(code, {**values}), language=self.code)

    def fact(self, fact: Fact) -> str:
        """A sentence of another room, its days and energies in the form of this report."""
        written = {name: self._written(name, value) for name, value in fact.values.items()}
        return say(Fact(fact.code, written), timezone=self.timezone, language=self.code)

    def _written(self, name: str, value: Value) -> Value:
        if name.endswith("date") and isinstance(value, str) and _DAY.fullmatch(value):
            return self.day(value)
        if name.endswith("_ws") and isinstance(value, int):
            return self.energy(value)
        if name.endswith("_e4") and isinstance(value, int):
            return self.money(value)
        if name.endswith(("hours", "lamp_h")) and isinstance(value, (int, float)):
            return self.number(value, 0 if round(value, 1) == round(value) else 1)
        return value

    @property
    def not_known(self) -> str:
        return self.word("not known")

    def number(self, value: float | None, decimals: int = 0, *, signed: bool = False) -> str:
        """A plain number, with a true minus sign and, where asked, a plus."""
        if value is None:
            return self.not_known
        text = str(format_decimal(Decimal(f"{value:.{decimals}f}"), _pattern(decimals), locale=_locale(self.code)))
        if not any(digit in "123456789" for digit in text):
            return text.lstrip("-")
        return _with_sign(text, plus=signed)

    def kwh(self, energy_ws: int | None, *, signed: bool = False) -> str:
        """An energy as a bare number of kWh, with this report's decimals."""
        return self.number(None if energy_ws is None else energy_ws / WS_PER_KWH, self.energy_decimals, signed=signed)

    def kwh_of(self, worth: Worth | None, *, signed: bool = False) -> str:
        """The energy of a worth as a bare number of kWh."""
        return self.kwh(None if worth is None else worth.energy_ws, signed=signed)

    def kwh_within(self, worth: Worth | None, within: Worth | None, *, signed: bool = False) -> str:
        """The energy of a worth as a bare number of kWh with its ± at 90 % confidence, where that can be stated."""
        figure = self.kwh_of(worth, signed=signed)
        return figure if worth is None or within is None else f"{figure} ± {self.kwh_of(within)}"

    def energy(self, energy_ws: int | None, *, signed: bool = False) -> str:
        """An energy with its unit."""
        return self.kwh(energy_ws, signed=signed) + ("" if energy_ws is None else " kWh")

    def energy_of(self, worth: Worth | None, *, signed: bool = False) -> str:
        """The energy of a worth with its unit."""
        return self.energy(None if worth is None else worth.energy_ws, signed=signed)

    def money(self, amount_e4: int | None, currency: str = "") -> str:
        """An amount in a currency (this report's, unless another is named)."""
        if amount_e4 is None:
            return self.not_known
        amount = Decimal(amount_e4) / E4 / 10**self.currency_digits
        name = currency or self.currency
        try:
            text = str(format_currency(amount, name, locale=_locale(self.code)))
        except (ValueError, KeyError):
            text = f"{self.number(float(amount), self.currency_digits)} {name}".rstrip()
        return _with_sign(text)

    def kg(self, mass_g: int | None) -> str:
        """A mass of CO₂ as a bare number of kg."""
        return self.number(None if mass_g is None else mass_g / 1000)

    def share(self, share: float | None, decimals: int = 1) -> str:
        """A share of 0…1 in per cent; what is nearly but not wholly all never reads 100 %."""
        if share is None:
            return self.not_known
        if share < 1 <= round(share, decimals + 2):
            share = 1 - 10 ** -(decimals + 2)
        pattern = _pattern(decimals) + " %"
        return _with_sign(str(format_percent(round(share, decimals + 2), pattern, locale=_locale(self.code))))

    def day(self, iso: str) -> str:
        """A day, its month in letters."""
        return str(format_date(date.fromisoformat(iso), "medium", locale=_locale(self.code)))

    def span(self, from_day: str, to_day: str) -> str:
        """Two days, both included; a whole month by its name."""
        if is_whole_month(from_day, to_day):
            return self.month(from_day)
        return self.day(from_day) if from_day == to_day else f"{self.day(from_day)} – {self.day(to_day)}"

    def month(self, iso: str) -> str:
        """A month with its year."""
        return str(format_skeleton("yMMMM", _midnight(iso), locale=_locale(self.code)))

    def short_month(self, iso: str) -> str:
        """A month for the axis of a figure."""
        return str(format_date(date.fromisoformat(iso), "MM/yy", locale=_locale(self.code)))

    def moment(self, at_ms: int | None) -> str:
        """An instant on the site's clock."""
        if at_ms is None:
            return self.not_known
        local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(self.timezone))
        return f"{self.day(local.date().isoformat())}, {local:%H:%M}"


def _with_sign(text: str, *, plus: bool = False) -> str:
    if "-" in text:
        return "−" + text.replace("-", "", 1)
    return f"+{text}" if plus else text


def _midnight(iso: str) -> datetime:
    return datetime.combine(date.fromisoformat(iso), datetime.min.time(), UTC)


def is_whole_month(from_day: str, to_day: str) -> bool:
    """Whether two ISO days, both included, are a calendar month."""
    first, last = date.fromisoformat(from_day), date.fromisoformat(to_day)
    following = date.fromordinal(last.toordinal() + 1) if last != date.max else last
    return (first.year, first.month) == (last.year, last.month) and first.day == 1 and following.day == 1


def language_of(report: EnergyReport, code: str) -> Language:
    """The language in which a report is written; energies have as many decimals as their size needs."""
    size_kwh = max(abs(report.total.used.energy_ws), abs(report.total.baseline.energy_ws)) / WS_PER_KWH
    decimals = 3 if size_kwh < 10 else 1 if size_kwh < 10_000 else 0
    return Language(code, report.timezone, report.currency, report.currency_digits, decimals)


def joined(parts: Iterable[str], between: str = ", ") -> str:
    """The parts that say something."""
    return between.join(part for part in parts if part)
