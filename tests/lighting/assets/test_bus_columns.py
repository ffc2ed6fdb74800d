"""A site may mix all kinds of line; the files that a secured one needs are looked at where they lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lighting.assets.bus_files import tls_files, with_bus_files
from lighting.assets.fact import Problem
from lighting.assets.folder import SiteReading, folder_texts, read_site
from lighting.assets.model import Bus
from lighting.assets.template import template_texts, write_template
from lighting.wording.speech import say
from tests.drivers.certificates import issue

HEADER = "id,url,ca,certificate,key,peer_role\n"
SERIAL = "CB01-bus,serial:///dev/ttyUSB0?baud=9600&stop_bits=2,,,,\n"
NOT_NAMED, USELESS = "bus_tls_file_not_named", "bus_column_without_tls"
SECURED = "CB02-bus,tls://10.0.0.7,certs/ca.pem,certs/own.pem,certs/own.key,lighting-device\n"


def devices(text: str) -> str:
    """The example's devices with meters that talk as the others of their lines do."""
    return text.replace("sdm630", "wb-map3e").replace("sdm120", "wb-map3e")


def reading_of(*rows: str, header: str = HEADER) -> SiteReading:
    texts = template_texts()
    return read_site({**texts, "devices.csv": devices(texts["devices.csv"]), "buses.csv": header + "".join(rows)})


def shown(problems: tuple[Problem, ...]) -> list[tuple[str, int, str, bool]]:
    return [(p.fact.code, p.line, p.field, p.is_warning) for p in problems]


def test_a_site_mixes_its_lines() -> None:
    reading = reading_of(SERIAL, SECURED)
    assert reading.site is not None, reading.problems
    assert reading.site.buses["CB02-bus"] == Bus(
        "CB02-bus", "tls://10.0.0.7", "certs/ca.pem", "certs/own.pem", "certs/own.key", "lighting-device"
    )
    assert {bus.framing for bus in reading.site.buses.values()} == {"rtu-tcp", "tcp"}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            "CB02-bus,tls://10.0.0.7,,,,\n",
            [(NOT_NAMED, "ca"), (NOT_NAMED, "certificate"), (NOT_NAMED, "key")],
        ),
        ("CB02-bus,tls://10.0.0.7,ca.pem,own.pem,,\n", [(NOT_NAMED, "key")]),
        (
            "CB02-bus,tcp://10.0.0.7,ca.pem,,,operator\n",
            [(USELESS, "ca"), (USELESS, "peer_role")],
        ),
        ("CB02-bus,serial:///dev/ttyUSB0?stop_bits=2,,,,\n", [("bus_url_twice", "url")]),
        ("CB02-bus,serial:///dev/ttyUSB1?baud=9601,,,,\n", [("serial_setting_wrong", "url")]),
        ("CB02-bus,serial:///dev/ttyUSB1?speed=1,,,,\n", [("serial_setting_unknown", "url")]),
        ("CB02-bus,modbus://10.0.0.7,,,,\n", [("bus_url_not_valid", "url")]),
    ],
)
def test_what_does_not_fit_is_said_at_its_cell(row: str, expected: list[tuple[str, str]]) -> None:
    reading = reading_of(SERIAL, row)
    assert reading.site is None
    assert [(p.fact.code, p.field) for p in reading.problems] == expected
    assert {(p.file, p.line) for p in reading.problems} == {("buses.csv", 3)}


def test_an_unknown_form_is_answered_with_the_four() -> None:
    (problem,) = reading_of(SERIAL, "CB02-bus,modbus://10.0.0.7,,,,\n").problems
    said = say(problem.fact)
    assert all(form in said for form in ("tcp://HOST:502", "rtu-tcp://HOST:PORT", "tls://HOST:802", "serial:///dev/"))


