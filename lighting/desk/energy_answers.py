"""What the desk answers about energy: one report, whole, from which every form (page, workbook, terminal) is drawn.

Energy is integer watt-seconds, money integer 10⁻⁴ of the currency's minor unit, CO₂ integer grams: the parts of a sum
are exact. Times are UTC milliseconds, days ISO dates of the site's calendar. None is unknown; nothing is a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

from lighting.assets.fact import Fact
from lighting.energy.reconcile import Verdict

SAME_LAMPS = "same_lamps_full_power"
"""The baseline that is meant where none is named."""


@dataclass(frozen=True, slots=True)
class Worth:
    """An energy in Ws with what it is worth; None without a tariff, or without a CO₂ factor, for the whole span."""

    energy_ws: int
    money_e4: int | None = None
    co2_g: int | None = None


@dataclass(frozen=True, slots=True)
class Errors:
    """Of a line: the standard errors of its three energies, and their ± at 90 % confidence; None: cannot be stated."""

    used_se_ws: int | None = None
    baseline_se_ws: int | None = None
    saved_se_ws: int | None = None
    used_within_ws: int | None = None
    baseline_within_ws: int | None = None
    saved_within_ws: int | None = None


UNSTATED = Errors()


@dataclass(frozen=True, slots=True)
class CauseLine:
    """A cause of ``lighting.energy.worlds``: what it saved, losses negative. ``se_ws``: its standard error; its ± at
    90 % confidence is ``within_ws``.
    """

    code: str
    saved: Worth
    se_ws: int | None = None
    within_ws: int | None = None


@dataclass(frozen=True, slots=True)
class BaselineLine:
    """A baseline and the saving against it. ``code``: ``same_lamps_full_power``, ``lamps_before`` or
    ``metered_reference``; ``option`` is that of IPMVP, ``A`` or ``C``.

    ``used`` is what the reporting period took on the same footing (undelivered light out of both). ``se_ws`` is the
    standard error of the saving, ``within_ws`` its ± at 90 % confidence; ``is_shown`` is False for what is under twice
    its standard error, saving or loss. ``adjustments`` are routine and non-routine ones, the latter dated and signed;
    ``inputs`` what it rests on (switching point, watts, sample, meter class …).
    """

    code: str
    option: str
    baseline: Worth
    used: Worth
    saved: Worth
    se_ws: int
    within_ws: int
    is_shown: bool
    adjustments: tuple[Fact, ...] = ()
    inputs: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of the time and energy of the span, in shares 0…1 of circuit-time, and the energy by kind in Ws."""

    known_share: float
    spread_share: float
    unknown_share: float
    metered_ws: int
    apportioned_ws: int
    modelled_ws: int
    unmetered_ws: int
    days: int
    days_without_account: int


@dataclass(frozen=True, slots=True)
class SpanLine:
    """A day, month or the whole span, of the site or a district. ``from_day`` and ``to_day`` are both included."""

    from_day: str
    to_day: str
    used: Worth
    baseline: Worth
    saved: Worth
    undelivered_lamp_h: float
    known_share: float
    errors: Errors = UNSTATED


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """A district or circuit, or a permanent load (no ``is_circuit``, no lamps) beside the circuits.

    ``kind`` is one of ``ENERGY_KINDS``, empty where several are mixed.
    """

    id: str
    name: str
    kind: str
    lamps: int
    used: Worth
    baseline: Worth
    saved: Worth
    kwh_per_lamp: float
    undelivered_lamp_h: float
    known_share: float
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    causes: tuple[CauseLine, ...] = ()
    is_circuit: bool = True
    errors: Errors = UNSTATED


@dataclass(frozen=True, slots=True)
class Indicators:
    """EN 13201-5 and its inputs, and the rest. None where an input is missing; ``missing`` says for how many circuits.

    ``power_density_w_lx_m2`` D_P = P / Σ(E·A); ``annual_energy_wh_m2`` D_E = Σ(P·t) / A, of the span's energy brought
    to a year of 365 days when ``is_annualised``; P is system power with controllers and gateways.

    Standby by day is modelled: ``standby_w`` of permanent loads and of lamps that no contactor cuts off, for
    ``standby_h``, the hours of the accounted days in which the baseline is off, is ``standby_ws``; None where no such
    power is stated. ``daytime_ws`` is all that was used in those hours, of whatever kind and by whatever took it.
    """

    power_density_w_lx_m2: float | None
    annual_energy_wh_m2: float | None
    is_annualised: bool
    system_power_w: float
    illuminance_area_lx_m2: float | None
    area_m2: float | None
    circuits_with_area: int
    circuits: int
    length_km: float | None
    kwh_per_km: float | None
    lamps: int
    kwh_per_lamp: float
    burning_h: float
    daytime_ws: int
    peak_w: float | None
    peak_ms: int | None
    standby_w: float | None = None
    standby_h: float | None = None
    standby_ws: int | None = None


@dataclass(frozen=True, slots=True)
class ReactiveLine:
    """A tariff period: active and reactive energy and tan φ, positive where the current lags. None: not measured."""

    period: str
    energy_ws: int
    reactive_vars: int | None
    tan_phi: float | None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class BillLine:
    """A utility's bill beside what the meters and the tariff say for the same days. None where that is not known.

    ``verdict`` is one of ``lighting.energy.reconcile.Verdict``; ``is_agreed`` is None where energy or money that was
    billed could not be compared. ``notes``: why it is so, and what the reckoned money rests on.
    """

    supply: str
    number: str
    from_day: str
    to_day: str
    billed_ws: int
    metered_ws: int | None
    billed_e4: int
    reckoned_e4: int | None
    currency: str
    known_share: float
    is_agreed: bool | None
    notes: tuple[Fact, ...] = ()
    verdict: Verdict = "cannot_tell"


