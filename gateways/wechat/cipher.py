"""wechatpy's cipher for safe mode (安全模式). Imported by the first message that needs it."""

from __future__ import annotations

import base64

from wechatpy.crypto import PrpCrypto

from kernel import ids


class WrongAppid(Exception):
    """A message could be decrypted but is for another account."""


class Cipher(PrpCrypto):  # type: ignore[misc]  # wechatpy has no types
    """The cipher of one ``EncodingAESKey``; its salt comes from ``os.urandom``."""

    def get_random_string(self) -> str:
        return ids.nonce(16)

    def opened(self, sealed: str, appid: str) -> bytes:
        """Decrypt a message to its bytes; text that a person typed need not be valid UTF-8.

        Raises WrongAppid, and ValueError, TypeError, IndexError or struct.error for malformed
        content.
        """
        plain: bytes = self.cipher.decrypt(base64.b64decode(sealed))
        content = plain[16 : -plain[-1]]
        end = int.from_bytes(content[:4], "big") + 4
        recipient = content[end:].decode("ascii")
        if not recipient:
            raise ValueError("no recipient")
        if recipient != appid:
            raise WrongAppid
        return content[4:end]
