"""Modbus/TCP Security: who is talked to, who is not, and why it is said."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from drivers.bus import Bus
from drivers.errors import DriverError, Rejected, Unreachable
from drivers.tls import peer_role
from tests.drivers.certificates import Issued, files, issue, serving, utf8_string
from tests.drivers.evil_line import EvilLine, Serve
from tests.drivers.honest import Join, honest

OPERATOR = utf8_string("lighting-device")


@dataclass(frozen=True, slots=True)
class City:
    """One authority for all, and another that nobody trusts."""

    folder: Path
    authority: Issued
    stranger: Issued
    device: Issued
    controller: Issued


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    folder = tmp_path_factory.mktemp("certificates")
    authority = issue(folder, "authority", is_authority=True)
    return City(
        folder,
        authority,
        issue(folder, "stranger", is_authority=True),
        issue(folder, "device", authority, role=OPERATOR),
        issue(folder, "controller", authority),
    )


async def opened(serve: Serve, device: Issued, clients_by: Issued) -> EvilLine:
    return await serve(honest, "tls", serving(device, clients_by))


async def refusal_of(bus: Bus) -> DriverError:
    """What the first request gets; connecting itself may seem to succeed, as TLS 1.3 refuses a client afterwards."""
    with pytest.raises(DriverError) as caught:
        await bus.read_registers(1, "holding", 5, 1)
    return caught.value


async def test_a_right_pair_reads_and_writes_and_the_role_is_told(serve: Serve, join: Join, city: City) -> None:
    line = await opened(serve, city.device, city.authority)
    bus = await join(line, tls=files(city.authority, city.controller), peer_role="lighting-device", timeout_s=5)
    assert bus.is_connected, bus.counters.last_error
    assert bus.peer_role == "lighting-device"
    assert list(await bus.read_registers(1, "holding", 100, 3)) == [100, 101, 102]
    await bus.write_registers(1, 16, [60, 61])
    await bus.write_coil(1, 5, True)
    assert [question.function for question in line.questions] == [3, 16, 5]


@pytest.mark.parametrize("loop_of", ["asyncio", "uvloop"])
def test_tls_on_every_loop(city: City, loop_of: str) -> None:
    new_loop = pytest.importorskip(loop_of, reason="uvloop is not for this platform").new_event_loop

    async def ask() -> tuple[list[int], str | None]:
        line = EvilLine("tls", honest, security=serving(city.device, city.authority))
        await line.open()
        bus = Bus("line", line.url, tls=files(city.authority, city.controller), timeout_s=5)
        try:
            return list(await bus.read_registers(1, "holding", 7, 2)), bus.peer_role
        finally:
            await bus.close()
            await line.close()

    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert runner.run(ask()) == ([7, 8], "lighting-device")


async def test_a_device_of_another_authority_is_not_talked_to(serve: Serve, join: Join, city: City) -> None:
    false_device = issue(city.folder, "false-device", city.stranger, role=OPERATOR)
    line = await opened(serve, false_device, city.authority)
    bus = await join(line, tls=files(city.authority, city.controller), timeout_s=5, reconnect_longest_s=0.0)
    assert not bus.is_connected
    assert "not accepted" in bus.counters.last_error
    assert "unable to get local issuer certificate" in (await refusal_of(bus)).detail
    assert not line.questions


async def test_a_device_whose_certificate_is_over_is_not_talked_to(serve: Serve, join: Join, city: City) -> None:
    old = issue(city.folder, "old-device", city.authority, days=(-10, -1))
    line = await opened(serve, old, city.authority)
    bus = await join(line, tls=files(city.authority, city.controller), timeout_s=5, reconnect_longest_s=0.0)
    assert "certificate has expired" in (await refusal_of(bus)).detail
    assert not line.questions


async def test_a_device_of_another_name_is_not_talked_to(serve: Serve, join: Join, city: City) -> None:
    elsewhere = issue(city.folder, "elsewhere", city.authority, host="10.9.8.7")
    line = await opened(serve, elsewhere, city.authority)
    bus = await join(line, tls=files(city.authority, city.controller), timeout_s=5, reconnect_longest_s=0.0)
    assert "IP address mismatch" in (await refusal_of(bus)).detail
    assert not line.questions


@pytest.fixture
def telling() -> Iterator[Callable[[ssl.SSLContext], str]]:
    """``telling(context)`` gives the url of a peer that says why it refuses, as devices do; asyncio's own does not."""
    listening: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def accept(server: socket.socket, context: ssl.SSLContext) -> None:
        with contextlib.suppress(OSError):
            while True:
                plain = server.accept()[0]
                plain.settimeout(5)
                # A copy, for closing with unread bytes would destroy the alert on its way.
                with plain.dup() as kept, contextlib.suppress(OSError):
                    with contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as secured:
                        secured.recv(1)
                    while kept.recv(1024):
                        pass

    def open_peer(context: ssl.SSLContext) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        listening.append(server)
        threads.append(threading.Thread(target=accept, args=(server, context), daemon=True))
        threads[-1].start()
        return f"tls://127.0.0.1:{server.getsockname()[1]}"

    yield open_peer
    for server in listening:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
    for thread in threads:
        thread.join(5)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("what", ["of another authority", "over"])
async def test_a_device_that_does_not_accept_our_certificate_says_so(
    telling: Callable[[ssl.SSLContext], str], city: City, version: ssl.TLSVersion, what: str
) -> None:
    by, days = (city.authority, (-10, -1)) if what == "over" else (city.stranger, (-1, 10))
    ours = issue(city.folder, f"ours-{version.name}-{days[1]}", by, days=days)
    context = serving(city.device, city.authority)
    context.maximum_version = version
    bus = Bus("line", telling(context), tls=files(city.authority, ours), timeout_s=5, reconnect_longest_s=0.0)
    error = await refusal_of(bus)
    assert type(error) is Unreachable
    assert ("expired" if what == "over" else "unknown ca") in error.detail
    await bus.close()


