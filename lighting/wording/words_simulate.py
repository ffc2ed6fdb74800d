"""What the simulator and the demonstration say."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    "simulator_port_taken": N_(
        "Bus {bus}: port {port} is not to be had ({detail}). Stop what listens there, or change the bus's url."
    ),
    "simulator_not_loopback": N_(
        "Bus {bus} is at {url}: only buses on this machine (127.0.0.1, localhost) are simulated, "
        "so that no real line is mistaken for a simulated one."
    ),
    "simulator_not_this_kind": N_(
        "Bus {bus} is at {url}: only tcp:// and rtu-tcp:// lines are simulated, neither serial ports nor TLS."
    ),
    "simulator_serves": N_(
        "Simulating {line_count} lines, {device_count} devices and {lamp_count} lamps on {circuit_count} circuits; "
        "Ctrl-C ends it."
    ),
    "simulator_faults": N_("Faults on {buses}, seed {seed}: {rules}."),
    "simulator_faults_done": N_("Faults done to {question_count} questions: {done}."),
    "simulator_no_fault_done": N_("No fault was done to {question_count} questions."),
    "simulator_settings_written": N_(
        "Settings were written {count} times, which wears their memory; most often {point} of {device}: {most_count}."
    ),
    "simulator_commands_given": N_("Commands given: {commands}."),
    "simulator_watchdogs_out": N_("Watchdogs ran out {count} times, as nothing fed them in their time: {devices}."),
    "simulator_pauses_broken": N_("Requests came {count} times before a device's pause was over: {devices}."),
    "faults_file_not_read": N_("The faults file {file} cannot be read: {detail}"),
    "fault_field_not_used": N_("{field} means nothing for {fault}; it is for {allowed}"),
    "fault_ends_before": N_("the rule ends at {until_s}, before it begins at {from_s}"),
    "simulator_speed": N_("One second here is {speed} s of the site."),
    "simulator_ended": N_("The simulator has ended: {request_count} requests answered, {write_count} writes taken."),
    "demo_starts": N_("{name}: starting simulator and controller; one second here is {speed} s of the city."),
    "demo_progress": N_(
        "{at_ms}  {lit_count} of {circuit_count} circuits lit  {power_w}  "
        "{confirmed_count} of {sent_count} commands confirmed"
    ),
    "demo_sunset": N_("Sunset at {sunset_ms}."),
    "demo_lit_by_power": N_(
        "Lit by measured power: {count} of {of_count} circuits; earliest {earliest_ms}, median {median_ms}, "
        "latest {latest_ms} (after the program's time: median {median_delay_s}, latest {latest_delay_s})."
    ),
    "demo_lit_by_feedback": N_(
        "Lit by the devices' feedback, since they share a meter: {count} of {of_count} circuits; "
        "earliest {earliest_ms}, median {median_ms}, latest {latest_ms} "
        "(after the program's time: median {median_delay_s}, latest {latest_delay_s})."
    ),
    "demo_lit_late": N_("{circuit} was lit {delay_s} after its program's time; {bound_s} were allowed."),
    "demo_never_lit": N_("{circuit} was never lit; its program's time was {program_ms}."),
    "demo_unlit": N_("{count} circuits have no lighting time that evening."),
    "demo_energy": N_(
        "Energy of the lamps: {energy_kwh}; at full power all night it would be {full_power_kwh} "
        "({share_pct} of it used, {saved_pct} saved)."
    ),
    "demo_energy_span": N_(
        "Counted from {from_ms} to {until_ms} without permanent loads, full power from sunset to sunrise; "
        "`lighting energy` differs: whole hours only, permanent loads too, full power in the hours of its baseline."
    ),
    "demo_commands": N_("Commands: {sent_count} sent, {confirmed_count} confirmed, {failed_count} failed."),
    "demo_readings": N_("Readings stored: {count}."),
    "demo_tick": N_("Effective tick while lighting: {tick_s} of the city's time."),
    "demo_good": N_("Every circuit was lit in its time and every command was confirmed."),
    "demo_not_good": N_("Not every circuit was lit in its time, or not every command was confirmed."),
    "demo_folder_not_ours": N_(
        "{folder} holds something that the demonstration did not write; it is left alone. "
        "Name a new folder with --site."
    ),
    "demo_site_broken": N_("The demonstration's site in {folder} was edited and is wrong now. Mend it, or remove it."),
    "demo_store_elsewhere": N_(
        "The demonstration resets its store, so it uses none but its own; remove the store's url {url} from site.toml."
    ),
    "demo_already_running": N_(
        "A demonstration or a controller already runs on {folder}. End it first, or name another folder with --site."
    ),
    "demo_no_free_ports": N_("No free run of ports was found on 127.0.0.1 for the demonstration's lines."),
    "demo_until_not_valid": N_("{found} is not a local time. Write it as HH:MM, such as 06:30."),
    "demo_speed_not_valid": N_("A speed of {found} is not possible: {minimum} to {maximum} site seconds a second."),
    "demo_until_too_early": N_(
        "{until_ms} is before the evening's last lamps can be lit and measured. Give {earliest_ms} or later."
    ),
    "demo_no_night": N_("The sun does not set there today, so there is no evening to show."),
    "demo_not_ready": N_("lighting {name} was not ready within {waited_s}."),
    "demo_too_slow": N_("This machine is too slow to be ready before sunset at a speed of {speed}; try a smaller one."),
    "demo_child_died": N_(
        "lighting {name} ended unexpectedly (exit {exit_code}); its log is {log}. It said last: {said}"
    ),
    "demo_child_killed": N_("A process did not end within 8 s and was killed."),
}
