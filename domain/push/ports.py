"""The port that push needs: WeChat's ways of writing to a person.

Every call may raise ``Retryable``, ``Refused`` or ``Unknown``; the error's ``code`` is WeChat's
errcode. Codes with a meaning here: 45015 outside the 48-hour window, 45047 its five messages are
used up, 43004 not following, 43101 not subscribed, 45028 no mass send left this month.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Protocol

from domain.notices import ResolvedNotice
from kernel.chat import Article


@dataclass(frozen=True)
class TemplateMessage:
    """A template message (模板消息): a service notice, never advertising.

    Repeated sends with the same ``client_id`` arrive once.
    """

    openid: str
    template_id: str
    values: Mapping[str, str]
    url: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class SubscriptionMessage:
    """A subscription notice (订阅通知): one for each time that the person agreed."""

    openid: str
    template_id: str
    values: Mapping[str, str]
    page: str = ""


@dataclass(frozen=True)
class Template:
    """A template of the account, as WeChat's console shows it."""

    template_id: str
    title: str
    content: str
    example: str


@dataclass(frozen=True)
class MassContent:
    """The content of a mass send (群发): text, pictures, or a saved article."""

    kind: Literal["text", "image", "mpnews"]
    text: str = ""
    media_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class MassMessage:
    """A mass send and its audience: ``openids`` (2 to 10,000), else ``tag_id``, else all.

    ``client_id`` is unique; WeChat sends a repeated one only once.
    """

    content: MassContent
    client_id: str
    openids: tuple[str, ...] = ()
    tag_id: int | None = None


@dataclass(frozen=True)
class MassSent:
    """WeChat accepted a mass send; the result comes by event and by ``mass_result``."""

    msg_id: str
    data_id: str = ""
    is_duplicate: bool = False


class MassState(StrEnum):
    """WeChat's states of a mass send."""

    SUCCESS = "SEND_SUCCESS"
    SENDING = "SENDING"
    FAILED = "SEND_FAIL"
    DELETED = "DELETE"


@dataclass(frozen=True)
class UploadedMedia:
    """An uploaded picture, which WeChat deletes after three days; use it until ``expires_at``."""

    media_id: str
    expires_at: datetime


@dataclass(frozen=True)
class MenuChoice:
    """One item of a message menu (菜单消息); its id comes back with the person's answer."""

    id: str
    text: str


class Messenger(Protocol):
    """Writes to people through the official account."""

    async def send_text(self, openid: str, text: str) -> None:
        """Send a customer-service text (客服消息) inside the window."""

    async def send_image(self, openid: str, media_id: str) -> None:
        """Send an uploaded picture inside the window."""

    async def send_news(self, openid: str, article: Article) -> None:
        """Send one card inside the window."""

    async def send_menu(
        self, openid: str, head: str, choices: Sequence[MenuChoice], tail: str = ""
    ) -> None:
        """Send a message menu inside the window."""

    async def send_typing(self, openid: str) -> None:
        """Show that an answer is being written."""

    async def send_template(self, message: TemplateMessage) -> str:
        """Send a template message; returns its msgid, which its FINISH event names."""

    async def send_subscription(self, message: SubscriptionMessage) -> str:
        """Send a subscription notice; returns its msgid, or '' if WeChat gives none."""

    async def private_templates(self) -> tuple[Template, ...]:
        """The account's templates."""

    async def upload_image(self, data: bytes, filename: str) -> UploadedMedia:
        """Upload a picture for messages (临时素材)."""

    async def send_mass(self, message: MassMessage) -> MassSent:
        """Send to many people; a repeated ``client_id`` is not sent again (``is_duplicate``)."""

    async def preview_mass(self, openid: str, content: MassContent) -> None:
        """Show a mass send to one person (群发预览), at most 100 a day."""

    async def mass_result(self, msg_id: str) -> MassState:
        """The state of a mass send."""


class MenuPort(Protocol):
    """The menu at the bottom of the chat (自定义菜单)."""

    async def publish_menu(self, buttons: Sequence[Mapping[str, Any]]) -> None:
        """Replace the menu; raises Refused without a call if it breaks WeChat's limits."""

    async def current_menu(self) -> tuple[Mapping[str, Any], ...]:
        """The menu as WeChat has it; empty if there is none."""

    async def delete_menu(self) -> None:
        """Delete the menu."""


class NoticeWords(Protocol):
    """The texts of notices; implemented by the chat face's catalogue (消息文案)."""

    def text(self, resolved: ResolvedNotice) -> str:
        """The text for the customer-service window."""

    def values(
        self, resolved: ResolvedNotice, fields: Sequence[tuple[str, str]]
    ) -> Mapping[str, str]:
        """The values of a template's fields, given as (key, label)."""

    def url(self, resolved: ResolvedNotice) -> str:
        """The address that the message opens, or ''."""
