"""What is said of revisions: what one changes against another, what that does to light and energy, and going back."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    # which states are beside each other
    "diff_to_folder": N_("From revision {before}, which rules, to the folder:"),
    "diff_to_revision": N_("From revision {before}, which rules, to revision {after}:"),
    "diff_of_revisions": N_("From revision {before} to revision {after}:"),
    "diff_of_first": N_("The first: nothing was accepted before it."),
    "diff_none": N_("no difference"),
    "diff_words_alone": N_("nothing that has a meaning: comments or spelling in {files}"),
    "diff_more": N_("and {more} more (all: lighting diff)"),
    "folder_not_comparable": N_(
        "the folder has {problems} problems: what it changes cannot be told (its text can: lighting diff --text)"
    ),
    "revision_not_comparable": N_(
        "revision {revision} cannot be read by this version: what it changes cannot be told (its text can: --text)"
    ),
    "revision_not_a_number": N_("“{found}” is no revision: write its number (lighting revisions)"),
    "too_many_revisions": N_("at most two revisions can be beside each other"),
    "revision_not_found": N_("there is no revision {revision}; the newest is {newest} (lighting revisions)"),
    "no_revision_at_all": N_("there is no revision {revision}: nothing was accepted yet"),
    "no_revision_before": N_("revision {revision} is the first: there is none to go back to"),
    # what differs
    "site_changed": N_("site, {field}: {before} → {after}"),
    "store_url_changed": N_("store: another url"),
    "retention_changed": N_("what is kept, {field}: {before} → {after}"),
    "reports_changed": N_("reports, {field}: {before} → {after}"),
    "control_changed": N_("control, {field}: {before} → {after}"),
    "circuits_added": N_("{count} circuits new ({lamps} lamps): {names}"),
    "circuits_removed": N_("{count} circuits gone ({lamps} lamps): {names}"),
    "circuit_renamed": N_("circuit {before} is now {after}: its outputs are the same"),
    "circuits_moved": N_("cabinet {before} → {after} for {count} circuits: {names}"),
    "circuits_program": N_("program {before} → {after} for {count} circuits: {names}"),
    "circuits_changed": N_("{field} {before} → {after} for {count} circuits: {names}"),
    "program_added": N_("program {program} is new, followed by {circuits} circuits: {after}"),
    "program_removed": N_("program {program} is gone, followed by {circuits} circuits: {before}"),
    "program_changed": N_("program {program}, {field}: {before} → {after} ({circuits} circuits)"),
    "program_step_changed": N_("program {program}, step at {at}: {before} → {after} ({circuits} circuits)"),
    "program_step_moved": N_("program {program}, step {step}: at {after}, not at {before} ({circuits} circuits)"),
    "program_step_added": N_("program {program}, new step at {at}: {after} ({circuits} circuits)"),
    "program_step_removed": N_("program {program}, no step at {at} any more: it was {before} ({circuits} circuits)"),
    "program_steps_reordered": N_("program {program}, steps in another order: {after} ({circuits} circuits)"),
    "rule_added": N_("calendar rule “{rule}” is new, number {position} of {rules} ({circuits} circuits): {after}"),
    "rule_removed": N_("calendar rule “{rule}” is gone ({circuits} circuits): {before}"),
    "rule_changed": N_("calendar rule “{rule}”, {field}: {before} → {after} ({circuits} circuits)"),
    "rules_reordered": N_("calendar rules in another order: {after}"),
    "holidays_changed": N_("holidays, {field}: {before} → {after}"),
    "assets_added": N_("new {kind}: {names}"),
    "assets_removed": N_("gone, {kind}: {names}"),
    "assets_changed": N_("{kind} {names}, {field}: {before} → {after}"),
    "assets_of_circuits_added": N_("new {kind}: {names} ({circuits} circuits)"),
    "assets_of_circuits_removed": N_("gone, {kind}: {names} ({circuits} circuits)"),
    "assets_of_circuits_changed": N_("{kind} {names}, {field}: {before} → {after} ({circuits} circuits)"),
    "profiles_changed": N_("device profile {names} says something else ({circuits} circuits)"),
    "group_changed": N_("group {group}: {added} circuits more, {removed} circuits fewer"),
    "tariff_changed": N_("tariff, {field}: {before} → {after}"),
    "baseline_changed": N_("baseline, {field}: {before} → {after}"),
    "baseline_log_changed": N_("baseline, logged hours: {before_count} → {after_count} nights"),
    "tariff_version_added": N_("tariff: new prices from {from_date}"),
    "tariff_version_removed": N_("tariff: no prices from {from_date} any more"),
    "rows_added": N_("new {kind}: {names}"),
    "rows_removed": N_("gone, {kind}: {names}"),
    # what makes it darker
    "darker_without_us": N_(
        "DARKER: {count} circuits would go dark if the controller died, and would not now: {names}"
    ),
    "darker_left_alone": N_("NOT CONTROLLED any more, left as they are at that moment: {count} circuits: {names}"),
    "darker_part_night": N_("DARKER: off for a part of some night, which is new for {count} circuits: {names}"),
    "darker_floor": N_(
        "DARKER: the floor falls for {count} circuits, most for {example} from {before_pct} to {after_pct}: {names}"
    ),
    "darker_class": N_("DARKER: {field} {before} → {after} for {count} circuits: {names}"),
    "darker_never_dim": N_("DARKER: they may be dimmed, and might never before: {count} circuits: {names}"),
    "darker_dusk": N_("DARKER: it counts as dark with the sun under {after_deg}, no more under {before_deg}"),
    # what it does
    "night_same": N_("Night of {night}: no level changes."),
    "night_changes": N_(
        "Night of {night}: levels of {circuits} circuits change, first at {first_ms}; {darker} of them darker, "
        "{brighter} brighter."
    ),
    "night_energy": N_("From {from_ms}: {before_kwh} → {after_kwh} by the plan ({difference})."),
    "night_levels": N_("Mean level while dark: {before_pct} → {after_pct}."),
    "year_energy": N_("A year: {before_kwh} → {after_kwh} by the programs ({difference})."),
    "year_left_out": N_("A year of so many different circuits is not worked out here: lighting whatif does it."),
    "year_money": N_("A year's money: {before} → {after} {currency} ({difference})."),
    "difference_less": N_("{share_pct} less"),
    "difference_more": N_("{share_pct} more"),
    "difference_none": N_("the same"),
    "difference_from_nothing": N_("there was none"),
    "effects_unknown": N_(
        "revision {revision} cannot be read by this version: what this changes cannot be told beforehand"
    ),
    # taking it over
    "apply_ask": N_("Apply this?"),
    "apply_not_confirmed": N_("nothing was accepted"),
    "revision_moved": N_(
        "refused: revision {revision} by {by} was accepted while you looked: nothing was accepted; look again"
    ),
    "rollback_ask": N_("Go back to revision {restores}?"),
    "rollback_which": N_("name the revision to go back to, or --last: lighting rollback 3 (lighting revisions)"),
    "rollback_not_readable": N_("revision {revision} cannot be read by this version: nothing changed"),
    "rollback_nothing_new": N_("revision {restores} says what rules already: nothing changed"),
    "rollback_would_change": N_("revision {restores} would rule again; nothing was accepted (dry run)"),
    "rollback_accepted": N_("revision {revision} rules: the content of revision {restores}"),
    "rollback_refused": N_("nothing changed: revision {restores} has {problems} problems now"),
    "rollback_folder_differs": N_(
        "the folder is not what rules: lighting apply would take this back. To edit on from what rules: "
        "lighting revisions export {revision} DIR"
    ),
    "files_written": N_("{files} files of revision {revision} written to {folder}"),
    "file_in_the_way": N_(
        "{folder} holds {file}, which is not as it was accepted: nothing was written there (name an empty folder)"
    ),
    # lists
    "revision_told": N_("Revision {revision}, accepted {at} by {by}"),
    "revision_rules": N_("It rules now."),
    "revision_same_as": N_("Its content is that of revision {same_as}."),
    "revision_note": N_("Note: {note}"),
}
