"""The shipped ``deploy/nginx.conf`` under a real nginx, with other ports and folders."""

from __future__ import annotations

import asyncio
import io
import re
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from multidict import CIMultiDict

import mall_h5.uploads
from admin.deps import AdminDeps
from kernel.web.limits import Limiter
from tests.e2e.processes import NGINX
from tests.harness.keys import shared_keys
from tests.harness.markup import count_of, is_nowhere, texts_of
from tests.harness.ports import free_port
from tests.harness.world import ROOT
from tests.security.conftest import keys, town  # noqa: F401
from tests.security.test_route_matrix import address
from tests.security.town import MEMBER, Town, routes_of

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
CONF = ROOT / "deploy" / "nginx.conf"


@dataclass
class Edge:
    """A running nginx in front of the town."""

    http: int
    https: int
    client: aiohttp.ClientSession

    def url(self, path: str) -> str:
        """The address of a path over TLS."""
        return f"https://127.0.0.1:{self.https}{path}"


def rendered(folder: Path, http: int, https: int, web: int) -> Path:
    """Write the shipped file with this machine's ports and folders, and without the daemon."""
    text = CONF.read_text(encoding="utf-8")
    certified = make_certificate(folder)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"  {kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    changes = (
        ("worker_processes auto;", f"daemon off;\nmaster_process off;\nworker_processes 1;\n"
         f"pid {folder}/nginx.pid;\nerror_log stderr warn;"),
        ("http {\n", f"http {{\n  access_log off;\n{temporary}"),
        ("include mime.types;", "include /etc/nginx/mime.types;"),
        ("include fenmall/web.conf;", f"include {folder}/web.conf;"),
        ("listen 80;", f"listen 127.0.0.1:{http};"),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{https} ssl http2;"),
        ("/etc/nginx/tls/fullchain.pem", f"{certified}/cert.pem"),
        ("/etc/nginx/tls/privkey.pem", f"{certified}/key.pem"),
    )  # fmt: skip
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    hosts = (ROOT / "deploy" / "nginx" / "web_hosts.conf").read_text(encoding="utf-8")
    servers = re.sub(r"127\.0\.0\.1:[0-9]+", f"127.0.0.1:{web}", hosts).splitlines()[:2]
    (folder / "web.conf").write_text("\n".join(servers) + "\n", encoding="utf-8")
    path = folder / "nginx.conf"
    path.write_text(text, encoding="utf-8")
    return path


def make_certificate(folder: Path) -> Path:
    """Write a certificate for this test. The client doesn't verify its name."""
    made = shared_keys()
    (folder / "cert.pem").write_text(made.platform_certificate)
    (folder / "key.pem").write_text(made.platform_private_key)
    return folder


@pytest.fixture
async def edge(town: Town, tmp_path: Path) -> AsyncIterator[Edge]:  # noqa: F811
    """nginx on free ports in front of the town, after ``nginx -t`` accepted its configuration."""
    assert NGINX is not None
    assert town.client.server.port is not None
    http, https = free_port(), free_port()
    path = rendered(tmp_path, http, https, town.client.server.port)
    command = (NGINX, "-p", str(tmp_path), "-c", str(path), "-e", "stderr")
    checked = subprocess.run((*command, "-t"), capture_output=True, text=True, check=False)  # noqa: ASYNC221
    assert checked.returncode == 0, checked.stderr
    running = subprocess.Popen(command, stderr=sys.stderr)  # noqa: ASYNC220
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connector = aiohttp.TCPConnector(ssl=context)
    jar = aiohttp.DummyCookieJar()
    try:
        async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as client:
            await answers(https)
            yield Edge(http, https, client)
    finally:
        running.terminate()
        await asyncio.to_thread(running.wait, 20)


async def answers(port: int) -> None:
    """Wait until a server listens on the port."""
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return
    raise AssertionError(f"nobody listens on {port}")


