"""WeChat's message envelope: signatures and encryption (消息加解密)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from functools import lru_cache
from typing import TYPE_CHECKING

from kernel.chat import BadPush

if TYPE_CHECKING:
    from gateways.wechat.cipher import Cipher


@lru_cache(maxsize=8)
def _cipher(aes_key: str) -> Cipher:
    """The cipher of a key; cached, since each message only takes a new context from it."""
    from gateways.wechat.cipher import Cipher  # plain mode (明文模式) never loads wechatpy

    return Cipher(base64.b64decode(f"{aes_key}="))


def signature(*parts: str) -> str:
    """WeChat's signature: SHA-1 in hex over the sorted, concatenated parts."""
    text = "".join(sorted(parts))
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two signatures are equal, compared in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def opened(aes_keys: tuple[str, ...], appid: str, sealed: str) -> tuple[bytes, int]:
    """Decrypt to XML; returns it with the index of the key. Verify the signature first.

    Raises BadPush ('decrypt' or 'appid').
    """
    from gateways.wechat.cipher import WrongAppid

    reason = "decrypt"
    for number, key in enumerate(aes_keys):
        try:
            return _cipher(key).opened(sealed, appid), number
        except WrongAppid:
            reason = "appid"
        except (ValueError, TypeError, IndexError, struct.error):
            continue
    raise BadPush(reason)


def sealed_reply(
    token: str, aes_key: str, appid: str, plain: str, timestamp: int, nonce: str
) -> str:
    """A reply as encrypted and signed XML."""
    sealed = _cipher(aes_key).encrypt(plain, appid).decode("ascii")
    signed = signature(token, str(timestamp), nonce, sealed)
    return (
        "<xml>"
        f"<Encrypt><![CDATA[{sealed}]]></Encrypt>"
        f"<MsgSignature><![CDATA[{signed}]]></MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp>"
        f"<Nonce><![CDATA[{nonce}]]></Nonce>"
        "</xml>"
    )