def test_a_secured_line_may_be_public() -> None:
    assert reading_of(SERIAL, SECURED.replace("10.0.0.7", "8.8.8.8")).problems == ()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "city"
    write_template(folder)
    (folder / "buses.csv").write_text(HEADER + SERIAL + SECURED, encoding="utf-8")
    table = folder / "devices.csv"
    table.write_text(devices(table.read_text(encoding="utf-8")), encoding="utf-8")
    certificates = folder / "certs"
    certificates.mkdir()
    issue(certificates, "own", issue(certificates, "ca", is_authority=True))
    return folder


def looked_at(folder: Path) -> SiteReading:
    texts = folder_texts(folder)
    return with_bus_files(read_site(texts), folder, texts)


def test_files_that_are_there_are_no_problem(folder: Path) -> None:
    reading = looked_at(folder)
    assert reading.problems == ()
    assert reading.site is not None
    assert tls_files(folder, reading.site.buses["CB01-bus"]) is None
    files = tls_files(folder, reading.site.buses["CB02-bus"])
    assert files is not None
    assert files.key == folder / "certs" / "own.key"


def test_one_serial_port_under_two_names_is_one_line(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "by-id").symlink_to(tmp_path / "ttyUSB0")
    rows = f"CB01-bus,serial://{tmp_path}/ttyUSB0,,,,\nCB02-bus,serial://{tmp_path}/by-id?baud=19200,,,,\n"
    (folder / "buses.csv").write_text(HEADER + rows, encoding="utf-8")
    reading = looked_at(folder)
    assert reading.site is None
    assert [one for one in shown(reading.problems) if one[0] == "bus_url_twice"] == [("bus_url_twice", 3, "url", False)]


@pytest.mark.parametrize(("name", "field"), [("ca.pem", "ca"), ("own.pem", "certificate"), ("own.key", "key")])
def test_a_missing_file_is_an_error_at_its_cell(folder: Path, name: str, field: str) -> None:
    (folder / "certs" / name).unlink()
    reading = looked_at(folder)
    assert reading.site is None
    assert shown(reading.problems) == [("bus_file_missing", 3, field, False)]


def test_a_key_that_others_may_read_is_a_warning(folder: Path) -> None:
    (folder / "certs" / "own.key").chmod(0o640)
    reading = looked_at(folder)
    assert reading.site is not None
    assert shown(reading.problems) == [("bus_key_open", 3, "key", True)]
    assert "640" in say(reading.problems[0].fact)


@pytest.mark.parametrize(
    ("name", "field", "detail"),
    [("ca.pem", "ca", "certificate"), ("own.pem", "certificate", "certificate"), ("own.key", "key", "key")],
)
def test_a_file_that_is_no_certificate_is_an_error_at_its_cell(
    folder: Path, name: str, field: str, detail: str
) -> None:
    (folder / "certs" / name).write_text("nothing of the kind\n", encoding="utf-8")
    reading = looked_at(folder)
    assert reading.site is None
    assert shown(reading.problems) == [("bus_file_not_usable", 3, field, False)]
    assert f"it holds no {detail} in PEM form" in say(reading.problems[0].fact)


def test_a_key_of_another_certificate_is_an_error(folder: Path) -> None:
    other = issue(folder / "certs", "other")
    other.key_file.rename(folder / "certs" / "own.key")
    assert shown(looked_at(folder).problems) == [("bus_file_not_usable", 3, "key", False)]


def test_a_key_with_a_password_is_refused_without_asking(folder: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    locked = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret")
    )
    (folder / "certs" / "own.key").write_bytes(locked)
    reading = looked_at(folder)
    assert shown(reading.problems) == [("bus_file_not_usable", 3, "key", False)]
    assert "password" in say(reading.problems[0].fact)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_this_user_may_not_read_is_a_warning(folder: Path) -> None:
    (folder / "certs" / "own.key").chmod(0)
    reading = looked_at(folder)
    assert reading.site is not None
    assert shown(reading.problems) == [("bus_file_not_readable", 3, "key", True)]