async def test_a_device_that_breaks_off_without_a_word_is_asked_after(serve: Serve, join: Join, city: City) -> None:
    ours = issue(city.folder, "ours-unknown", city.stranger)
    line = await opened(serve, city.device, city.authority)
    bus = await join(line, tls=files(city.authority, ours), timeout_s=5, reconnect_longest_s=0.0)
    assert "does it accept our certificate?" in (await refusal_of(bus)).detail
    assert not line.questions


@pytest.mark.parametrize("column", ["ca", "certificate", "key"])
async def test_a_missing_file_makes_its_line_unreachable_with_its_name(
    serve: Serve, join: Join, city: City, column: str
) -> None:
    line = await opened(serve, city.device, city.authority)
    named = replace(files(city.authority, city.controller), **{column: city.folder / "absent.pem"})
    bus = await join(line, tls=named, timeout_s=5, reconnect_longest_s=0.0)
    error = await refusal_of(bus)
    assert "absent.pem: No such file" in error.detail
    assert not line.connections


async def test_a_key_of_another_certificate_says_so(serve: Serve, join: Join, city: City) -> None:
    line = await opened(serve, city.device, city.authority)
    crossed = replace(files(city.authority, city.controller), key=city.device.key_file)
    bus = await join(line, tls=crossed, timeout_s=5, reconnect_longest_s=0.0)
    assert "not the key of the certificate" in (await refusal_of(bus)).detail


async def test_a_line_without_certificates_is_refused(serve: Serve, join: Join, city: City) -> None:
    line = await opened(serve, city.device, city.authority)
    bus = await join(line, reconnect_longest_s=0.0)
    assert isinstance(await refusal_of(bus), Rejected)


@pytest.mark.parametrize(
    "role", [None, utf8_string("viewer"), b"\x13\x0flighting-device", b"\x0c\x05ab", b"\x0c\x01\xff"]
)
async def test_a_peer_of_another_role_is_refused(serve: Serve, join: Join, city: City, role: bytes | None) -> None:
    other = issue(city.folder, "other-role", city.authority, role=role)
    line = await opened(serve, other, city.authority)
    bus = await join(
        line,
        tls=files(city.authority, city.controller),
        peer_role="lighting-device",
        timeout_s=5,
        reconnect_longest_s=0.0,
    )
    error = await refusal_of(bus)
    assert isinstance(error, Rejected)
    assert "role" in error.detail
    assert not line.questions
    free = await join(line, tls=files(city.authority, city.controller), timeout_s=5)
    assert free.peer_role == ("viewer" if role == utf8_string("viewer") else "")


def test_a_long_role_is_read(city: City) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    issued = issue(city.folder, "long", city.authority, role=utf8_string("é" * 90))
    assert peer_role(issued.certificate.public_bytes(Encoding.DER)) == "é" * 90
    assert peer_role(b"no certificate") is None


async def test_a_pinned_certificate_is_taken_whatever_its_name_and_no_other_is(
    serve: Serve, join: Join, city: City
) -> None:
    """A device that signs its own, for a name that is not its address."""
    own = issue(city.folder, "self-signed", host="10.9.8.7")
    line = await opened(serve, own, city.authority)
    bus = await join(line, tls=files(own, city.controller), timeout_s=5)
    assert list(await bus.read_registers(1, "holding", 5, 1)) == [5]
    twin = issue(city.folder, "self-signed-twin", host="10.9.8.7")
    stranger = await join(line, tls=files(twin, city.controller), timeout_s=5, reconnect_longest_s=0.0)
    assert not stranger.is_connected
    assert len(line.questions) == 1


async def test_a_pinned_certificate_of_an_authority_lets_no_sister_in(serve: Serve, join: Join, city: City) -> None:
    line = await opened(serve, city.device, city.authority)
    bus = await join(line, tls=files(city.device, city.controller), timeout_s=5)
    assert list(await bus.read_registers(1, "holding", 5, 1)) == [5]
    sister = await opened(serve, issue(city.folder, "sister", city.authority), city.authority)
    pinned = await join(sister, tls=files(city.device, city.controller), timeout_s=5, reconnect_longest_s=0.0)
    await refusal_of(pinned)
    assert not sister.questions


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
async def test_tls_1_1_is_refused(telling: Callable[[ssl.SSLContext], str], city: City) -> None:
    old = serving(city.device, city.authority)
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    url = telling(old)
    bus = Bus("line", url, tls=files(city.authority, city.controller), timeout_s=5)
    assert "version" in (await refusal_of(bus)).detail
    await bus.close()
    # It would have talked to somebody less careful.
    careless = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    careless.minimum_version = ssl.TLSVersion.TLSv1_1
    careless.set_ciphers("ALL:@SECLEVEL=0")
    careless.load_verify_locations(city.authority.certificate_file)
    careless.load_cert_chain(city.controller.certificate_file, city.controller.key_file)
    _, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]), ssl=careless)
    assert writer.get_extra_info("ssl_object").version() == "TLSv1.1"
    writer.transport.abort()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def test_a_renewed_certificate_needs_no_restart(serve: Serve, join: Join, city: City) -> None:
    line = await opened(serve, city.device, city.authority)
    named = replace(files(city.authority, city.controller), certificate=city.folder / "renewed.pem")
    bus = await join(line, tls=named, timeout_s=5, reconnect_longest_s=0.0)
    assert not bus.is_connected
    named.certificate.write_bytes(city.controller.certificate_file.read_bytes())
    assert list(await bus.read_registers(1, "holding", 5, 1)) == [5]
