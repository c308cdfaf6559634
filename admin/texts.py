"""The texts of errors on the merchant's pages, by error code: ``texts/zh_CN/admin``."""

from __future__ import annotations

from kernel.web.texts import Texts

TEXTS = Texts("admin")
