"""Members (会员): identities, sessions, addresses, consents, personal data."""

from domain.members.addresses import (
    AddressView,
    address_and_key,
    address_of,
    addresses,
    delete_address,
    make_default,
    save_address,
)
from domain.members.consents import give_consent, withdraw_consent
from domain.members.events import MemberFollowed, MemberSignedIn, MemberUnfollowed
from domain.members.personal import open_file, open_for, rewrap_keys, seal_file, seal_for
from domain.members.queries import (
    Face,
    IdentityView,
    MemberView,
    faces,
    identity,
    member_by_openid,
    profile,
    profiles,
    reach_of,
    recent_members,
)
from domain.members.rules import WORD_WINDOW, AddressForm, mask_name, mask_phone
from domain.members.service import (
    agree_push,
    confirm_adult,
    ensure_member,
    follow,
    heard_from,
    set_avatar,
    set_nickname,
    sign_in,
    stop_push,
    unfollow,
)
from domain.members.sessions import (
    SESSION_DAYS,
    OauthReturn,
    SessionInfo,
    begin_handover,
    begin_oauth,
    close_session,
    find_session,
    is_handed_over,
    open_session,
    renew_session,
    round_of,
    set_care_mode,
    set_flash,
    sweep_sessions,
    use_handover,
    use_state,
)

__all__ = [
    "SESSION_DAYS", "WORD_WINDOW", "AddressForm", "AddressView", "Face", "IdentityView",
    "MemberFollowed", "MemberSignedIn", "MemberUnfollowed", "MemberView", "OauthReturn",
    "SessionInfo", "address_and_key", "address_of", "addresses", "agree_push", "begin_handover",
    "begin_oauth", "close_session", "confirm_adult", "delete_address", "ensure_member", "faces",
    "find_session",
    "follow", "give_consent", "heard_from", "identity", "is_handed_over", "make_default",
    "mask_name", "mask_phone", "member_by_openid", "open_file", "open_for", "open_session",
    "profile", "profiles", "reach_of", "recent_members", "renew_session", "rewrap_keys",
    "round_of", "save_address", "seal_file", "seal_for", "set_avatar", "set_care_mode",
    "set_flash", "set_nickname", "sign_in", "stop_push", "sweep_sessions", "unfollow",
    "use_handover", "use_state", "withdraw_consent",
]  # fmt: skip
