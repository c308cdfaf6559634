"""Ports and flows that ``app`` passes to the merchant's pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiohttp import web

from domain.catalog.ports import PictureStore
from domain.exports.ports import ExportFiles
from domain.payments.ports import PayPort
from domain.payouts.ports import DocumentFiles
from domain.push.ports import MenuPort, Messenger
from kernel.passwords import PasswordPool

# Converts the merchant's menu to WeChat's format and publishes it.
PublishMenu = Callable[[], Awaitable[None]]

# The faults of this process by part, such as Redis: a description, or None if the part works.
Ailing = Callable[[], Awaitable[Mapping[str, str | None]]]


async def _well() -> Mapping[str, str | None]:
    return {}


class StoredFiles(Protocol):
    """Keeps the merchant's own documents where no address leads."""

    async def put(self, data: bytes) -> str:
        """Store a file; returns its name, 32 hex digits that nobody can guess."""

    async def get(self, name: str) -> bytes | None:
        """The bytes of a file; None if there is none of that name."""


@dataclass(frozen=True)
class AdminDeps:
    """Ports and flows of the merchant's pages.

    ``upload_most`` is the largest upload in bytes: nine usual pictures (one may have 20 MB).
    Requests without files keep ``app``'s limit.
    """

    pay: PayPort
    messenger: Messenger
    menu: MenuPort
    pictures: PictureStore
    publish_menu: PublishMenu
    documents: DocumentFiles
    exports: ExportFiles
    evidence: StoredFiles
    ailing: Ailing = _well
    passwords: PasswordPool = field(default_factory=PasswordPool)
    has_identity_provider: bool = False
    upload_most: int = 96 * 1024 * 1024


DEPS: web.AppKey[AdminDeps] = web.AppKey("admin_deps", AdminDeps)


def deps_of(request: web.Request) -> Any:
    """The ports of the merchant's pages."""
    return request.config_dict[DEPS]
