"""What the merchant's pages say to a refusal, by error code: ``texts/zh_CN/admin``."""

from __future__ import annotations

from kernel.web.texts import Texts

TEXTS = Texts("admin")