@dataclass(frozen=True, slots=True)
class LoadProfile:
    """Mean power in W by hour of the lighting night, noon to noon (24 values); NaN-free, None where never known.

    The mean is over hours of which (nearly) all is known alone: ``known_nights`` says how many those are, and
    ``of_nights`` how many there were, each (24 values) by hour.
    """

    hours: tuple[int, ...]
    used_w: tuple[float | None, ...]
    baseline_w: tuple[float | None, ...]
    known_nights: tuple[int, ...] = ()
    of_nights: tuple[int, ...] = ()

    @property
    def known_hours(self) -> int:
        """Over all the night: the hours that peak, profile and load duration are of."""
        return sum(self.known_nights)

    @property
    def of_hours(self) -> int:
        """The hours of the span that have begun."""
        return sum(self.of_nights)


@dataclass(frozen=True, slots=True)
class EnergyReport:
    """All of it. ``baseline_code`` says which of ``baselines`` the lines and causes are against.

    ``load_duration_w``: the site's mean power of each hour, highest first, thinned to at most 500 points with their
    share of the time (0…1). ``worst`` are the ten circuits with the most energy per lamp, or unexplained, as their
    facts say. ``supplies`` are the sums of their circuits, with ``kind`` metered or unmetered, and one line without an
    id for circuits that name none; empty where the site has no supplies. ``notes`` are what a reader has to know (days
    without account, a basis that changed …). ``co2_source`` is the text of ``co2_sources`` in English.
    ``basis_hash`` and ``revision_ids`` say with what it was made; nothing in here says when, so that the same store
    gives the same report.
    """

    site_id: str
    site_name: str
    timezone: str
    from_day: str
    to_day: str
    districts: tuple[str, ...]
    currency: str
    currency_digits: int
    baseline_code: str
    baselines: tuple[BaselineLine, ...]
    causes: tuple[CauseLine, ...]
    total: SpanLine
    undelivered_lamp_h: float
    undelivered_ws: int
    coverage: Coverage
    months: tuple[SpanLine, ...]
    days: tuple[SpanLine, ...]
    places: tuple[PlaceLine, ...]
    worst: tuple[PlaceLine, ...]
    circuits: tuple[PlaceLine, ...]
    indicators: Indicators
    load_profile: LoadProfile
    load_duration_w: tuple[tuple[float, float], ...]
    reactive: tuple[ReactiveLine, ...]
    bills: tuple[BillLine, ...]
    co2_source: str
    tariff_name: str
    revision_ids: tuple[int, ...]
    basis_hash: str
    notes: tuple[Fact, ...] = ()
    supplies: tuple[PlaceLine, ...] = ()
    co2_sources: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What may be said of a line: None, and no 0, where no hour of it is known, or where there is no baseline."""

    used: Worth | None
    baseline: Worth | None
    saved: Worth | None

    @classmethod
    def of(cls, report: EnergyReport, line: SpanLine | PlaceLine) -> Known:
        """The figures of a line of a report."""
        if line.known_share <= 0:
            return cls(None, None, None)
        has_baseline = any(one.code == report.baseline_code for one in report.baselines)
        return cls(line.used, line.baseline if has_baseline else None, line.saved if has_baseline else None)


@dataclass(frozen=True, slots=True)
class Within:
    """The ± at 90 % confidence of a line's figures; None where it cannot be stated, or where the figure is not known.

    That of money and of CO₂ is the energy's, at the mean price (or factor) of what was used, and for the baseline and
    the saving that of the baseline.
    """

    used: Worth | None
    baseline: Worth | None
    saved: Worth | None

    @classmethod
    def of(cls, report: EnergyReport, line: SpanLine | PlaceLine) -> Within:
        """Those of a line of a report."""
        known, errors = Known.of(report, line), line.errors
        return cls(
            _within(known.used, errors.used_within_ws, line.used),
            _within(known.baseline, errors.baseline_within_ws, line.baseline),
            _within(known.saved, errors.saved_within_ws, line.baseline),
        )

    @staticmethod
    def energies_ws(known: Known, line: SpanLine | PlaceLine) -> tuple[int | None, int | None, int | None]:
        """Those of the three energies alone, of a line of which it is known what may be said: for a great many."""
        errors = line.errors
        return (
            None if known.used is None else errors.used_within_ws,
            None if known.baseline is None else errors.baseline_within_ws,
            None if known.saved is None else errors.saved_within_ws,
        )

    @classmethod
    def of_cause(cls, report: EnergyReport, line: CauseLine) -> Worth | None:
        """That of a cause, at the mean price of the baseline."""
        return _within(line.saved, line.within_ws, report.total.baseline)


def _within(figure: Worth | None, within_ws: int | None, priced: Worth) -> Worth | None:
    """``within_ws`` at the mean price of an energy."""
    if figure is None or within_ws is None:
        return None

    def of(value: int | None) -> int | None:
        return None if value is None or not priced.energy_ws else round(abs(value / priced.energy_ws) * within_ws)

    return Worth(within_ws, of(priced.money_e4), of(priced.co2_g))
