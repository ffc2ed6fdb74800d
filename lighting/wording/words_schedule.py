"""English templates of the reasons that the schedule gives."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    "clock_doubted_photocell": N_("the clock is doubted: photocell {photocell} decides until it can be trusted again"),
    "demand_limit_in_force": N_("demand limit {id} by {by} until {until_ms}: at most {level_pct} ({reason})"),
    "dimming_down": N_("on its way down to {target_pct}"),
    "gap_too_short": N_("kept at {minimum_pct}: the program's gap is shorter than the {min_off_s} its lamps need off"),
    "kept_on": N_("kept on until {until_ms}: its lamps must not burn for a shorter time"),
    "light_output_corrected": N_("new lamps are brighter: {share_pct} of the level gives the same light"),
    "photocell_bright": N_("photocell {photocell} says bright: {read_lx}, and {off_lx} is enough"),
    "photocell_bright_by_night": N_("photocell {photocell} said bright by night and is not believed: the sun decides"),
    "photocell_constant": N_("photocell {photocell} read the very same for a day and is not believed: the sun decides"),
    "photocell_dark": N_("photocell {photocell} says dark: {read_lx}, and {on_lx} is dark enough"),
    "photocell_dark_by_day": N_(
        "photocell {photocell} said dark for over an hour by day and is not believed: the sun decides"
    ),
    "photocell_restless": N_(
        "photocell {photocell} changed more than six times in an hour and is not believed: the sun decides"
    ),
    "photocell_silent": N_("photocell {photocell} has not been read since {since_ms}: the sun decides"),
    "photocell_not_read_yet": N_("what photocell {photocell} will say is not known yet: the sun decides"),
    "photocell_unknown": N_("photocell {photocell} says nothing that can be believed: the sun decides"),
    "program_step_of_class": N_("program {program}: class {lighting_class} from {since_ms} to {until_ms}"),
    "program_step_of_class_since": N_("program {program}: class {lighting_class} from {since_ms} on"),
    "program_step_of_class_until": N_("program {program}: class {lighting_class} until {until_ms}"),
    "program_step_of_class_by_photocell": N_("program {program}: class {lighting_class}, lit by photocell"),
    "program_unlit": N_("program {program}: not lit now"),
    "staggered_early": N_("switched on {ahead_s} before its program, so that the grid sees no step"),
    "traffic_counted": N_(
        "traffic of section {section}: {flow_veh_h} until {counted_until_ms}, {share_pct} of capacity: "
        "class {lighting_class} (design class {design_class})"
    ),
    "traffic_count_failed": N_("section {section} could not be counted from {from_ms} to {until_ms}: its design class"),
    "traffic_counter_silent": N_(
        "lane {lane} of section {section} has counted nothing since {since_ms} and is not believed: its design class"
    ),
    "traffic_counts_lost": N_("what was counted on section {section} was lost: its design class"),
    "traffic_counts_missing": N_("no counts of section {section} from {from_ms} to {until_ms}: its design class"),
    "traffic_counts_stale": N_("no counts of section {section} since {counted_until_ms}: its design class"),
    "traffic_counts_too_coarse": N_(
        "counts of section {section} are {length_s} long; only those up to {longest_s} may choose a class: its design "
        "class"
    ),
    "traffic_lanes_differ": N_("section {section} has {lanes} lanes, and counts of {counted} came: its design class"),
    "traffic_limited": N_("section {section} may go {steps_down} classes down at most: class {lighting_class}"),
    "traffic_never_counted": N_("section {section} has had no counts: its design class"),
    "traffic_not_counted_yet": N_("the traffic of section {section} is not known yet: its design class"),
    "traffic_typical": N_(
        "section {section} in a typical week: {flow_veh_h}, {share_pct} of capacity: class {lighting_class} "
        "(design class {design_class})"
    ),
    "traffic_tied": N_(
        "section {section} is never darker than its neighbour {neighbour}: class {lighting_class} (design class "
        "{design_class})"
    ),
    "traffic_unknown": N_("no counts of section {section} that can be believed: design class {lighting_class}"),
    "traffic_class": N_("traffic of section {section}: class {lighting_class} (design class {design_class})"),
    "calendar_rule": N_("calendar rule “{rule}”: program {program} instead of {own_program} on the night of {night}"),
    "clock_doubted": N_("the clock is doubted: full light until it can be trusted again"),
    "emergency_until_dark": N_("emergency {id} by {by} until {until_ms}: lights only while it is dark ({reason})"),
    "emergency_until_dark_at": N_("emergency {id} by {by} until {until_ms}: waits for dark ({dark_ms}) ({reason})"),
    "emergency_in_force": N_("emergency {id} by {by} until {until_ms}: {level_pct} ({reason})"),
    "fallback_dark": N_("no program says what to do ({program} is missing): full light while it is dark"),
    "fallback_daylight": N_("no program says what to do ({program} is missing): off by daylight"),
    "local_control": N_("local control: switched at the cabinet, nothing is written until it is given back"),
    "lockout_in_force": N_("locked out by {by} (lockout {id}: {reason}), expected to last until {until_ms}"),
    "override_in_force": N_("{by} set {level_pct} until {until_ms} (override {id}: {reason})"),
    "part_night_off": N_("program {program}: part-night off from {since_ms} to {until_ms}"),
    "part_night_off_since": N_("program {program}: part-night off from {since_ms} on"),
    "part_night_off_until": N_("program {program}: part-night off until {until_ms}"),
    "part_night_off_by_photocell": N_("program {program}: part-night off"),
    "program_not_lit": N_("program {program}: not lit in this lighting night"),
    "program_off": N_("program {program}: off since {since_ms}"),
    "program_off_until": N_("program {program}: off until {until_ms}"),
    "program_step": N_("program {program}: {level_pct} from {since_ms} to {until_ms}"),
    "program_step_since": N_("program {program}: {level_pct} from {since_ms} on"),
    "program_step_until": N_("program {program}: {level_pct} until {until_ms}"),
    "program_step_by_photocell": N_("program {program}: {level_pct}, lit by photocell"),
    "raised_to_floor": N_("raised from {asked_pct} to the floor of {floor_pct}: it is dark"),
    "raised_to_minimum": N_("raised from {asked_pct} to {minimum_pct}, the lowest level its lamps can keep"),
    "test_in_force": N_("lamp test {id} by {by} until {until_ms}: {level_pct} ({reason})"),
    "warming_up": N_("full power until {until_ms} while its lamps warm up"),
}