async def test_forwarding_headers_of_a_client_are_overwritten(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """nginx once appended to the client's header, and the application then trusted it."""
    counted: list[str] = []

    async def hit(_: Any, name: str, key: str, **__: Any) -> None:
        counted.append(key)

    monkeypatch.setattr(Limiter, "hit", hit)
    forged = (
        [("X-Forwarded-For", "203.0.113.9")],
        [("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-For", "198.51.100.1, 127.0.0.1")],
        [("Forwarded", "for=203.0.113.9"), ("X-Real-IP", "203.0.113.9")],
    )
    for lines in forged:
        url = edge.url("/wechat?signature=0&timestamp=1&nonce=2")
        async with edge.client.post(url, headers=CIMultiDict(lines), data=b"<xml/>") as answer:
            assert answer.status == 403
    assert counted == ["127.0.0.1"] * len(forged)


@pytest.mark.row("B9")
async def test_pages_come_over_tls_and_plain_http_redirects_there(edge: Edge) -> None:
    async with edge.client.get(edge.url("/m/")) as answer:
        assert answer.status == 200
        assert count_of(await answer.text(), "main.page") == 1
    url = f"http://127.0.0.1:{edge.http}/m/?r=AB%20C"
    async with edge.client.get(url, allow_redirects=False) as answer:
        assert answer.status == 301
        assert answer.headers["Location"] == "https://127.0.0.1/m/?r=AB%20C"


async def test_an_address_with_unescaped_bytes_reaches_its_page(edge: Edge) -> None:
    """Browsers escape such bytes, but nginx passes them on unchanged."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for target, status in (("/m/?x=陈", "200"), ("/m/陈", "404")):
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.https, ssl=context)
        head = f"GET {target} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n"
        writer.write(head.encode())
        received = (await reader.read()).decode()
        writer.close()
        assert received.startswith(f"HTTP/1.1 {status} "), received[:200]
        assert count_of(received, "main.page") == 1
        assert count_of(received, "#toasts") == 1  # the last element: the page is complete


async def test_nginx_passes_on_the_answer_to_a_refused_body(edge: Edge, town: Town) -> None:  # noqa: F811
    """The application closes the connection at once. nginx must not answer 502."""
    cookie = {"Cookie": f"{MEMBER}={town.people['buyer'].cookies[MEMBER]}"}
    form = cookie | {"Content-Type": "application/x-www-form-urlencoded"}
    torn = cookie | {"Content-Type": "multipart/form-data; boundary=b"}
    for headers, data, status, place, said in (
        (form, b"a=" + b"x" * 1_500_000, 413, "title", ""),
        (form, b"a=" + b"x" * 2_500_000, 413, "center", "nginx"),
        (form | {"Content-Encoding": "gzip"}, b"\x1f\x8b\x08bad", 415, "body", "415"),
        (torn, b"\r\n" * 400_000, 400, "title", ""),
    ):  # fmt: skip
        for _ in range(5):
            url, body = edge.url("/m/cart"), io.BytesIO(data)
            async with edge.client.post(url, headers=headers, data=body) as answer:
                answered = await answer.text()
                assert answer.status == status, (headers, answer.status, answered[:300])
                assert any(said in each for each in texts_of(answered, place)), answered[:300]
                assert is_nowhere(answered, "nginx") == (said != "nginx")


async def test_nginx_accepts_bodies_as_large_as_the_forms_behind_it(town: Town) -> None:  # noqa: F811
    """nginx once refused bodies above 12 MB, while some forms take 48."""
    text = CONF.read_text(encoding="utf-8")
    blocks = re.findall(r"location ~ (\S+) \{\s+client_max_body_size (\d+)m;", text)
    limits = {re.compile(pattern): int(size) for pattern, size in blocks}
    most = {
        "m": mall_h5.uploads.BODY_MOST,
        "admin": AdminDeps.__dataclass_fields__["upload_most"].default,
    }
    opened = set()
    for route in routes_of(town.app):
        takes = any(getattr(route.handler, m, False) for m in ("mall_upload", "admin_upload"))
        if route.method != "POST":
            continue
        found = [size for pattern, size in limits.items() if pattern.match(address(town, route))]
        assert bool(found) == takes, route
        if takes:
            opened |= set(found)
            assert [size * 1024 * 1024 for size in found] == [most[route.face]], route
    assert opened == set(limits.values())


def test_every_proxy_pass_overwrites_the_forwarding_headers() -> None:
    conf = CONF.read_text(encoding="utf-8")
    assert "$proxy_add_x_forwarded_for" not in conf
    doors = conf.count("proxy_pass http://web;")
    lines = ("X-Forwarded-For $remote_addr", 'Forwarded ""', "Host $host")
    for line in lines:
        assert conf.count(f"proxy_set_header {line};") == doors, line
