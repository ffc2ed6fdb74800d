"""Two buses at one address would be two masters on one line, by whatever names."""

from __future__ import annotations

import pytest

from lighting.assets.bus_address import same_host
from lighting.assets.folder import read_site
from lighting.assets.template import template_texts


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("localhost", "127.0.0.1"),
        ("LOCALHOST", "::1"),
        ("gateway.lan.", "Gateway.lan"),
        ("fd00::1", "fd00:0:0:0:0:0:0:1"),
    ],
)
def test_names_of_one_host_are_one(one: str, other: str) -> None:
    assert same_host(one) == same_host(other)


def test_other_loopback_addresses_are_other_hosts() -> None:
    assert same_host("127.0.0.2") != same_host("127.0.0.1")


def test_one_gateway_under_two_names_is_refused() -> None:
    texts = template_texts()
    texts["buses.csv"] = texts["buses.csv"].replace("127.0.0.1:15022", "localhost:15021")
    assert "localhost" in texts["buses.csv"]
    assert "bus_url_twice" in {problem.fact.code for problem in read_site(texts).problems}
