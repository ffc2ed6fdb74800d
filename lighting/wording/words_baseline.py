"""What is said of the baseline: what a claim rests on, how it was adjusted, and what it lacks."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    # what is in force
    "baseline_of_folder": N_("The baseline as the site's folder states it; nothing was accepted yet."),
    "baseline_of_revision": N_("The baseline of revision {revision}."),
    "baseline_all_default": N_("baseline.toml states nothing: everything here is a default."),
    "baseline_heading_options": N_("Savings are measured against"),
    "baseline_heading_switching": N_("Hours of the baseline"),
    "baseline_heading_watts": N_("Watts"),
    "baseline_heading_errors": N_("Standard errors"),
    "baseline_heading_reference": N_("Reference period"),
    "baseline_heading_adjustments": N_("Non-routine adjustments"),
    "baseline_heading_lacking": N_("What a claim still lacks"),
    "baseline_nothing_lacking": N_("nothing"),
    "option_same_lamps": N_("the same lamps at full power (IPMVP option A)"),
    "option_lamps_before": N_("the lamps that were there before (IPMVP option A)"),
    "option_no_lamps_before": N_("not the lamps that were there before: no luminaire type has legacy_w"),
    "option_reference": N_("a metered reference period (IPMVP option C)"),
    "option_no_reference": N_("not a metered reference period: baseline.toml has none"),
    "baseline_switching_photocell": N_(
        "a photocell, on at {on_lx} and off at {off_lx}: under a clear sky with the sun at {on_deg} and {off_deg};"
        " within {error_s} a night; source: {source}"
    ),
    "baseline_switching_elevation": N_(
        "on with the sun at {on_deg}, off at {off_deg}; within {error_s} a night; source: {source}"
    ),
    "baseline_switching_logged": N_(
        "as logged in {nights} nights, else on with the sun at {on_deg} and off at {off_deg}; within {error_s} a night"
    ),
    "baseline_tonight_lit": N_("tonight from {on_ms} to {off_ms}"),
    "baseline_tonight_hours": N_("that is {lit_s}; from sunset to sunrise would be {sun_s}"),
    "baseline_tonight_dark": N_("tonight never: it does not get dark enough"),
    "baseline_year_hours": N_("{hours} h in 365 nights; from sunset to sunrise would be {sun_hours} h"),
    "baseline_watts_nameplate": N_(
        "{luminaire_type}, {of}: {watts} W by the nameplate, ± {tolerance_pct} ({lamps} lamps)"
    ),
    "baseline_watts_sample": N_(
        "{luminaire_type}, {of}: {watts} W; a sample of {sample_size} of {lamps} lamps gave {mean_watts} W, standard"
        " deviation {deviation_watts} W ({date}, {instrument}, {by})"
    ),
    "baseline_meters": N_("meters of class {meter_class}: {error_pct} of what they count"),
    "baseline_meter": N_("meter {device} of class {meter_class}: {error_pct}"),
    "baseline_model": N_("energy that is modelled and not metered: {error_pct}"),
    "baseline_errors": N_(
        "of the whole site: watts {watts_error_pct}, watts before {watts_before_error_pct}, hours {hours_error_pct},"
        " meters {meter_error_pct}"
    ),
    "baseline_reference": N_(
        "{from_date} to {to_date}: {energy_kwh} by {source} {number}, {installed} {unit} installed"
    ),
    "baseline_adjustment_once": N_("{date}: {energy_kwh} once; {reason} (signed by {signed_by})"),
    "baseline_adjustment_yearly": N_(
        "from {date} until {until}: {energy_kwh} a year; {reason} (signed by {signed_by})"
    ),
    "baseline_adjustment_lamps": N_(
        "from {date} until {until}: {lamps} lamps of {watts} W; {reason} (signed by {signed_by})"
    ),
    # what a claim lacks
    "lacking_switching_source": N_(
        "the switching point has no source: [switching] source in baseline.toml says where it is written"
    ),
    "lacking_hours_error": N_("error_min is 0: nobody knows hours without an error"),
    "lacking_legacy_watts": N_(
        "luminaire types without the watts of the lamps before: {names} (legacy_w in luminaire_types.csv)"
    ),
    "lacking_sample": N_("luminaire types without a sample of their watts ({of}), whose nameplate counts: {names}"),
    "lacking_reference": N_("no metered reference period: [[reference.periods]] in baseline.toml"),
    "lacking_reference_error": N_(
        "fewer than three reference periods ({periods}) and no error_pct: {error_pct} is taken"
    ),
    "lacking_meter": N_("circuits without a meter, whose energy is modelled: {count} of {of_count}: {names}"),
    "lacking_area": N_("circuits without a lit area, in no D_E of EN 13201-5: {count} of {of_count}: {names}"),
    "lacking_illuminance": N_(
        "circuits without an illuminance, in no D_P of EN 13201-5: {count} of {of_count}: {names}"
    ),
    "lacking_length": N_("circuits without a length, in no kWh per km: {count} of {of_count}: {names}"),
    # how a baseline was adjusted
    "claim_hours_stipulated": N_("routine: the hours of the baseline's switching point, {hours} h in {days} days"),
    "claim_undelivered_left_out": N_(
        "light that was not delivered is left out of baseline and use; full power would have taken"
        " {undelivered_ws} in it"
    ),
    "claim_undelivered_taken_out": N_(
        "light that was not delivered is taken out of the reference too: {undelivered_ws}"
    ),
    "claim_night_length": N_("routine: mean night of {after} h, {before} h in the reference"),
    "claim_installed": N_("routine: {after} {unit} installed, {before} in the reference"),
    "claim_by_regression": N_(
        "by regression over {periods} periods: base load {base_w}, and {unit_w} per unit ({unit})"
        " while dark; R² {r_squared}"
    ),
    "claim_by_ratio": N_(
        "by the ratio of {periods} periods: {unit_w} per unit ({unit}) while dark; standard error {error_pct}"
    ),
    "claim_known_time": N_("only the known time is compared: {known_pct} of it"),
    "claim_adjusted": N_("non-routine, {date}: {added_ws}; {reason} (signed by {signed_by})"),
}

_UNITS = {"lamps": N_("lamps"), "kW": N_("kW")}
_LAMPS_OF = {"present": N_("the present lamps"), "legacy": N_("the lamps before")}
VALUES: dict[str, dict[str, str]] = {
    "claim_installed.unit": _UNITS,
    "claim_by_regression.unit": _UNITS,
    "claim_by_ratio.unit": _UNITS,
    "baseline_reference.unit": _UNITS,
    "baseline_watts_nameplate.of": _LAMPS_OF,
    "baseline_watts_sample.of": _LAMPS_OF,
    "lacking_sample.of": _LAMPS_OF,
}
