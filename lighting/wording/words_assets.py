"""What is said about a site folder: every problem names what was found and what is allowed."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    # files
    "file_missing": N_("the file {file} is missing; `lighting init` writes an example of every file"),
    "file_not_used": N_("the file {file} is not read; did you mean {nearest}?"),
    "channel_never_full": N_(
        "{channel} takes at most {highest_pct} by its profile {profile}: full light is never given there, and a level "
        "above it is confirmed at {highest_pct}"
    ),
    "not_a_plain_file": N_("{file} is not a file, but a folder or a link that leads nowhere; mend or remove it"),
    "profiles_not_a_folder": N_("{file} is not a folder, so that no device profile of the site is read from it"),
    "program_folder_reserved": N_(
        "a site has no folder program/: under that name revisions keep the program's own profiles, and nothing is read "
        "from it here. Put profiles of your own into {profiles}, or remove it"
    ),
    "program_profile_differs": N_(
        "the program's profile {profile} differs from the one accepted with revision {revision}, which goes on ruling; "
        "lighting apply takes it"
    ),
    "program_profile_gone": N_(
        "the program has no profile {profile} any more; the one accepted with revision {revision} goes on ruling, but "
        "lighting apply needs another one in devices.csv"
    ),
    "program_profile_unreadable": N_(
        "the profile {profile} as it was accepted cannot be read by this program, which uses its own instead: look at "
        "its devices, then lighting apply"
    ),
    "not_utf8": N_("{file} is not UTF-8 text; save it as UTF-8"),
    "not_toml": N_("this is not TOML: {detail}"),
    "not_csv": N_("this line is not CSV: {detail}"),
    "folder_not_empty": N_("{folder} is not an empty folder; nothing was written"),
    # tables
    "control_character": N_(
        "there is a character that no text may hold (a control character, a line end, or one that turns the direction"
        " of writing)"
    ),
    "wrong_cell_count": N_("this row has {found_count} cells, the header has {expected_count}"),
    "table_without_header": N_("the table has no header line; columns: {allowed}"),
    "column_missing": N_("the column {column} is missing"),
    "column_twice": N_("the column {column} is there twice"),
    "unknown_key": N_("{found} is not known here; allowed: {allowed}"),
    "unknown_key_nearest": N_("{found} is not known here; did you mean {nearest}? Allowed: {allowed}"),
    "id_twice": N_("the id {id} is already used in line {first_line}"),
    # values
    "value_missing": N_("{field} is missing"),
    "not_a_number": N_("“{found}” is not a number"),
    "not_a_whole_number": N_("“{found}” is not a whole number"),
    "not_yes_or_no": N_("“{found}” is neither yes nor no"),
    "number_too_small": N_("{found} is too small; at least {minimum}"),
    "number_not_above": N_("{found} is too small; more than {minimum}"),
    "number_digits": N_("{found} has “{sign}”: a number is written with the digits 0 to 9 and nothing between"),
    "number_too_large": N_("{found} is too large; at most {maximum}"),
    "wrong_kind_of_value": N_("“{found}” is not the kind of value that belongs here ({kind})"),
    "not_one_of": N_("“{found}” is not allowed; allowed: {allowed}"),
    "not_one_of_nearest": N_("“{found}” is not allowed; did you mean {nearest}? Allowed: {allowed}"),
    "not_in_form": N_("“{found}” is not in the form {form}"),
    "id_not_valid": N_(
        "“{found}” is no id: a letter or digit first, then letters, digits, spaces and . - / ( ) & ',"
        " at most 64 characters"
    ),
    "text_too_long": N_("the text has {found_count} characters; at most {maximum_count}"),
    "dates_reversed": N_("“{found}” ends before it begins"),
    "luminaire_type_twice": N_("“{found}” names one luminaire type twice; add the counts"),
    # references
    "unknown_reference": N_("there is no {kind} “{found}”; there are: {allowed}"),
    "unknown_reference_nearest": N_("there is no {kind} “{found}”; did you mean {nearest}?"),
    "unknown_reference_none": N_("there is no {kind} “{found}”: its table is empty"),
    # the site
    "unknown_timezone": N_("“{found}” is not a time zone; a name such as Asia/Ho_Chi_Minh or Europe/Warsaw is needed"),
    "unknown_timezone_nearest": N_("“{found}” is not a time zone; did you mean {nearest}?"),
    "store_url_not_valid": N_("“{found}” is no store that can be opened; allowed: {allowed}"),
    "longitude_not_of_zone": N_(
        "at longitude {longitude_deg} the sun's time is {sun_offset_s} ahead of UTC, but {timezone} is {zone_offset_s}"
        " ahead: lamps would be dark at night. Mend the longitude (west is negative) or the time zone"
    ),
    "longitude_looks_mirrored": N_(
        "at longitude {longitude_deg} the sun's time is {sun_offset_s} ahead of UTC, while {timezone} is"
        " {zone_offset_s} ahead; with the other sign it fits better (east is positive, west negative)"
    ),
    "latitude_far_from_zone": N_(
        "latitude {latitude_deg} is far from that of {timezone}, {zone_latitude_deg}; is its sign right"
        " (north is positive, south negative)?"
    ),
    "position_zero": N_(
        "coordinates 0, 0 lie in the sea and usually mean “not surveyed”; write the real ones (a cabinet or circuit"
        " may leave both empty)"
    ),
    "position_far_from_site": N_(
        "this is {distance_km} km from the site; more than {maximum_km} km is hardly meant: look for a wrong sign or"
        " exchanged coordinates here or in site.toml"
    ),
    "night_safe_under_floor": N_(
        "the night-safe level {night_safe_level_pct} is under the floor {floor_level_pct}; it must not be darker"
    ),
    "stagger_too_short": N_(
        "{found} s between two contactors of a cabinet is too short: their inrush trips breakers; at least {least} s"
    ),
    "holiday_country_missing": N_("a rule asks for holidays, but no country (nor any added date) is given"),
    # buses and devices
    "bus_url_not_valid": N_("“{found}” is no bus address; allowed: {form}"),
    "serial_setting_unknown": N_("“{found}” is no setting of a serial line; allowed: {allowed}"),
    "serial_setting_wrong": N_("{key}={found} is not possible on a serial line; allowed: {allowed}"),
    "serial_setting_not_of_device": N_(
        "{device} ({profile}) comes from the factory with {key}={expected}, and this line has {key}={found}: unless "
        "the device was set to that, set it or mend the address (so on this line: {devices} of {of} devices)"
    ),
    "bus_tls_file_not_named": N_(
        "a tls:// bus needs the column {column}: a PEM file, its path taken from the site's folder"
    ),
    "bus_column_without_tls": N_("{column} protects nothing here: {url} is not a tls:// address"),
    "bus_file_missing": N_("there is no file {file} (in {folder})"),
    "bus_file_not_readable": N_("this user may not read {file}; the controller must be able to"),
    "bus_file_not_usable": N_("{file} cannot be used: {detail}"),
    "bus_key_open": N_("others may read or change the key {file} (mode {mode}); chmod 600 it"),
    "bus_url_twice": N_("bus {other} has the same address {url}; one line is one bus"),
    "bus_address_public": N_(
        "{host} is a public address, or a name that may be one; Modbus has no passwords: use a private network or a VPN"
    ),
    "unit_id_twice": N_("unit id {unit_id} on bus {bus} already belongs to device {other}"),
    "profile_twice": N_("the profile {id} is there twice"),
    # channels
    "channel_used_twice": N_("channel {channel} already belongs to circuit {other}"),
    "channel_in_other_cabinet": N_("channel {channel} is in cabinet {other}, the circuit in {cabinet}"),
    "channel_overloaded": N_("the lamps on {channel} take {load_w}; it may carry {maximum_w}"),
    "channel_too_many_lamps": N_("there are {lamp_count} luminaires on {channel}; it may have {maximum_count}"),
    "no_such_channel": N_("{profile} has no {role} channel “{found}”; it has: {allowed}"),
    "no_such_channel_nearest": N_(
        "{profile} has no {role} channel “{found}”; did you mean {nearest}? It has: {allowed}"
    ),
    "channel_of_wrong_role": N_("“{found}” is a {other_role} of {profile}, not a {role}; {role} channels: {allowed}"),
    "profile_without_role": N_("“{found}”: {profile} has no {role} channels at all"),
    # luminaires and circuits
    "curve_points_unused": N_("curve_points are read only with curve table, not with {curve}"),
    "curve_points_missing": N_("curve table needs at least two curve_points, LEVEL_PCT:POWER_W+LEVEL_PCT:POWER_W…"),
    "curve_points_not_rising": N_("levels must rise from point to point, and power must not fall"),
    "curve_points_not_whole": N_("the points must reach from {from_pct} (the minimum level) or lower to {until_pct}"),
    "curve_points_off_rated": N_("the last point is {found_w}, but rated_w is {rated_w}; they must agree within 5 %"),
    "standby_not_under_rated": N_("standby power {standby_w} is not under the rated power {rated_w}"),
    "circuit_without_control": N_("circuit {circuit} has neither a dimmer nor a relay; at least one is needed"),
    "dimmer_without_dimmable_lamps": N_("circuit {circuit} has a dimmer, but none of its lamps can be dimmed"),
    "classes_of_two_families": N_("lowest class {lowest_class} and design class {design_class} are of two families"),
    "lowest_class_brighter": N_("lowest class {lowest_class} asks for more light than design class {design_class}"),
    "maintained_under_class": N_("full light gives {found}, but design class {design_class} asks for {minimum}"),
    "maintained_over_class": N_(
        "full light gives {found}, but design class {design_class} asks for {expected}: floors would come out too dark."
        " M classes are in cd/m², C and P in lx"
    ),
    "floor_of_class_dark": N_(
        "with {found} at full light, lowest class {lowest_class} ({expected}) makes a floor of {floor_level_pct}, which"
        " is as good as dark. M classes are in cd/m², C and P in lx"
    ),
    # groups, traffic, photocells, light output
    "section_without_class": N_(
        "its traffic section {section} cannot choose a class: design_class and maintained_level are needed, so it stays"
        " at full light in adaptive steps"
    ),
    "counter_for_each_lane": N_(
        "basis uni_11248 compares the worst lane: it needs one counter for each of the {lanes} lanes, not {counters}"
    ),
    "section_of_no_circuit": N_("no circuit names the traffic section {section}"),
    "photocell_without_hysteresis": N_("off_lx ({off_lx}) must be above on_lx ({on_lx}), or the lamps would flicker"),
    "photocell_of_district_twice": N_("district {district} already has the photocell {other}; it may have one"),
    "channel_without_quantity": N_("{channel} of {profile} does not measure {quantity}"),
    "output_points_unused": N_("output_points are used only with output_correction controller"),
    "output_not_dimmable": N_("lamps that cannot be dimmed cannot be corrected: use output_correction none or driver"),
    "output_points_missing": N_(
        "output_correction controller needs at least two output_points, BURNING_HOURS:PERCENT+…, the first at 0 hours"
    ),
    "output_points_not_rising": N_("hours must rise from point to point, and percents must not fall"),
    "output_points_out_of_range": N_("percents must be from 50 to 100"),
    # tariff
    "tariff_period_empty": N_(
        "period {period_number} ends where it begins: give from and until two times, or leave both out for the whole"
        " day"
    ),
    # baseline, lit areas and supplies
    "baseline_switching_twice": N_(
        "the switching point is said in {found}: give one of on_lx with off_lx, on_elevation_deg with"
        " off_elevation_deg, or logged"
    ),
    "baseline_switching_half": N_("{field} is missing: a switching point is one for on and one for off"),
    "baseline_twice": N_("{found} is said twice; once is enough"),
    "baseline_sample_half": N_(
        "a sample says its size (2 or more), mean, standard deviation, date, instrument and who measured:"
        " {fields} missing"
    ),
    "baseline_no_legacy_watts": N_("luminaire_types.csv has no legacy_w for {luminaire_type}: put it there first"),
    "baseline_sample_differs": N_(
        "the sample of {luminaire_type} has a mean of {mean_w} and luminaire_types.csv reckons with {stated_w}: put the"
        " mean into {field} there"
    ),
    "baseline_adjustment_amount": N_("an adjustment has one of kwh, kwh_per_year and lamps; found: {found}"),
    "baseline_adjustment_lamp_watts": N_("lamps and lamp_w go together"),
    "baseline_reference_installed": N_("a reference period has one of lamps and installed_kw"),
    "baseline_reference_mixed": N_("all reference periods have lamps, or all have installed_kw"),
    "baseline_reference_overlaps": N_("this period begins on {from_date}, and another goes on until {to_date}"),
    "baseline_log_missing": N_("logged = true needs the hours in {file}"),
    "baseline_log_span": N_("off must come after on, and not after more than 30 days"),
    "baseline_log_order": N_("this night begins before the one above it has ended: sort them, and leave out doubles"),
    "area_said_twice": N_("area_m2 stands in the place of width_m: give one of them"),
    "width_without_length": N_("width_m needs length_m, else the area is not known"),
    "maintained_lx_differs": N_(
        "maintained_lx is {found}, and maintained_level {expected}: of class {design_class} both are the same"
        " illuminance"
    ),
    # programs
    "program_extends_itself": N_("programs extend each other in a circle: {programs}"),
    "step_level_or_class": N_("step {step_number} of program {program} needs either level_pct or lighting_class"),
    "step_off_adaptive": N_("step {step_number} of program {program} is off; traffic cannot choose a class there"),
    "step_class_unknown": N_(
        "step {step_number} of program {program} asks for a class; without maintained_level, and so at full light"
        " there: {circuits} of its {of} circuits"
    ),
    "step_adaptive_alone": N_(
        "step {step_number} of program {program} is adaptive; without traffic_section, and so at the step's own level:"
        " {circuits} of its {of} circuits"
    ),
    "step_class_under_lowest": N_(
        "step {step_number} of program {program} asks for less than the lowest class of {circuits} of its {of}"
        " circuits; their floor holds"
    ),
    "program_lit_late": N_(
        "program {program} ({circuit_count} circuits) may give its roads only the floor (as low as {floor_pct}) from"
        " dusk until lit_from {found} on some nights: write dusk or earlier; to leave them unlit on purpose, add a step"
        " of level 0 with part_night = true"
    ),
    "program_unlit_early": N_(
        "program {program} ({circuit_count} circuits) may give its roads only the floor (as low as {floor_pct}) from"
        " lit_until {found} until dawn on some nights: write dawn or later; to leave them unlit on purpose, add a step"
        " of level 0 with part_night = true"
    ),
    "program_step_unlit": N_(
        "step {step_number} of program {program} ({circuit_count} circuits) gives its roads only the floor (as low as"
        " {floor_pct}) in the dark from {found} until the next step or lit_until: give it a level above 0, or"
        " part_night = true to leave them unlit on purpose"
    ),
    "program_never_lit": N_(
        "program {program} ({circuit_count} circuits) is never lit: in a lighting night, from noon to noon, lit_until"
        " {until} does not come after lit_from {found}, so only the floor holds while it is dark. Exchange the two?"
    ),
    "program_lit_by_day": N_(
        "program {program} ({circuit_count} circuits) is lit by day, through noon: from {found} until {until} of the"
        " next day. Exchange the two if that is not meant"
    ),
    "moment_always_same": N_(
        "in program {program}, “{found}” is {at} in every night, whatever the sun does: its bounds leave nothing else"
    ),
    "step_at_same_moment": N_(
        "step {step_number} of program {program} begins at {found} as step {other} does; the later one in the file"
        " rules, the other does nothing"
    ),
    "step_class_of_other_family": N_(
        "step {step_number} of program {program} asks for class {lighting_class}; circuits with a design class of"
        " another family stay at full light there ({circuit_count} circuits: {circuits})"
    ),
    "program_without_photocell": N_(
        "program {program} asks for the photocell; circuits in a district without one go by the site's dusk and dawn"
        " ({circuit_count} circuits: {circuits})"
    ),
    "photocell_with_offset": N_(
        "“{found}”: photocell takes no offset, for it says what is dark at once; write photocell, or an event of the"
        " sun with an offset"
    ),
    "part_night_never_dim": N_(
        "step {step_number} of program {program} is a part-night off; circuits with never_dim = yes stay at full light"
        " there while it is dark ({circuit_count} circuits: {circuits})"
    ),
    "part_night_step_lit": N_(
        "step {step_number} of program {program} is marked part_night but its level is not 0; the mark does nothing"
    ),
}
