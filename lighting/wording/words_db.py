"""English templates of ``lighting db``: the store's own state, backups, their faults and what mends them."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    "db_place": N_("Store: {place}"),
    "db_schema": N_("Schema: {stored_version} (this program: {known_version})"),
    "db_size": N_("On disk: {size}"),
    "db_time": N_("{stored_ms}"),
    "db_dirty_rollups": N_("Hours of series that wait to be rolled up: {count}, the oldest of {stored_ms}"),
    "db_dirty_accounts": N_("Days whose account waits to be made: {count}, the oldest {stored_ms}"),
    "db_last_backup": N_("Last backup: {stored_ms}, {file}"),
    "db_no_backup": N_("No backup was ever made (lighting db backup FILE)."),
    "db_upgrade_none": N_("{place}: schema {to_version}, nothing to do"),
    "db_upgrade_backup": N_("backup before the upgrade: {file}"),
    "db_upgraded": N_("{place}: schema {from_version} brought up to {to_version}"),
    "db_backed_up": N_("{file}: {rows} rows, {size}, in {took_s}"),
    "db_restored": N_("{place}: {rows} rows of {file}, in {took_s}"),
    "db_moved": N_(
        "The site has its store at {place} from now on. Write that url into [store] of site.toml, and move the old "
        "store away."
    ),
    # what is wrong with a backup
    "backup_exists": N_("{file} is there already: choose another name, or --force"),
    "backup_not_written": N_("the backup {file} could not be written: {detail}"),
    "backup_not_readable": N_("the backup {file} cannot be read: {detail}"),
    "backup_damaged": N_("{file} is no backup or a damaged one: {detail}; nothing was changed, take another one"),
    "backup_table_differs": N_(
        "{file} is damaged: table {table} has {found_rows} rows of {rows}, or others than were written; nothing was "
        "changed, take another one"
    ),
    "backup_format_unknown": N_("{file} is of a format that is not known here: {found}, known is {known}"),
    "backup_outdated": N_(
        "{file} was written by a newer program (schema {stored_version}, known here {known_version}); install that "
        "program"
    ),
    "backup_schema_differs": N_("{file} is damaged: table {table} is not that of its schema; take another one"),
    "restore_into_used": N_(
        "the store {place} is not empty (table {table}): a backup is read into an empty store only; move that one away "
        "or name another with --store"
    ),
    "restore_while_run": N_("{holder} holds the lines of the site at {place}: stop it first"),
    # tables as files, and rebuilding
    "db_exported": N_("{file}: {rows} rows"),
    "export_what_unknown": N_("--what {found}: there are {allowed}"),
    "export_format_unknown": N_("--format {found}: it is csv or parquet"),
    "export_exists": N_("{file} is there already: choose another folder, or --force"),
    "export_not_written": N_("{file} could not be written: {detail}"),
    "rebuild_nothing": N_("there are no readings, so that there is nothing to work out again"),
    "db_rebuild_rollups": N_("{from_ms} to {until_ms}: {count} hours are rolled up again"),
    "db_rebuild_accounts": N_("{from_ms} to {until_ms}: the accounts of {count} days are made"),
    "db_rebuild_left": N_(
        "the accounts of {count} days could not be made: no accepted revision of the site can be read"
    ),
    "accounts_need_revision": N_(
        "no account of energy can be made of these readings yet: no revision of the site was accepted. `lighting "
        "apply` accepts its folder, as the first `lighting run` does; then `lighting db rebuild`"
    ),
    "db_rebuilding_rollups": N_("rolling up: {done} of {total} marks worked off"),
    "db_rebuilding_accounts": N_("making accounts: {done} of {total} days"),
    # faults that verify finds
    "verify_pages": N_("the file of the store is damaged: {detail}; read the last backup into a new store"),
    "verify_table_missing": N_("table {table} is missing; read the last backup into a new store"),
    "verify_column_missing": N_("column {column} of table {table} is missing; read the last backup into a new store"),
    "verify_reference": N_(
        "table {table} has a row that refers to one of {refers_to} that is not there; read the last backup into a new "
        "store"
    ),
    "verify_constraint": N_(
        "the constraint {constraint} of table {table} was never checked by the server; VALIDATE it"
    ),
    "verify_number": N_(
        "table {table} has the number {highest}, above the highest that counts as given, {given}: new rows would "
        "collide; back up and restore, which sets it right"
    ),
    "verify_state_missing": N_(
        "table {table} lacks the state of number {number}; read the last backup into a new store"
    ),
    "verify_latest_lost": N_(
        "the latest reading of {kind} {id}, of {reading_ms}, is not there; the next reading mends it"
    ),
    "verify_latest_passed": N_(
        "{kind} {id} has a reading that is newer than its latest, or has no latest; the next reading mends it"
    ),
    "verify_day": N_(
        "{kind} {id}: the day {day} is not the sum of its hours; lighting db rebuild --rollups --from {day} --to {day}"
    ),
    "verify_month": N_(
        "account of {kind} {id}: the month {month} is not the sum of its days; lighting db rebuild --accounts "
        "--from {month}-01"
    ),
    "verify_rollup": N_(
        "{kind} {id}: the hour of {slot_ms} was not made of all its readings; lighting db rebuild --rollups "
        "--from {day} --to {day}"
    ),
    "verify_hour_differs": N_(
        "{kind} {id}: the hour of {slot_ms} is stored with {stored_ws}, and the raw readings give {raw_ws} (difference "
        "in Ws: {difference}), or another level or state; lighting db rebuild --from {day} --to {day}"
    ),
    "verify_account_differs": N_(
        "{kind} {id}: the account of {day} is not what the raw readings give (metered {stored_ws} stored, {raw_ws} "
        "recomputed, difference in Ws: {difference}; of 0, another figure differs); lighting db rebuild --accounts "
        "--from {day} --to {day}"
    ),
    "verify_account_hour_differs": N_(
        "{kind} {id}: the account of the hour of {slot_ms} is not what the raw readings give (metered {stored_ws} "
        "stored, {raw_ws} recomputed, difference in Ws: {difference}; of 0, another figure differs); lighting db "
        "rebuild --accounts --from {day} --to {day}"
    ),
    "verify_raw_unreadable": N_(
        "{day}: raw readings that are needed cannot be unpacked ({detail}); read the last backup into a new store"
    ),
    "verify_raw_damaged": N_("packed readings cannot be unpacked ({detail}); read the last backup into a new store"),
    "verify_recomputed": N_("Recomputed from the raw readings: {days} days, {from_date} to {to_date}."),
    "verify_recomputed_none": N_("Nothing was recomputed: no whole day of the span is rolled up."),
    "verify_hours_gone": N_(
        "{count} hours, and the accounts of their days, could not be recomputed: their raw readings are kept no more"
    ),
    "verify_hours_waiting": N_(
        "{count} hours differ and wait to be rolled up again; lighting db rebuild, then ask again"
    ),
    "verify_days_waiting": N_(
        "{count} days wait for their account to be made again; lighting db rebuild, then ask again"
    ),
    "verify_more": N_("and {more} more faults (those of a kind after the first twenty)"),
    "verify_checked": N_("{check}: {looked_at} looked at, {faults} faults"),
    "verify_whole": N_("The store is whole."),
    "verify_wrong": N_("{faults} faults."),
    "verify_recent_only": N_("Sums of the last 35 days and hours of the last 24 only; all of it with --all."),
}

VALUES: dict[str, dict[str, str]] = {
    "backup_damaged.detail": {
        "no_zip": N_("it is no zip file, or its end is missing"),
        "packed_bytes": N_("a packed table cannot be unpacked"),
        "manifest": N_("its manifest is missing or cannot be read"),
    },
}
