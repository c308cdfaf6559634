"""Two logs: people's acts (操作日志), and acts of the system (系统事件). See ADR 0068."""

from domain.audit.actors import NotAPerson, is_person
from domain.audit.erasing import PERSONAL
from domain.audit.lines import AuditLine
from domain.audit.service import history, record, record_either, timeline
from domain.audit.system import delete_old_events, move_system_acts, record_event, system_history

__all__ = [
    "PERSONAL", "AuditLine", "NotAPerson", "delete_old_events", "history", "is_person",
    "move_system_acts", "record", "record_either", "record_event", "system_history", "timeline",
]  # fmt: skip
