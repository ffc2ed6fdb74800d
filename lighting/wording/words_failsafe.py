"""What is said about how a street stays lit without us: watchdogs, failsafes, exceptions, commissioning."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    # the site folder
    "exception_names_one": N_("an exception is for one circuit or for one cabinet: fill in one of the two columns"),
    "exception_ends_before": N_("the exception ends on {until}, before it was signed on {date}"),
    "exception_twice": N_("there is an exception for this one already, in line {first_line}; the last one counts"),
    "watchdog_not_fed": N_(
        "watchdogs of {watchdog_seconds} s cannot be fed by polls every {poll_seconds} s: the worst poll cycle of bus "
        "{bus} is {cycle_seconds} s ({poll_seconds} poll, {tick_seconds} tick, {line_seconds} on the line, "
        "{timeout_seconds} for one dead device), and a watchdog must outlast three of them, {needed_seconds} s, or "
        "lamps flap. {devices} devices, such as {device}: lower poll_s or raise watchdog_s"
    ),
    "watchdog_as_read_not_fed": N_(
        "the watchdog of device {device} was last read as {watchdog_seconds} s, and the polls of bus {bus} cannot feed "
        "it: their worst cycle is {cycle_seconds} s, and it must outlast three of them, {needed_seconds} s. Run "
        "lighting commission, or lower poll_s"
    ),
    "failsafe_exception_ended": N_(
        "the exception for {subject} that {signed_by} signed ended on {until}: mend it, or have it signed anew"
    ),
    "watchdog_fed_by_writes": N_(
        "the watchdog of {device} ({profile}) is fed by writes only, and we write only what differs: it would trip "
        "while all is well. Switch it off in the device and in the profile, or use another device"
    ),
    "watchdog_fed_by_unread_register": N_(
        "the watchdog of {device} ({profile}) is fed by its register {point}, which the profile does not let us read: "
        "it would trip while all is well"
    ),
    "watchdog_feed_unknown": N_(
        "nobody says what feeds the watchdog of {device} ({profile}): try it out before you trust it"
    ),
    "circuits_not_lit_without_us": N_(
        "{circuits} of {of} circuits would not stay lit without the controller, whatever is commissioned: {names}. "
        "Give their cabinets a hardware_fallback, other devices, or an exception signed in failsafe_exceptions.csv"
    ),
    # the alarm
    "output_mode_other": N_(
        "device {device} is in another output mode than its profile says: its {setting} is {found}. What it reports as "
        "a level is not the light, and nobody knows what it would do without us: put it back with lighting device "
        "write, or name the variant of its profile in devices.csv"
    ),
    "failsafe_drifted": N_(
        "device {device} would not do without us what it was commissioned to: its {setting} is {found}, not "
        "{expected}; lighting commission puts it right, or says who can"
    ),
    "failsafe_drifted_more": N_(
        "device {device} would not do without us what it was commissioned to: its {setting} is {found}, not "
        "{expected}, and {more} more of its settings changed; lighting commission puts them right, or says who "
        "can"
    ),
    "commission_broken_off": N_(
        "broken off: some of these settings may be written, or be written still by the controller; the order is such "
        "that no lamp goes dark by it. Run lighting commission again: it writes only what is missing"
    ),
    "commission_only_watched": N_(
        "{device}: its {setting} is not what it was when it was commissioned, and commissioning never writes it: put "
        "it back with lighting device write, or take it as it is with --as-found"
    ),
    # the overview
    "status_without_us": N_(
        "Stay lit without us: {lit} of {circuits} circuits ({day_and_night} day and night, {by_fallback} by their "
        "cabinet), {excepted} signed for"
    ),
    "status_circuits_elsewhere": N_("Every circuit, lit now and without us: lighting status --circuits"),
    "status_without_us_goes_dark": N_("Go dark without us: {circuits} of {of} circuits: {names}"),
    "status_without_us_under_floor": N_("Lit below their floor without us: {circuits} of {of} circuits: {names}"),
    "status_without_us_unknown": N_("Unknown without us: {circuits} of {of} circuits: {names}"),
    "status_not_commissioned": N_(
        "Never commissioned to stay lit without us: {devices} of {of} devices (lighting commission)"
    ),
    "status_watchdogs_not_fed": N_(
        "Watchdogs too short for the polls: {devices} devices, such as {device} with {watchdog_seconds} s (worst poll "
        "cycle {cycle_seconds} s)"
    ),
    # one circuit
    "without_us_stays_lit": N_(
        "without us: lit at {level_pct}, switched by its {fallback} (watchdog {watchdog_s}, verified {read_ms})"
    ),
    "without_us_lit_day_and_night": N_(
        "without us: lit at {level_pct} day and night, for nothing else switches it (watchdog {watchdog_s}, "
        "verified {read_ms})"
    ),
    "without_us_lit_by_fallback": N_(
        "without us: lit by its {fallback}, not by its devices (master silent: {lost_master}, supply returns: "
        "{power_return})"
    ),
    "without_us_excepted": N_(
        "without us: NOT LIT AS IT SHOULD BE (master silent: {lost_master}, supply returns: {power_return}); "
        "{signed_by} answers for it since {date}: {reason}"
    ),
    "without_us_goes_dark": N_(
        "without us: DARK (master silent: {lost_master}, supply returns: {power_return}); read {read_ms}"
    ),
    "without_us_goes_dark_bus": N_(
        "without us: DARK (master silent: {lost_master}, lamp bus lost: {lost_lamp_bus}, supply returns: "
        "{power_return}); read {read_ms}"
    ),
    "without_us_under_floor": N_(
        "without us: lit at {level_pct}, under its floor of {floor_pct}, which counts as dark; read {read_ms}"
    ),
    "without_us_under_floor_note": N_(
        "“lit {level_pct} < {floor_pct}”: lit at {level_pct}, under its floor of {floor_pct}, which counts as dark"
    ),
    "without_us_unknown": N_(
        "without us: unknown (master silent: {lost_master}, supply returns: {power_return}); read {read_ms}"
    ),
    "without_us_commission": N_("To keep it lit: lighting commission {circuit}"),
    "without_us_no_setting": N_(
        "No setting of its devices keeps it lit. Declare hardware that does (hardware_fallback of {cabinet} in "
        "{cabinets}), sign an exception ({exceptions}), or use another device (docs/guides/failsafe.md)."
    ),
    # commissioning
    "commission_ask": N_("Write {settings} settings of {devices} devices? Type {word}"),
    "commission_needs_yes": N_("{settings} settings would be written: confirm with --yes, or look with --dry-run"),
    "commission_nothing_differs": N_("{circuits} circuits: every setting stands as it should"),
    "commission_nothing_to_write": N_("{circuits} circuits: every setting that can be written stands as planned"),
    "commission_no_setting": N_(
        "{circuits} of {of} circuits would not stay lit whatever is written into their devices: {names}"
    ),
    "commission_no_setting_remedy": N_(
        "For each of them: declare hardware that lights it (hardware_fallback in {cabinets}), sign an exception "
        "(a row in {exceptions}: circuit,cabinet,signed_by,date,reason,until), or use another device; then lighting "
        "apply. See docs/guides/failsafe.md."
    ),
    "commission_watchdog_not_fed": N_(
        "nothing is written: {device} would get a watchdog of {watchdog_seconds} s, which the running polls of bus "
        "{bus} cannot feed (worst poll cycle {cycle_seconds} s, three of them {needed_seconds} s). Lower poll_s or "
        "raise watchdog_s in site.toml, then lighting apply"
    ),
    "commission_not_read": N_("{device} could not be read ({error}): nothing is written to it"),
    "commission_wrong_mode": N_(
        "{device} is in another output mode than its profile says: nothing is written to it (choose the profile of its "
        "mode, or set the mode at the device)"
    ),
    "commission_not_agreed": N_("{device} {point} changed meanwhile and was not written: look again"),
    "commission_holds_now": N_("Now holds:"),
    "commission_verified": N_("{device} {point}: written and read back"),
    "commission_stood_already": N_("{device} {point}: stood so already"),
    "commission_not_verified": N_("{device} {point}: NOT VERIFIED, it does not read back as written ({detail})"),
    "commission_refused": N_("{device} {point}: NOT WRITTEN: {detail}"),
    "commission_unreachable": N_("{device} {point}: NOT CONFIRMED, the device does not answer ({detail})"),
    "commission_locked_out": N_("{device} {point}: NOT WRITTEN, somebody works there (lockout)"),
    "commission_left_alone": N_("{device} {point}: left as it was, for what it depends on was not written"),
    "without_us_never_read": N_("without us: unknown, its devices' settings were never read: lighting commission"),
}
