"""What the dashboard says of its own: the controller's life, what needs a person, and how an act went."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    # the controller
    "dashboard_controller_never_ran": N_("NOT RUNNING: no controller ever ran here, levels are not being controlled"),
    "dashboard_controller_not_running": N_("NOT RUNNING: levels are not being controlled, last beat {beat_age_s} ago"),
    "dashboard_controller_stopped": N_("NOT RUNNING: levels are not being controlled"),
    "dashboard_controller_silent": N_("SILENT: {holder} holds the lines but gave no sign of life for {beat_age_s}"),
    # the dashboard itself
    "dashboard_fault": N_("The dashboard got no answer ({error}); it asks again."),
    "dashboard_needs_terminal": N_("the dashboard needs a terminal; for scripts: lighting status --json"),
    "dashboard_values_of": N_("{what} The values below are those of {known_ms}."),
    "dashboard_too_small": N_("This terminal has {columns} × {rows} characters; the dashboard needs {least}"),
    # what needs a person
    "dashboard_cabinet_locked_out": N_("{circuits} circuits are locked out: nothing is written to them"),
    "dashboard_cabinet_local": N_("{circuits} circuits are in local control: nothing is written to them"),
    "dashboard_cabinet_stale": N_("{circuits} circuits gave no fresh value"),
    "dashboard_many_locked_out": N_("{circuits} circuits of {cabinets} cabinets are locked out"),
    "dashboard_many_local": N_("{circuits} circuits of {cabinets} cabinets are in local control"),
    "dashboard_many_stale": N_("{circuits} circuits of {cabinets} cabinets gave no fresh value"),
    "dashboard_circuit_locked_out": N_("{road}: locked out, nothing is written to it"),
    "dashboard_circuit_local": N_("{road}: in local control, nothing is written to it"),
    "dashboard_circuit_stale": N_("{road}: no fresh value"),
    "dashboard_circuit_never_polled": N_("{road}: no value yet"),
    "dashboard_more_of_kind": N_("+{count} more of this kind (Enter on screen 3 lists them)"),
    "dashboard_folder_differs": N_("The site folder was edited since it was accepted: `lighting apply` makes it run"),
    # before an act
    "dashboard_release_preview": N_("Release {subject}? Every override on it ends now and its program rules again."),
    "dashboard_release_number_preview": N_("Take #{number} on {subject} off? What else is asked there stays."),
    "dashboard_confirm_preview": N_("Confirm #{number} on {subject}? It comes into force at once."),
    "dashboard_lock_preview": N_(
        "Lock out {subject}? Nothing will be written to it by any road until you take it off again."
    ),
    "dashboard_lock_until": N_("Past {until_ms} it becomes an alarm; it never ends by itself."),
    "dashboard_lock_no_isolation": N_(
        "This is not isolation: a failsafe, a returning supply or a local switch can energise the line."
    ),
    "dashboard_unlock_preview": N_("Take the lockout off {subject}? The controller will write to it again at once."),
    "dashboard_below_floor_refused": N_(
        "refused: {level_pct} is below the floor of {circuit}, {floor_pct}, while it is dark "
        "(ask for {floor_pct} or more, or press F2 with that right)"
    ),
    "dashboard_level_expected": N_("Give a level from 0 to 100 percent, not “{found}”."),
    "dashboard_reason_expected": N_("Give a reason: it stands in the audit for everyone who asks why."),
    "dashboard_subject_expected": N_(
        "Give a circuit, cabinet:ID, district:ID, road:NAME, group:ID or area:LAT,LON,300m."
    ),
    # after an act
    "dashboard_pending": N_("{subject}: pending, waiting for the controller"),
    "dashboard_proposed": N_(
        "{subject}: PROPOSED, not in force: another user confirms it before {lapses_ms} (lighting confirm {number})"
    ),
    "dashboard_confirmed": N_("{subject}: confirmed"),
    "dashboard_confirmed_after": N_("{subject}: confirmed ({latency_s})"),
    "dashboard_not_confirmed": N_(
        "{subject}: NOT CONFIRMED yet; instruction {number} stays in force and the controller keeps trying"
    ),
    "dashboard_recorded_only": N_("{subject}: recorded, but the controller is NOT RUNNING; it acts when it starts"),
    "dashboard_nothing_done": N_("{subject}: left as it was"),
}
