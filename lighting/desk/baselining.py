"""The baseline in force: what savings are measured against, what it means tonight, what a claim still lacks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from lighting.assets.baseline import Baseline, SwitchingPoint
from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.energy.baseline_facts import (
    OPTION_OF,
    adjustment_fact,
    lacking,
    meter_facts,
    reference_fact,
    switching_fact,
    watts_facts,
)
from lighting.energy.baseline_hours import HOUR_MS, baseline_spans
from lighting.energy.baselines import Code, has_legacy
from lighting.energy.uncertainty import site_errors
from lighting.schedule.night import night_of, night_span_ms
from lighting.schedule.sun_events import SUNRISE_ELEVATION_DEG

if TYPE_CHECKING:
    from lighting.desk.desk import Desk

_SUNSET_TO_SUNRISE = Baseline(SwitchingPoint(None, None, SUNRISE_ELEVATION_DEG, SUNRISE_ELEVATION_DEG))


@dataclass(frozen=True, slots=True)
class BaselineOption:
    """A baseline, IPMVP's option, and whether the site states enough that a saving can be reckoned against it."""

    code: Code
    option: str
    is_there: bool


@dataclass(frozen=True, slots=True)
class LitTime:
    on_ms: int
    off_ms: int


@dataclass(frozen=True, slots=True)
class BaselineAnswer:
    """``tonight`` are the times at which its lamps would burn in the lighting night; hours are those of 365 nights.

    ``errors_pct`` are relative standard errors of the whole site: of the watts of the present lamps and of those before
    them, the hours, the meters, the model. ``lacking`` is what a defensible claim lacks.
    """

    site_id: str
    revision: int | None
    is_stated: bool
    options: tuple[BaselineOption, ...]
    switching: Fact
    night: str
    tonight: tuple[LitTime, ...]
    tonight_h: float
    sunset_to_sunrise_h: float
    year_h: float
    sunset_to_sunrise_year_h: float
    watts: tuple[Fact, ...]
    meters: tuple[Fact, ...]
    model_error_pct: float
    errors_pct: dict[str, float]
    reference: tuple[Fact, ...]
    adjustments: tuple[Fact, ...]
    lacking: tuple[Fact, ...]


def baseline(desk: Desk) -> BaselineAnswer:
    """Answer for the accepted revision, or the folder where nothing was accepted yet."""
    site = desk.site
    night = night_of(desk.clock.now_ms(), site.timezone)
    stated = site.baseline
    spans = _spans(site, stated, night, 1)
    year_h = _hours(site, stated, night, 365)
    return BaselineAnswer(
        site_id=site.id,
        revision=None if desk.revision is None else desk.revision.id,
        is_stated=stated.is_stated,
        options=_options(site),
        switching=switching_fact(site),
        night=night.isoformat(),
        tonight=tuple(LitTime(on_ms, off_ms) for on_ms, off_ms in spans),
        tonight_h=_hours(site, stated, night, 1),
        sunset_to_sunrise_h=_hours(site, _SUNSET_TO_SUNRISE, night, 1),
        year_h=year_h,
        sunset_to_sunrise_year_h=_hours(site, _SUNSET_TO_SUNRISE, night, 365),
        watts=(*watts_facts(site, "present"), *watts_facts(site, "legacy")),
        meters=tuple(meter_facts(site)),
        model_error_pct=stated.model_error_pct,
        errors_pct=_errors_pct(site, year_h),
        reference=tuple(reference_fact(period) for period in stated.reference.periods),
        adjustments=tuple(adjustment_fact(one) for one in stated.adjustments),
        lacking=lacking(site),
    )


def _options(site: Site) -> tuple[BaselineOption, ...]:
    is_there: dict[Code, bool] = {
        "same_lamps_full_power": True,
        "lamps_before": has_legacy(site),
        "metered_reference": bool(site.baseline.reference.periods),
    }
    return tuple(BaselineOption(code, OPTION_OF[code], there) for code, there in is_there.items())


def _errors_pct(site: Site, year_h: float) -> dict[str, float]:
    errors = site_errors(site)
    shares = {
        "watts": errors.present.share,
        "watts_before": errors.legacy.share,
        "hours": errors.hours(365, year_h * HOUR_MS).share,
        "meter": errors.meter.share,
        "model": errors.model.share,
    }
    return {name: round(100.0 * share, 3) for name, share in shares.items()}


def _spans(site: Site, stated: Baseline, night: date, nights: int) -> list[list[int]]:
    from_ms = night_span_ms(night, site.timezone)[0]
    until_ms = night_span_ms(night + timedelta(days=nights - 1), site.timezone)[1]
    found: list[list[int]] = baseline_spans(stated, site.latitude_deg, site.longitude_deg, from_ms, until_ms).tolist()
    return found


def _hours(site: Site, stated: Baseline, night: date, nights: int) -> float:
    return round(sum(off_ms - on_ms for on_ms, off_ms in _spans(site, stated, night, nights)) / HOUR_MS, 3)
