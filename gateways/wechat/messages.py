"""Sends messages (客服消息, 模板消息, 订阅通知, 群发)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from domain.push.ports import (
    MassContent,
    MassMessage,
    MassSent,
    MassState,
    MenuChoice,
    SubscriptionMessage,
    Template,
    TemplateMessage,
    UploadedMedia,
)
from gateways.wechat import cards, media
from gateways.wechat.client import WeChatClient
from kernel.chat import Article
from kernel.chat_text import parts
from kernel.errors import GatewayError, Refused, Retryable
from kernel.text import xml_safe

log = logging.getLogger(__name__)

DUPLICATE_MASS = "45065"
TYPING_REFUSED = frozenset({"45080", "45081"})


class WeChatMessenger:
    """Implements ``domain.push.ports.Messenger``."""

    def __init__(self, client: WeChatClient) -> None:
        self._client = client

    async def send_text(self, openid: str, text: str) -> None:
        """Send a customer-service text (客服消息) inside the window; a long one in several parts.

        Raises Refused("44004") for a text without a visible character. After the first part was
        sent, a failure is only logged, since a retry would send the first part twice.
        """
        first, *more = parts(xml_safe(text)) or ("",)
        if not first:
            raise Refused("44004", "a text without words")
        await self._custom(openid, "text", {"content": first})
        try:
            for part in more:
                await self._custom(openid, "text", {"content": part})
        except GatewayError as error:
            log.warning("the rest of a long text could not be sent: %s", error)

    async def send_image(self, openid: str, media_id: str) -> None:
        """Send an uploaded picture inside the window."""
        await self._custom(openid, "image", {"media_id": media_id})

    async def send_news(self, openid: str, article: Article) -> None:
        """Send one card inside the window; WeChat accepts only one.

        Raises Refused("45003") for a card without text or with a too long URL.
        """
        found = cards.fitting(article)
        if found is None:
            raise Refused("45003", "a card needs a title and an address that fits")
        card = {
            "title": found.title,
            "description": found.description,
            "url": found.url,
            "picurl": found.picture_url,
        }
        await self._custom(openid, "news", {"articles": [card]})

    async def send_menu(
        self, openid: str, head: str, choices: Sequence[MenuChoice], tail: str = ""
    ) -> None:
        """Send a message menu inside the window."""
        items = [{"id": c.id, "content": c.text} for c in choices]
        content = {"head_content": head, "list": items, "tail_content": tail}
        await self._custom(openid, "msgmenu", content)

    async def send_typing(self, openid: str) -> None:
        """Show that an answer is being typed; WeChat's refusal (45080, 45081) is ignored."""
        body = {"touser": openid, "command": "Typing"}
        path = "/cgi-bin/message/custom/typing"
        try:
            await self._client.call("POST", path, json=body, is_repeatable=True)
        except Refused as error:
            if error.code not in TYPING_REFUSED:
                raise

    async def send_template(self, message: TemplateMessage) -> str:
        """Send a template message; returns its msgid. A ``client_id`` makes it idempotent."""
        body: dict[str, Any] = {"touser": message.openid, "template_id": message.template_id}
        if message.url:
            body["url"] = message.url
        if message.client_id:
            body["client_msg_id"] = message.client_id
        body["data"] = _values(message.values)
        result = await self._client.call(
            "POST",
            "/cgi-bin/message/template/send",
            json=body,
            is_repeatable=bool(message.client_id),
            subject=message.template_id,
        )
        return str(result.get("msgid", ""))

    async def send_subscription(self, message: SubscriptionMessage) -> str:
        """Send a subscription notice; returns its msgid.

        It uses up one of the recipient's subscriptions, so it is not repeated after an unclear
        answer.
        """
        body: dict[str, Any] = {"touser": message.openid, "template_id": message.template_id}
        if message.page:
            body["page"] = message.page
        body["data"] = _values(message.values)
        path = "/cgi-bin/message/subscribe/bizsend"
        result = await self._client.call(
            "POST", path, json=body, is_repeatable=False, subject=message.template_id
        )
        return str(result.get("msgid", ""))

    async def private_templates(self) -> tuple[Template, ...]:
        """The account's message templates."""
        result = await self._client.call("GET", "/cgi-bin/template/get_all_private_template")
        return tuple(
            Template(
                template_id=str(raw["template_id"]),
                title=str(raw.get("title", "")),
                content=str(raw.get("content", "")),
                example=str(raw.get("example", "")),
            )
            for raw in result.get("template_list", ())
        )

    async def upload_image(self, data: bytes, filename: str) -> UploadedMedia:
        """Upload a picture for messages (临时素材)."""
        return await media.upload_image(self._client, data, filename)

    async def send_mass(self, message: MassMessage) -> MassSent:
        """Send to many recipients; idempotent by ``client_id`` (``is_duplicate``)."""
        body: dict[str, Any] = _mass_body(message.content)
        if message.openids:
            path = "/cgi-bin/message/mass/send"
            body["touser"] = list(message.openids)
        else:
            path = "/cgi-bin/message/mass/sendall"
            body["filter"] = _filter(message.tag_id)
        body["clientmsgid"] = message.client_id
        try:
            result = await self._client.call("POST", path, json=body, is_repeatable=True)
        except Refused as error:
            if error.code == DUPLICATE_MASS:
                answer = error.facts["answer"]
                return MassSent(str(answer.get("msg_id", "")), is_duplicate=True)
            raise
        if "msg_id" not in result:
            raise Retryable("no_msg_id", "the mass send answered without a msg_id")
        return MassSent(str(result["msg_id"]), str(result.get("msg_data_id", "")))

    async def preview_mass(self, openid: str, content: MassContent) -> None:
        """Send a preview of a mass message to one person (群发预览), at most 100 a day."""
        body = _preview_body(content) | {"touser": openid}
        path = "/cgi-bin/message/mass/preview"
        await self._client.call("POST", path, json=body, is_repeatable=True)

    async def mass_result(self, msg_id: str) -> MassState:
        """The state of a mass send."""
        path = "/cgi-bin/message/mass/get"
        body = {"msg_id": msg_id}
        result = await self._client.call("POST", path, json=body, is_repeatable=True)
        try:
            return MassState(str(result.get("msg_status")))
        except ValueError:
            raise Retryable("mass_state", str(result.get("msg_status"))) from None

    async def _custom(self, openid: str, kind: str, content: Mapping[str, Any]) -> None:
        body = {"touser": openid, "msgtype": kind, kind: content}
        path = "/cgi-bin/message/custom/send"
        await self._client.call("POST", path, json=body, is_repeatable=False)


def _values(values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {key: {"value": value} for key, value in values.items()}


def _filter(tag_id: int | None) -> dict[str, Any]:
    if tag_id is None:
        return {"is_to_all": True}
    return {"is_to_all": False, "tag_id": tag_id}


def _mass_body(content: MassContent) -> dict[str, Any]:
    if content.kind == "text":
        return {"msgtype": "text", "text": {"content": content.text}}
    if content.kind == "mpnews":
        article = {"media_id": content.media_ids[0]}
        return {"msgtype": "mpnews", "mpnews": article, "send_ignore_reprint": 0}
    return {"msgtype": "image", "images": {"media_ids": list(content.media_ids)}}


def _preview_body(content: MassContent) -> dict[str, Any]:
    """The body of a mass send, except that a preview has one picture under another key."""
    if content.kind == "image":
        return {"msgtype": "image", "image": {"media_id": content.media_ids[0]}}
    return _mass_body(content)
