"""English templates of energy: the quick look, the notes of a report, and what is wrong with a question."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    "energy_title": N_("{site}: energy, against {baseline}"),
    "energy_title_districts": N_("{site}, {districts}: energy, against {baseline}"),
    "energy_heading": N_("{from_date} to {to_date}, {days} days"),
    "energy_heading_night": N_("The night of {from_date}, noon to noon"),
    "energy_spark": N_("used by day this month  {drawn}  at most {most_ws}"),
    "energy_no_causes": N_("Nothing was saved and nothing lost."),
    "energy_nothing_known": N_("No hour of this span is known, and so not what was saved."),
    "energy_loss": N_("The saving is negative, by more than twice its standard error: it is a loss."),
    "energy_more_notes": N_("{count} notes: `lighting energy --year` or `--month` tells them"),
    "energy_not_shown": N_("* The saving is under twice its standard error: it is not shown."),
    "energy_coverage": N_("Known: {known} % of the time, {spread} % only in sum over a gap; {kinds}."),
    "energy_undelivered": N_(
        "Not delivered: {lamp_h} lamp-hours, which would have taken {would_ws}; in neither baseline nor saving."
    ),
    "energy_loads_save_nothing": N_(
        "A permanent load saves nothing: its difference is what the meter counted beside the model, and unexplained."
    ),
    "energy_csv_written": N_("{file}: {rows} rows"),
    # notes: what a reader has to know
    "energy_days_without_account": N_(
        "Without an account: {days} of {of} days ({from_date} to {to_date}). Nothing of them is in these figures."
    ),
    "energy_days_dirty": N_(
        "Accounts older than their readings or rules: {days} days ({from_date} to {to_date}). The controller makes them"
        " again, or `lighting db rebuild`."
    ),
    "energy_today": N_("{date} is not over."),
    "energy_basis_changed": N_(
        "The days rest on {bases} different bases: the site or its rules changed ({revisions} revisions)."
    ),
    "energy_circuits_differ": N_(
        "Circuits and hours differ by {difference_ws}: circuits have moved to other districts or are known no longer."
    ),
    "energy_circuit_money_is_mean": N_("Money and CO2 of a circuit are by the mean price of its district's energy."),
    "energy_unknown_left_out": N_("Time whose energy is not known is in neither the baseline nor what was used."),
    "energy_of_districts": N_(
        "Of {districts} alone, {of} districts in all: what is paid for the whole site is shared by energy."
    ),
    "energy_days_replayed": N_(
        "Worked out again by the rules for {hours} circuit-hours on {days} days, for want of what was decided then."
    ),
    "energy_co2_factor": N_("{source}, {year}: {g_per_kwh} g/kWh"),
    "energy_co2_by_hour": N_("{source}, {year}: by the hour"),
    "energy_days_without_reports": N_("Levels are as decided on {days} days: no device reported any."),
    "energy_days_meters_unknown": N_("{hours} meter-hours are not known, on {days} days."),
    "energy_other_currency": N_("Bills in {currencies} have no money beside them: the tariff is in “{currency}”."),
    "energy_no_tariff": N_("No money and no CO2: the site has no tariff.toml."),
    "energy_no_co2": N_("No CO2: tariff.toml has no [co2]."),
    "energy_hours_without_price": N_("No money: {unpriced_s} of the span have no price in the tariff."),
    "energy_hours_without_co2": N_("No CO2: {unknown_s} of the span have no factor in the tariff."),
    "energy_money_shared": N_(
        "Of the tariff, {parts} are reckoned for the whole site and month, and shared by energy and its price."
    ),
    "energy_money_standing": N_(
        "Fixed charges are the same in the baseline, and in no saving: they are shared by what was used."
    ),
    "energy_money_sign": N_(
        "Energy saved and money saved have different signs in {circuits} circuits: the mean price of their district is"
        " another in the baseline."
    ),
    "energy_money_without_reactive": N_(
        "Charges for reactive energy are in none of the figures: no meter counts it, and no baseline has any."
    ),
    "energy_money_reactive_beside": N_(
        "Reactive energy costs {amount} {currency} beside the figures ({kvarh} kvarh over the limit, before taxes): it"
        " is of what was metered alone, and in no baseline and no saving."
    ),
    "energy_no_supplies": N_("No supplies: supplies.csv names them, and circuits.csv whose each circuit is."),
    "energy_supplies_one_tariff": N_(
        "Supplies name other tariffs ({tariffs}): all of them are priced by {name}, the one that the site has."
    ),
    "energy_tariff_changed": N_("The tariff changed on {from_date}."),
    # what a baseline rests on
    "energy_hours_by_lux": N_("lit hours of the baseline: a photocell of {on_lx} / {off_lx}; source: {source}"),
    "energy_hours_by_elevation": N_(
        "lit hours of the baseline: the sun at {on_elevation_deg} / {off_elevation_deg}; source: {source}"
    ),
    "energy_hours_logged": N_("lit hours of the baseline: the log of {nights} nights; source: {source}"),
    "energy_error_part": N_("standard error from {part}: {part_ws}"),
    # what is wrong with a question
    "energy_ends_before": N_("--to {to_date} is before --from {from_date}"),
    "energy_begins_in_future": N_("{from_date} is in the future: today is {today}"),
    "energy_ends_in_future": N_("{to_date} is in the future: today is {today}"),
    "energy_too_long": N_("{days} days are too many: at most {most}, ten years"),
    "energy_one_span": N_("{options}: choose one of them"),
    "energy_by_what": N_("--by {found}: it is by one of {known}"),
    "energy_night_by": N_(
        "--by {found} is not told of a night, for circuits are accounted by day: ask --by district or cause"
    ),
    "energy_month_not_understood": N_("“{text}” is no month, such as 2026-10"),
    "energy_year_not_understood": N_("“{text}” is no year, such as 2026"),
    "energy_baseline_unknown": N_("no baseline {found}: there are {known}"),
    "energy_baseline_without_watts": N_(
        "there is no baseline {baseline} here: state the watts of the lamps before, legacy_w in luminaire_types.csv"
    ),
    "energy_baseline_without_reference": N_(
        "there is no baseline {baseline} here: state metered periods before, [[reference.periods]] in baseline.toml"
    ),
    "energy_baseline_of_whole_site": N_("the baseline {baseline} is of the whole site: ask without --district"),
    "energy_no_accounts": N_(
        "no energy was accounted yet: `lighting run` makes accounts of readings, `lighting import readings` brings"
        " older ones"
    ),
    "energy_no_accounts_then": N_(
        "no energy was accounted from {from_date} to {to_date}: there are accounts from {first_date} to {last_date}"
    ),
}

BASELINES: dict[str, str] = {
    "same_lamps_full_power": N_("the same lamps at full power"),
    "lamps_before": N_("the lamps that were there before"),
    "metered_reference": N_("the metered reference period"),
}
CAUSES: dict[str, str] = {
    "retrofit": N_("retrofit"),
    "switching_times": N_("switching times"),
    "scheduled_dimming": N_("scheduled dimming"),
    "traffic_dimming": N_("traffic dimming"),
    "constant_light_output": N_("constant light output"),
    "demand_limits": N_("demand limits"),
    "overrides": N_("overrides"),
    "ramps_and_delays": N_("ramps and delays"),
    "day_burners": N_("day burners"),
    "not_followed": N_("levels not followed"),
    "unexplained": N_("unexplained"),
    "adjustments": N_("signed adjustments"),
    "reference_difference": N_("reference less model"),
}
FIGURES: tuple[str, ...] = (
    N_("metered"),
    N_("apportioned"),
    N_("modelled"),
    N_("unmetered supplies"),
    N_("LAST NIGHT"),
    N_("THIS MONTH"),
    N_("THIS YEAR"),
    N_("SPAN"),
    N_("SAVED BY"),
    N_("MONEY"),
    N_("kWh"),
    N_("CO2 kg"),
    N_("MONTH"),
    N_("DAY"),
    N_("USED kWh"),
    N_("BASELINE kWh"),
    N_("SAVED kWh"),
    N_("KNOWN %"),
    N_("used"),
    N_("baseline"),
    N_("saved"),
    N_("used, kWh"),
    N_("baseline, kWh"),
    N_("saved, kWh"),
    N_("saved, % of baseline"),
    N_("saved, money"),
    N_("saved, CO2 kg"),
    N_("not delivered, lamp-hours"),
    N_("known, % of the time"),
    N_("all others"),
    N_("SAVED"),
    N_("unknown"),
    N_("further notice"),
    N_("yes"),
    N_("no"),
    N_("permanent load"),
)

VALUES: dict[str, dict[str, str]] = {
    # codes inside a fact, by the name of its value
    "energy_error_part.part": {
        "watts": N_("the watts of the lamps"),
        "watts_before": N_("the watts of the lamps before"),
        "hours": N_("the hours of the baseline"),
        "meter": N_("the meters"),
        "model": N_("the model of what no meter counts"),
        "reference": N_("the adjustment of the reference period"),
        "reference_meter": N_("the meters of the reference period"),
    },
    "energy_money_shared.parts": {
        "tiers": N_("tiers"),
        "demand": N_("demand charges"),
        "minimum": N_("minimum charges"),
    },
}
