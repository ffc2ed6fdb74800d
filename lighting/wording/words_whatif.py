"""English templates of the what-if: its lines, what its figures do not know, and what is wrong with a question."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    "whatif_progress": N_("nights"),
    "whatif_heading": N_("Nights of {from_date} to {to_date}: {nights} nights, {circuits} circuits, steps of {step_s}"),
    "whatif_present_folder": N_("Present: the site's folder (nothing was accepted yet). Full power: while dark."),
    "whatif_present_revision": N_("Present: the accepted revision {revision}. Full power: while dark."),
    "whatif_peak_at": N_("Peak of the first column: {at_ms}"),
    "whatif_more_lines": N_("and {more} more (all with --csv or --json)"),
    "whatif_csv_written": N_("{file}: {lines} rows"),
    # what the figures do not know
    "whatif_rules_alone": N_(
        "Rules alone: what people asked or will ask for, dead lamps and power cuts are left out, and so are permanent"
        " loads."
    ),
    "whatif_no_traffic": N_(
        "Without --traffic or --typical-week adaptive steps have the design class: with traffic they would take less."
    ),
    "whatif_traffic_counts": N_(
        "Traffic of {file}: {sections} of {of} sections, {covered_pct} of their time; elsewhere the design class."
    ),
    "whatif_traffic_typical": N_(
        "Traffic as in the typical week of {sections} of {of} sections, learnt from counts of {from_ms} to {until_ms};"
        " the others have the design class. A typical week is smoother than a real one, so that it saves a little more."
    ),
    "whatif_counts_refused": N_("{file}: {count} counts not taken, the first in line {line}: {reason}"),
    "whatif_no_photocells": N_("Photocells are not replayed: the sun decides."),
    "whatif_ageing": N_("Lamps age by their burning hours in the replay, brought up to date every 30 nights."),
    "whatif_class_unknown": N_(
        "Minutes below class are not counted without design_class and maintained_level: {circuits} of {of} circuits."
    ),
    "whatif_circuits_differ": N_("The other site has {new} circuits more, and lacks {gone} of the present ones."),
    "whatif_present_tariff": N_("The other site's own tariff is left aside: all is priced by the present one."),
    "whatif_no_tariff": N_("No money and no CO2: the site has no tariff.toml."),
    "whatif_no_co2": N_("No CO2: tariff.toml has no [co2]."),
    "whatif_co2_varies": N_(
        "No CO2: tariff.toml has no one factor for all of these nights (a series, or another from some day on)."
    ),
    "price_leaves_out": N_("Money is energy at its hour's price; of the tariff it leaves out: {parts}."),
    "whatif_hours_without_price": N_("No money: the tariff has no price for some hours of these nights."),
    "whatif_co2": N_("CO2: {g_per_kwh} g/kWh ({source}, {year})."),
    # what is wrong with a question
    "whatif_ends_before": N_("--to {to_date} is before --from {from_date}"),
    "whatif_ends_before_tonight": N_("--to {to_date} is before tonight, {from_date}: say --from with it"),
    "whatif_too_long": N_("{nights} nights are too many: at most {most}, ten years"),
    "whatif_step_out_of_range": N_("--step {text} is not between {least_s} and {most_s}"),
    "whatif_one_other": N_("{options}: choose one of them"),
    "whatif_by_what": N_("--by {found}: it is by district or by circuit"),
    "whatif_program_not_understood": N_("“{text}” is not in the form ID=OTHER, such as main-road=full-night"),
    "whatif_program_twice": N_("program {program} is replaced twice"),
    "whatif_calendar_has_problems": N_("{file} cannot be used as a calendar: {problems} problems"),
    "whatif_other_zone": N_("{folder} is in the zone {other_timezone}, the site in {timezone}: their nights differ"),
    "whatif_no_counts": N_("{file} has no counts of a section of this site ({refused} counts not taken)"),
    "whatif_no_typical_week": N_(
        "no typical week: none of the {sections} sections that circuits name has enough counts in any year on record"
        " (lighting traffic import; lighting traffic week SECTION says what lacks)"
    ),
}

FIGURES: tuple[str, ...] = (
    N_("energy, kWh"),
    N_("peak, kW"),
    N_("money"),
    N_("CO2, kg"),
    N_("lamp-hours"),
    N_("full-load hours"),
    N_("switchings"),
    N_("minutes below class"),
    N_("minutes below floor"),
)
