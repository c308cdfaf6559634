"""A messenger that records what it was asked to send, and fails when told to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from domain.notices import ResolvedNotice
from domain.push.ports import MassMessage, MassSent, Template, TemplateMessage, UploadedMedia
from kernel import clock


@dataclass
class FakeMessenger:
    """The sending calls of ``Messenger``; ``faults`` are by openid, ``*`` for all openids."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    templates: list[TemplateMessage] = field(default_factory=list)
    subscriptions: list[Any] = field(default_factory=list)
    masses: list[MassMessage] = field(default_factory=list)
    uploads: list[bytes] = field(default_factory=list)
    faults: dict[str, list[Exception]] = field(default_factory=dict)
    private: tuple[Template, ...] = ()

    def _fail(self, openid: str) -> None:
        waiting = self.faults.get(openid) or self.faults.get("*")
        if waiting:
            raise waiting.pop(0)

    async def send_text(self, openid: str, text: str) -> None:
        self._fail(openid)
        self.texts.append((openid, text))

    async def send_template(self, message: TemplateMessage) -> str:
        self._fail(message.openid)
        self.templates.append(message)
        return f"msg-{message.openid}"

    async def send_subscription(self, message: Any) -> str:
        self._fail(message.openid)
        self.subscriptions.append(message)
        return f"sub-{message.openid}"

    async def send_mass(self, message: MassMessage) -> MassSent:
        known = {m.client_id for m in self.masses}
        self.masses.append(message)
        self._fail("*")
        return MassSent("mass-1", is_duplicate=message.client_id in known)

    async def upload_image(self, data: bytes, filename: str) -> UploadedMedia:
        self.uploads.append(data)
        return UploadedMedia(f"media-{len(self.uploads)}", clock.now() + timedelta(days=3))

    async def private_templates(self) -> tuple[Template, ...]:
        return self.private


class Words:
    """Wording for tests: the notice's key and its sorted facts."""

    def text(self, told: ResolvedNotice) -> str:
        return f"{told.key} " + " ".join(f"{k}={told.facts[k]}" for k in sorted(told.facts))

    def values(self, told: ResolvedNotice, fields: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        return dict(fields)

    def url(self, told: ResolvedNotice) -> str:
        return f"http://mall/{told.key}"
