"""Converts addresses between the shop's origin and a phone's origin."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from aiohttp import web

from simulator import hosts
from simulator.sim import Sim

END = r"(?![\w.-])(?!:\d)"  # an address ends here: 127.0.0.1:80 is not 127.0.0.1:8080
ARGUMENT = r"([?&;][\w.-]+=)?"
PHONE_NAME = r"[a-z0-9-]{1,32}"


def origin_of(url: str) -> str:
    """Scheme and host of a URL."""
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc}"


class Mapping:
    """Converts texts between the shop's origin and one phone's origin, both ways."""

    def __init__(self, sim: Sim, request: web.Request, phone: str) -> None:
        _, colon, port = request.host.partition(":")
        self.app = origin_of(sim.settings.app_base_url)
        self.phone = f"{request.scheme}://{phone}.localhost{colon}{port}"
        local = [f"{request.scheme}://{name}{colon}{port}" for name in ("127.0.0.1", "localhost")]
        own = [origin_of(sim.base_url)] if sim.base_url else []
        self.simulator = (own + local)[0]
        self._simulators = {*own, *local}
        self._port = f"{colon}{port}"

    def to_page(self, text: str) -> str:
        """The shop's text with its addresses on the phone's origin.

        An address that is an argument (redirect_uri, next) is unchanged, encoded or not: its
        reader compares it with the shop's own address.
        """
        return self._written(self._written(text, "/"), r"\/")

    def _written(self, text: str, slash: str) -> str:
        """Convert one way of writing a slash; JSON in scripts may write it as \\/."""

        def form(plain: str) -> str:
            return re.escape(plain.replace("/", slash))

        def here(found: re.Match[str]) -> str:
            is_argument = found.lastindex is not None
            return found[0] if is_argument else self.phone.replace("/", slash)

        text = re.sub(ARGUMENT + form(self.app) + END, here, text)
        ours = "|".join(form(origin) for origin in sorted(self._simulators))
        paths = "|".join(form(path.rstrip("/")) for path in hosts.RESERVED)
        return re.sub(f"(?:{ours})(?={paths})", here, text)

    def to_app(self, text: str) -> str:
        """The phone's text with the shop's addresses, percent-encoded ones included."""
        reserved = "|".join(re.escape(path) for path in hosts.RESERVED)
        any_phone = rf"https?://{PHONE_NAME}\.localhost{re.escape(self._port)}"
        text = re.sub(f"{any_phone}(?={reserved})", self.simulator, text)
        text = re.sub(any_phone + END, self.app, text)
        escaped = rf"https?:\\/\\/{PHONE_NAME}\.localhost{re.escape(self._port)}"
        text = re.sub(escaped + END, lambda _: self.app.replace("/", r"\/"), text)
        port = self._port.replace(":", "(?::|%3A)")
        encoded = rf"https?(?::|%3A)%2F%2F{PHONE_NAME}\.localhost{port}(?![\w.-])(?!%3A\d)"
        return re.sub(encoded, quote(self.app, safe=""), text, flags=re.IGNORECASE)
