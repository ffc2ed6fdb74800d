"""What is said about others' files: what was read, what was refused and why, what was assumed."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    # the file as a whole
    "inventory_not_text": N_("{file} line {line} is not {encoding} text; name its encoding with --encoding, as cp1252"),
    "unknown_encoding": N_("there is no encoding “{found}”; usual ones are utf-8, cp1252, latin-1"),
    "inventory_not_csv": N_("{file} line {line} is not CSV: {detail}"),
    "inventory_not_json": N_("{file} line {line} is not JSON: {detail}"),
    "inventory_not_features": N_("{file} is JSON, but no GeoJSON FeatureCollection"),
    "inventory_without_header": N_("{file} has no header line with a different name for each column"),
    "inventory_empty": N_("there are no lamps in {file}"),
    "inventory_column_unknown": N_("there is no column “{found}”; there are: {allowed}"),
    "inventory_column_unknown_nearest": N_("there is no column “{found}”; nearest: {nearest}; there are: {allowed}"),
    "inventory_column_needed": N_(
        "no column is known to be the {role}; name it with --{role}, - for none. There are: {allowed}"
    ),
    "crs_needed": N_(
        "columns {x} and {y} are no degrees (row {row}); name their coordinate system with --crs, as EPSG:3857"
    ),
    "unknown_crs": N_("“{found}” is no coordinate system that is known; write it as EPSG:3857"),
    "no_lamp_usable": N_("none of {read_count} rows can be used; nothing was written"),
    "position_far_away": N_("coordinates {distance_km} km from the middle of the others: not used"),
    "site_without_position": N_("no lamp has coordinates, so that the sun there is not known; name their columns"),
    "ports_beyond_range": N_("{cabinet_count} cabinets from port {port_base} go beyond 65535; change --port-base"),
    "too_many_circuits": N_("cabinet {cabinet} has {circuit_count} circuits; its bus has no room for their devices"),
    # why a row was refused
    "controller_missing": N_("no controller: a lamp without a cabinet cannot be controlled (--orphans collects them)"),
    "controller_mistyped": N_("controller “{found}” looks mistyped for {nearest} (--fix-ids takes it so)"),
    "wattage_not_understood": N_("wattage “{found}” is not understood"),
    "wattage_not_believable": N_("wattage “{found}” is not between 0 and {maximum_w}"),
    "wattage_missing": N_("no wattage, and no row of type {lamp_type} states one (--assume-watts {lamp_type}=W)"),
    "types_do_not_fit_wattages": N_("{type_count} lamp types, but {wattage_count} wattages"),
    "position_not_understood": N_("coordinates “{x}”, “{y}” are no numbers"),
    "position_out_of_range": N_("coordinates {x}, {y} are not on the earth in that coordinate system"),
    "geometry_not_a_point": N_("its geometry is {found}, not a point"),
    "point_without_coordinates": N_("its point has no two coordinates"),
    "feature_not_readable": N_("it is no GeoJSON feature"),
    # what was assumed for a row
    "controller_mended": N_("controller “{found}” taken as {nearest}"),
    "controller_assumed": N_("no controller: put on {controller}"),
    "watts_as_told": N_("no wattage: {watts_w} for {lamp_type}, as told"),
    "watts_by_median_of_type": N_(
        "no wattage: {watts_w}, the median of the {lamp_count} luminaires of type {lamp_type} that state theirs"
    ),
    "watts_by_median_of_all": N_(
        "neither type nor wattage: {watts_w}, the median of all {lamp_count} luminaires that state theirs, not dimmable"
    ),
    "lamp_type_missing": N_("no lamp type: taken as not dimmable"),
    "led_by_wattage_mark": N_("{watts_w} is marked LED in the wattage, the type says {stated_type}: taken as LED"),
    "part_type_not_stated": N_("{watts_w} beside a lamp marked LED: its kind is not stated, taken as not dimmable"),
    "position_missing": N_("no coordinates"),
    # what was assumed of the file and the site
    "column_assumed": N_("column {column} is taken as the {role} (--{role} names another)"),
    "degrees_assumed": N_("columns {x} and {y} are taken as degrees of longitude and latitude"),
    "buses_are_loopback": N_("every cabinet's bus is simulated on this machine, from port {port} on: edit buses.csv"),
    "devices_assumed": N_(
        "every cabinet has {dimmer} for LEDs (taken as dimmable), {relay} for contactors, {meter}: edit devices.csv"
    ),
    "gear_losses_not_included": N_("wattages are taken as they are written; losses of ballasts are not added"),
    "timezone_by_longitude": N_("the time zone is {timezone}, by longitude and without summer time (--timezone)"),
    "branches_not_usable": N_(
        "{lamp_count} lamps name a branch that is none; they are on a circuit of their controller"
    ),
    "circuits_split": N_("{circuit_count} circuits were split: a dimmer's channel may have {maximum_count} lamps"),
    # the command
    "inventory_file_missing": N_("{file} cannot be read: {detail}"),
    "assume_watts_not_valid": N_("“{found}” is not in the form TYPE=W, with W more than 0 and at most {maximum_w}"),
    "option_not_id": N_("--{option} “{found}” cannot be an id: letters, digits, spaces and . - / ( ) & ' only"),
    "mapping_not_valid": N_("the mapping file {file} has {problem_count} problems; nothing was imported"),
    "imported_site_not_valid": N_("the site made from {file} has {problem_count} problems; nothing was written"),
    "import_read": N_("Read {read_count} lamps: {used_count} used, {refused_count} refused."),
    "import_made": N_(
        "Made {cabinet_count} cabinets, {circuit_count} circuits and {luminaire_count} luminaires in {folder}."
    ),
    "import_refused": N_("Refused, {row_count} rows: {reason}"),
    "import_assumed": N_("Assumed, {row_count} rows: {reason}"),
    "import_remark": N_("Assumed: {reason}"),
    "import_more": N_("and {more_count} more kinds"),
    "import_report": N_("Row by row: {file}"),
}
