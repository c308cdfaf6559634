"""Who calls: the one place that reads ``X-Forwarded-For`` and the connection's other end.

Everybody else takes it from ``context.client_ip``, or counts by ``kernel.addresses.caller_key``.
"""

from __future__ import annotations

from functools import lru_cache

from aiohttp import web

from kernel.addresses import Proxies
from kernel.web.keys import CONFIG

FORWARDED = "X-Forwarded-For"


def client_address(request: web.Request) -> str:
    """The caller's address; the header is believed only as far as our own proxies wrote it."""
    proxies = _proxies(tuple(request.config_dict[CONFIG].trusted_proxies))
    return proxies.client(request.remote or "", request.headers.getall(FORWARDED, ()))


@lru_cache(maxsize=8)
def _proxies(networks: tuple[str, ...]) -> Proxies:
    return Proxies(networks)
