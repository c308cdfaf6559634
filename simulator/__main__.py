"""`python -m simulator`: run the simulated WeChat on one port."""

from __future__ import annotations

import argparse
import dataclasses
import logging
import os
from typing import Any

from aiohttp import web

from simulator.app import make_app
from simulator.keys import ensure_keys
from simulator.settings import Settings

DEMO_PHONES = [
    {"id": "lin", "name": "小林"},
    {"id": "wang", "name": "小王"},
    {"id": "hui", "name": "阿慧"},
    {"id": "zhou", "name": "老周"},
]


def main() -> None:
    """Read the options, make the app, and serve until stopped."""
    options = _options()
    if os.environ.get("FENMALL_ENV") == "production":
        raise SystemExit("the simulated WeChat never runs beside a production shop")
    settings = Settings.load(options.config) if options.config else Settings(phones=DEMO_PHONES)
    port = options.port
    given: dict[str, Any] = {
        "app_base_url": options.app_url,
        "mode": options.mode,
        "state_file": options.state,
        "time_scale": options.time_scale,
        "clock_url": options.clock_url,
        "public_url": options.public_url or (f"http://{options.host}:{port}" if port else None),
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    if settings.public_url and not options.public_url:
        chosen.pop("public_url", None)
    settings = dataclasses.replace(settings, **chosen)
    if options.keys:
        keys: dict[str, Any] = ensure_keys(options.keys).for_settings()
        settings = dataclasses.replace(settings, **keys)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    web.run_app(
        make_app(settings), host=options.host, port=options.port, print=None, access_log=None
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulator", description="a local WeChat")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--config", help="JSON file with Settings")
    parser.add_argument("--keys", help="folder with the demo keys; made when missing")
    parser.add_argument("--app-url", help="where the shop listens")
    parser.add_argument("--public-url", help="how the shop and browsers reach this simulator")
    parser.add_argument("--mode", choices=("plain", "compatible", "safe"))
    parser.add_argument("--state", help="file that keeps the world over restarts")
    parser.add_argument("--time-scale", type=float, help="multiplies every retry delay")
    parser.add_argument("--clock-url", help="told when the clock is moved here")
    return parser.parse_args()


if __name__ == "__main__":
    main()
