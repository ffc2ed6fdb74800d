"""What is said of emergencies, lamp tests, demand limits, areas, and of what a second person has to confirm."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    # areas
    "area_coordinate_out_of_range": N_("the {name} {found} of the area is not between -{most} and {most}"),
    "area_radius_out_of_range": N_(
        "the radius {found} of the area is out of range: above 0 and at most 100 km, written 300m or 1.5km"
    ),
    "area_is_empty": N_("{target} holds no circuit: the nearest, {circuit}, is {distance_m} away (make it wider)"),
    "no_circuit_has_a_position": N_(
        "{target} holds no circuit: the site says of none where it is (latitude_deg, longitude_deg in circuits.csv "
        "or cabinets.csv)"
    ),
    "circuits_without_position": N_("not counted, for the site does not say where they are: {circuits} circuits"),
    # how long
    "length_and_end_given": N_("give --until or --for, not both"),
    "emergency_too_long": N_("an emergency may last {longest_duration_ms}, not until {until_ms}: ask again then"),
    "test_too_long": N_("a lamp test may last {longest_duration_ms}, not until {until_ms} (for longer: lighting set)"),
    "demand_limit_too_long": N_(
        "a demand limit may last {longest_duration_ms}, not until {until_ms}: for longer, change the control program"
    ),
    # emergency
    "emergency_recorded": N_(
        "emergency {id}: {target} ({circuits} circuits, {lamps} lamps) fully lit while it is dark, until {until_ms}"
    ),
    "emergency_recorded_by_day": N_(
        "emergency {id}: {target} ({circuits} circuits, {lamps} lamps) fully lit, by day too, until {until_ms}"
    ),
    "emergency_by_daylight": N_(
        "it is not dark at any time until {until_ms}: nothing would be lit (--by-day lights by day too)"
    ),
    "emergency_waits_for_dark": N_("it is light now: lamps come on when it is dark (--by-day lights them at once)"),
    "instruction_waits_for_dark": N_("{id} waits for dark ({dark_ms}): its lamps come on then"),
    "emergency_ends_by_number": N_("to end it sooner: lighting release {id}"),
    "stronger_meanwhile": N_("{what} {id} on {target} by {by} rules there until {until_ms}"),
    # lamp test
    "test_recorded": N_(
        "lamp test {id}: {target} ({circuits} circuits, {lamps} lamps) at {level_pct} until {until_ms}"
    ),
    "test_ended_by_lockout": N_("lamp test {id} ended by lockout {by_id} of {by} on {target}"),
    "test_ended_by_emergency": N_("lamp test {id} ended by emergency {by_id} of {by} on {target}"),
    "test_ended_by_stop": N_("lamp test {id} ended, for the controller stopped"),
    # demand limit
    "limit_recorded": N_(
        "demand limit {id}: {target} ({circuits} circuits, {lamps} lamps) at most {level_pct} until {until_ms}"
    ),
    "level_or_power": N_("give a level or --kw: one of the two"),
    "target_power_out_of_range": N_("--kw needs a number of kilowatts above 0"),
    "target_power_not_a_number": N_("the power “{found}” is not a number of kilowatts"),
    "limit_power": N_("by the model of the lamps: {before_w} now, {after_w} under the limit"),
    "limit_met": N_("nothing is kept above the limit"),
    "limit_missed": N_(
        "missed by {missed_w} now (at most {most_missed_w} until it ends): floors, lamps that cannot be dimmed so far, "
        "or something stronger keep {circuits} circuits above it: {names}"
    ),
    "limit_missed_later": N_("met now, but missed by up to {most_missed_w} before it ends: floors keep lamps above it"),
    "limit_missed_now": N_("demand limit {id} is missed by {missed_w} (by the model of the lamps)"),
    "target_power_missed": N_(
        "{target_w} cannot be reached: floors and lamps that cannot be dimmed leave {after_w} by the model"
    ),
    # the second person
    "off_needs_second": N_(
        "it would switch off {lamps} lamps; with what other instructions switch off, covered or not, {share_pct} of "
        "the city, more than {limit_pct}: a second person has to confirm it"
    ),
    "proposal_waits": N_(
        "PROPOSED, not in force: nothing changes until another user ({role} or higher) says "
        "“lighting confirm {id}”, before {lapses_ms}"
    ),
    "proposal_needs_below_floor": N_("who confirms it needs the right to go below the floor too (below_floor)"),
    "proposal_nobody_below_floor": N_(
        "no other user of this site may go below the floor, so nobody may confirm it: write below_floor = true for one "
        "in site.toml, or raise confirm_off_share_pct there, and apply"
    ),
    "proposal_nobody_else": N_(
        "no other user of this site may confirm it ({role} or higher): add one to site.toml, or raise "
        "confirm_off_share_pct there, and apply"
    ),
    "proposal_recorded": N_(
        "proposal {id}: {target} ({circuits} circuits, {lamps} lamps) to {level_pct} until {until_ms}"
    ),
    "proposal_confirmed": N_("confirmed by a second person: {id}, {target} ({circuits} circuits, {lamps} lamps)"),
    "proposal_needs_another": N_("refused: {by} proposed {id}, so that somebody else has to confirm it (--user ID)"),
    "proposal_confirmed_already": N_("refused: {by} has confirmed {id} already, at {at_ms}"),
    "proposal_withdrawn": N_("refused: {id} was withdrawn at {at_ms}"),
    "proposal_lapsed": N_("refused: {id} lapsed at {lapses_ms}, for nobody had confirmed it: ask for it again"),
    "proposal_of_the_future": N_(
        "refused: {id} was proposed at {proposed_ms}, and it is {now_ms}: the clock was set back; ask for it again"
    ),
    "not_a_proposal": N_("refused: instruction {id} waits for nobody (lighting instructions shows what does)"),
    "proposals_waiting": N_(
        "{id} is PROPOSED by {by}, not in force: another user ({role} or higher) has to confirm it before "
        "{lapses_ms}: lighting confirm {id}"
    ),
    "proposals_waiting_below_floor": N_(
        "{id} is PROPOSED by {by}, not in force: another user ({role} or higher, with the right to go below the floor) "
        "has to confirm it before {lapses_ms}: lighting confirm {id}"
    ),
    "status_proposals": N_("Waiting for a second person to confirm: {count} (lighting instructions)."),
    "number_not_understood": N_("“{found}” is no number of an instruction (lighting instructions shows them)"),
    # taking off
    "instructions_released": N_("taken off on {target}: {what}"),
    "taken_off_by_number": N_(
        "{what} {id} on {target} by {by} stays in force until {until_ms} (to end it: lighting release {id})"
    ),
    "lockout_not_by_number": N_("refused: {id} is a lockout or its like: lighting unlock {target}"),
    "instruction_has_ended": N_("refused: instruction {id} has ended already"),
}
