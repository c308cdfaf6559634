"""What the chat says to a refusal, by error code: ``texts/zh_CN/chat``."""

from __future__ import annotations

from kernel.web.texts import Texts

TEXTS = Texts("chat")
