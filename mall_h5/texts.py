"""What the mall says to a refusal, by error code: ``texts/zh_CN/mall``."""

from __future__ import annotations

from kernel.web.texts import Texts

TEXTS = Texts("mall")
