"""The import law, held at run time: what each room really loads in a fresh interpreter."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "assets",
    "schedule",
    "energy",
    "maintenance",
    "wording",
    "store",
    "exchange",
    "notify",
    "accounts",
    "operation",
    "desk",
    "report",
    "cli",
)


def modules_below(folder: Path) -> list[str]:
    """The dotted names of every module below a folder of the checkout."""
    names = []
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if "migrations" in parts:  # run by Alembic, never imported by us
            continue
        names.append(".".join(parts[:-1] if parts[-1] in {"__init__", "__main__"} else parts))
    return sorted(set(names))


@cache
def loaded_with(folder: str) -> frozenset[str]:
    """Names of all modules that a fresh interpreter holds after importing those below a folder."""
    modules = modules_below(ROOT / folder)
    code = "import sys, importlib\n" + "".join(f"importlib.import_module({name!r})\n" for name in modules)
    code += "print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return frozenset(done.stdout.split())


def of_package(loaded: frozenset[str], package: str) -> set[str]:
    return {name for name in loaded if name == package or name.startswith(package + ".")}


def test_drivers_stand_alone() -> None:
    loaded = loaded_with("drivers")
    assert not of_package(loaded, "lighting") | of_package(loaded, "tui")


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_loads_only_rooms_below_it(room: str) -> None:
    loaded = loaded_with(f"lighting/{room}")
    allowed = set(ROOMS[: ROOMS.index(room) + 1])
    if room == "desk":
        allowed.discard("operation")
    seen = {name.split(".")[1] for name in loaded if name.startswith("lighting.")}
    assert seen <= allowed | {"__main__"}, f"{room} loads {sorted(seen - allowed)}"
    if room != "cli":
        assert not of_package(loaded, "tui"), f"{room} loads the dashboard"


@pytest.mark.parametrize("room", ["schedule", "energy", "maintenance"])
def test_pure_rooms_load_no_io(room: str) -> None:
    loaded = loaded_with(f"lighting/{room}")
    for forbidden in ("sqlalchemy", "apscheduler", "pymodbus", "textual", "typer", "asyncio"):
        assert not of_package(loaded, forbidden), f"{room} loads {forbidden}"


@pytest.mark.parametrize("room", ["schedule", "energy", "maintenance", "assets", "wording", "exchange"])
def test_nothing_below_operation_reads_a_clock(room: str) -> None:
    forbidden = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
    forbidden |= {("time", name) for name in ("time", "time_ns", "monotonic", "monotonic_ns", "localtime", "gmtime")}
    for path in sorted((ROOT / "lighting" / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                assert (node.value.id, node.attr) not in forbidden, f"{path}:{node.lineno} reads a clock"


def test_only_questions_frames_and_link_and_the_simulator_import_pymodbus() -> None:
    importing = set()
    for package in ("drivers", "lighting", "tui"):
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            if "pymodbus" not in text:
                continue
            for node in ast.walk(ast.parse(text)):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                if any(name.split(".")[0] == "pymodbus" for name in names):
                    importing.add(path.relative_to(ROOT).as_posix())
    outside = {path for path in importing if not path.startswith("drivers/simulator/")}
    assert outside == {"drivers/questions.py", "drivers/frames.py", "drivers/link.py"}


def test_the_controller_never_loads_the_typical_week() -> None:
    """What traffic usually is serves plan and what-if: live, missing counts mean the design class."""
    assert "lighting.schedule.typical_week" not in loaded_with("lighting/operation")
    assert "lighting.schedule.typical_week" in loaded_with("lighting/desk"), "the module has another name now"


def test_the_desk_never_loads_a_driver_that_talks() -> None:
    loaded = loaded_with("lighting/desk")
    talking = {"drivers.bus", "drivers.wire", "drivers.link", "drivers.device", "drivers.simulator", "pymodbus"}
    assert not talking & loaded
