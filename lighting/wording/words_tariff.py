"""English templates of tariffs, bills and their reconciliation: what is wrong in the files, and what is told."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    # tariff.toml, format 2
    "tariff_flat_and_versions": N_("{field} stands beside [[versions]]: move it into the version that it belongs to"),
    "tariff_no_price": N_("no price: give price_per_kwh, tiers or prices (a file of hourly prices)"),
    "tariff_price_and_tiers": N_("tiers stand in the place of price_per_kwh: leave one of them out"),
    "tariff_one_of_two": N_("give either {either} or {other}, and not both"),
    "tariff_season_twice": N_("there are two seasons {season}: put all their dates into one"),
    "tariff_last_tier_open": N_("the last tier has no {field}: it takes all the rest"),
    "tariff_tier_without_end": N_("tier {tier_number} needs {field}: only the last one takes all the rest"),
    "tariff_tiers_not_rising": N_("{found} is not above the {before} of the tier before it"),
    "tariff_ratchet_not_reckoned": N_(
        "a ratchet (a share of the highest power of earlier months) is not reckoned: leave ratchet_percent out, and"
        " expect the bill to differ by it"
    ),
    "tariff_tax_on_nothing": N_("a tax per_kwh is on energy alone: leave «on» out"),
    "tariff_tax_twice": N_("{name} is the name of something above it: taxes need names of their own"),
    "tariff_holidays_unknown": N_(
        "some window names holidays, but calendar.toml has none: [holidays] with country, or added"
    ),
    "tariff_file_missing": N_("there is no file {file}"),
    "tariff_file_elsewhere": N_("{file}: such a file stands in the folder {folder}"),
    "tariff_dates_reversed": N_("valid_to is before valid_from"),
    "tariff_dates_overlap": N_(
        "numbers {first_number} and {other_number} are both valid on some day: end the first with valid_to on the day"
        " before the other begins"
    ),
    "tariff_dates_gap": N_("nothing is valid from {from_date} until {until_date}: these days have no value"),
    # files of hourly values
    "series_empty": N_("the file has no values"),
    "series_not_used": N_("{file} is not named in tariff.toml, and not used"),
    "series_without_offset": N_(
        "{found} has no offset: write 2026-01-31T23:00+01:00 or …Z, so that the hours of a clock change are told apart"
        " (lighting tariff import prices does it)"
    ),
    "series_twice": N_("begins at the same time as line {line}"),
    "series_not_rising": N_("begins before the value of line {line} ends"),
    "series_length": N_("a value holds for {duration_ms}: from a minute to a day is allowed"),
    # what a bill does not know
    "bill_hours_without_price": N_("Hours without a price, not reckoned: {duration_ms} in all."),
    "bill_without_reactive": N_("Reactive energy is not known here, and not in the bill."),
    "bill_demand_of_slots": N_(
        "The demand charge is on the highest mean of {step_ms}; the tariff means {minutes} min, which may be higher."
    ),
}
