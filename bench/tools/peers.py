"""Peers of the chat: WeRoBot on its fastest server, and wechatpy with Flask, as processes.

``python -m bench.tools.peers NAME [aes]`` prints its port. Both only answer with a fixed text,
without reading a member and without deduplication. ``BENCH_PEERS`` names a folder that has their
packages (``pip install --target``): only these processes import from it.
"""

from __future__ import annotations

import importlib.machinery
import os
import socket
import sys
from typing import Any

from bench.tools.chatting import REPLY
from bench.tools.shop import AES_KEY, APPID, TOKEN
from tests.harness.ports import free_port

_PATHS = importlib.machinery.PathFinder
NEEDS = {"werobot": ("werobot", "gevent"), "wechatpy_flask": ("flask", "gevent")}


def missing(name: str) -> list[str]:
    """The packages that a peer needs and that are not installed (``pip install .[bench]``)."""
    return [each for each in NEEDS[name] if _PATHS.find_spec(each, _searched()) is None]


def _searched() -> list[str]:
    """Where packages are looked for; the shop's own versions come first."""
    folder = os.environ.get("BENCH_PEERS")
    return [*sys.path, folder] if folder else [*sys.path]


def _werobot(aes: bool) -> Any:
    from werobot import WeRoBot
    from werobot.contrib.bottle import make_view

    key = {"ENCODING_AES_KEY": AES_KEY, "APP_ID": APPID} if aes else {}
    robot = WeRoBot(token=TOKEN)
    robot.config.update(key | {"SESSION_STORAGE": False})
    robot.text(lambda message: REPLY)
    from bottle import Bottle

    app = Bottle()
    app.route("/wechat", ["GET", "POST"], make_view(robot))
    return app


def _wechatpy_flask(aes: bool) -> Any:
    from flask import Flask, abort, request
    from wechatpy import create_reply, parse_message
    from wechatpy.crypto import WeChatCrypto
    from wechatpy.exceptions import InvalidSignatureException
    from wechatpy.utils import check_signature

    app, crypto = Flask(__name__), WeChatCrypto(TOKEN, AES_KEY, APPID)

    @app.post("/wechat")
    def receive() -> Any:
        asked, body = request.args, request.get_data()
        try:
            if aes:
                body = crypto.decrypt_message(
                    body, asked["msg_signature"], asked["timestamp"], asked["nonce"]
                )
            else:
                check_signature(TOKEN, asked["signature"], asked["timestamp"], asked["nonce"])
        except InvalidSignatureException:
            abort(403)
        made = create_reply(REPLY, parse_message(body)).render()
        if aes:
            made = crypto.encrypt_message(made, asked["nonce"], asked["timestamp"])
        return app.response_class(made, mimetype="text/xml")

    return app


def main() -> None:
    """Serve one peer until terminated."""
    sys.path[:] = _searched()
    from gevent.pywsgi import WSGIServer

    class Prompt(WSGIServer):
        """Sets TCP_NODELAY: head and body are two writes, and the second would wait 40 ms."""

        def handle(self, sock: Any, address: Any) -> None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            super().handle(sock, address)

    name, aes = sys.argv[1], "aes" in sys.argv[2:]
    made = {"werobot": _werobot, "wechatpy_flask": _wechatpy_flask}[name](aes)
    server = Prompt(("127.0.0.1", free_port()), made, log=None, backlog=1024)
    server.start()
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
