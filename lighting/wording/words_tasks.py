"""What is said of work on devices: tasks, values, writes, scans, recordings and the counters of buses."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    # how a task goes on
    "task_alone": N_("no controller runs: this command takes the lines itself"),
    "task_queued": N_("another task is at work on this bus; this one waits for its end (Ctrl-C gives up)"),
    "task_still_waiting": N_("waiting for whoever holds the lines to take it up"),
    "task_progress": N_("{what}: {done} of {total}"),
    # how it ends
    "task_cancelled": N_("it was cancelled by the one who asked for it"),
    "task_asker_gone": N_("nobody waits for it any more"),
    "task_controller_gone": N_("the controller ended before it was done; look at the device before you ask again"),
    "task_not_taken_up": N_(
        "nobody took it up within {longest_duration_ms}, and nothing was done; the lines are held by {holder}"
    ),
    "task_ended_badly": N_("task {id} ended as {state}"),
    "task_too_long": N_("it was not done within {bound_s}"),
    "task_fault": N_(
        "an error that should not happen in the task {kind}: {detail} (the controller's log has the trace)"
    ),
    "task_kind_unknown": N_("the controller that runs does not know the task {kind}: is it an older program?"),
    "task_parameter_wrong": N_("the task's {name} is not what it should be"),
    "no_such_task": N_("there is no task {id}"),
    "task_no_device": N_("the revision that runs has no device {device} (is an edit of the folder not applied yet?)"),
    "task_no_bus": N_("the revision that runs has no bus {bus} (is an edit of the folder not applied yet?)"),
    "task_no_point": N_("the profile of {device} has no point {point} (is an edit of the folder not applied yet?)"),
    "task_unreachable": N_("{subject} does not answer: {detail}"),
    "task_rejected": N_("{subject} refused: {detail}"),
    "task_implausible": N_("{subject} gave an answer that is not to be believed: {detail}"),
    "task_recording_already": N_("bus {bus} is being recorded already"),
    "bus_counters_not_stored": N_("the counters of the buses could not be stored"),
    # points and values
    "point_not_found": N_("{profile} has no point {point}; it has {known}: lighting device read --all"),
    "point_not_found_near": N_("{profile} has no point {point}; nearest: {nearest}"),
    "point_not_readable": N_("{point} can only be written"),
    "no_such_points": N_("{profile} has no points of that kind ({which}); --all shows every one"),
    "value_no_number": N_("{point} takes a number ({unit}), not “{found}”"),
    "value_no_word": N_("{point} takes a number or one of {words}, not “{found}”"),
    "length_not_understood": N_("“{text}” is no length of time: write 90s, 2m or 1h"),
    "units_not_understood": N_(
        "“{text}” are no unit ids: write one or a range, such as 5 or 1-20; the lowest is 1, the highest {last}"
    ),
    "device_heading": N_("{device}: {name} ({profile}), unit {unit} on {bus}"),
    # probe
    "probe_round_trips": N_("Answers in {mean} ms on average ({least} to {most})."),
    "probe_out_of_range": N_("Out of their valid range: {points}."),
    "probe_unknown": N_("Unknown, or not there: {points}."),
    "probe_fits": N_("{device} answers, and is what {profile} says as far as its probe points tell."),
    "probe_does_not_fit": N_("{device} answers, and is NOT what {profile} says (lighting scan tells what fits)."),
    "probe_cannot_tell": N_("{device} answers; {profile} names no probe point, so nobody can tell what it is."),
    # write
    "write_present": N_("{device} {point}: {present} → {new}"),
    "write_ask": N_("Write {point} of {device}?"),
    "write_ask_command": N_("{point} is a command: it makes the device do something at once."),
    "write_ask_live": N_("{point} is a live output: lamps may change at once, and nobody changes them back."),
    "write_ask_word": N_("Type {point} to confirm"),
    "write_needs_yes": N_("{point} is a setting: confirm it with --yes"),
    "write_not_confirmed_by_person": N_("nothing was written"),
    "write_rounded": N_("{device} {point} can hold {held}: the nearest to that, which is what will be written"),
    "write_stood_already": N_("{device} {point} stood so already: nothing was written"),
    "write_leaves_dark": N_(
        "WITHOUT THE CONTROLLER {circuits} circuits on it would go dark from now on: {names} (lighting why {first})"
    ),
    "write_verified": N_("{device} {point}: written and read back in {latency_ms}"),
    "write_echoed": N_("{device} {point}: the device took it; it cannot be read back"),
    "write_not_verified": N_("{device} {point}: written, but it reads {read_back}"),
    "task_word_missing": N_("{point} is written only when its name is typed to confirm it: --word {point}"),
    "task_point_read_only": N_("{point} cannot be written"),
    "task_locked_out": N_("{device} {point}: a lockout is on what it may touch, so nothing was written"),
    "task_output_ruled": N_(
        "{point} belongs to circuit {circuit}, whose level the controller keeps: ask for another with "
        "lighting set {circuit} LEVEL"
    ),
    "task_value_refused": N_("{device} was not written to: {detail}"),
    # broadcast
    "broadcast_reaches": N_("{bus}: every device hears this and takes {point} → {new}: {devices}"),
    "broadcast_confirmed": N_("{device} (unit {unit_id}): confirmed"),
    "broadcast_stood_already": N_("{device} (unit {unit_id}): stood so already"),
    "broadcast_reads_otherwise": N_("{device} (unit {unit_id}): NOT confirmed, it reads {read_back}"),
    "broadcast_not_read": N_("{device} (unit {unit_id}): NOT confirmed, it could not be read back"),
    "broadcast_unreadable": N_("{device} (unit {unit_id}): NOT confirmed, this point can only be written"),
    "broadcast_done": N_("{bus} {point}: {confirmed} of {devices} devices confirmed"),
    "broadcast_not_whole": N_(
        "{bus} {point}: {confirmed} of {devices} devices confirmed; write the others one by one: lighting device write"
    ),
    "broadcast_nothing_written": N_("{bus} {point} stood so already on all {devices} devices: nothing was written"),
    "broadcast_no_device": N_("{bus} has no device in devices.csv, so nobody knows who would hear it"),
    "broadcast_not_everywhere": N_(
        "{device} has no {point}, and would hear it too: on {bus} write the devices one by one (lighting device write)"
    ),
    "broadcast_value_differs": N_("“{found}” is another {point} on {device} than on the other devices of {bus}"),
    "broadcast_output_ruled": N_(
        "{point} of {device} is a level that the controller keeps, and it would write it back at once: "
        "nothing was broadcast on {bus} (for another level: lighting set)"
    ),
    "broadcast_word_missing": N_("every device of {bus} hears a broadcast: confirm it by the bus's name: --word {bus}"),
    "broadcast_locked_out": N_("nothing was broadcast on {bus}: a lockout is on its line or its cabinets ({circuits})"),
    "broadcast_refused": N_("nothing was broadcast on {bus}: {detail}"),
    # scan
    "scan_begins": N_("asking the units {first} to {last} of {bus} ({url}); nothing is written"),
    "scan_one": N_("unit {unit}: {profile} ({fitted} of {checks} probe points fit: {found})"),
    "scan_ambiguous": N_(
        "unit {unit}: one of {profiles}: {fitted} of {checks} probe points fit each, which cannot tell them"
    ),
    "scan_listed_among": N_("unit {unit}: devices.csv says {profile}, which is among them"),
    "scan_weak": N_(
        "unit {unit}: the fit of {profiles} is weak: those probe points fit nearly anything; look at the device itself"
    ),
    "scan_part": N_("unit {unit}: answers; no profile fits wholly (nearest: {profiles})"),
    "scan_none": N_("unit {unit}: answers, and fits no profile ({answered} reads answered, {refused} refused)"),
    "scan_trouble": N_("unit {unit}: not all could be asked: {detail}"),
    "scan_listed_otherwise": N_("unit {unit}: devices.csv says {profile}, which does not fit"),
    "scan_ended": N_("{found} of {asked} unit ids answer on {bus}"),
    "scan_listed_silent": N_("in devices.csv, but silent: {devices}"),
    # record and replay
    "record_too_long": N_("a recording lasts {longest_s} at most"),
    "recorded": N_("{exchanges} exchanges recorded in {file} (serve them: lighting replay {file})"),
    "recorded_nothing": N_("nothing passed {bus}, so no file was made"),
    "recording_no_head": N_("{file} is no recording of lighting record"),
    "recording_version": N_("{file}:{line}: a recording of version {found}; this program reads version 1"),
    "recording_no_json": N_("{file}:{line}: this is no JSON object"),
    "recording_unit": N_("{file}:{line}: unit is {found}; allowed: 0 to 255"),
    "recording_pdu": N_("{file}:{line}: {found} is not a PDU in hexadecimal, of 1 to 253 bytes"),
    "replay_serves": N_("serving {exchanges} exchanges of the units {units} at {url}, until Ctrl-C"),
    "replay_ended": N_("{served} requests were answered as recorded, {unknown} were not in the recording"),
    "replay_unknown": N_("not in the recording: unit {unit}, request {request}, {count} times"),
    # buses
    "buses_written": N_("Written by the controller at {at}."),
    "buses_written_no_controller": N_("The controller is NOT RUNNING; these figures are of {at}."),
    "buses_never_counted": N_("no controller has counted anything on these buses yet (start it: lighting run)"),
}
