"""What the merchant's pages are handed by ``app``: ports and flows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from domain.catalog.ports import PictureStore
from domain.exports.ports import ExportFiles
from domain.payments.ports import PayPort
from domain.payouts.ports import DocumentFiles
from domain.push.ports import MenuPort, Messenger
from kernel.passwords import PasswordPool

# Puts the merchant's menu into WeChat's form and publishes it.
PublishMenu = Callable[[], Awaitable[None]]

# What ails this process: by part, such as Redis, None or what is wrong with it.
Ailing = Callable[[], Awaitable[Mapping[str, str | None]]]


async def _well() -> Mapping[str, str | None]:
    return {}


@dataclass(frozen=True)
class AdminDeps:
    """Ports and flows of the merchant's pages.

    ``upload_most`` bounds an upload in bytes, nine usual pictures (one may have 20 MB);
    everything else keeps ``app``'s limit.
    """

    pay: PayPort
    messenger: Messenger
    menu: MenuPort
    pictures: PictureStore
    publish_menu: PublishMenu
    documents: DocumentFiles
    exports: ExportFiles
    ailing: Ailing = _well
    passwords: PasswordPool = field(default_factory=PasswordPool)
    upload_most: int = 96 * 1024 * 1024


DEPS: web.AppKey[AdminDeps] = web.AppKey("admin_deps", AdminDeps)


def deps_of(request: web.Request) -> Any:
    """The face's ports."""
    return request.config_dict[DEPS]
