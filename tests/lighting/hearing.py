"""Profiles of a site whose devices hear broadcasts, with points that stand at the same place on all of them."""

from __future__ import annotations

from importlib import resources

COMMON = """\
  {{ name = "group", quantity = "other", table = "holding", address = 9500, type = "u16", class = "setting", \
poll = "once", writable = true, write_min = 0, write_max = 100{more} }},
  {{ name = "reset", quantity = "command", table = "holding", address = 9501, type = "u16", class = "command", \
poll = "never", readable = false, writable = true, write_min = 1, write_max = 1 }},
"""
CONTACT = """\
  { name = "relay_1", quantity = "relay_closed", channel = "b1", table = "coil", address = 0, type = "bit", \
writable = true },
"""
FORBIDDEN = 77
"""A number of the group that only the meter does not take."""


def hearing_profiles(*, without: str = "") -> dict[str, str]:
    """The profiles of the devices of CB02-bus; the one named does not hear broadcasts."""
    more = {"wb-mao4": "", "wb-mr6c": "", "sdm120": f", forbidden_raw = [{FORBIDDEN}]"}
    found = {}
    for name, extra in more.items():
        text = (resources.files("drivers") / "profiles" / f"{name}.toml").read_text(encoding="utf-8")
        points = COMMON.format(more=extra) + ("" if name == "wb-mr6c" else CONTACT)
        text = text.replace("points = [\n", "points = [\n" + points, 1)
        if name != "wb-mr6c":
            channel = '{ id = "b1", role = "relay" }'
            text = text.replace("channels = [", f"channels = [{channel}, ", 1)
        if name != without:
            text = text.replace("[limits]\n", "[limits]\nbroadcast = true\n", 1)
        if name == "sdm120":
            text = text.replace("functions = [3, 4, 16]", "functions = [3, 4, 1, 5, 6, 16]", 1)
        found[f"profiles/{name}.toml"] = text
    return found
