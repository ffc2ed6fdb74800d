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
    "simulator_serves": N_(
        "Simulating {line_count} lines, {device_count} devices and {lamp_count} lamps on {circuit_count} circuits; "
        "Ctrl-C ends it."
    ),
    "simulator_speed": N_("One second here is {speed} s of the site."),
    "simulator_ended": N_("The simulator has ended: {request_count} requests answered, {write_count} writes taken."),
}
