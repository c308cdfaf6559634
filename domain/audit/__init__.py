"""The operation log (操作日志): who did what, before and after."""

from domain.audit.service import AuditLine, history, record

__all__ = ["AuditLine", "history", "record"]
