"""Staff (员工): accounts, sign-in with a second factor, roles and rights."""

from domain.staff.devices import (
    Caller,
    DeviceView,
    SessionView,
    end_own_session,
    forget_device,
    list_devices,
    list_sessions,
    sign_out_everywhere,
    sweep_devices,
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
    reset_totp,
    rewrap_totp,
    set_roles,
    sign_in_facts,
    staff_list,
)
from domain.staff.sessions import (
    SESSION,
    Arrival,
    StaffSessionInfo,
    end_session,
    find_staff_session,
    see_session,
    set_staff_flash,
)
from domain.staff.signing import (
    SignIn,
    change_password,
    confirm,
    finish_enrolment,
    finish_sign_in,
    hire,
    renew_password,
    sign_in,
)
from domain.staff.tries import Guessed, guessed, sweep_tries

__all__ = [
    "MOVES", "RIGHTS", "ROLES", "SESSION", "Arrival", "Caller", "DeviceView", "Enrolment",
    "Guessed", "NewStaff", "SessionView", "SignIn", "SignInFacts", "StaffSessionInfo", "StaffView",
    "change_password", "confirm", "create_staff", "demo_code", "disable_staff", "end_own_session",
    "end_session", "enrolment_of", "find_staff_session", "finish_enrolment", "finish_sign_in",
    "forget_device", "guessed", "hire", "holders_of", "list_devices", "list_sessions", "name_of",
    "needs_totp", "renew_password", "reset_totp", "rewrap_totp", "rights_held", "rights_of",
    "see_session", "set_roles", "set_staff_flash", "sign_in", "sign_in_facts",
    "sign_out_everywhere", "staff_list", "sweep_devices", "sweep_tries",
]  # fmt: skip
