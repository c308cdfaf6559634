"""Network addresses: which are our proxies', who really called, under which key one is counted.

``X-Forwarded-For`` is a list that every proxy appends to, so only its right end is written by
somebody we know. It is read from there, and no further than the chain of our own proxies reaches.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache

from kernel import context

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

UNKNOWN = "-"
IPV6_PREFIX = 64
"""A subscriber is given a /64 or more, and may take any address of it."""

_BRACKETED = re.compile(r"\[([^\]]*)\](?::[0-9]{1,5})?")
_WITH_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}")
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")


@lru_cache(maxsize=4_096)  # behind a proxy every request asks, mostly for the same few
def parse_address(text: str) -> Address | None:
    """The address in a hop of ``X-Forwarded-For``, or None if it names no caller.

    Taken are ``ip``, ``ip:port``, ``[v6]``, ``[v6]:port``, the same in quotes; a zone is left
    out. IPv4 inside of IPv6 (``::ffff:192.0.2.1``) is IPv4. ``unknown`` and ``_hidden`` are none.
    """
    text = text.strip(" \t")
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1].strip(" \t")
    if match := _BRACKETED.fullmatch(text) or _WITH_PORT.fullmatch(text):
        text = match.group(1)
    address, _, _ = text.partition("%")
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    if found.version == 6 and (found in _MAPPED or found in _TRANSLATED):
        found = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
    return None if found.is_unspecified or found.is_multicast else found


def parse_network(text: str) -> Network:
    """A network as configured; one of mapped addresses is IPv4. Raises ValueError."""
    found = ipaddress.ip_network(text.strip(), strict=False)
    if found.version == 6 and found.prefixlen >= 96 and found.subnet_of(_MAPPED):
        low = int(found.network_address) & 0xFFFF_FFFF
        return ipaddress.IPv4Network((low, found.prefixlen - 96))
    return found


class Proxies:
    """The proxies in front of us (``trusted_proxies``).

    A single address is a proxy wherever it stands in the chain. A range says only where the last
    proxy may connect from: clients may have addresses of it, too (Docker shows every client of a
    published port as one of its own), so a hop of a range is a client.
    """

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = tuple(parse_network(each) for each in networks)
        self._single = frozenset(
            each.network_address for each in self._networks if each.prefixlen == each.max_prefixlen
        )

    def is_peer(self, address: Address) -> bool:
        """Whether a connection from there is one of our last proxy."""
        return any(address in network for network in self._networks)

    def client(self, peer: str, forwarded: Iterable[str]) -> str:
        """The caller's address, from the peer and all lines of the header in their order.

        The list is read from right to left through our proxies. What can't be read ends it: then
        it is the last proxy that is known. Nothing that a client writes itself is reached.
        """
        last = parse_address(peer)
        if last is None:
            return UNKNOWN
        if not self.is_peer(last):
            return str(last)
        for hop in reversed(",".join(forwarded).split(",")):
            found = parse_address(hop)
            if found is None:
                break
            last = found
            if found not in self._single:
                break
        return str(last)


def key_of(address: str) -> str:
    """Under which key an address is counted: IPv4 as it is, IPv6 by its /64."""
    found = parse_address(address)
    if found is None:
        return UNKNOWN
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((int(found), IPV6_PREFIX), strict=False))


def caller_key() -> str:
    """The key of who calls now, for whatever counts by address."""
    return key_of(context.client_ip.get() or UNKNOWN)
