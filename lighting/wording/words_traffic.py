"""What is said about traffic counts: what a file or a line holds, why a count is none, and what became of it."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    # the file as a whole
    "counts_not_text": N_("{file} line {line} is not UTF-8 text"),
    "counts_not_csv": N_("{file} line {line} is not CSV: {detail}"),
    "counts_empty": N_("there are no counts in {file}"),
    "counts_without_heading": N_(
        "{file} line {line} “{found}” is no heading of counts: begin with {needed} (and lane), or with a JSON object"
    ),
    "pems_columns_missing": N_("{file} is no PeMS 5-minute file: its heading is “{found}”, needed are {needed}"),
    "pems_lanes_missing": N_("{file} has flows of lanes {found} only: the worst lane could be one that is not there"),
    "dates_in_both_orders": N_("{file}: line {line} can only be day/month, line {other_line} only month/day"),
    "date_order_unknown": N_(
        "{file}: no date in it tells whether the day or the month comes first; say --dates day-first or month-first"
    ),
    "date_order_disproved": N_("{file}: you said --dates {told}, but line {line} can only be {proven}"),
    "muenster_heading_not_known": N_(
        "{file} is no day of Münster counts: its heading “{found}” is not “Name / Date: YYYY_MM_DD” and 0:00 to 23:00"
    ),
    "muenster_dates_disagree": N_(
        "{file}: its heading says {found}, its name another day or none; name it {found}_24mq.csv if that is right"
    ),
    # what is remarked of it
    "counts_in_zone": N_("Times are read as clocks show them in {timezone} (--timezone says another)."),
    "date_order_proven": N_("{file}: dates are {order}, as line {line} proves"),
    "date_order_told": N_("{file}: dates are {order}, as told"),
    "counts_lack_days": N_("{file}: {day_count} whole days are missing in {gap_count} gaps; they stay gaps"),
    "counts_day_empty": N_("{file}: a heading and no rows; nothing is known of {day}"),
    "detector_not_in_file": N_("{file}: no detector {detector} that day"),
    "detector_not_in_file_nearest": N_("{file}: no detector {detector} that day; nearest: {nearest}"),
    # why a count is refused
    "count_not_a_number": N_("“{found}” is no number of vehicles"),
    "count_not_whole": N_("“{found}” vehicles: write whole vehicles as they were counted, no mean and no flow"),
    "count_negative": N_("“{found}” vehicles: less than none"),
    "count_not_plausible": N_("{flow_veh_h} is more than {most_veh_h}: a sum or a broken counter (--most-veh-h)"),
    "count_time_not_understood": N_("“{found}” is no time: write it as 2026-11-28T17:10+01:00"),
    "wall_time_does_not_exist": N_(
        "{found} does not exist in {timezone}: clocks are put forward over it; write the offset from UTC with it"
    ),
    "wall_time_is_twice": N_(
        "{found} is shown twice in {timezone}: clocks are put back over it; write the offset from UTC with it"
    ),
    "count_ends_before_it_begins": N_("it ends at {until_ms}, not after it begins at {from_ms}"),
    "count_too_long": N_("an interval of {duration_ms}: at most {longest_duration_ms}"),
    "count_line_too_long": N_("longer than {longest} characters"),
    "count_line_not_csv": N_("“{found}” is no line of CSV"),
    "count_line_not_json": N_("“{found}” is no JSON"),
    "count_object_incomplete": N_("“{found}” lacks some of {needed}"),
    "count_without_section": N_("it names no section"),
    "lane_not_a_number": N_("lane “{found}”: write 1, 2, …"),
    "lane_and_many": N_("a lane is named, but “{found}” is of several"),
    "lane_unknown": N_("lane {lane} of a section with {lanes} lanes"),
    "lane_counted_twice": N_("lane {lane} has another count of the same interval already"),
    "lanes_missing": N_("lanes {missing} are not counted from {from_ms} to {until_ms}: the worst could be one of them"),
    "lanes_do_not_fit": N_(
        "{found_count} numbers for the {lanes} lanes of section {section}: write one a lane, such as 57+41"
    ),
    "count_in_the_future": N_("it ends at {until_ms}, and it is {clock_ms} now: nobody can have counted that"),
    "count_known_otherwise": N_(
        "section {section} from {from_ms} to {until_ms}: {found} vehicles, but {known} are on record, which stays"
    ),
    "count_overlaps": N_(
        "section {section} from {from_ms} to {until_ms} overlaps a count from {known_from_ms} to {known_until_ms}"
    ),
    "section_has_counters": N_(
        "section {section} has counters of its own ({counters}): what is pushed would not count"
    ),
    "count_known_meanwhile": N_("section {section}: another process recorded other counts of that time meanwhile"),
    "pems_not_observed": N_("{observed_pct} observed: PeMS filled it in, it was not counted"),
    "row_packed_left": N_(
        "{found_count} of {expected_count} hours in the row: which are missing is not marked, so no hour is certain"
    ),
    "detector_twice": N_("the detector has two rows that day: which is right is not said"),
    "hour_blank": N_("blank: nothing was counted in that hour"),
    "hour_is_twice": N_("{hour} comes twice that day in {timezone}: which of the two, or both, is not said"),
    "hour_unknown_after_clock_change": N_(
        "{hour} does not exist that day in {timezone}, yet its column is filled: from there on no hour is certain"
    ),
    # what a person asked
    "traffic_no_sections": N_("the site has no traffic sections: describe them in traffic_sections.csv, then apply"),
    "traffic_interval_not_said": N_("say either --minutes, or --from and --until, not both"),
    "traffic_minutes_not_valid": N_(
        "--minutes {found}: only minutes that divide an hour end on the clock ({allowed}); for others say --from and"
        " --until"
    ),
    "traffic_vehicles_missing": N_("how many vehicles? lighting traffic push {section} 57"),
    "traffic_vehicles_of_lines": N_("lines from standard input say section and vehicles themselves"),
    "traffic_format_unknown": N_("--format {found}: {allowed}"),
    "traffic_dates_unknown": N_("--dates {found}: day-first or month-first"),
    "traffic_most_not_valid": N_("--most-veh-h {found}: more than 0"),
    "traffic_section_needed": N_("whose counts are these? --section one of: {allowed}"),
    "traffic_section_in_file": N_("the lines of csv name their sections themselves: leave out --section"),
    "traffic_detector_needed": N_("which row of the files is the section's? --detector NAME, one for each lane"),
    "traffic_detector_for_muenster": N_("--detector is for --format muenster only"),
    "traffic_dates_for_pems": N_("--dates is for --format pems only"),
    "detectors_do_not_fit": N_("{found_count} detectors for the {lanes} lanes of section {section}: name one a lane"),
    "detector_is_a_sum": N_(
        "{detector} sums the loops of a junction: that is no lane, and section {section} looks at its worst lane"
    ),
    "traffic_file_missing": N_("{file} cannot be read: {detail}"),
    "traffic_detector_nowhere": N_("detector {detector} is in none of the {file_count} files"),
    "traffic_detector_nowhere_nearest": N_(
        "detector {detector} is in none of the {file_count} files; nearest: {nearest}"
    ),
    # what became of it
    "traffic_pushed": N_("section {section}, {from_ms} to {until_ms}: {vehicles} vehicles recorded ({flow_veh_h})"),
    "traffic_known": N_("section {section}, {from_ms} to {until_ms}: already known"),
    "traffic_lines": N_("{added} counts recorded, {same} already known, {refused} refused"),
    "traffic_line_refused": N_("line {line}: {reason}"),
    "traffic_import_read": N_(
        "Read {read_count} counts in {file_count} files: {used_count} used, {refused_count} refused."
    ),
    "traffic_import_refused": N_("Refused, {row_count} counts: {reason} (first: {file} line {line})"),
    "traffic_import_became": N_("Section {section}: {added} new, {same} already known, {from_ms} to {until_ms}."),
    "traffic_import_dry": N_(
        "Section {section}: {used_count} counts, {from_ms} to {until_ms}; nothing recorded (dry run)."
    ),
    "traffic_import_hourly": N_(
        "Counts of {duration_ms} are too coarse for the rule of ten minutes: they serve plan and what-if only."
    ),
    "traffic_import_more": N_("and {more_count} more remarks of that kind"),
    # show
    "traffic_decided_by_counts": N_("No controller runs: this is what one would make of the counts on record."),
    "traffic_no_circuit": N_("No circuit names the section (traffic_section in circuits.csv)."),
    "traffic_source": N_("Counted by {counters}."),
    "traffic_source_pushed": N_("Counts are pushed or imported."),
    # week
    "typical_week_too_short": N_(
        "a typical week needs {least_weeks} samples of a weekday and hour within a year; the most are from {from_ms} "
        "to {until_ms}: {days} days in {weeks} weeks"
    ),
    "typical_week_none": N_("section {section} has no counts to learn from: lighting traffic import"),
    "typical_week_heading": N_("Typical week of section {section}: {days} days in {weeks} weeks, {since} to {until}"),
    "typical_week_newer_too_few": N_(
        "Counts after {since}, up to {until}, are too few for a week of their own: it is of the newest year that "
        "suffices."
    ),
    "typical_week_coverage": N_("Known: {coverage_pct} of the week's hours. Unknown ones (–) mean the design class."),
    "typical_week_basis_uni": N_("Median flow of the worst lane in veh/h, against {capacity_veh_h} of one lane."),
    "typical_week_basis_cen": N_("Median flow of all lanes in veh/h, against {capacity_veh_h} of the carriageway."),
    "typical_week_holidays": N_("HOL: public holidays, from {days} days."),
    "typical_week_holidays_few": N_(
        "Public holidays ({days} days) are left out: no hour of theirs has {least_weeks} samples."
    ),
    "typical_week_chart": N_("Each row one day, a block an hour, height by share of the highest ({flow_veh_h}):"),
    "typical_week_for_plans": N_("It serves plan and what-if only, never the lamps."),
}
