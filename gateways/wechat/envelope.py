"""WeChat's message envelope: signatures compared in constant time, wechatpy's cipher inside."""

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
    """The cipher of a key, set up once: each message takes a fresh context from it."""
    from gateways.wechat.cipher import Cipher  # plain mode (明文模式) never loads wechatpy

    return Cipher(base64.b64decode(f"{aes_key}="))


def signature(*parts: str) -> str:
    """SHA-1 over the sorted parts."""
    text = "".join(sorted(parts))
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two signatures are equal, in a time that tells nothing."""
    return hmac.compare_digest(one.encode(), other.encode())


def opened(aes_keys: tuple[str, ...], appid: str, sealed: str) -> tuple[bytes, int]:
    """The plain XML and which key opened it. Call only after the signature held.

    Validly signed nonsense makes the library raise nearly anything; here it is BadPush.
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
    """A reply in its envelope, signed."""
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
