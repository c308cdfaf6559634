"""The client's address: the only code that reads ``X-Forwarded-For`` and the peer's address.

Other code uses ``context.client_ip``, or ``kernel.addresses.caller_key`` for counting.
"""

from __future__ import annotations

from functools import lru_cache

from aiohttp import web

from kernel.addresses import Proxies
from kernel.web.keys import CONFIG

FORWARDED = "X-Forwarded-For"


def client_address(request: web.Request) -> str:
    """The client's address; only the part of the header that our own proxies wrote is used.

    For a middleware of the outermost application, which has the configuration.
    """
    proxies = _proxies(tuple(request.app[CONFIG].trusted_proxies))
    return proxies.client(request.remote or "", request.headers.getall(FORWARDED, ()))


@lru_cache(maxsize=8)
def _proxies(networks: tuple[str, ...]) -> Proxies:
    return Proxies(networks)
