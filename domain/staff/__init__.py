"""The merchant's people (员工): accounts, sign-in with a second factor, roles and rights."""

from domain.staff.rules import RIGHTS, ROLES, needs_totp, rights_of
from domain.staff.service import (
    NewStaff,
    StaffView,
    change_password,
    create_staff,
    demo_code,
    disable_staff,
    reset_password,
    reset_totp,
    rewrap_totp,
    set_roles,
    staff_list,
)
from domain.staff.sessions import (
    StaffSessionInfo,
    begin_sign_in,
    end_session,
    find_staff_session,
    finish_sign_in,
    mark_confirmed,
    set_staff_flash,
)

__all__ = [
    "RIGHTS", "ROLES", "NewStaff", "StaffSessionInfo", "StaffView", "begin_sign_in",
    "change_password", "create_staff", "demo_code", "disable_staff", "end_session",
    "find_staff_session", "finish_sign_in", "mark_confirmed", "needs_totp", "reset_password",
    "reset_totp", "rewrap_totp", "rights_of", "set_roles", "set_staff_flash", "staff_list",
]  # fmt: skip
