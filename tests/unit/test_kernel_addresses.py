"""The address of the caller from the forwarded hops, and the key for limits."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import context
from kernel.addresses import Proxies, caller_key, key_of, parse_address, parse_network

PROXY = "10.0.0.1"
ONE = Proxies([PROXY + "/32"])
RANGE = Proxies(["172.16.0.0/12"])


@pytest.mark.parametrize(
    ("hop", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        (" 203.0.113.9\t", "203.0.113.9"),
        ("203.0.113.9:51234", "203.0.113.9"),
        ("2001:db8::5", "2001:db8::5"),
        ("2001:DB8:0:0::5", "2001:db8::5"),
        ("[2001:db8::5]", "2001:db8::5"),
        ("[2001:db8::5]:443", "2001:db8::5"),
        ('"[2001:db8::5]:443"', "2001:db8::5"),
        ('"203.0.113.9:80"', "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("[::ffff:203.0.113.9]:80", "203.0.113.9"),
        ("::ffff:cb00:7109", "203.0.113.9"),
        ("64:ff9b::203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25eth0]:80", "fe80::1"),
    ],
)
def test_a_hop_with_a_port_brackets_quotes_or_a_zone_is_its_address(
    hop: str, address: str
) -> None:
    """Before, each of these forms counted as another caller."""
    assert str(parse_address(hop)) == address
    assert ONE.client(PROXY, [hop]) == address


@pytest.mark.parametrize(
    "hop",
    [
        "", " ", "unknown", "_hidden", "_SEVKISEK", "for=203.0.113.9", "203.0.113",
        "203.0.113.999", "010.0.0.7", "0x7f.0.0.1", "3405803785", "２０３.0.113.9",
        "203.0.113.9:", "203.0.113.9:x", "203.0.113.9:123456", "203.0.113.9/32",
        "[203.0.113.9", "2001:db8::5]:80", "[]", ":::", "shop.example", "localhost", "-",
        "0.0.0.0", "::", "224.0.0.1", "ff02::1", '"', '""', "203.0.113.9 198.51.100.1",
        "203.0.113.9;198.51.100.1", "<script>", "x" * 4000,
    ],
)  # fmt: skip
def test_a_hop_that_is_no_address_ends_the_list(hop: str) -> None:
    """The hops left of it may be forged, so that the caller is the last proxy."""
    assert parse_address(hop) is None
    assert ONE.client(PROXY, [hop]) == PROXY
    assert ONE.client(PROXY, [f"198.51.100.7, {hop}"]) == PROXY


@pytest.mark.parametrize(
    ("lines", "caller"),
    [
        ([], PROXY),
        (["203.0.113.9"], "203.0.113.9"),
        (["198.51.100.1", "203.0.113.9"], "203.0.113.9"),  # the client's line, then our proxy's
        (["198.51.100.1, 198.51.100.2", "198.51.100.3,203.0.113.9"], "203.0.113.9"),
        (["198.51.100.1", PROXY, "203.0.113.9"], "203.0.113.9"),
        (["203.0.113.9", PROXY], "203.0.113.9"),
        ([f"198.51.100.1, 203.0.113.9, {PROXY}:4711, ::ffff:{PROXY}"], "203.0.113.9"),
        ([PROXY], PROXY),
        (["203.0.113.9,"], PROXY),
        (["203.0.113.9", ""], PROXY),
        ([", , ,"], PROXY),
    ],
)
def test_all_header_lines_are_read_from_the_right(lines: list[str], caller: str) -> None:
    """Before, only the first line was read, which a client can write."""
    assert ONE.client(PROXY, lines) == caller
    assert ONE.client(f"::ffff:{PROXY}", lines) == caller


def test_a_client_within_a_trusted_range_cannot_forge_a_hop() -> None:
    """With a port published by Docker, every client has an address in the proxies' range."""
    assert RANGE.client("172.18.0.3", ["203.0.113.9"]) == "203.0.113.9"
    assert RANGE.client("172.18.0.3", ["198.51.100.1, 172.18.0.1"]) == "172.18.0.1"
    assert RANGE.client("172.18.0.3", ["198.51.100.1", "172.31.255.1"]) == "172.31.255.1"


def test_a_chain_of_configured_proxies_is_followed() -> None:
    chain = Proxies([PROXY, "10.0.0.2", "2001:db8::2/128"])
    assert (
        chain.client(PROXY, ["1.1.1.1, 203.0.113.9, [2001:db8::2]:80, 10.0.0.2"]) == "203.0.113.9"
    )


def test_the_header_of_a_peer_that_is_no_proxy_is_ignored() -> None:
    for peer in ("203.0.113.5", "10.0.0.3", "2001:db8::9"):
        assert ONE.client(peer, ["198.51.100.1"]) == peer
    assert Proxies([]).client("127.0.0.1", ["198.51.100.1"]) == "127.0.0.1"


def test_networks_of_mapped_addresses_are_read_as_ipv4() -> None:
    assert parse_network("::ffff:10.0.0.0/104") == ipaddress.ip_network("10.0.0.0/8")
    assert Proxies(["::ffff:10.0.0.0/104"]).client("10.9.9.9", ["203.0.113.9"]) == "203.0.113.9"
    with pytest.raises(ValueError, match="not-a-net"):
        parse_network("not-a-net")


def test_an_ipv6_network_of_64_bits_is_one_caller() -> None:
    """By single addresses, one subscriber would have 2^64 of them for guessing."""
    assert key_of("2001:db8:1:2::5") == key_of("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert key_of("2001:db8:1:3::5") != key_of("2001:db8:1:2::5")
    assert key_of("::ffff:203.0.113.9") == key_of("203.0.113.9") == "203.0.113.9"
    assert key_of("") == key_of("-") == key_of("nonsense") == "-"


def test_the_key_of_the_present_caller() -> None:
    token = context.client_ip.set("2001:db8:1:2::5")
    try:
        assert caller_key() == "2001:db8:1:2::/64"
    finally:
        context.client_ip.reset(token)
    token = context.client_ip.set(None)
    try:
        assert caller_key() == "-"
    finally:
        context.client_ip.reset(token)


HOPS = st.one_of(
    st.ip_addresses().map(str),
    st.text(max_size=30),
    st.sampled_from(
        ["unknown", "", "[::1]:80", f"{PROXY}:1", "_x", '"', "%", "[", "::ffff:1.2.3.4"]
    ),
)


@given(st.lists(st.lists(HOPS, max_size=4).map(",".join), max_size=4))
def test_the_caller_is_an_address_for_any_header(lines: list[str]) -> None:
    found = ipaddress.ip_address(ONE.client(PROXY, lines))
    assert len(str(found)) <= 45


@given(st.lists(HOPS, max_size=5).map(",".join), st.ip_addresses(v=4).map(str))
def test_hops_left_of_our_proxy_s_own_are_ignored(forged: str, real: str) -> None:
    """The caller is the same whatever the client sends, in a line of its own or in front."""
    alone = ONE.client(PROXY, [real])
    if real != PROXY:
        assert ONE.client(PROXY, [forged, real]) == alone
        assert ONE.client(PROXY, [f"{forged}, {real}"]) == alone
