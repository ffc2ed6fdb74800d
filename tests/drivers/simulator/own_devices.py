"""A device type made up for the tests, written as anybody would write it: a profile as text."""

from __future__ import annotations

from pathlib import Path

from drivers.profile import Profile
from drivers.profile_file import read_profile

DIMMER = (Path(__file__).parent / "own-dimmer.toml").read_text(encoding="utf-8")
FAILSAFE = """
[failsafe]
lost_lamp_bus = { kind = "lit", level_pct = 80 }
power_return = { level = "power_on_level" }
watchdog = "watchdog_timeout"
watchdog_s = 30
watchdog_off_raw = [65535]

[failsafe.lost_master]
action = "safety_action"
level = "safety_level"
meanings = { 0 = "hold", 1 = "dark", 2 = "lit", 3 = "level", 4 = "unknown" }
"""


def profile(text: str) -> Profile:
    """The profile of a text that must be good."""
    reading = read_profile(text, "own.toml")
    assert reading.profile is not None, reading.problems
    return reading.profile


def dimmer(fed_by: str = "any_request", *, limits: str = "", fed_point: str = "") -> Profile:
    """The made-up dimmer whose watchdog is fed so, with these limits."""
    feed = f'fed_by = "{fed_by}"\n' + (f'fed_point = "{fed_point}"\n' if fed_point else "")
    failsafe = FAILSAFE.replace("[failsafe]\n", "[failsafe]\n" + feed)
    return profile(DIMMER + failsafe + (f"[limits]\n{limits}\n" if limits else ""))
