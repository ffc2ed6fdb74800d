"""What a task is given and how it ends: the same for the controller and for a command that took the lines itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

import structlog

from drivers.bus import Bus
from drivers.device import Device
from drivers.errors import DriverError, Implausible, Rejected
from drivers.profile import Point
from drivers.setting_budget import SettingBudget
from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.operation.setting_budget import AskStore
from lighting.store.clock import Clock
from lighting.store.failsafe_record import FoundSettings
from lighting.store.store import StoreError

Params = Mapping[str, object]
Result = Mapping[str, object]

log = structlog.get_logger("lighting.operation.tasks")


class TaskFailure(Exception):
    """The task ends here; ``fact`` says why. Its code tells the command line which exit code that is."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(fact.code)
        self.fact = fact


class OpenLines(Protocol):
    """The buses and devices of the site, by id, as they are open now."""

    buses: dict[str, Bus]
    devices: dict[str, Device]


@dataclass(frozen=True, slots=True)
class TaskWork:
    """What a task works with. Times of ``clock`` are the site's.

    ``ruled``: a controller decides the levels, so that a written output would be written over. ``allowed`` is asked at
    the moment bytes leave, with the circuits that a write may touch. ``ask`` runs a question to the store outside the
    loop. ``budget`` accounts for writes to settings. ``turn`` gives the only place of a task on a bus; a kind that does
    not hold it for its whole time takes it itself. ``settings_read`` takes the settings of a device that were just read
    and kept; None: nobody watches them here, and alarms go to the store.
    """

    site: Site
    lines: OpenLines
    params: Params
    by: str
    reason: str
    clock: Clock
    ruled: bool
    allowed: Callable[[Iterable[str]], bool]
    progress: Callable[[int, int], None]
    emit: Callable[[Mapping[str, object]], None]
    ask: AskStore
    budget: SettingBudget
    turn: Callable[[str], AbstractAsyncContextManager[None]]
    settings_read: Callable[[str, FoundSettings], None] | None = None

    def device(self) -> Device:
        """The open device that ``device`` names. Raises ``TaskFailure`` where the revision has none."""
        name = self.text("device")
        found = self.lines.devices.get(name)
        if found is None or name not in self.site.devices:
            raise TaskFailure(Fact("task_no_device", {"device": name}))
        return found

    def bus(self) -> Bus:
        """The open bus that ``bus`` names. Raises ``TaskFailure`` where the revision has none."""
        name = self.text("bus")
        found = self.lines.buses.get(name)
        if found is None or name not in self.site.buses:
            raise TaskFailure(Fact("task_no_bus", {"bus": name}))
        return found

    def points(self, device: Device) -> tuple[Point, ...]:
        """The points that ``points`` names, in that order. Raises ``TaskFailure`` for one that the profile lacks."""
        return tuple(self.point(device, str(name)) for name in self.list("points"))

    def point(self, device: Device, name: str) -> Point:
        """A point by name. Raises ``TaskFailure``."""
        found = device.profile.point_named(name)
        if found is None:
            raise TaskFailure(Fact("task_no_point", {"device": device.name, "point": name}))
        return found

    def text(self, name: str) -> str:
        """A parameter as text, empty where it is not given."""
        found = self.params.get(name)
        return "" if found is None else str(found)

    def number(self, name: str, default: float) -> float:
        """A parameter as a number. Raises ``TaskFailure`` for anything else."""
        found = self.params.get(name, default)
        if isinstance(found, bool) or not isinstance(found, (int, float)):
            raise TaskFailure(Fact("task_parameter_wrong", {"name": name}))
        return float(found)

    def list(self, name: str) -> tuple[object, ...]:
        """A parameter as a list, empty where it is not given."""
        found = self.params.get(name)
        return tuple(found) if isinstance(found, (list, tuple)) else ()


@dataclass(frozen=True, slots=True)
class TaskKind:
    """A kind of task. One small file in ``task_kinds`` with a ``KIND`` adds one.

    ``holds_bus``: it alone works on its buses (among tasks; polls and writes of the controller go on between its
    requests). ``ends_with_asker``: it is cancelled when nobody waits for it any more; without, it is carried to its
    end once it has begun. ``bound_s`` is the longest real time it may take, ``None`` as long as somebody waits.
    """

    name: str
    run: Callable[[TaskWork], Awaitable[Result]]
    holds_bus: bool = True
    ends_with_asker: bool = True
    bound_s: float | None = 600.0

    def buses(self, site: Site, params: Params) -> tuple[str, ...]:
        """The buses that such a task works on, in an order that all tasks keep; none where the site lacks them."""
        named = params.get("bus")
        if isinstance(named, str):
            return (named,) if named in site.buses else ()
        device = site.devices.get(str(params.get("device")))
        if device is not None:
            return (device.bus,)
        cabinets = {str(params["cabinet"])} if params.get("cabinet") else set(site.cabinets)
        return tuple(sorted({d.bus for d in site.devices.values() if d.cabinet in cabinets}))


@dataclass(frozen=True, slots=True)
class TaskEnd:
    """How a task ended, ready for the store."""

    state: Literal["done", "failed"]
    result: Result | None = None
    fact: Fact | None = None


async def carry_out(kind: TaskKind, work: TaskWork) -> TaskEnd:
    """Run a task to its end, whatever happens in it; only a cancellation goes through."""
    try:
        async with asyncio.timeout(kind.bound_s):
            return TaskEnd("done", result=await kind.run(work))
    except TaskFailure as failure:
        return TaskEnd("failed", fact=failure.fact)
    except DriverError as error:
        return TaskEnd("failed", fact=device_fact(work.text("device") or work.text("bus"), error))
    except TimeoutError:
        return TaskEnd("failed", fact=Fact("task_too_long", {"bound_s": kind.bound_s}))
    except StoreError as error:
        return TaskEnd("failed", fact=error.fact)
    except Exception as error:  # a fault of our own must not end control
        log.exception("task_failed", kind=kind.name)
        return TaskEnd("failed", fact=Fact("task_fault", {"kind": kind.name, "detail": type(error).__name__}))


def device_fact(subject: str, error: DriverError) -> Fact:
    """Why a device did not do it: not reached, refused, or answered what is not to be believed."""
    code = "task_unreachable"
    if isinstance(error, Rejected):
        code = "task_rejected"
    elif isinstance(error, Implausible):
        code = "task_implausible"
    return Fact(code, {"subject": subject, "detail": error.detail})
