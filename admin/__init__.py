"""The merchant's pages (管理后台)."""

from admin.app import make_admin_app
from admin.deps import AdminDeps
from admin.sessions import StaffSessions

__all__ = ["AdminDeps", "StaffSessions", "make_admin_app"]
