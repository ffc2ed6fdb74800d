"""English templates of what the store says."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    "asset_id_taken": N_("there is already a {kind} with the id {id}"),
    "asset_unknown": N_("no {kind} with the id {id} is known to the store"),
    "instruction_unknown": N_("there is no instruction {id}"),
    "lock_held": N_("the lines of this site are held by {holder}, since {since_ms}"),
    "not_decided_yet": N_("nothing was decided for it yet"),
    "store_cannot_open": N_("the store cannot be opened or reached: {place} ({detail})"),
    "store_driver_missing": N_(
        "the database driver for {place} is not installed ({detail}); install the extra [postgresql]"
    ),
    "store_full": N_("the disk of the store is full, nothing was written: {place} ({detail}); make room"),
    "store_locked": N_("another program keeps the store locked, nothing was written: {place}; try again"),
    "store_moved": N_("the store {place} was moved, deleted or replaced while it was open; it is opened anew"),
    "store_missing": N_("there is no store yet at {place}; the first controller or the first instruction makes it"),
    "store_needs_migration": N_(
        "the store has an older schema ({stored_version}, this program reads {known_version}); it is brought up by the "
        "next lighting run, or by lighting db upgrade, once no older controller runs ({place})"
    ),
    "store_migration_held": N_(
        "the store has an older schema ({stored_version}, this program reads {known_version}), and {holder} holds the "
        "lines of the site: stop it first, then lighting db upgrade or lighting run brings the store up ({place})"
    ),
    "store_not_a_database": N_(
        "the file of the store is no database, or a damaged one: {place} ({detail}); restore a backup"
    ),
    "store_outdated": N_(
        "the store at {place} was written by a newer program (schema {stored_version}, known here {known_version}); "
        "install that program"
    ),
    "store_read_only": N_("the store may not be written: {place} ({detail}); check owner and rights of its folder"),
    "store_refused": N_("the store refused a value: {detail} ({place})"),
    "store_url_unknown": N_(
        "a store at {place} is not known; allowed are sqlite:///path and postgresql://user@host:port/database"
    ),
}
