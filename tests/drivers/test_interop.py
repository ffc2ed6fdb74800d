"""Our driver and servers that are not ours; a master that is not ours and our simulator."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from socketserver import TCPServer
from typing import Any

import pytest
import serial
from pyModbusTCP.server import DataBank, ModbusServer
from umodbus.server.serial import get_server as serial_server
from umodbus.server.serial.rtu import RTUServer
from umodbus.server.tcp import RequestHandler, get_server

from drivers.bus import Bus
from drivers.errors import Rejected
from drivers.profile import Limits
from drivers.profile_file import built_in_profiles
from drivers.quantity import Quantity
from drivers.simulator.line import SimulatedLine
from drivers.simulator.simulated_device import SimulatedDevice
from tests.drivers.null_modem import null_modem, serial_to

ONLY_SEVERAL = Limits(functions=(1, 2, 3, 4, 15, 16))


async def read_and_write(url: str) -> None:
    """Each kind of request, against a server with the contents that ``libmodbus_server.c`` states."""
    bus = Bus("line", url, timeout_s=5, reconnect_longest_s=0.0)
    await bus.start()
    assert bus.is_connected, bus.counters.last_error
    try:
        assert list(await bus.read_registers(1, "holding", 10, 5)) == [1010, 1011, 1012, 1013, 1014]
        assert list(await bus.read_registers(1, "holding", 0, 125)) == list(range(1000, 1125))
        assert list(await bus.read_registers(1, "input", 7, 2)) == [2007, 2008]
        assert list(await bus.read_bits(1, "coil", 1, 19)) == [n % 3 == 0 for n in range(1, 20)]
        assert list(await bus.read_bits(1, "discrete", 0, 8)) == [n % 3 == 0 for n in range(8)]
        await bus.write_registers(1, 20, [0xABCD])
        await bus.write_registers(1, 21, [1, 0xFFFF, 3])
        await bus.write_registers(1, 24, [7], limits=ONLY_SEVERAL)
        assert list(await bus.read_registers(1, "holding", 20, 5)) == [0xABCD, 1, 0xFFFF, 3, 7]
        await bus.write_coil(1, 40, True)
        await bus.write_coils(1, 41, [True, False, True, True, False, True, False, True, True, True])
        await bus.write_coil(1, 51, False, limits=ONLY_SEVERAL)
        assert [int(bit) for bit in await bus.read_bits(1, "coil", 40, 12)] == [1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 0]
        with pytest.raises(Rejected) as caught:
            await bus.read_registers(1, "holding", 5000, 2)
        assert caught.value.exception_code == 2
        assert list(await bus.read_registers(1, "holding", 99, 1)) == [1099]
        assert bus.counters.timeouts == 0
        assert bus.counters.implausible == 0
    finally:
        await bus.close()


class Contents:
    """The registers and bits of a server that asks for them one by one."""

    def __init__(self) -> None:
        self.holding = {n: 1000 + n for n in range(200)}
        self.input = {n: 2000 + n for n in range(200)}
        self.coils = {n: int(n % 3 == 0) for n in range(100)}

    def route_on(self, app: Any) -> None:
        read, write = [1, 2, 3, 4], [5, 6, 15, 16]

        def reading(slave_id: int, function_code: int, address: int) -> int:
            return {1: self.coils, 2: self.coils, 3: self.holding, 4: self.input}[function_code][address]

        def writing(slave_id: int, function_code: int, address: int, value: int) -> None:
            (self.coils if function_code in (5, 15) else self.holding)[address] = value

        app.route(slave_ids=[1], function_codes=read, addresses=list(range(200)))(reading)
        app.route(slave_ids=[1], function_codes=write, addresses=list(range(200)))(writing)


def test_py_modbus_tcp() -> None:
    bank = DataBank(h_regs_size=200, i_regs_size=200, coils_size=100, d_inputs_size=100)
    bank.set_holding_registers(0, [1000 + n for n in range(200)])
    bank.set_input_registers(0, [2000 + n for n in range(200)])
    bank.set_coils(0, [n % 3 == 0 for n in range(100)])
    bank.set_discrete_inputs(0, [n % 3 == 0 for n in range(100)])
    server = ModbusServer("127.0.0.1", 0, no_block=True, data_bank=bank)
    server.start()
    try:
        asyncio.run(read_and_write(f"tcp://127.0.0.1:{server._service.server_address[1]}"))
    finally:
        server.stop()


def test_umodbus_over_tcp() -> None:
    app = get_server(TCPServer, ("127.0.0.1", 0), RequestHandler)
    Contents().route_on(app)
    serving = threading.Thread(target=app.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    serving.start()
    try:
        asyncio.run(read_and_write(f"tcp://127.0.0.1:{app.server_address[1]}"))
    finally:
        app.shutdown()
        serving.join(5)
        app.server_close()


def test_umodbus_over_a_serial_line() -> None:
    pump, ours, theirs = null_modem()
    with pump, serial.Serial(theirs, 115200) as port:
        app = serial_server(RTUServer, port)
        Contents().route_on(app)
        stop = threading.Event()

        def serve() -> None:
            port.timeout = 0.02
            while not stop.is_set():
                try:
                    app.serve_once()
                except ValueError:  # nothing was asked
                    continue

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        try:
            asyncio.run(read_and_write(f"serial://{ours}?baud=115200"))
        finally:
            stop.set()
            serving.join(5)


@pytest.fixture(scope="module")
def libmodbus_server(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server of ``libmodbus_server.c``, compiled."""
    for program in ("gcc", "pkg-config"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (Debian package {program})")
    if subprocess.run(["pkg-config", "--exists", "libmodbus"], check=False).returncode:
        pytest.skip("libmodbus is not installed (Debian package libmodbus-dev)")
    flags = subprocess.check_output(["pkg-config", "--cflags", "--libs", "libmodbus"], text=True).split()
    server = tmp_path_factory.mktemp("libmodbus") / "server"
    source = Path(__file__).with_name("libmodbus_server.c")
    subprocess.run(["gcc", "-O1", "-Wall", "-o", server, source, *flags], check=True)
    return server


@contextmanager
def running(*command: str | Path) -> Iterator[int]:
    """The server as a child; gives the port that it prints."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            yield int(child.stdout.readline())
        finally:
            child.terminate()


def test_libmodbus_over_tcp(libmodbus_server: Path) -> None:
    with running(libmodbus_server, "tcp") as port:
        asyncio.run(read_and_write(f"tcp://127.0.0.1:{port}"))


def test_libmodbus_over_a_serial_line(libmodbus_server: Path) -> None:
    pump, ours, theirs = null_modem()
    with pump, running(libmodbus_server, "rtu", theirs):
        asyncio.run(read_and_write(f"serial://{ours}?baud=115200"))


async def mbpoll(*arguments: str) -> str:
    """What ``mbpoll`` says; it must be content."""
    program = shutil.which("mbpoll")
    if program is None:
        pytest.skip("mbpoll is not installed (Debian package mbpoll)")
    child = await asyncio.create_subprocess_exec(
        program, "-1", "-0", "-q", "-o", "5", *arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output = (await child.communicate())[0].decode()
    assert child.returncode == 0, output
    return output


def values_in(output: str) -> dict[int, int]:
    """Values by reference in ``mbpoll``'s lines such as ``[17]: 	60``."""
    return {int(at): int(value) for at, value in re.findall(r"^\[(\d+)\]:\s+(-?\d+)", output, re.MULTILINE)}


@pytest.mark.parametrize("way", ["tcp", "serial"])
async def test_mbpoll_reads_and_writes_the_simulator(way: str) -> None:
    dimmer = SimulatedDevice(built_in_profiles()["wb-mao4"], 7)
    line = SimulatedLine("127.0.0.1", 0, "tcp" if way == "tcp" else "rtu-tcp", [dimmer])
    await line.start()
    with ExitStack() as stack:
        if way == "tcp":
            place = ["-m", "tcp", "-p", str(line.port)]
            target = "127.0.0.1"
        else:
            pump, target = serial_to(line.port)
            stack.enter_context(pump)
            place = ["-m", "rtu", "-b", "115200", "-P", "none"]
        await mbpoll(*place, "-a", "7", "-t", "4", "-r", "17", target, "60")
        assert dimmer.get(Quantity.DIM_LEVEL, "2") == 60.0
        await mbpoll(*place, "-a", "7", "-t", "4", "-r", "18", target, "30", "40")
        found = values_in(await mbpoll(*place, "-a", "7", "-t", "4", "-r", "17", "-c", "3", target))
        assert found == {17: 60, 18: 30, 19: 40}
        await mbpoll(*place, "-a", "7", "-t", "0", "-r", "16", target, "0", "1")
        found = values_in(await mbpoll(*place, "-a", "7", "-t", "0", "-r", "16", "-c", "2", target))
        assert found == {16: 0, 17: 1}
    await line.close()
