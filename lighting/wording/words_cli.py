"""What the command line itself says: the lines of its screens on stdout, its talk on stderr, its headings."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    # what goes wrong
    "system_refused": N_("the system refuses: {detail}"),
    "system_refused_file": N_("{file}: {detail}"),
    "unexpected_error": N_(
        "an error that should not happen, {kind}: {detail} (run it again with --debug to see where)"
    ),
    "no_terminal": N_("the dashboard needs a terminal; without one, ask: lighting status"),
    # status
    "status_place": N_("{site}: {now} ({timezone})"),
    "status_accelerated": N_("The clock is accelerated: {speed} seconds a second."),
    "status_sun_dark": N_("Dark now. Sunset {sunset_ms}, sunrise {sunrise_ms}."),
    "status_sun_light": N_("Daylight now. Sunset {sunset_ms}, sunrise {sunrise_ms}."),
    "status_sun_missing_dark": N_("Dark now. The sun does not both set and rise this night."),
    "status_sun_missing_light": N_("Daylight now. The sun does not both set and rise this night."),
    "controller_running": N_("Controller running, last heard {beat_age_s} ago, revision {revision}."),
    "controller_starting": N_("Controller starting: it holds the lines and has not decided anything yet."),
    "controller_silent": N_("Controller SILENT: it holds the lines, but was last heard {beat_age_s} ago."),
    "controller_stopped": N_("Controller NOT RUNNING, levels are not controlled; last heard {beat_age_s} ago."),
    "controller_never_ran": N_("Controller NOT RUNNING: it never ran for this site (start it: lighting run)."),
    "status_needs_you": N_("Needs you:"),
    "status_more_alarms": N_("and {more} more alarms"),
    "status_folder_broken": N_("The edited folder has {problems} problems and changes nothing (lighting check)."),
    "status_folder_differs": N_("The folder was edited since it was accepted (lighting apply)."),
    "status_lit": N_("Lit {lit} of {circuits} circuits; {should_be_lit} should be, {unknown} unknown."),
    "status_lit_besides": N_("Lit besides, without being asked to: {circuits} circuits."),
    "status_level": N_("Mean level {level_pct}."),
    "status_power": N_("Power {power_w}, expected {expected_power_w}; at full level {full_power_w}."),
    "status_instructions": N_("Instructions in force: {count}."),
    "status_local_control": N_("In local control: {circuits} circuits."),
    # why
    "why_level": N_("{circuit}, {name}: {level_pct} at {at_ms}"),
    "why_off": N_("{circuit}, {name}: off at {at_ms}"),
    "why_not_written": N_("{circuit}, {name}: nothing is written at {at_ms}"),
    "why_reported": N_("The device reports {accepted_pct}; measured {actual_pct}, {power_w}."),
    "why_held_at": N_("{device} is held at {held_pct} by its profile: it takes no higher level."),
    "why_no_controller": N_("The controller is NOT RUNNING: this level is what the rules ask for; nobody writes it."),
    "why_no_controller_since": N_(
        "The controller is NOT RUNNING: nobody writes this level, and what the devices reported is old."
    ),
    "why_pending": N_("The difference is being written."),
    "why_polled": N_("Last read at {at}."),
    "why_reported_before": N_(
        "Before the change the device reported {accepted_pct}; measured {actual_pct}, {power_w}."
    ),
    "why_polled_before": N_("Read at {at}, before the change."),
    # lists
    "no_instructions": N_("no instruction is in force"),
    "no_revisions": N_("nothing was accepted yet: the first lighting run, or lighting apply, does it"),
    # sun
    "sun_heading": N_("Lighting night of {night} at {latitude_deg}, {longitude_deg} ({timezone})"),
    "sun_always_up": N_("The sun does not set."),
    "sun_always_down": N_("The sun does not rise."),
    "coordinate_out_of_range": N_("--{name} {found} is not between -{most} and {most}"),
    "timezone_unknown_here": N_("«{found}» is no time zone: write it as Asia/Ho_Chi_Minh"),
    # site
    "not_a_folder": N_("{folder} is not a folder"),
    "example_written": N_("An example site is in {folder}. Next: lighting check --site {folder}"),
    "check_ok": N_(
        "ok: {districts} districts, {cabinets} cabinets, {buses} buses, {devices} devices, {circuits} circuits, "
        "{luminaires} luminaires; {warnings} warnings"
    ),
    "check_failed": N_("{problems} problems, {warnings} warnings: this folder cannot be accepted"),
    "check_warnings": N_("Warnings ({warnings}):"),
    "check_without_store": N_("the folder is checked by itself, not beside the accepted revision"),
    "apply_program_profiles": N_(
        "taken with it, the program's own profiles that are new to the site or changed since: {names}"
    ),
    "apply_refused": N_("nothing changed: {problems} problems in the folder"),
    "apply_nothing_new": N_("nothing new: revision {revision} stands"),
    "apply_would_change": N_("{files} files would change; nothing was accepted (dry run)"),
    "apply_accepted": N_("accepted as revision {revision}: {files} files changed"),
    # acts
    "number_taken_for_option": N_(
        "«{found}» is taken for an option: no number here is below 0 (levels are 0 to 100 %)"
    ),
    "level_not_a_number": N_("the level «{found}» is not a number between 0 and 100"),
    "override_recorded": N_(
        "override {id}: {target} ({circuits} circuits, {lamps} lamps) to {level_pct} until {until_ms}"
    ),
    "lockout_recorded": N_("lockout {id}: {target} ({circuits} circuits) until {until_ms}"),
    "lockout_released": N_("taken off on {target}: lockout {ids}"),
    "waiting_for_controller": N_("waiting for the controller (up to {longest_duration_ms}) …"),
    "confirmed": N_("confirmed"),
    "confirmed_in": N_("confirmed in {latency_s}"),
    "confirmed_in_part": N_("confirmed, but not on {circuits} that something stronger rules: {names}"),
    "held_back_for_now": N_("recorded: its lamps follow it if what rules there now ends before {until_ms}"),
    "not_confirmed": N_("not confirmed yet, still in force: instruction {ids} ({names})"),
    "not_confirmed_no_controller": N_(
        "recorded, but no controller is running: instruction {ids} takes effect when one starts (lighting run)"
    ),
    "taken_off_not_confirmed": N_("taken off: {ids}; the controller has not confirmed it yet ({names})"),
    "taken_off_no_controller": N_(
        "taken off: {ids}; but no controller is running: no lamp follows until one starts (lighting run)"
    ),
}

HEADINGS: tuple[str, ...] = (
    N_("DISTRICT"),
    N_("CIRCUITS"),
    N_("LIT"),
    N_("SHOULD BE"),
    N_("UNKNOWN"),
    N_("LEVEL"),
    N_("POWER"),
    N_("EXPECTED"),
    N_("SILENT"),
    N_("CIRCUIT"),
    N_("NO MASTER"),
    N_("NO LAMP BUS"),
    N_("SUPPLY BACK"),
    N_("WITHOUT US"),
    N_("FROM"),
    N_("BECAUSE"),
    N_("NIGHTS"),
    N_("RULE"),
    N_("PROGRAMS"),
    N_("ID"),
    N_("WHAT"),
    N_("TARGET"),
    N_("UNTIL"),
    N_("STATE"),
    N_("BY"),
    N_("REASON"),
    N_("REVISION"),
    N_("SAME AS"),
    N_("ACCEPTED"),
    N_("NOTE"),
    N_("NAME"),
    N_("MAKER"),
    N_("CHANNELS"),
    N_("TRUST"),
    N_("EVENT"),
    N_("LOCAL TIME"),
    N_("POINT"),
    N_("VALUE"),
    N_("UNIT"),
    N_("QUALITY"),
    N_("MEANING"),
    N_("TABLE"),
    N_("ADDRESS"),
    N_("RAW"),
    N_("FITS"),
    N_("BUS"),
    N_("LINK"),
    N_("ASKED"),
    N_("TIMEOUTS"),
    N_("REFUSED"),
    N_("ODD"),
    N_("LOST"),
    N_("MEAN MS"),
    N_("P95 MS"),
    N_("WORST"),
    N_("SECTION"),
    N_("VEH/H"),
    N_("OF"),
    N_("SHARE"),
    N_("BASIS"),
    N_("CLASS"),
    N_("SINCE"),
    N_("COUNTED"),
    N_("HOUR"),
    N_("MON"),
    N_("TUE"),
    N_("WED"),
    N_("THU"),
    N_("FRI"),
    N_("SAT"),
    N_("SUN"),
    N_("HOL"),
    N_("FIGURE"),
    N_("OTHER"),
    N_("PRESENT"),
    N_("FULL POWER"),
    N_("OTHER kWh"),
    N_("PRESENT kWh"),
    N_("FULL POWER kWh"),
    N_("CHANGE"),
    N_("SAVED"),
    N_("%"),
    N_("MIN BELOW CLASS"),
)
