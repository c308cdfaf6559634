"""Network addresses: our proxies, the caller's real address, and its rate-limit key.

Every proxy appends to ``X-Forwarded-For``, so only the right end of the list is written by our own
proxies. The list is read from the right, and only as far as the chain of our own proxies reaches.
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
"""IPv6 callers are counted by /64: a subscriber has at least one and may use any address in it."""

LONG_CHAIN = 200
"""Characters of a list that is read each time; longer ones are not remembered."""

_BRACKETED = re.compile(r"\[([^\]]*)\](?::[0-9]{1,5})?")
_WITH_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}")
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")


@lru_cache(maxsize=4_096)  # called for each request; behind a proxy mostly the same few texts
def parse_address(text: str) -> Address | None:
    """Parse one hop of ``X-Forwarded-For``; None if it holds no usable address.

    Accepted: ``ip``, ``ip:port``, ``[v6]``, ``[v6]:port``, each also in quotes; a zone id is
    dropped. IPv4 mapped into IPv6 (``::ffff:192.0.2.1``) becomes IPv4. ``unknown`` and
    ``_hidden`` give None.
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
    """Parse a configured network; a network of IPv4-mapped addresses becomes IPv4.

    Raises ValueError.
    """
    found = ipaddress.ip_network(text.strip(), strict=False)
    if found.version == 6 and found.prefixlen >= 96 and found.subnet_of(_MAPPED):
        low = int(found.network_address) & 0xFFFF_FFFF
        return ipaddress.IPv4Network((low, found.prefixlen - 96))
    return found


class Proxies:
    """Our reverse proxies (``trusted_proxies``).

    A single address counts as a proxy anywhere in the chain. A range only says where the last
    proxy may connect from: clients may have addresses in it as well (Docker shows every client of
    a published port under one of its own), so a hop within a range is taken for the client.
    """

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = tuple(parse_network(each) for each in networks)
        self._single = frozenset(
            each.network_address for each in self._networks if each.prefixlen == each.max_prefixlen
        )
        self._known = lru_cache(maxsize=4_096)(self._read)

    def is_peer(self, address: Address) -> bool:
        """Whether a connection from this address comes from our last proxy."""
        return any(address in network for network in self._networks)

    def client(self, peer: str, forwarded: Iterable[str]) -> str:
        """The caller's address, from the peer and all header lines in their order.

        The list is read from right to left, through our proxies. An unreadable hop ends the
        reading, and the last address read is returned. Entries that the client wrote itself are
        never used.
        """
        hops = ",".join(forwarded)
        return self._read(peer, hops) if len(hops) > LONG_CHAIN else self._known(peer, hops)

    def _read(self, peer: str, forwarded: str) -> str:
        last = parse_address(peer)
        if last is None:
            return UNKNOWN
        if not self.is_peer(last):
            return str(last)
        for hop in reversed(forwarded.split(",")):
            found = parse_address(hop)
            if found is None:
                break
            last = found
            if found not in self._single:
                break
        return str(last)


def key_of(address: str) -> str:
    """The key that an address is counted under: IPv4 as it is, IPv6 by its /64."""
    found = parse_address(address)
    if found is None:
        return UNKNOWN
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((int(found), IPV6_PREFIX), strict=False))


def caller_key() -> str:
    """The counting key of the present request's caller."""
    return key_of(context.client_ip.get() or UNKNOWN)
