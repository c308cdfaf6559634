"""What becomes of a deleted person in uploaded sheets."""

from __future__ import annotations

from kernel.erasure import Mask, Personal
from models import SheetImportRow

PERSONAL = Personal("imports", masks=(Mask(SheetImportRow, ("cells", "shown", "facts")),))
