"""The months, the night's profile and the load duration."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from lighting.desk.energy_answers import EnergyReport, Known, LoadProfile, SpanLine, Within
from lighting.report.document import Block, Column, Paragraph, Picture, Section, Table
from lighting.report.language import Language

DURATION_SHARES = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)


def months(report: EnergyReport, language: Language) -> Section:
    """Used beside the baseline, month by month."""
    word = language.word
    if not report.months:
        return Section("months", word("Months"), (Paragraph(language.say("report_no_months")),))
    picture = Picture("months", word("Used and baseline by month"), _months_in_words(report, language))
    columns = (
        Column(word("Month"), is_number=False, width=1.6),
        Column(word("Used, kWh"), width=1.3),
        Column(word("Baseline, kWh"), width=1.3),
        Column(word("Saved, kWh"), width=1.3),
        Column(word("Cost"), width=1.2),
        Column("kg CO₂"),
        Column(word("Not delivered, lamp-hours")),
        Column(word("Known")),
    )
    rows = [_span_row(report, line, language) for line in report.months]
    total = _span_row(report, report.total, language)
    rows.append((word("In all"), *total[1:]))
    table = Table(word("By month"), columns, tuple(rows), frozenset({len(rows) - 1}))
    return Section("months", word("Months"), (picture, table))


def _span_row(report: EnergyReport, line: SpanLine, language: Language) -> tuple[str, ...]:
    known, within = Known.of(report, line), Within.of(report, line)
    used = known.used
    return (
        language.span(line.from_day, line.to_day),
        language.kwh_within(used, within.used),
        language.kwh_within(known.baseline, within.baseline),
        language.kwh_within(known.saved, within.saved, signed=True),
        language.money(None if used is None else used.money_e4),
        language.kg(None if used is None else used.co2_g),
        language.number(line.undelivered_lamp_h),
        language.share(line.known_share),
    )


def _months_in_words(report: EnergyReport, language: Language) -> str:
    known = [line for line in report.months if line.known_share > 0]
    if not known:
        return language.not_known
    if len(known) == 1:
        (one,) = known
        energy = language.energy_of(one.used)
        return language.say("report_month_says", month=language.span(one.from_day, one.to_day), energy=energy)
    most = max(known, key=lambda line: line.used.energy_ws)
    least = min(known, key=lambda line: line.used.energy_ws)
    return language.say(
        "report_months_say",
        most=language.span(most.from_day, most.to_day),
        most_energy=language.energy(most.used.energy_ws),
        least=language.span(least.from_day, least.to_day),
        least_energy=language.energy(least.used.energy_ws),
    )


def is_known(profile: LoadProfile) -> bool:
    """Whether any hour of the profile was ever known."""
    return any(value is not None for value in profile.used_w)


def night_profile(report: EnergyReport, language: Language) -> Section:
    """Mean power by hour of the lighting night, noon to noon."""
    word, profile = language.word, report.load_profile
    heading = word("Night profile")
    if not is_known(profile):
        return Section("night", heading, (Paragraph(language.say("report_no_profile")),))
    at = max((value, -n) for n, value in enumerate(profile.used_w) if value is not None)
    hour = -at[1]
    picture = Picture(
        "night",
        word("Mean power by hour of the night"),
        language.say(
            "report_profile_says",
            power=kw(at[0], language),
            hour=f"{profile.hours[hour] % 24:02d}:00",
            known=_count(profile.known_nights, hour, language),
            of=_count(profile.of_nights, hour, language),
        ),
    )
    known = Paragraph(language.say("report_profile_known", **hours_known(report, language)))
    return Section("night", heading, (picture, known, _hours_table(profile, language)))


def _count(nights: Sequence[int], place: int, language: Language) -> str:
    return language.number(nights[place] if place < len(nights) else None)


def hours_known(report: EnergyReport, language: Language) -> dict[str, str | None]:
    """Of how many hours the profile, the peak and the load duration are: ``known`` and ``of``."""
    profile = report.load_profile
    return {"known": language.number(profile.known_hours), "of": language.number(profile.of_hours)}


def kw(power_w: float | None, language: Language) -> str:
    """A power in kW with its unit, and a digit or two after the mark."""
    return language.not_known if power_w is None else f"{_kw_column([power_w], language)[0]} kW"


def _kw_column(powers_w: Sequence[float | None], language: Language) -> list[str]:
    """Powers in kW as bare numbers, all with as many decimals as the highest of them needs."""
    decimals = 2 if max((abs(one) for one in powers_w if one is not None), default=0.0) < 100_000 else 1
    return [language.number(None if one is None else one / 1000, decimals) for one in powers_w]


def _hours_table(profile: LoadProfile, language: Language) -> Table:
    """Two hours a row: the evening half beside the morning half."""
    word = language.word
    columns = (
        Column(word("Hour"), is_number=False, width=0.8),
        Column(word("Used, kW")),
        Column(word("Baseline, kW")),
        Column(word("Nights known")),
        Column(word("Hour"), is_number=False, width=0.8),
        Column(word("Used, kW")),
        Column(word("Baseline, kW")),
        Column(word("Nights known")),
    )
    hours, n = [f"{hour % 24:02d}:00" for hour in profile.hours], len(profile.hours)
    powers = _kw_column([*profile.used_w, *profile.baseline_w], language)
    nights = [
        f"{_count(profile.known_nights, place, language)} / {_count(profile.of_nights, place, language)}"
        for place in range(n)
    ]
    cells = list(zip(hours, powers[:n], powers[n:], nights, strict=True))
    half = (len(cells) + 1) // 2
    second = [*cells[half:], *[("", "", "", "")] * (2 * half - len(cells))]
    rows = tuple((*left, *right) for left, right in zip(cells[:half], second, strict=True))
    return Table(word("Mean power by hour, noon to noon"), columns, rows)


def load_duration(report: EnergyReport, language: Language) -> Section:
    """For which share of the time the site took at least so much."""
    word, points = language.word, report.load_duration_w
    heading = word("Load duration")
    if not points:
        return Section("load", heading, (Paragraph(language.say("report_no_load")),))
    indicators = report.indicators
    picture = Picture(
        "load",
        word("Hourly mean power, highest first"),
        language.say(
            "report_load_says",
            power=kw(duration_at(points, 0.0), language),
            half=kw(duration_at(points, 0.5), language),
            **hours_known(report, language),
        ),
    )
    columns = (Column(word("Share of the time"), is_number=False), Column(word("At least, kW")))
    shares = [language.share(share, 0) for share in DURATION_SHARES]
    powers = _kw_column([duration_at(points, share) for share in DURATION_SHARES], language)
    rows = tuple(zip(shares, powers, strict=True))
    blocks: list[Block] = [picture, Table(word("Load duration at some shares of the time"), columns, rows)]
    if indicators.peak_w is not None:
        peak = language.say(
            "report_peak",
            power=kw(indicators.peak_w, language),
            at=language.moment(indicators.peak_ms),
            **hours_known(report, language),
        )
        blocks.insert(1, Paragraph(peak))
    return Section("load", heading, tuple(blocks))


def duration_at(points: tuple[tuple[float, float], ...], share: float) -> float:
    """The power that was reached for that share of the time: of the first point at or after it.

    A point is (share of the time 0…1, power in W), the highest power first.
    """
    place = bisect_left([one for one, _power in points], share)
    return points[min(place, len(points) - 1)][1]
