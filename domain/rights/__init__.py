"""Requests of people about their own data (个人信息权利).

See ``docs/algorithms/deletion.md``. ``domain.personal_data`` makes the files and deletes.
"""

from domain.rights.behalf import CHANNELS, CHECKS, Behalf, open_on_behalf
from domain.rights.clearing import Clearing, OpenThing, clearing, refund_unshipped
from domain.rights.erasing import PERSONAL
from domain.rights.finding import find_requests
from domain.rights.obstacles import leaving, standing_against
from domain.rights.queries import (
    file_of,
    list_requests,
    list_requests_of_member,
    open_deletion,
    request_counts,
    request_detail,
    reveal_request,
)
from domain.rights.rules import (
    KINDS,
    MOST_TEXT,
    WRITTEN,
    CameBy,
    Outcome,
    RequestKind,
    State,
    Stop,
)
from domain.rights.service import (
    LAST_NOTICE,
    announce_deletions,
    answer_request,
    claim_request,
    close_deletion,
    due_deletions,
    forget_files,
    locked_request,
    open_request,
    record_file,
    request_deletion,
    request_file,
    stop_deletion,
    take_back,
)
from domain.rights.views import Leaving, Obstacle, RequestView

__all__ = [
    "CHANNELS", "CHECKS", "KINDS", "LAST_NOTICE", "MOST_TEXT", "PERSONAL", "WRITTEN", "Behalf",
    "CameBy", "Clearing", "Leaving", "Obstacle", "OpenThing", "Outcome", "RequestKind",
    "RequestView", "State", "Stop", "announce_deletions", "answer_request", "claim_request",
    "clearing", "close_deletion", "due_deletions", "file_of", "find_requests", "forget_files",
    "leaving", "list_requests", "list_requests_of_member", "locked_request", "open_deletion",
    "open_on_behalf", "open_request", "record_file", "refund_unshipped", "request_counts",
    "request_deletion", "request_detail", "request_file", "reveal_request", "standing_against",
    "stop_deletion", "take_back",
]  # fmt: skip
