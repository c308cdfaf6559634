"""Leaks of personal information (个人信息泄露): clocks, people concerned, notices, evidence."""

from domain.leaks.erasing import PERSONAL
from domain.leaks.queries import (
    LeakView,
    OwnLeak,
    PersonView,
    count_open,
    leak_detail,
    leaks_of,
    list_leaks,
    own_leak,
    people_not_reached,
)
from domain.leaks.rules import AUTHORITY_WITHIN, PEOPLE_WITHIN, WHO
from domain.leaks.service import (
    LeakForm,
    amend_leak,
    announce,
    choose_people,
    close_leak,
    need_not_tell,
    open_leak,
    read_by,
    tell_again,
    tell_authority,
    told_by_hand,
)

__all__ = [
    "AUTHORITY_WITHIN", "PEOPLE_WITHIN", "PERSONAL", "WHO", "LeakForm", "LeakView", "OwnLeak",
    "PersonView", "amend_leak", "announce", "choose_people", "close_leak", "count_open",
    "leak_detail", "leaks_of", "list_leaks", "need_not_tell", "open_leak", "own_leak",
    "people_not_reached", "read_by", "tell_again", "tell_authority", "told_by_hand",
]  # fmt: skip
