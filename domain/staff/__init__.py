"""Staff (员工): accounts, sign-in with a second factor, roles and rights."""

from domain.staff.devices import (
    Caller,
    DeviceView,
    SessionView,
    delete_old_devices,
    end_own_session,
    forget_device,
    list_devices,
    list_sessions,
    sign_out_everywhere,
)
from domain.staff.enrolment import Enrolment, enrolment_of
from domain.staff.holders import holders_of, name_of, rights_held
from domain.staff.rules import MOVES, RIGHTS, ROLES, needs_totp, rights_of
from domain.staff.service import (
    NewStaff,
    SignInFacts,
    StaffView,
    create_staff,
    demo_code,
    disable_staff,
    list_staff,
    reset_totp,
    rewrap_totp,
    set_roles,
    sign_in_facts,
)
from domain.staff.sessions import (
    SESSION,
    Arrival,
    StaffSessionInfo,
    end_session,
    find_staff_session,
    record_session_use,
    set_staff_flash,
)
from domain.staff.signing import (
    SignIn,
    change_password,
    confirm_by_code,
    create_staff_hashed,
    demo_code_of_ticket,
    finish_enrolment,
    finish_sign_in,
    reset_password_hashed,
    sign_in,
)
from domain.staff.tries import Guessed, delete_old_tries, list_guessed

__all__ = [
    "MOVES", "RIGHTS", "ROLES", "SESSION", "Arrival", "Caller", "DeviceView", "Enrolment",
    "Guessed", "NewStaff", "SessionView", "SignIn", "SignInFacts", "StaffSessionInfo", "StaffView",
    "change_password", "confirm_by_code", "create_staff", "create_staff_hashed",
    "delete_old_devices", "delete_old_tries", "demo_code", "demo_code_of_ticket",
    "disable_staff", "end_own_session",
    "end_session", "enrolment_of", "find_staff_session", "finish_enrolment", "finish_sign_in",
    "forget_device", "holders_of", "list_devices", "list_guessed", "list_sessions", "list_staff",
    "name_of", "needs_totp", "record_session_use", "reset_password_hashed", "reset_totp",
    "rewrap_totp", "rights_held", "rights_of", "set_roles", "set_staff_flash", "sign_in",
    "sign_in_facts", "sign_out_everywhere",
]  # fmt: skip
