"""Points by which lamps are switched and seen: whether the controller can do with them what it will do.

It writes 1 to close and 0 to open, and levels in percent; it believes 1 as closed. A profile that means it otherwise
would light a street by day and darken it by night.
"""

from __future__ import annotations

from drivers.codec import decode, encode
from drivers.errors import Rejected
from drivers.profile import Point
from drivers.profile_problem import AddProblem, Path, Value
from drivers.quantity import Quantity
from drivers.registers import INTEGER_RANGES

OUTPUTS = frozenset({Quantity.DIM_LEVEL, Quantity.RELAY_CLOSED, Quantity.OUTPUT_ON})
STATES = frozenset({Quantity.RELAY_CLOSED, Quantity.OUTPUT_ON, Quantity.CONTACT_CLOSED, Quantity.INPUT_ACTIVE})


def check_output(path: Path, point: Point, add: AddProblem) -> None:
    """Tell what is wrong with a point that is an output, or the state of one; any other is left alone."""
    quantity = point.quantity
    if quantity not in OUTPUTS | STATES:
        return
    name: dict[str, Value] = {"point": point.name, "quantity": quantity.value}
    if point.data_type == "string" or point.flags:
        add("profile_output_type", name, (*path, "type" if point.data_type == "string" else "flags"))
        return
    if point.enumeration:
        add("profile_output_words", name, (*path, "enumeration"))
        return
    if quantity in OUTPUTS:
        for key, is_unfit in (
            ("writable", not point.writable),
            ("readable", not point.readable),
            ("class", point.point_class != "live"),
            ("poll", point.poll in ("once", "never")),
        ):
            if is_unfit:
                add("profile_output_use", {**name, "key": key}, (*path, key))
    if quantity in STATES:
        _check_state(path, point, add)


def _check_state(path: Path, point: Point, add: AddProblem) -> None:
    """0 and 1 must be values that it can have, and take where it is written."""
    if point.scale == 0 or point.data_type not in INTEGER_RANGES:
        return
    for state in (0.0, 1.0):
        try:
            raw = encode(point, state, check_range=point.writable)
        except Rejected as error:
            add("profile_output_state", {"point": point.name, "state": state, "detail": str(error)}, (*path, "name"))
            return
        held = decode(point, raw).value
        if point.bits is None and held != state:
            values: dict[str, Value] = {
                "point": point.name,
                "state": state,
                "detail": f"{point.name} would hold {held}",
            }
            add("profile_output_state", values, (*path, "name"))
            return
