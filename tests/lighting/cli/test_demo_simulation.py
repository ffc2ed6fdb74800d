"""A site's devices as simulated ones: what the tables say is what answers on the wire and hangs behind it."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from drivers.bus import Bus
from drivers.device import Device
from drivers.quantity import Quantity
from lighting.assets.folder import folder_texts, read_site
from lighting.assets.model import Site
from lighting.assets.template import template_texts, write_template
from lighting.cli.demo_city import demo_city_texts
from lighting.cli.say_wear import worn_facts
from lighting.cli.simulated_city import CannotSimulate, SiteSeconds, build_city
from lighting.energy.luminaire_power import CircuitPower
from lighting.store.records import ClockRow
from lighting.store.store import open_store, store_url_for
from lighting.wording.speech import say


class Time:
    """Site seconds that a test moves by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def demo_site() -> Site:
    site = read_site(demo_city_texts()).site
    assert site is not None
    return site


def template_site() -> Site:
    site = read_site(template_texts()).site
    assert site is not None
    return site


def test_every_bus_device_and_lamp_of_the_site_is_there() -> None:
    site = demo_site()
    city = build_city(site, any_port=True)
    assert set(city.lines) == set(site.buses)
    assert set(city.devices) == set(site.devices)
    assert city.lamp_count() == 2000
    assert sum(len(line.devices) for line in city.lines.values()) == len(site.devices)


def test_lit_circuits_draw_what_their_types_say_within_tolerance() -> None:
    time = Time()
    site = demo_site()
    city = build_city(site, now_s=time, any_port=True)
    for circuit in site.circuits.values():
        if circuit.relay is not None:
            city.devices[circuit.relay.device].set(Quantity.RELAY_CLOSED, circuit.relay.channel, 1.0)
        if circuit.dimmer is not None:
            city.devices[circuit.dimmer.device].set(Quantity.DIM_LEVEL, circuit.dimmer.channel, 60.0)
    time.now = 3600.0
    power = CircuitPower(site)
    levels = [60.0 if circuit.dimmer is not None else 100.0 for circuit in site.circuits.values()]
    expected_w = power.expected_w(levels)  # type: ignore[arg-type]
    for circuit_id, watts in zip(power.circuit_ids, expected_w, strict=True):
        assert city.banks[circuit_id].power_w(time.now) == pytest.approx(watts, rel=0.035)


def test_a_shared_meter_shows_all_its_circuits_and_its_permanent_loads() -> None:
    time = Time()
    site = demo_site()
    city = build_city(site, now_s=time, any_port=True)
    time.now = 10.0
    assert city.devices["HK02-M"].get(Quantity.ACTIVE_POWER, "total") == pytest.approx(36.0, rel=0.01)
    lit = [circuit for circuit in site.circuits.values() if circuit.cabinet == "HK02"]
    for circuit in lit:
        assert circuit.relay is not None
        assert circuit.dimmer is not None
        city.devices["HK02-R"].set(Quantity.RELAY_CLOSED, circuit.relay.channel, 1.0)
        city.devices["HK02-D"].set(Quantity.DIM_LEVEL, circuit.dimmer.channel, 100.0)
    time.now = 100.0
    lamps_w = sum(city.banks[circuit.id].power_w(100.0) for circuit in lit)
    assert city.devices["HK02-M"].get(Quantity.ACTIVE_POWER, "total") == pytest.approx(lamps_w + 36.0, rel=0.01)


def test_a_lost_supply_silences_its_cabinet_and_no_other() -> None:
    time = Time()
    city = build_city(demo_site(), now_s=time, any_port=True)
    time.now = 50.0
    city.lose_supply("HK02")
    assert city.meters["HK02-M"].power_w(60.0) == 0.0
    silent = {device_id for device_id, device in city.devices.items() if device.is_silent}
    assert silent == {"HK02-D", "HK02-R", "HK02-M"}
    time.now = 90.0
    city.return_supply("HK02")
    assert city.devices["HK02-D"].get(Quantity.UPTIME) == 0.0
    assert not any(device.is_silent for device in city.devices.values())
    assert city.meters["HK02-M"].power_w(95.0) == pytest.approx(36.0, rel=0.01)


def test_a_hand_switch_that_opens_for_hand_stands_at_auto() -> None:
    site = demo_site()
    cabinets = {**site.cabinets, "HK03": dataclasses.replace(site.cabinets["HK03"], local_active=False)}
    city = build_city(dataclasses.replace(site, cabinets=cabinets), any_port=True)
    assert city.devices["HK03-S"].get(Quantity.INPUT_ACTIVE, "in1") == 1.0
    assert city.devices["HK07-S"].get(Quantity.INPUT_ACTIVE, "in1") == 0.0


