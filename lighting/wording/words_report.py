"""English templates of the energy report: its sentences, headings, names of causes and baselines, and what is refused.

The values of a sentence are written already, in the form of the report's language.
"""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    # the first page
    "report_title": N_("Energy report, street lighting {site}"),
    "report_known": N_("known for {share} of the time"),
    "report_within": N_("± {within} at 90 % confidence"),
    "report_share_of_baseline": N_("{share} of the baseline"),
    "report_lamp_hours": N_("{hours} lamp-hours"),
    "report_rounding": N_(
        "Sums are of exact figures; each figure is rounded alone, so that the last digit of a sum may differ."
    ),
    "report_no_baseline": N_("No baseline could be reckoned for these days, so that no saving is stated."),
    "report_saving_not_shown": N_(
        "The saving is not shown: {saved} is under twice its standard error of {error}. It may be chance."
    ),
    # baselines and causes
    "report_which_baseline": N_("All other figures of this report are against: {baseline}."),
    "report_baseline_rests_on": N_("{baseline} (IPMVP option {option}) rests on:"),
    "report_no_causes": N_("The difference could not be split by cause: there is no baseline for these days."),
    "report_order_is_fixed": N_(
        "Each line is the energy that one change makes, in a fixed order, because what dimming saves depends on what"
        " the lamps are. “Unexplained” is what was modelled less what was metered; it is spread over no other line."
    ),
    "report_waterfall_says": N_(
        "From {baseline} of the baseline to {used} used; the largest cause is “{cause}” with {saved}."
    ),
    "report_undelivered_is_no_saving": N_(
        "Light that was asked for and not delivered (dead lamps and circuits, power cuts, local off, on without"
        " confirmation) is taken out of baseline and savings alike. It is no saving."
    ),
    "report_money_not_shown": N_("The saved money and CO₂ follow from a saving that is not shown."),
    # time
    "report_no_months": N_("No month of these days has an account."),
    "report_months_say": N_("Most in {most}: {most_energy}; least in {least}: {least_energy}."),
    "report_month_says": N_("All of it in {month}: {energy}."),
    "report_no_profile": N_("The power of no hour is known."),
    "report_profile_says": N_(
        "Highest at {hour}: {power} in the mean of the nights in which that hour is known, {known} of {of}."
    ),
    "report_profile_known": N_(
        "Means are of the hours of which at least 99 % of the circuit-time is known, brought to the whole: {known} of"
        " {of} hours. All others are in no mean."
    ),
    "report_no_load": N_("The power of no hour is known, so that there is no load duration."),
    "report_load_says": N_(
        "The highest hour took {power}; for half of the time it was {half} or more. Known are {known} of {of} hours."
    ),
    "report_peak": N_("Peak: {power}, in the hour of {at}, of the {known} of {of} hours that are known."),
    "report_of_hours": N_("{power} (of the {known} of {of} hours that are known)"),
    # places
    "report_no_positions": N_("No circuit has a position, so that there is no map."),
    "report_map_says": N_(
        "{circuits} of {of} circuits have a position. The most per lamp: {circuit} with {intensity} kWh."
    ),
    "report_no_circuits": N_("No circuit has an account in these days."),
    "report_no_districts": N_("There are no districts to compare."),
    "report_worst_are": N_("The circuits to look at first: the most energy per lamp."),
    "report_circuits_listed": N_("The {listed} with the most energy of {of}; workbook, CSV and JSON have all."),
    "report_loads_are": N_("Permanent loads are gateways, controllers and what else is no lamp."),
    "report_loads_listed": N_("Of {of} these are the {listed} with the most energy; workbook, CSV and JSON have all."),
    # indicators
    "report_area_missing": N_(
        "Without illuminance or area, and so in neither indicator of EN 13201-5: {circuits} of {of} circuits."
    ),
    "report_no_reactive": N_("No meter of this site counts reactive energy."),
    "report_tan_phi_sign": N_("Positive where the current lags (inductive), negative where it leads (dimmed LEDs)."),
    "report_no_bills": N_("No bills were entered for these days."),
    # coverage and method
    "report_coverage_says": N_("{share} of the energy comes from circuits with a meter of their own."),
    "report_kinds_are": N_(
        "Metered: by a meter of its own. Apportioned: a part of a shared meter, by model; the parts are equal to the"
        " meter. Modelled: from the levels and the lamps. Unmetered supply: inventory times hours."
    ),
    "report_rests_on_readings": N_(
        "Energy used rests on the energy counters of the meters, from raw readings through hours to days; where a"
        " counter says nothing that can be believed, the time is unknown and its energy is in no figure."
    ),
    "report_rests_on_accounts": N_(
        "Baseline and causes rest on the revisions of the site, the levels that were decided and reported, and the"
        " power of each luminaire type."
    ),
    "report_rests_on_money": N_(
        "Money rests on the tariff and its prices of each hour; the hours of a clock change are priced once each."
    ),
    "report_rests_on_carbon": N_("CO₂ rests on the factor of the source that is named."),
    "report_rests_on_lamps": N_("Indicators rest on the luminaires, areas and illuminances of the site's tables."),
    "report_formula_saved": N_("Saved = baseline − used; the causes sum to it exactly."),
    "report_formula_cause": N_("A cause = the energy before it − the energy after it, hour by hour, then summed."),
    "report_formula_unexplained": N_("Unexplained = modelled − metered."),
    "report_formula_within": N_("± at 90 % confidence of a cause = 1.645 × its standard error."),
    "report_formula_within_all": N_(
        "± of the saving in all = Student's t × its standard error, more than 1.645 where that rests on a small sample."
    ),
    "report_formula_within_lines": N_(
        "± of what was used is of the meters and the model; ± of a baseline is of the watts and the hours; ± of a"
        " saving of all these. Lines share them, so that the ± of a sum is not the root of the squares of its lines."
    ),
    "report_formula_within_share": N_(
        "Of a month or day the modelled part is taken as in its districts over the span; a part of a shared meter has"
        " the error of the model beside that of the meter."
    ),
    "report_formula_within_money": N_(
        "± of money and CO₂ = ± of the energy × its mean price or factor (for savings, that of the baseline): tariff"
        " and factor are taken as exact."
    ),
    "report_formula_within_none": N_(
        "“–” stands for a ± that cannot be stated: of what somebody signed for, and of a single month, day or district"
        " against a metered reference, for its fit is known for the whole alone."
    ),
    "report_formula_profile": N_(
        "Night profile, peak and load duration are of the hours of which at least 99 % of the circuit-time is known,"
        " each brought to the whole by the share known."
    ),
    "report_formula_standby": N_(
        "Standby by day is modelled: stated watts times the hours in which the baseline is off. No meter tells it from"
        " what else was used in those hours, such as lamps that burn by day."
    ),
    "report_formula_shown": N_(
        "Shown is a saving, or a loss, of at least twice its standard error; any other is “not shown”."
    ),
    "report_formula_density": N_("Power density D_P = P / Σ(E·A), in W/(lx·m²) (EN 13201-5)."),
    "report_formula_annual": N_("Annual energy D_E = Σ(P·t) / A, in Wh/m² (EN 13201-5)."),
    "report_formula_tan_phi": N_("tan φ = reactive energy / active energy of a tariff period."),
    "report_again_readings": N_("{command} gives the raw readings and the hours."),
    "report_again_rebuild": N_("{command} reckons hours, days and accounts again from the raw readings."),
    "report_again_report": N_("{command} makes this report again; the same data gives the same bytes."),
    "report_again_csv": N_("CSV and JSON have every figure as an exact integer in Ws, 10⁻⁴ of the minor unit and g."),
    # the workbook
    "report_sheet_note": N_("Cells with a formula are reckoned from the cells beside them; change an input and see."),
    "report_sheet_price": N_("Mean price of a kWh that was used"),
    # the command
    "report_written": N_("{file}: written"),
    "report_nothing_due": N_("No monthly report is due."),
    "report_waits_for_accounts": N_(
        "The report of {month} waits: {days} days have no account yet. It is written on day {day} in any case."
    ),
    "report_not_scheduled": N_("No monthly report is asked for: set monthly = true in [reports] of site.toml."),
    "report_needs_out": N_("say where to write it: --out FILE.html (or .pdf, .xlsx, .csv, .json)"),
    "report_ending_unknown": N_("--out {file}: no report ends so; allowed: {allowed}"),
    "report_out_twice": N_("--out {file} is named twice"),
    "report_folder_missing": N_("--out {file}: there is no folder {folder}"),
    "report_needs_span": N_("say which days: --from DATE --to DATE, --month 2026-10 or --last-month"),
    "report_one_span": N_("{options}: choose one of them"),
    "report_day_not_understood": N_("{option} {found} is no day such as 2026-10-01"),
    "report_month_not_understood": N_("--month {found} is no month such as 2026-10"),
    "report_no_accounts": N_("no day of this site has an account yet: lighting run keeps them"),
    "report_no_data": N_(
        "of {from_day} to {to_day} no energy is known; there are accounts of {first_day} to {last_day}"
    ),
    "report_language_unknown": N_("--language {found}: there are {allowed}"),
    "report_child_failed": N_("the monthly report could not be written (exit code {exit_code}): {detail}"),
}

