"""What the drivers say: why a device could not be used, and what is wrong with a profile."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    "driver_error": N_("The device could not be used."),
    "unreachable": N_("The device does not answer."),
    "rejected": N_("The device refused the request."),
    "implausible": N_("The device gave an answer that does not fit the question."),
    "profile_not_toml": N_("This is not a TOML file: {detail}"),
    "profile_schema_version": N_("schema_version is {found}; this program reads {allowed}"),
    "profile_key_unknown": N_("unknown key {found}; nearest valid key: {nearest}; allowed: {allowed}"),
    "profile_key_unknown_here": N_("unknown key {found}; allowed: {allowed}"),
    "profile_number_digits": N_("{found} has “{sign}”: a number is written with the digits 0 to 9 and nothing between"),
    "profile_key_missing": N_("{key} is missing"),
    "profile_value_wrong": N_("{key} is {found}; allowed: {allowed}"),
    "profile_repeat_letters": N_("{found} does not use exactly the letters of its repeat: {letters}"),
    "profile_enumeration": N_(
        "{point}: an enumeration has each number and each meaning once, and numbers that its type can hold"
    ),
    "profile_flags": N_("{point}: flags have each bit and each name once"),
    "profile_meanings": N_("{cause}: each key of meanings is a raw number, once"),
    "profile_variant_doubled": N_("two variants are named {variant}"),
    "profile_point_doubled": N_("two points are named {point}"),
    "profile_meaning_doubled": N_("{point} and {other} are both the {quantity} of the same channel"),
    "profile_channel_unknown": N_("{point} belongs to channel {channel}, which is not listed"),
    "profile_channel_doubled": N_("channel {channel} is listed twice as {role}"),
    "profile_write_to_read_only_table": N_("{point} is writable, but the {table_name} table is read-only"),
    "profile_type_in_table": N_("{point} has type {type}, which does not fit the {table_name} table"),
    "profile_registers_fixed": N_("{point}: the type {type} gives the number of registers by itself"),
    "profile_address_beyond": N_("{point} at address {address} ends beyond address 65535"),
    "profile_point_useless": N_("{point} can neither be read nor written"),
    "profile_scale_zero": N_("{point} has a scale of 0"),
    "profile_range_reversed": N_("{point}: the lower end {low} is above the upper end {high}"),
    "profile_pattern_beyond": N_("{point}: {key} has a value that its registers cannot hold"),
    "profile_write_range": N_("{point}: {found} cannot be written; its type and scale hold {low} to {high}"),
    "profile_block_over_limit": N_("{point} has {count} registers; the device allows {limit} in a request"),
    "profile_overlap": N_("{point} and {other} share address {address}"),
    "profile_point_unknown": N_("no readable point is named {point}"),
    "profile_vector_wrong": N_(
        "the test vector of {point} does not hold both ways; by this file its registers mean {found}, "
        "and its value makes the registers {registers}"
    ),
    "profile_too_long": N_("the file has {found} characters; a profile has at most {allowed}"),
    "profile_too_many": N_("the repeats make {found} points and channels; a profile has at most {allowed}"),
    "profile_text_unprintable": N_("the text holds {found}, which is not printed; only notes may have several lines"),
    "profile_unit": N_("{point} has the unit {found}; its quantity is measured in {allowed}"),
    "profile_key_for_type": N_("{point}: {key} means nothing for type {type}"),
    "profile_key_without_write": N_("{point}: {key} is a rule for writing, but the point is not writable"),
    "profile_function_missing": N_("{point} needs function {needed}; the functions that limits allow are {allowed}"),
    "profile_command_without_write": N_("{point} is a command, but not writable"),
    "profile_poll_of_setting": N_(
        "{point} is a {point_class} and polled {found}; settings and commands are polled once or never"
    ),
    "profile_budget_of_no_setting": N_("{point}: {key} is for settings; this point is a {point_class} point"),
    "profile_output_type": N_("{point}: {quantity} is a number, neither text nor flags"),
    "profile_output_words": N_(
        "{point}: {quantity} has no words: 1 is closed, on or active, 0 is not, a level is in %; "
        "a device that counts otherwise gets scale and offset (active low: scale -1, offset 1)"
    ),
    "profile_output_use": N_("{point}: {key} does not fit {quantity}, which is written and read back at all times"),
    "profile_output_state": N_(
        "{point}: must be able to be {state}, for it is written and believed as 0 and 1; a device that counts "
        "otherwise gets scale and offset (active low: scale -1, offset 1) ({detail})"
    ),
    "profile_bits_written": N_(
        "{point} is a field of bits and cannot be writable: writing it would need its neighbours read first"
    ),
    "profile_bits_beyond": N_("{point}: bit {found} is beyond its registers, whose highest is bit {highest}"),
    "profile_bits_overlap": N_("{point} and {other} share bits"),
    "profile_flags_beyond": N_("{point}: a flag stands for bit {found}; allowed are bits 0 to {highest}"),
    "profile_flags_scaled": N_("{point} has flags, so its scale is 1 and its offset 0"),
    "profile_curve_points": N_("{point}: curve_points and curve table go together"),
    "profile_curve_of_no_level": N_("{point} has a dimming curve, but {quantity} is no level"),
    "profile_curve_scale": N_("{point} has a dimming curve, so its scale is above 0"),
    "profile_curve_scaled": N_("{point} has a curve table of raw numbers, so its scale is 1 and its offset 0"),
    "profile_curve_unreached": N_("{point}: its type, scale and offset reach no part of the dimming curve"),
    "profile_curve_rising": N_(
        "{point}: curve_points are at least two, and both the raw number and the value rise from each to the next"
    ),
    "profile_curve_beyond": N_(
        "{point}: the curve point {raw}, {value} is not a raw number of the type with a value of 0 to 100"
    ),
    "profile_valid_range": N_(
        "{point}: a bound of {found} leaves no valid value; its type and scale hold {low} to {high}"
    ),
    "profile_level_range": N_("{point}: {key} is {found}; a level is 0 to 100 %"),
    "profile_step_zero": N_("{point}: write_step is {found}; allowed: above 0"),
    "profile_step_held": N_("{point}: write_step is {found}; allowed: a multiple of the scale {scale}"),
    "profile_step_reach": N_("{point}: steps of {found} from {low} do not reach write_max {high}"),
    "profile_counter_bits": N_("{point}: counter_bits is {found}; its type has {allowed}"),
    "profile_counter_wrap": N_("{point}: counter_wrap is {found}; the width of the counter allows at most {allowed}"),
    "profile_channel_without_point": N_("channel {channel} ({role}) has no point of its own: {quantity}"),
    "profile_write_hits": N_("{point} is written at address {address}, which belongs to {other}"),
    "profile_verify_unit": N_(
        "{point} cannot be verified by {other}: found unit “{found}”, allowed “{allowed}”, of another point"
    ),
    "profile_probe_mute": N_(
        "{point} tells nothing as a probe: it needs valid_min and valid_max that exclude some of what its type can hold"
    ),
    "profile_identity_value": N_("{point} can never read {found}"),
    "profile_mode_no_setting": N_("{point} selects a variant, so it is a setting; found: {point_class}"),
    "profile_mode_value": N_("{point} has no choice {found}; allowed: {allowed}"),
    "profile_broadcast": N_("broadcast needs a write function (5, 6, 15 or 16) among the functions"),
    "profile_broadcast_tcp": N_("broadcast_tcp says where else broadcast holds, so it needs broadcast = true"),
    "profile_sources": N_("trust is {trust}, but sources are empty; without a source trust is community"),
    "profile_reaction_without_point": N_("{cause}: no output channel has a point for {quantity}"),
    "profile_reaction_unreadable": N_("{cause}: the points for {quantity} cannot be read, so nobody could check them"),
    "profile_reaction_level_unit": N_("{cause}: {quantity} is no level in %"),
    "profile_reaction_level": N_(
        "{cause}: a level of {found} % does not fit kind {kind}; lit has a level above 0, dark has 0, others have none"
    ),
    "profile_meanings_without_action": N_("{cause}: meanings need an action, the quantity that chooses"),
    "profile_meanings_missing": N_("{cause}: every choice of the action needs a meaning; missing: {found}"),
    "profile_meanings_unknown": N_("{cause}: meanings for {found}; the choices of the action are {allowed}"),
    "profile_meanings_level": N_("{cause}: a choice means level, but no level setting is named"),
    "profile_watchdog_without_point": N_("no output channel has a point for {quantity}"),
    "profile_watchdog_unit": N_("{quantity} is no time in seconds"),
    "profile_watchdog_off": N_("watchdog_off_raw needs watchdog, the quantity of the setting"),
    "profile_fed_point": N_("fed_by is {found}; fed_point goes with register and with nothing else"),
    "profile_fed_point_unknown": N_("no point is named {point}"),
}
