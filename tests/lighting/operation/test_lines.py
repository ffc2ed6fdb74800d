"""Opening a site's lines: one that cannot be opened says why and holds up no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.errors import Unreachable
from lighting.assets.fact import Fact
from lighting.assets.model import Bus, Site
from lighting.operation.lines import Lines, off_loopback
from tests.drivers.certificates import issue, serving
from tests.drivers.evil_line import EvilLine
from tests.drivers.honest import honest
from tests.drivers.pty_line import PtyLine, framed


def with_buses(site: Site, *buses: Bus) -> Site:
    return replace(site, buses={bus.id: bus for bus in buses})


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Lines]:
    lines = Lines(speed=1.0, folder=tmp_path)
    yield lines
    await lines.close()


async def test_a_serial_and_a_secured_line_run_beside_one_whose_certificate_is_missing(
    site: Site, opened: Lines, tmp_path: Path
) -> None:
    authority = issue(tmp_path, "ca", is_authority=True)
    issue(tmp_path, "own", authority)
    device = EvilLine("tls", honest, security=serving(issue(tmp_path, "device", authority), authority))
    await device.open()
    wire = PtyLine(lambda question: [framed(question, honest(question))])
    try:
        secured = Bus("CB02-bus", device.url, "ca.pem", "own.pem", "own.key")
        await opened.take(with_buses(site, Bus("CB01-bus", wire.url), secured))
        assert list(await opened.buses["CB01-bus"].read_registers(1, "holding", 5, 1)) == [5]
        assert list(await opened.buses["CB02-bus"].read_registers(1, "holding", 6, 1)) == [6]
        before = opened.buses["CB01-bus"]

        await opened.take(with_buses(site, Bus("CB01-bus", wire.url), replace(secured, key="gone.key")))
        assert opened.buses["CB01-bus"] is before
        assert "gone.key" in opened.buses["CB02-bus"].counters.last_error
        with pytest.raises(Unreachable, match=r"gone\.key"):
            await opened.buses["CB02-bus"].read_registers(1, "holding", 6, 1)
        assert list(await before.read_registers(1, "holding", 7, 1)) == [7]
    finally:
        wire.close()
        await device.close()


async def test_a_line_that_another_site_uses_is_left_alone_until_it_is_free(site: Site, tmp_path: Path) -> None:
    """As with a copied folder: each site has its own lock, and both name the same line."""
    device = EvilLine("tcp", honest)
    await device.open()
    ours = Lines(speed=1.0, folder=tmp_path / "my-city", holder="lighting run, process 7")
    copy = Lines(speed=1.0, folder=tmp_path / "copy")
    try:
        bare = replace(site, devices={})
        await ours.take(with_buses(bare, Bus("CB01-bus", device.url)))
        await copy.take(with_buses(bare, Bus("other", device.url.replace("127.0.0.1", "localhost"))))
        reason = copy.buses["other"].counters.last_error
        assert reason == f"127.0.0.1:{device.port} is held by lighting run, process 7, site {tmp_path / 'my-city'}"
        with pytest.raises(Unreachable, match="held by lighting run"):
            await copy.buses["other"].read_registers(1, "holding", 5, 1)
        assert device.connections == 1

        await ours.close()
        async with asyncio.timeout(20):
            while not copy.buses["other"].is_connected:
                await copy.buses["other"].start()
                await asyncio.sleep(0.01)
        assert list(await copy.buses["other"].read_registers(1, "holding", 5, 1)) == [5]
    finally:
        await ours.close()
        await copy.close()
        await device.close()


@pytest.mark.parametrize(
    ("url", "is_refused"),
    [
        ("tls://127.0.0.1:15802", False),
        ("tls://10.0.0.7", True),
        ("serial:///dev/ttyUSB0", True),
        ("serial:///dev/pts/3", False),
        ("rtu-tcp://localhost:15021", False),
    ],
)
def test_an_accelerated_clock_is_for_this_machine_only(site: Site, url: str, is_refused: bool) -> None:
    found = off_loopback(with_buses(site, Bus("CB01-bus", "tcp://127.0.0.1:15021"), Bus("CB02-bus", url)))
    refusal = Fact("accelerated_clock_off_loopback", {"bus": "CB02-bus", "url": url})
    assert found == (refusal if is_refused else None)