CAUSES: dict[str, str] = {
    "retrofit": N_("Lamps replaced"),
    "switching_times": N_("Switching times"),
    "scheduled_dimming": N_("Scheduled dimming"),
    "traffic_dimming": N_("Dimming by traffic"),
    "constant_light_output": N_("Constant light output"),
    "demand_limits": N_("Demand limits"),
    "overrides": N_("Overrides and tests"),
    "ramps_and_delays": N_("Ramps and delays"),
    "day_burners": N_("Day burners"),
    "not_followed": N_("Level not followed"),
    "unexplained": N_("Unexplained"),
    "adjustments": N_("Signed adjustments"),
    "reference_difference": N_("Reference less model"),
}
BASELINES: dict[str, str] = {
    "same_lamps_full_power": N_("Same lamps at full power"),
    "lamps_before": N_("Lamps that were there before"),
    "metered_reference": N_("Metered reference period"),
}
WORLD_NAMES: dict[str, str] = {
    "legacy": N_("the lamps before, at full power"),
    "full": N_("the present lamps, at full power"),
    "switched": N_("switched as the program says"),
    "scheduled": N_("dimmed as the program says"),
    "traffic": N_("with traffic"),
    "output": N_("with constant light output"),
    "limited": N_("with demand limits"),
    "people": N_("with overrides, tests and local control"),
    "asked": N_("as it was decided, with ramps and delays"),
    "burning": N_("with lamps that burned when they should not"),
    "actual": N_("at the levels that the lamps had"),
    "metered": N_("as the meters counted"),
}
KINDS: dict[str, str] = {
    "metered": N_("metered"),
    "apportioned": N_("apportioned"),
    "modelled": N_("modelled"),
    "unmetered": N_("unmetered supply"),
    "": N_("several kinds"),
}
BILL_VERDICTS: dict[str, str] = {
    "agreed": N_("agrees"),
    "energy_agreed": N_("energy agrees, money not compared"),
    "differs": N_("differs"),
    "cannot_tell": N_("not known"),
}

