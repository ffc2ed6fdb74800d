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
    "profile_vector_wrong": N_("the test vector of {point} does not hold both ways"),
}
