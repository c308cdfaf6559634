"""WeChat's pushes: verified, decrypted and parsed; our replies: rendered and encrypted."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateways import metrics
from gateways.wechat import envelope, replies
from gateways.wechat.messages_in import dedupe_key, parse_message, parse_xml
from kernel import clock, ids
from kernel.chat import BadPush, Push, Reply
from kernel.config import WeChat

AGE_SECONDS_MAX = 300


class Inbound:
    """Implements ``kernel.chat.WeChatInbound`` for one official account."""

    def __init__(
        self,
        config: WeChat,
        now: Callable[[], int] = clock.timestamp,
        on_old: Callable[[], None] = lambda: None,
    ) -> None:
        """``now``: WeChat's time as known; ``on_old``: called for well signed but old pushes."""
        self._config = config
        self._now = now
        self._on_old = on_old
        keys = (config.encoding_aes_key, config.previous_aes_key)
        self._keys = tuple(k for k in keys if k)

    def verify_url(self, query: Mapping[str, str]) -> str:
        """The text that answers a URL check (接入验证). Raises BadPush."""
        self._check(query, "signature")
        return _get(query, "echostr")

    def open_push(self, query: Mapping[str, str], body: bytes) -> Push:
        """Verify, decrypt and parse one delivery. Raises BadPush.

        In safe mode a plain body is refused even with a valid URL signature, because that
        signature does not cover the body.
        """
        if query.get("encrypt_type") == "aes":
            fields, key_number, is_encrypted = *self._open_sealed(query, body), True
        elif self._config.mode == "safe":
            raise BadPush("plain_refused")
        else:
            self._check(query, "signature")
            fields, key_number, is_encrypted = parse_xml(body), 0, False
        message = parse_message(fields)
        if message.account != self._config.original_id:
            raise BadPush("account")
        return Push(message, dedupe_key(message), is_encrypted, key_number)

    def render(self, push: Push, reply: Reply | None) -> str:
        """The response body, encrypted with the key of the push."""
        now = self._now()
        plain = replies.render(push.message, reply, now)
        if plain == replies.NOTHING or not push.is_encrypted:
            return plain
        config = self._config
        return envelope.sealed_reply(
            config.token,
            self._keys[push.key_number],
            config.appid,
            plain,
            now,
            ids.nonce(16),
        )

    def _open_sealed(self, query: Mapping[str, str], body: bytes) -> tuple[dict[str, object], int]:
        sealed = parse_xml(body).get("Encrypt")
        if not isinstance(sealed, str):
            raise BadPush("plain_refused")
        self._check(query, "msg_signature", sealed)
        plain, key_number = envelope.opened(self._keys, self._config.appid, sealed)
        return parse_xml(plain), key_number

    def _check(self, query: Mapping[str, str], name: str, *more: str) -> None:
        """Check signature, then age; in this order, an unsigned caller can't probe our clock."""
        timestamp, nonce = _get(query, "timestamp"), _get(query, "nonce")
        expected = envelope.signature(self._config.token, timestamp, nonce, *more)
        if not envelope.same(expected, _get(query, name)):
            metrics.FORGED.labels("wechat", "push").inc()
            raise BadPush("signature")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise BadPush("time")
        if abs(self._now() - int(timestamp)) > AGE_SECONDS_MAX:
            self._on_old()
            raise BadPush("time")


def _get(query: Mapping[str, str], name: str) -> str:
    value = query.get(name, "")
    if not value or not value.isascii():
        raise BadPush("query")
    return value
