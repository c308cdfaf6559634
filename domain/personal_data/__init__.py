"""A person's data across all packages: file, deletion, and what is left after it.

See ``docs/algorithms/deletion.md``.
"""

from domain.personal_data.declared import DECLARED
from domain.personal_data.deleting import delete_due, delete_person
from domain.personal_data.files import make_file, read_zip
from domain.personal_data.portrait import SECTIONS, portrait
from domain.personal_data.ports import Pages, Places
from domain.personal_data.sweep import Leftover, leftovers

__all__ = [
    "DECLARED", "SECTIONS", "Leftover", "Pages", "Places", "delete_due", "delete_person",
    "leftovers", "make_file", "portrait", "read_zip",
]  # fmt: skip
