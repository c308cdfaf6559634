"""A shop for benchmarks: database, environment, products, members with sessions."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from domain import catalog
from domain.catalog import CategoryForm, ProductForm, SkuForm
from kernel import clock, context
from kernel.crypto import Vault, install_vault, vault
from kernel.ids import digest
from kernel.pictures import StoredPicture
from kernel.store import database, open_database
from models import Member, ReferralTree, Sku, WebSession, WechatIdentity
from simulator.keys import DemoKeys, make_keys
from tests.harness.ports import free_port

SECRET = "bench-secret-0123456789abcdef-0123456789"
APPID = "wx5de3000000000001"
ACCOUNT = "gh_5de300000001"
TOKEN = "demoPushToken"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ROWS = 500
DETAIL = "取山泉水，以高粱、小麦为料，老窖固态发酵，入陶坛静置五年。\n酒体清亮，入口绵柔。\n"


@dataclass
class Shop:
    """A shop's folder, database and environment for its processes."""

    folder: Path
    database_url: str
    keys: DemoKeys
    env: dict[str, str] = field(default_factory=dict)


@contextlib.contextmanager
def new_shop(
    database_url: str = "", redis: str = "memory://", mode: str = "plain"
) -> Iterator[Shop]:
    """Create an empty, migrated database, and the environment of its processes."""
    from tests.databases import fresh

    with tempfile.TemporaryDirectory(prefix="fenmall-bench-") as name:
        folder = Path(name)
        url = database_url or f"sqlite:///{folder}/shop.sqlite3"
        if database_url and not database_url.rsplit("/", 1)[-1].startswith("bench"):
            raise SystemExit("the database is dropped first: its name must begin with bench")
        fresh(url)
        install_vault(Vault.from_secret(SECRET))
        open_database(url)
        try:
            keys = make_keys()
            yield Shop(folder, url, keys, _environment(folder, url, redis, mode, keys))
        finally:
            database.close()


def _environment(folder: Path, url: str, redis: str, mode: str, keys: DemoKeys) -> dict[str, str]:
    port = free_port()
    (folder / "merchant.pem").write_text(keys.merchant_private_key)
    (folder / "wechatpay.pem").write_text(keys.wechatpay_public_key)
    nowhere = "http://127.0.0.1:9"
    return {
        "FENMALL_ENV": "test", "FENMALL_SECRET_KEY": SECRET, "FENMALL_LOG_LEVEL": "warning",
        "FENMALL_PUBLIC_URL": f"http://127.0.0.1:{port}", "PORT": str(port),
        "FENMALL_PRIVATE_PORT": str(free_port()), "DATABASE_URL": url, "REDIS_URL": redis,
        "FENMALL_UPLOADS": str(folder / "uploads"), "WECHAT_MODE": mode,
        "IDENTITY_URL": nowhere,
        "WECHAT_API_BASE": nowhere, "WECHAT_OPEN_BASE": nowhere, "WECHAT_MP_BASE": nowhere,
        "PAY_API_BASE": nowhere, "PAY_PRIVATE_KEY": str(folder / "merchant.pem"),
        "PAY_PUBLIC_KEY": str(folder / "wechatpay.pem"),
    }  # fmt: skip


def fill_catalog(count: int, stock: int = 1_000_000) -> list[int]:
    """Create products for sale with a picture and two SKUs each; returns their ids."""
    made = []
    with context.acting("staff:bench"), database.atomic():
        shelves = [catalog.add_category(CategoryForm(name, position=n)) for n, name in enumerate(
            ("陈酿", "小酒", "礼盒", "露酒", "酒器"))]  # fmt: skip
        pictures = [
            catalog.save_picture(StoredPicture(f"{n:064x}", 800, 800, "#5b6b3a", (320, 640, 800)))
            for n in range(20)
        ]
        for n in range(count):
            form = ProductForm(
                f"山泉坊·陈酿{n:04d}",
                shelves[n % 5],
                "纯粮固态发酵，陶坛贮存五年",
                description=DETAIL * 2,
                usage="建议 10-15℃ 饮用。",
                strength="52%vol",
                tags=("宴请",),
                position=n,
            )
            skus = [SkuForm(29800 + n, stock, "500ml 单瓶"), SkuForm(168800, stock, "整箱")]
            product_id = catalog.create_product(form, skus, [pictures[n % 20]])
            catalog.set_state(product_id, "put_on_shelf")
            made.append(product_id)
    return made


def first_skus() -> list[tuple[int, int]]:
    """The first SKU of each product with its price in fen."""
    query: Any = Sku.select(Sku.id, Sku.price_fen).where(Sku.position == 0).order_by(Sku.id)
    return [(int(sku), int(price)) for sku, price in query.tuples()]


def openid(number: int) -> str:
    """The openid of the n-th member."""
    return f"oBench{number:022d}"


def fill_members(count: int) -> None:
    """Create members 1 … count, who follow and have just written; ``openid`` has their openids."""
    now = clock.now()
    people = [{"id": n, "public_no": f"B{n:09d}", "created_at": now} for n in range(1, count + 1)]
    known = [
        {"member": n, "appid": APPID, "openid": openid(n), "is_following": True,
         "followed_at": now, "last_message_at": now}
        for n in range(1, count + 1)
    ]  # fmt: skip
    in_rows(Member, people)
    in_rows(WechatIdentity, known)
    ReferralTree.insert(id=1).execute()


def fill_sessions(count: int) -> list[str]:
    """Create a session for each of the first members; returns their Cookie headers."""
    now = clock.now()
    names = [f"bench-session-{n:012d}" for n in range(1, count + 1)]
    in_rows(WebSession, [
        {"token_hash": digest(name), "member": n, "visitor": f"v{n:031d}", "created_at": now,
         "seen_at": now, "expires_at": now + timedelta(days=30)}
        for n, name in enumerate(names, 1)
    ])  # fmt: skip
    return [
        f"fm_s={name}; fm_v={vault().sign('visitor', f'v{n:031d}')}"
        for n, name in enumerate(names, 1)
    ]


def in_rows(table: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Insert many rows in one transaction, ``ROWS`` per statement."""
    with database.atomic():
        for start in range(0, len(rows), ROWS):
            table.insert_many(rows[start : start + ROWS]).execute()
    database.close()
