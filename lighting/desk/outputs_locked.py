"""What a lockout holds of the real lines, so that no edit of the folder lets go of a line on which somebody works.

A lockout names a circuit, a cabinet or a district; a person works on what these switch and dim. Both are compared by
the place on the line: the address of the bus, the unit id, the channel and every register that writes to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drivers.profile import ChannelRole
from lighting.assets.bus_address import line_of, parse_bus_address
from lighting.assets.fact import Fact
from lighting.assets.model import ChannelRef, Circuit, Site
from lighting.schedule.instructions import Instruction, Layer
from lighting.schedule.places import covers

Output = tuple[str, int, str, str]
"""(line, unit id, role or table, channel or register address): one place on a line that a write reaches."""


def let_go_by(present: Site, wanted: Site, lockouts: Iterable[Instruction]) -> Fact | None:
    """The first lockout whose outputs the wanted site would hand to somebody else or to nobody; None if it keeps all.

    Every output that the lockout covers now must be covered by it in the wanted site, and by nobody new.
    """
    for lockout in lockouts:
        if lockout.layer is not Layer.LOCKOUT or lockout.released_ms is not None:
            continue
        kept = _outputs(wanted, (c for c in wanted.circuits.values() if covers(wanted, lockout, c.id)))
        others = _outputs(wanted, (c for c in wanted.circuits.values() if not covers(wanted, lockout, c.id)))
        # A register that serves several circuits today (a mask of relays) says nothing of an edit.
        others -= _outputs(present, (c for c in present.circuits.values() if not covers(present, lockout, c.id)))
        for circuit in present.circuits.values():
            if not covers(present, lockout, circuit.id):
                continue
            held = _outputs(present, [circuit])
            if not held <= kept or held & others:
                return Fact(
                    "lockout_would_let_go",
                    {"id": lockout.id, "by": lockout.by, "target": _target(lockout), "circuit": circuit.id},
                )
    return None


def _target(lockout: Instruction) -> str:
    return lockout.scope_id if lockout.scope_kind == "circuit" else f"{lockout.scope_kind}:{lockout.scope_id}"


def _outputs(site: Site, circuits: Iterable[Circuit]) -> set[Output]:
    found: set[Output] = set()
    for circuit in circuits:
        if circuit.dimmer is not None:
            found.update(_places(site, circuit.dimmer, "dimmer"))
        if circuit.relay is not None:
            found.update(_places(site, circuit.relay, "relay"))
    return found


def _places(site: Site, ref: ChannelRef, role: ChannelRole) -> Iterator[Output]:
    device = site.devices[ref.device]
    line = _line(site.buses[device.bus].url)
    yield line, device.unit_id, role, ref.channel
    # The registers too: an edited profile may give the same terminals another channel's name.
    for point in site.profiles[device.profile].points:
        if point.writable and point.channel == ref.channel:
            for address in range(point.address, point.address + point.register_count):
                yield line, device.unit_id, point.table, str(address)


def _line(url: str) -> str:
    """One spelling for a line, whatever its framing."""
    address = parse_bus_address(url)
    return url if address is None else line_of(address)
