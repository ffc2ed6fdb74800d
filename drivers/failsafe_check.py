"""Whether what a profile says of lost masters, lost lamp buses and returning power can be true of its points."""

from __future__ import annotations

from drivers.profile import WHOLE_DEVICE, Point, Profile, Reaction
from drivers.profile_problem import AddProblem, Path, Value
from drivers.quantity import UNITS, Quantity


def check_failsafe(profile: Profile, add: AddProblem) -> None:
    """Tell each reaction and watchdog that the profile's own points contradict."""
    failsafe = profile.failsafe
    for cause, reaction in (
        ("lost_master", failsafe.lost_master),
        ("lost_lamp_bus", failsafe.lost_lamp_bus),
        ("power_return", failsafe.power_return),
    ):
        _check_reaction(profile, reaction, ("failsafe", cause), add)
    _check_watchdog(profile, add)


def setting_points(profile: Profile, quantity: Quantity) -> tuple[Point, ...]:
    """The points that hold a setting for the outputs, each once; those of the whole device where outputs have none."""
    outputs = [channel.id for channel in profile.channels if channel.role in ("dimmer", "relay")]
    found = [profile.setting_of(quantity, channel) for channel in outputs or [WHOLE_DEVICE]]
    return tuple({point.name: point for point in found if point is not None}.values())


def _check_reaction(profile: Profile, reaction: Reaction, path: Path, add: AddProblem) -> None:
    for key, quantity in (("action", reaction.action), ("level", reaction.level)):
        if quantity is None:
            continue
        points = setting_points(profile, quantity)
        values: dict[str, Value] = {"cause": str(path[-1]), "quantity": quantity.value}
        if not points:
            add("profile_reaction_without_point", values, (*path, key))
        elif not all(point.readable for point in points):
            add("profile_reaction_unreadable", values, (*path, key))
        elif key == "level" and any(point.unit_name != "%" for point in points):
            add("profile_reaction_level_unit", values, (*path, key))
    if reaction.action is None and reaction.meanings:
        add("profile_meanings_without_action", {"cause": str(path[-1])}, (*path, "meanings"))
    if reaction.action is not None:
        _check_meanings(setting_points(profile, reaction.action), reaction, path, add)
    is_lit_level = (reaction.level_pct or 0) > 0
    if reaction.level_pct is not None and (reaction.kind, is_lit_level) not in (("lit", True), ("dark", False)):
        values = {"cause": str(path[-1]), "found": reaction.level_pct, "kind": reaction.kind}
        add("profile_reaction_level", values, (*path, "level_pct"))


def _check_meanings(points: tuple[Point, ...], reaction: Reaction, path: Path, add: AddProblem) -> None:
    """Every choice of the setting has a meaning, and no meaning is of a choice that it does not have."""
    place = (*path, "meanings")
    choices = {raw for point in points for raw in point.enumeration}
    missing, unknown = sorted(choices - set(reaction.meanings)), sorted(set(reaction.meanings) - choices)
    if missing or not reaction.meanings:
        values: dict[str, Value] = {"cause": str(path[-1]), "found": ", ".join(map(str, missing))}
        add("profile_meanings_missing", values, place)
    if unknown and choices:
        values = {"cause": str(path[-1]), "found": _few(unknown), "allowed": ", ".join(map(str, sorted(choices)))}
        add("profile_meanings_unknown", values, place)
    if reaction.level is None and "level" in reaction.meanings.values():
        add("profile_meanings_level", {"cause": str(path[-1])}, place)


def _few(numbers: list[int]) -> str:
    return ", ".join(str(number) if abs(number) < 2**64 else "…" for number in numbers[:8])


def _check_watchdog(profile: Profile, add: AddProblem) -> None:
    failsafe = profile.failsafe
    if failsafe.watchdog is not None:
        place: Path = ("failsafe", "watchdog")
        values: dict[str, Value] = {"quantity": failsafe.watchdog.value}
        if not setting_points(profile, failsafe.watchdog):
            add("profile_watchdog_without_point", values, place)
        elif UNITS.get(failsafe.watchdog) != "s":
            add("profile_watchdog_unit", values, place)
    elif failsafe.watchdog_off_raw:
        add("profile_watchdog_off", {}, ("failsafe", "watchdog_off_raw"))
    if (failsafe.fed_by == "register") != bool(failsafe.fed_point):
        add("profile_fed_point", {"found": failsafe.fed_by}, ("failsafe", "fed_by"))
    elif failsafe.fed_point and profile.point_named(failsafe.fed_point) is None:
        add("profile_fed_point_unknown", {"point": failsafe.fed_point}, ("failsafe", "fed_point"))
