"""A tariff of one version as commented TOML of format 2, readable and read back the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from lighting.assets.notation import WEEKDAYS
from lighting.assets.tariff import DAY_MINUTES, Season, Tariff, TariffVersion, Tier, Window
from lighting.assets.written import number_text

_LINE = 110


def tariff_toml(tariff: Tariff, comments: Sequence[str] = ()) -> str:
    """The text of ``tariff.toml``; ``comments`` stand at its head, each on lines of their own."""
    (version,) = tariff.dated
    lines = [*_comments(comments), "format = 2"]
    if tariff.name:
        lines.append(f"name = {_text(tariff.name)}")
    lines.append(f"currency = {_text(tariff.currency)}")
    lines += _version(version)
    for factor in tariff.carbon:
        lines += ["", "[[co2]]", f"g_per_kwh = {_number(factor.g_per_kwh)}", f"source = {_text(factor.source)}"]
        lines.append(f"year = {factor.year}")
    return "\n".join(lines) + "\n"


def _comments(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        line = "#"
        for word in text.split():
            if len(line) + len(word) >= _LINE:
                yield line
                line = "#  "
            line += f" {word}"
        yield line


def _version(version: TariffVersion) -> Iterator[str]:
    for key in ("valid_from", "valid_to"):
        if getattr(version, key):
            yield f"{key} = {_text(getattr(version, key))}"
    if version.tiers:
        yield f"tiers = {_tiers(version.tiers, 'kwh')}"
    elif version.prices is None or version.price_per_kwh:
        yield f"price_per_kwh = {_number(version.price_per_kwh)} # at every hour that no period below holds"
    if version.prices is not None:
        yield f"prices = {_text(version.prices.file)}"
    for season in version.seasons:
        yield from ("", "[[seasons]]", f"name = {_text(season.name)}", f"dates = {_dates(season)}")
    for period in version.periods:
        price = f"tiers = {_tiers(period.tiers, 'kwh')}" if period.tiers else ""
        yield from ("", "[[periods]]", *_window(period))
        yield price or f"price_per_kwh = {_number(period.price_per_kwh)}"
    for charge in version.demand:
        yield from ("", "[[demand]]", *_window(charge), f"minutes = {charge.minutes}")
        if len(charge.tiers) == 1:
            yield f"price_per_kw = {_number(charge.tiers[0].price)}"
        else:
            yield f"tiers = {_tiers(charge.tiers, 'kw')}"
    for fixed in version.fixed:
        yield from ("", "[[fixed]]")
        if fixed.name:
            yield f"name = {_text(fixed.name)}"
        yield from (f"amount = {_number(fixed.amount)}", f"per = {_text(fixed.per)}")
        if not fixed.per_supply:
            yield "per_supply = false"
    for least in version.minimum:
        yield from ("", "[[minimum]]")
        if least.name:
            yield f"name = {_text(least.name)}"
        yield from (f"amount = {_number(least.amount)}", f"per = {_text(least.per)}")
        if not least.per_supply:
            yield "per_supply = false"
    for one in version.reactive:
        yield from ("", "[[reactive]]", *_window(one), f"kind = {_text(one.kind)}")
        yield f"tan_phi_limit = {_number(one.tan_phi_limit)}"
        yield f"price_per_kvarh = {_number(one.price_per_kvarh)}"
    for adjustment in version.adjustments:
        yield from ("", "[[adjustments]]", *_window(adjustment))
        yield f"price_per_kwh = {_number(adjustment.price_per_kwh)}"
    for tax in version.taxes:
        yield from ("", "[[taxes]]", f"name = {_text(tax.name)}")
        if tax.percent is None:
            yield f"per_kwh = {_number(tax.per_kwh or 0.0)}"
        else:
            yield f"percent = {_number(tax.percent)}"
            yield f"on = {_texts(tax.on)}"


def _window(window: Window) -> Iterator[str]:
    if window.name:
        yield f"name = {_text(window.name)}"
    if window.seasons:
        yield f"seasons = {_texts(window.seasons)}"
    if window.weekdays:
        yield f"weekdays = {_texts((*WEEKDAYS, 'holiday')[day] for day in window.weekdays)}"
    if (window.from_minutes, window.until_minutes) != (0, DAY_MINUTES):
        yield f"from = {_text(_clock(window.from_minutes))}"
        yield f"until = {_text(_clock(window.until_minutes))}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _dates(season: Season) -> str:
    return _texts(f"{a:02d}-{b:02d}..{c:02d}-{d:02d}" for (a, b), (c, d) in season.dates)


def _tiers(tiers: Sequence[Tier], unit: str) -> str:
    written = [
        ("" if tier.up_to is None else f"up_to_{unit} = {_number(tier.up_to)}, ")
        + f"price_per_{unit} = {_number(tier.price)}"
        for tier in tiers
    ]
    return "[" + ", ".join(f"{{ {one} }}" for one in written) + "]"


def _number(value: float) -> str:
    text = number_text(value)
    return text if "." in text or "e" in text else f"{text}.0"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _texts(texts: Iterable[str]) -> str:
    return "[" + ", ".join(_text(one) for one in texts) + "]"
