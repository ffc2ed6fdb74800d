"""The four forms of a line's address, and what is said of one that is none of them."""

from __future__ import annotations

import pytest

from drivers.line_address import AddressProblem, LineAddress, parse_line_address


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("tcp://10.0.0.5", LineAddress("tcp", host="10.0.0.5", port=502)),
        ("tcp://[fd00::1]:1502", LineAddress("tcp", host="fd00::1", port=1502)),
        ("rtu-tcp://gateway.lan:4001", LineAddress("rtu-tcp", host="gateway.lan", port=4001)),
        ("tls://cabinet-7", LineAddress("tls", host="cabinet-7", port=802)),
        ("tls://cabinet-7:8802", LineAddress("tls", host="cabinet-7", port=8802)),
        ("serial:///dev/ttyUSB0", LineAddress("serial", device="/dev/ttyUSB0")),
        (
            "serial:///dev/serial/by-id/usb-1a86?baud=19200&parity=e&stop_bits=2",
            LineAddress("serial", device="/dev/serial/by-id/usb-1a86", baud=19200, parity="E", stop_bits=2),
        ),
    ],
)
def test_what_is_meant(url: str, expected: LineAddress) -> None:
    assert parse_line_address(url) == expected


@pytest.mark.parametrize(
    ("url", "code", "values"),
    [
        ("", "bus_url_not_valid", {}),
        ("10.0.0.5:502", "bus_url_not_valid", {}),
        ("udp://10.0.0.5:502", "bus_url_not_valid", {}),
        ("tcp://10.0.0.5:65536", "bus_url_not_valid", {}),
        ("tcp://10.0.0.5:0", "bus_url_not_valid", {}),
        ("tcp://user@10.0.0.5", "bus_url_not_valid", {}),
        ("tcp://10.0.0.5/1", "bus_url_not_valid", {}),
        ("rtu-tcp://10.0.0.5", "bus_url_not_valid", {}),
        ("serial://ttyUSB0", "bus_url_not_valid", {}),
        ("serial://dev/ttyUSB0", "bus_url_not_valid", {}),
        ("serial:///dev/", "bus_url_not_valid", {}),
        ("serial:///dev/ttyUSB0?baud=9601", "serial_setting_wrong", {"key": "baud", "found": "9601"}),
        ("serial:///dev/ttyUSB0?baud=", "serial_setting_wrong", {"key": "baud", "found": ""}),
        ("serial:///dev/ttyUSB0?parity=M", "serial_setting_wrong", {"key": "parity", "found": "M"}),
        ("serial:///dev/ttyUSB0?stop_bits=1.5", "serial_setting_wrong", {"key": "stop_bits", "found": "1.5"}),
        ("serial:///dev/ttyUSB0?speed=9600", "serial_setting_unknown", {"found": "speed"}),
    ],
)
def test_what_is_refused_names_what_was_found_and_what_is_allowed(url: str, code: str, values: dict[str, str]) -> None:
    with pytest.raises(AddressProblem) as caught:
        parse_line_address(url)
    assert caught.value.code == code
    assert values.items() <= caught.value.values.items()
    assert "allowed" in caught.value.values or "serial:///dev/" in caught.value.values["form"]


def test_a_terminal_s_escape_codes_are_not_said_again() -> None:
    with pytest.raises(AddressProblem) as caught:
        parse_line_address("tcp://\x1b[31m" + "x" * 200)
    assert "\x1b" not in caught.value.values["found"]
    assert len(caught.value.values["found"]) <= 60
