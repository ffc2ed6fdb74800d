"""English templates of the import of past readings: what became of them, and why a row or a file was refused."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    "readings_columns": N_("{file}: {columns}"),
    "readings_read": N_("{read_count} rows read: {used_count} used, {refused_count} refused"),
    "readings_refused": N_("{row_count} refused, the first in line {line}: {reason}"),
    "readings_dry": N_("{readings} readings of {series_count} series, {from_ms} to {until_ms}; nothing was recorded"),
    "readings_became": N_(
        "{readings} readings of {series_count} series, {from_ms} to {until_ms}: {added} new, {same} known already"
    ),
    # the file or the options as a whole
    "readings_file_missing": N_("{file} cannot be read: {detail}"),
    "readings_not_text": N_("{file}, line {line}: it is no CSV text in UTF-8; save it as such"),
    "readings_empty": N_("{file} is empty: its first line must name the columns"),
    "readings_no_rows": N_("{file} has a heading and no rows: nothing to import; is the export whole?"),
    "readings_not_parquet": N_("{file} is no Parquet file, or a damaged one: {detail}"),
    "parquet_missing": N_("Parquet needs the package pyarrow ({detail}); install the extra [parquet], or use CSV"),
    "readings_column_needed": N_(
        "{file}: no column is the {role}; say it with --map {role}=COLUMN (there are {allowed})"
    ),
    "readings_column_unknown": N_("{file} has no column {found} for --map {role}; there are {allowed}"),
    "readings_column_unknown_nearest": N_(
        "{file} has no column {found} for --map {role}; did you mean {nearest}? There are {allowed}"
    ),
    "readings_unit_needed": N_("{file}: the unit of column {column} is not known; say --unit {allowed}"),
    "readings_unit_unknown": N_("--unit {found}: allowed are {allowed}"),
    "readings_dates_unknown": N_("--dates {found}: allowed are {allowed}"),
    "readings_stamp_unknown": N_("--stamp {found}: it is begin or end"),
    "readings_map_not_understood": N_("--map {found}: it is ROLE=COLUMN, with a role of {allowed}"),
    "readings_one_series": N_("--meter and --circuit: choose one of them"),
    "interval_needs_energy": N_("{file}: --interval is for energies, and no column is one"),
    "interval_energy_alone": N_(
        "{file}: with --interval only the energy is read; leave out the columns of {roles}, or import them apart"
    ),
    # one row
    "reading_time_not_understood": N_(
        "time {found}: use 2026-01-31T17:00 or 31.01.2026 17:00, with an offset or without, or seconds since 1970"
    ),
    "date_may_be_two": N_("{found} is {one} or {other}: write 31.01.2026, or tell the order with --dates dmy or mdy"),
    "date_other_order": N_("{found} is not in the order {order} of the other dates: no two orders in one file"),
    "reading_time_too_early": N_("time {found} is {stored_ms}: no reading is so old"),
    "reading_time_in_future": N_("time {found} is {stored_ms}, in the future"),
    "reading_time_is_twice": N_(
        "the clocks show that time twice ({stored_ms} is the first), and the order of the file does not tell which it "
        "is: write the offset"
    ),
    "reading_series_unknown": N_("no {kind} {found} is known"),
    "reading_series_unknown_nearest": N_("no {kind} {found} is known; did you mean {nearest}?"),
    "reading_not_a_number": N_("{role} {found} is no number (one point or comma, the same in the whole file)"),
    "reading_value_outside": N_("{role} {found} is not between {least} and {most}"),
    "reading_row_empty": N_("the row has no value"),
    "reading_quote_open": N_("a quote is left open, and would swallow the lines below"),
    "reading_row_width": N_("the row has {found} cells, the heading {allowed}"),
    "reading_contradicts_stored": N_(
        "{role} {found} at {stored_ms} contradicts the reading stored of that instant, which has {other} and stands; "
        "docs/guides/readings.md says how a wrong history is corrected"
    ),
    "reading_contradicts_line": N_(
        "{role} {found} at {stored_ms} contradicts line {other_line}, which has {other} and was used: leave the wrong "
        "one out"
    ),
    "interval_without_energy": N_("the interval has no energy"),
    "interval_twice": N_("the same interval stands in line {other_line}"),
    "interval_overlaps": N_("the interval begins before that of line {other_line} has ended"),
    "interval_contradicts": N_(
        "other energies of intervals are stored for this meter at {stored_ms}: import only what is not there yet"
    ),
}
