"""The demonstration's city is an ordinary, faultless site."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from lighting.assets.folder import folder_texts, read_site
from lighting.assets.model import Site
from lighting.assets.template import FolderNotEmpty
from lighting.cli import demo_city
from lighting.cli.demo_city import (
    MARKER_FILE,
    demo_city_texts,
    free_first_port,
    move_ports,
    ports_are_free,
    write_demo_city,
)
from lighting.cli.demo_folder import DemoRefused, demo_folder, reset_state


@pytest.fixture(scope="module")
def site() -> Site:
    site = read_site(demo_city_texts()).site
    assert site is not None
    return site


def test_it_reads_without_a_problem_or_a_warning() -> None:
    assert read_site(demo_city_texts()).problems == ()


def test_it_has_the_size_that_it_promises(site: Site) -> None:
    assert (len(site.districts), len(site.cabinets), len(site.circuits)) == (4, 24, 100)
    assert sum(circuit.lamp_count for circuit in site.circuits.values()) == 2000


def test_it_shows_every_kind_of_thing(site: Site) -> None:
    assert set(site.profiles) >= {device.profile for device in site.devices.values()}
    kinds = {device.profile for device in site.devices.values()}
    assert kinds == {"wb-mao4", "wb-mr6c", "wb-mcm8", "sdm120", "sdm630", "intesis-dali-groups"}
    assert {bus.framing for bus in site.buses.values()} == {"tcp", "rtu-tcp"}
    circuits = site.circuits.values()
    assert any(circuit.dimmer is None for circuit in circuits)
    assert any(circuit.relay is None for circuit in circuits)
    assert any(circuit.never_dim for circuit in circuits)
    assert any(len(circuit.lamps) > 1 for circuit in circuits)
    meters = [circuit.meter for circuit in circuits]
    assert any(meters.count(meter) == 4 for meter in meters)
    assert site.permanent_loads
    assert any(cabinet.local_input for cabinet in site.cabinets.values())


def test_it_is_written_once_and_on_other_ports_when_told(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    write_demo_city(folder, 17020)
    assert (folder / MARKER_FILE).exists()
    with pytest.raises(FolderNotEmpty):
        write_demo_city(folder, 17020)
    circuits = (folder / "circuits.csv").read_text(encoding="utf-8")
    move_ports(folder, 18020)
    site = read_site(folder_texts(folder)).site
    assert site is not None
    assert {bus.url.rpartition(":")[2] for bus in site.buses.values()} == {str(18020 + n) for n in range(24)}
    assert (folder / "circuits.csv").read_text(encoding="utf-8") == circuits


def test_ports_in_use_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not ports_are_free(range(port, port + 1))
        monkeypatch.setattr(demo_city, "FIRST_PORTS", (port,))
        assert free_first_port() is None


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text("mine", encoding="utf-8")
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "lighting.sqlite3").write_text("years of readings", encoding="utf-8")
    with pytest.raises(DemoRefused) as refused, demo_folder(tmp_path):
        pass
    assert refused.value.fact.code == "demo_folder_not_ours"
    with pytest.raises(DemoRefused):
        reset_state(tmp_path)
    assert (tmp_path / "state" / "lighting.sqlite3").read_text(encoding="utf-8") == "years of readings"


def test_a_second_start_forgets_the_state_and_keeps_the_edited_site(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    with demo_folder(folder):
        pass
    programs = folder / "programs.toml"
    programs.write_text(programs.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    (folder / "state" / "lighting.sqlite3-wal").write_text("old", encoding="utf-8")
    with demo_folder(folder):
        pass
    assert not (folder / "state" / "lighting.sqlite3-wal").exists()
    assert programs.read_text(encoding="utf-8").endswith("# mine\n")


def test_a_broken_edit_is_told_with_its_place(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    with demo_folder(folder):
        pass
    with (folder / "circuits.csv").open("a", encoding="utf-8") as circuits:
        circuits.write("nonsense\n")
    with pytest.raises(DemoRefused) as refused, demo_folder(folder):
        pass
    assert refused.value.wrong_site
    assert any("circuits.csv:102" in problem for problem in refused.value.problems)


def test_a_store_elsewhere_is_never_reset(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    with demo_folder(folder):
        pass
    site_toml = folder / "site.toml"
    with site_toml.open("a", encoding="utf-8") as text:
        text.write('\n[store]\nurl = "postgresql://localhost/city"\n')
    with pytest.raises(DemoRefused) as refused, demo_folder(folder):
        pass
    assert refused.value.fact.code == "demo_store_elsewhere"


def test_a_folder_has_one_demonstration_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    with demo_folder(folder):
        (folder / "state" / "lighting.sqlite3").write_text("of the first", encoding="utf-8")
        with pytest.raises(DemoRefused) as refused, demo_folder(folder):
            pass
        assert refused.value.fact.code == "demo_already_running"
        assert (folder / "state" / "lighting.sqlite3").exists()
