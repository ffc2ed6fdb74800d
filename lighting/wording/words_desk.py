"""What the desk says: receipts, warnings and refusals of what a person asked."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    # the site
    "no_site_here": N_(
        "{folder} holds no site: there is no site.toml (choose one with --site DIR, or make one: lighting init DIR)"
    ),
    "folder_not_readable": N_("{folder} cannot be read: {file} {detail}"),
    "site_has_problems": N_("the site {folder} cannot be used: {problems} problems (see them with: lighting check)"),
    "revision_not_readable": N_(
        "the accepted revision {revision} cannot be read by this version (correct the folder, then: lighting apply)"
    ),
    # finding
    "asset_not_found": N_("there is no {kind} {id} (the site has {known})"),
    "asset_not_found_near": N_("there is no {kind} {id}; nearest: {nearest}"),
    "no_such_instruction": N_("there is no instruction {id}"),
    "target_without_name": N_(
        "the target “{target}” names nothing: a circuit such as C-0101, cabinet:ID, district:NAME, road:NAME, group:ID "
        "or area:LAT,LON,300m"
    ),
    "scope_kind_unknown": N_(
        "“{target}”: a target is a circuit, cabinet:ID, district:NAME, road:NAME, group:ID or area:LAT,LON,300m; "
        "“{found}:” is none of them"
    ),
    "area_not_in_form": N_(
        "“{found}” is not an area: write area:{form}, such as area:21.0278,105.8342,300m (at most 100 km)"
    ),
    "scope_is_empty": N_("{target} has no circuits"),
    # times
    "until_in_the_past": N_("the end {until_ms} is not in the future (it is {now_ms} now)"),
    "time_not_understood": N_("“{text}” is no time: write 06:00 (the next one), 2h, 45m, 90s, or 2026-11-24T06:00"),
    "date_not_understood": N_("“{text}” is no date: write it as 2026-11-23"),
    "date_too_far": N_("{text} is too far: from 1700 to 2200 the sun is known"),
    "override_too_long": N_(
        "an override may last {longest_duration_ms}, not until {until_ms}: for longer, change the control program"
    ),
    # rights
    "user_not_listed": N_(
        "{act} refused: {user} is not a user of this site (name one with --user or LIGHTING_USER, or add to site.toml)"
    ),
    "role_too_low": N_("{act} refused: {user} is {role}, and this needs {needed}"),
    "below_floor_right_missing": N_(
        "refused: {user} has no right to go below the floor (below_floor of the user in site.toml)"
    ),
    # setting
    "reason_missing": N_('a reason is needed: --reason "why"'),
    "text_not_printable": N_("the text holds control characters or is no valid UTF-8: write it in plain characters"),
    "free_text_too_long": N_("the text has {found} characters: at most {longest}"),
    "user_id_not_printable": N_("the user id holds control characters, or more than {longest} characters"),
    "level_out_of_range": N_("the level {found} is not between 0 and 100 %"),
    "below_floor_refused": N_(
        "refused: {level_pct} is below the floor of {circuit}, {floor_pct}, while it is dark "
        "(ask for {floor_pct} or more, or --below-floor with that right)"
    ),
    "held_at_floor": N_("held at their floor while dark, up to {floor_pct}: {circuits} of {of} circuits: {names}"),
    "stays_at_full": N_("at 100 %, not {level_pct}, for they cannot be dimmed: {circuits} of {of} circuits: {names}"),
    "held_at_minimum": N_(
        "at the least of their lamps, up to {minimum_pct}, for they cannot burn as low as {level_pct}: {circuits} of "
        "{of} circuits: {names}"
    ),
    "held_at_highest": N_(
        "not given {level_pct}, for its dimmer is held at {highest_pct} by its profile: {circuits} of {of} circuits: "
        "{names}"
    ),
    "locked_out_meanwhile": N_(
        "{target} is locked out by {by} ({reason}): nothing is written there until lockout {id} is taken off"
    ),
    "in_local_control": N_("in local control, nothing is written there: {names}"),
    "set_one_asked": N_("Set {target} ({lamps} lamps) to {level_pct} until {until_ms}?"),
    "set_many_asked": N_("Set {target} ({circuits} circuits, {lamps} lamps) to {level_pct} until {until_ms}?"),
    "program_would_give": N_("Program would give {level_pct}."),
    "program_would_give_between": N_("Programs would give {least_pct} to {most_pct}."),
    "program_gives_nothing": N_("Nothing is written there now: lockout or local control."),
    "floor_is": N_("Floor {floor_pct}."),
    "floors_are": N_("Floors {least_pct} to {most_pct}."),
    # releasing
    "nothing_to_release": N_("{target} has no override, lamp test or proposal to take off"),
    "still_overridden": N_("override {id} on {target} by {by} stays in force until {until_ms}"),
    "local_switch_not_at_auto": N_(
        "the local switch of the cabinet is not at AUTO: only there can it be given back ({names})"
    ),
    "give_back_one_by_one": N_("in local control; give them back one by one: {names}"),
    "given_back": N_("{circuit} is given back from local control"),
    # lockouts
    "lockout_is_not_isolation": N_(
        "A lockout is NOT isolation: a failsafe, a returning supply or a local switch can energise the line. "
        "Isolate and earth by your own rules."
    ),
    "device_would_by_itself": N_(
        "{profile} ({devices}) by itself: master silent: {lost_master}, supply returns: {power_return}"
    ),
    "lockout_already_held": N_("you hold lockout {id} there already, with this end and reason: it stands unchanged"),
    "lockout_replaced": N_("lockout {id} replaces your lockout {old} there: this end and reason stand now"),
    "store_stays": N_(
        "refused: the store's url in site.toml is not that of this site's revisions and instructions; put it "
        "back, or stop the controller, move {pin} and {default} away and run again: that starts with an empty store"
    ),
    "lockout_would_let_go": N_(
        "refused: the folder takes {circuit} out of lockout {id} on {target} by {by}, or its outputs; somebody works "
        "there: take the lockout off first (lighting unlock {target}), then apply"
    ),
    "lockout_of_another": N_(
        "refused: lockout {id} is held by {by} ({reason}); an operator may take it off with --word {word}"
    ),
    "unlock_word_wrong": N_("refused: the word is {word}, in capitals"),
    "no_lockout_here": N_("{target} is not locked out"),
    "lockout_elsewhere": N_("{target} has no lockout of its own; it is locked out by: {where}"),
    "still_locked_out": N_("lockout {id} on {target} by {by} stays in force"),
    # why
    "no_decision_recorded": N_(
        "no controller had decided the level of {circuit} at {at_ms}: only one that runs (lighting run) records why; "
        "what the present rules ask for then: lighting plan {circuit} --night {night}"
    ),
}
