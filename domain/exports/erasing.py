"""What becomes of a deleted person in the filters of exported lists."""

from __future__ import annotations

from kernel.erasure import Mask, Personal
from models import ExportFile

PERSONAL = Personal("exports", masks=(Mask(ExportFile, ("query",)),))