async def test_the_drivers_read_and_write_the_city_over_its_real_ports() -> None:
    site = template_site()
    city = build_city(site, any_port=True)
    await city.start()
    try:
        for bus_id, url in city.bus_urls().items():
            bus = Bus(bus_id, url)
            await bus.start()
            try:
                relay = Device("relay", bus, 2, site.profiles["wb-mr6c"])
                outcome = await relay.write(Quantity.RELAY_CLOSED, "1", 1.0)
                assert outcome.verified
            finally:
                await bus.close()
        assert city.banks["C-0101"].is_supplied
        assert city.banks["C-0201"].is_supplied
        assert not city.banks["C-0102"].is_supplied
    finally:
        await city.close()


async def test_lamps_that_nobody_asks_about_do_their_failsafe_in_real_seconds_whatever_the_pace() -> None:
    city = build_city(template_site(), now_s=SiteSeconds(600.0), any_port=True)
    dimmer, bank = city.devices["CB01-D"], city.banks["C-0101"]
    dimmer.set(Quantity.DIM_LEVEL, "1", 90.0)
    dimmer.set(Quantity.SAFETY_ACTION, "1", 3.0)
    dimmer.set(Quantity.SAFETY_LEVEL, "1", 40.0)
    await city.start()
    try:
        await asyncio.sleep(0.6)
        assert dimmer.watchdog_expiry_count == 0, "six minutes of the site are no ten seconds of the watchdog"
        dimmer.set(Quantity.WATCHDOG_TIMEOUT, "", 0.5)
        async with asyncio.timeout(15):
            while bank.level_pct(city.now_s()) != 40.0:  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.02)
    finally:
        await city.close()


def test_what_the_devices_suffered_is_told_and_nothing_where_there_is_nothing() -> None:
    city = build_city(template_site(), any_port=True)
    assert list(worn_facts(city)) == []
    for _ in range(3):
        assert city.devices["CB01-D"].write(6, "holding", 8, (20,)) == 0
    assert city.devices["CB02-R"].write(6, "holding", 8, (20,)) == 0
    assert [say(fact) for fact in worn_facts(city)] == [
        "Settings were written 4 times, which wears their memory; most often watchdog of CB01-D: 3."
    ]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("tcp://192.168.1.20:502", "simulator_not_loopback"),
        ("tls://127.0.0.1:31611", "simulator_not_this_kind"),
        ("serial:///dev/ttyUSB0", "simulator_not_this_kind"),
    ],
)
def test_only_loopback_is_simulated(url: str, code: str) -> None:
    site = template_site()
    buses = {key: dataclasses.replace(bus, url=url) for key, bus in site.buses.items()}
    with pytest.raises(CannotSimulate) as refused:
        build_city(dataclasses.replace(site, buses=buses))
    assert refused.value.fact.code == code


async def test_a_taken_port_is_named_and_nothing_is_left_listening() -> None:
    site = template_site()
    first = build_city(site, any_port=True)
    await first.start()
    taken = first.bus_urls()
    await first.lines["CB01-bus"].close()
    buses = {key: dataclasses.replace(bus, url=taken[key]) for key, bus in site.buses.items()}
    second = build_city(dataclasses.replace(site, buses=buses))
    with pytest.raises(CannotSimulate) as refused:
        await second.start()
    assert refused.value.fact.values["bus"] == "CB02-bus"
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", second.lines["CB01-bus"].port)
    await first.close()


def test_site_seconds_never_jump_when_their_speed_changes() -> None:
    seconds = SiteSeconds(1000.0)
    before = seconds()
    seconds.change_speed(0.0)
    after = seconds()
    assert after >= before
    assert seconds() == after


def _on_any_ports(folder: Path) -> None:
    # Ports that were just free: enough for a test that starts one process.
    import socket

    with socket.socket() as first, socket.socket() as second:
        ports = []
        for one in (first, second):
            one.bind(("127.0.0.1", 0))
            ports.append(one.getsockname()[1])
    text = f"id,url\nCB01-bus,tcp://127.0.0.1:{ports[0]}\nCB02-bus,rtu-tcp://127.0.0.1:{ports[1]}\n"
    (folder / "buses.csv").write_text(text, encoding="utf-8")


def test_the_command_serves_until_it_is_told_to_end_at_the_stored_clocks_pace(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    write_template(folder)
    _on_any_ports(folder)
    site = read_site(folder_texts(folder)).site
    assert site is not None
    with open_store(store_url_for(folder)) as store:
        store.controller.set_clock_row(ClockRow(0, 0, 250.0))
    process = subprocess.Popen(
        [sys.executable, "-m", "lighting", "simulate", "--site", str(folder), "--seed", "3"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stderr is not None
    with process.stderr as said:
        assert "2 lines, 6 devices and 68 lamps" in said.readline()
        assert "250" in said.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert "ended" in said.read()


def test_the_command_tells_what_is_wrong_with_a_site(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "lighting", "simulate", "--site", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 2
    assert "site.toml" in ended.stderr
    assert "Traceback" not in ended.stderr
