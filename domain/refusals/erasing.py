"""What becomes of a deleted person in WeChat's refusals."""

from __future__ import annotations

from kernel.erasure import Mask, Personal
from models import Refusal

PERSONAL = Personal("refusals", masks=(Mask(Refusal, ("detail",)),))
