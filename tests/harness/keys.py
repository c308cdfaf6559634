"""RSA keys that tests share, because making them takes half a second."""

from __future__ import annotations

from functools import cache

from simulator.keys import DemoKeys, make_keys


@cache
def shared_keys() -> DemoKeys:
    """Keys of the merchant and of WeChat Pay, made once per worker; not for tests of keys."""
    return make_keys()