LABELS: tuple[str, ...] = (
    # the first page, baselines, causes, money
    N_("not known"),
    N_("not shown"),
    N_("none"),
    N_("all"),
    N_("loss"),
    N_("in no saving"),
    N_("In short"),
    N_("Days, both included"),
    N_("Time zone"),
    N_("Used"),
    N_("Baseline"),
    N_("Saved"),
    N_("Used, baseline and saving, with uncertainty and completeness"),
    N_("Light not delivered"),
    N_("Figure"),
    N_("± kWh at 90 %"),
    N_("± money"),
    N_("± kg CO₂"),
    N_("Nights known"),
    N_("Nights"),
    N_("Used ±, kWh"),
    N_("Baseline ±, kWh"),
    N_("Saved ±, kWh"),
    N_("Used ±"),
    N_("Baseline ±"),
    N_("Saved ±"),
    N_("Cost ±"),
    N_("Money"),
    N_("Known"),
    N_("What a reader has to know:"),
    N_("Baselines"),
    N_("IPMVP option"),
    N_("Baseline, kWh"),
    N_("Used, kWh"),
    N_("Saved, kWh"),
    N_("Standard error, kWh"),
    N_("Savings against each baseline"),
    N_("Input"),
    N_("Adjustment"),
    N_("Adjustments: none."),
    N_("Savings by cause"),
    N_("From the baseline to what was used"),
    N_("Savings by cause, in the order of attribution; losses are negative"),
    N_("Cause"),
    N_("Of the baseline"),
    N_("Verdict"),
    N_("Saved in all"),
    N_("Light that was not delivered"),
    N_("At full power that would have taken"),
    N_("Money and CO₂"),
    N_("Tariff"),
    N_("none: money is not known"),
    N_("Cost of what was used"),
    N_("Cost of the baseline"),
    N_("Saved money"),
    N_("CO₂ factor"),
    N_("none: CO₂ is not known"),
    N_("CO₂ of what was used"),
    N_("CO₂ avoided"),
    # time
    N_("Months"),
    N_("Month"),
    N_("By month"),
    N_("In all"),
    N_("Cost"),
    N_("Not delivered, lamp-hours"),
    N_("Used and baseline by month"),
    N_("Night profile"),
    N_("Hour"),
    N_("Used, kW"),
    N_("Baseline, kW"),
    N_("Mean power by hour of the night"),
    N_("Mean power by hour, noon to noon"),
    N_("Load duration"),
    N_("Hourly mean power, highest first"),
    N_("Share of the time"),
    N_("At least, kW"),
    N_("Load duration at some shares of the time"),
    # places
    N_("Map of intensity"),
    N_("kWh per lamp by circuit"),
    N_("kWh per lamp"),
    N_("Districts"),
    N_("District"),
    N_("By district"),
    N_("By supply"),
    N_("Supply"),
    N_("Circuits"),
    N_("Circuit"),
    N_("Circuits with the most energy"),
    N_("Circuits with the most energy per lamp"),
    N_("Worst ten circuits"),
    N_("Permanent load"),
    N_("Permanent loads"),
    N_("Lamps"),
    N_("How known"),
    # indicators
    N_("Indicators"),
    N_("brought to 365 days"),
    N_("Power density D_P = P / Σ(E·A), EN 13201-5"),
    N_("Annual energy D_E = Σ(P·t) / A, EN 13201-5"),
    N_("System power P, with controllers and gateways"),
    N_("Illuminance times area, Σ(E·A)"),
    N_("Lit area A"),
    N_("Circuits with illuminance and area"),
    N_("Length of lit roads"),
    N_("kWh per km"),
    N_("Mean burning hours of a lamp, by reported levels"),
    N_("Mean burning hours of a lamp, in part modelled"),
    N_("Standby power by day, stated: permanent loads, and lamps without a contactor"),
    N_("Hours of these days in which the baseline is off"),
    N_("Standby by day, modelled: that power for those hours"),
    N_("Used outside the baseline's hours, by whatever took it"),
    N_("Peak of an hour"),
    N_("When"),
    N_("Reactive energy (tan φ)"),
    N_("Tariff period"),
    N_("By tariff period"),
    N_("all other times"),
    N_("at any time"),
    N_("Active, kWh"),
    N_("Reactive, kvarh"),
    N_("Limit"),
    N_("over the limit"),
    N_("within the limit"),
    N_("Utility bills"),
    N_("Bills beside meters and tariff"),
    N_("Supply and bill"),
    N_("Days"),
    N_("Billed, kWh"),
    N_("Metered, kWh"),
    N_("Billed"),
    N_("Reckoned"),
    # coverage and method
    N_("Coverage"),
    N_("Known time"),
    N_("of it only in sum over a gap"),
    N_("Unknown time, its energy in no figure"),
    N_("Days without an account"),
    N_("How the energy is known"),
    N_("Energy by how it is known"),
    N_("Share"),
    N_("Method and data"),
    N_("What it was made from:"),
    N_("What rests on what:"),
    N_("Formulas:"),
    N_("To reckon it again:"),
    N_("Site"),
    N_("Revisions of the site"),
    N_("Hash of the basis"),
    N_("Order"),
    N_("Energy before it"),
    N_("Energy after it"),
    N_("Order of attribution: a cause saves the energy before it less that after it"),
    # the page and the workbook
    N_("Contents"),
    N_("Page"),
    N_("Summary"),
    N_("Causes"),
    N_("Load"),
    N_("Bills"),
    N_("Method"),
    N_("Unit"),
    N_("From"),
    N_("To"),
    N_("Latitude"),
    N_("Longitude"),
    N_("Name"),
    N_("Supply"),
    N_("Bill"),
    N_("Currency"),
    N_("Difference"),
    N_("Power, W"),
    N_("Baseline cost"),
    N_("Saved share"),
    N_("Price per kWh"),
    N_("Baseline, W"),
    N_("Used, W"),
    N_("Energy"),
)
