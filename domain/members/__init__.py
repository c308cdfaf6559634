"""Members (会员): identities, sessions, addresses, consents, personal data."""

from domain.members.addresses import (
    AddressView,
    address_and_key,
    address_of,
    delete_address,
    list_addresses,
    save_address,
)
from domain.members.consents import (
    NO_PROFILING,
    ConsentRow,
    agreed_versions,
    consent_given_at,
    consent_rows,
    consenting,
    give_consent,
    withdraw_consent,
)
from domain.members.events import MemberFollowed, MemberSignedIn, MemberUnfollowed
from domain.members.finding import find_members
from domain.members.personal import open_file, open_for, rewrap_keys, seal_file, seal_for
from domain.members.queries import (
    IdentityView,
    MemberView,
    PublicProfile,
    identity,
    identity_by_openid,
    list_members,
    member_by_openid,
    member_detail,
    member_views,
    public_profiles,
)
from domain.members.rules import (
    WORD_WINDOW,
    AddressForm,
    mask_middle,
    mask_name,
    mask_phone,
    numbered_name,
)
from domain.members.service import (
    agree_to_promotions,
    confirm_adult,
    ensure_member,
    follow,
    forget_profile,
    record_message,
    set_avatar,
    set_nickname,
    sign_in,
    stop_promotions,
    unfollow,
)
from domain.members.sessions import (
    SESSION_DAYS,
    OauthReturn,
    SessionInfo,
    begin_handover,
    begin_oauth,
    close_session,
    delete_old_sessions,
    find_session,
    is_handed_over,
    oauth_round_of,
    open_session,
    renew_session,
    set_care_mode,
    set_flash,
    use_handover,
    use_state,
)

__all__ = [
    "NO_PROFILING", "SESSION_DAYS", "WORD_WINDOW", "AddressForm", "AddressView", "ConsentRow",
    "IdentityView", "MemberFollowed", "MemberSignedIn", "MemberUnfollowed", "MemberView",
    "OauthReturn", "PublicProfile", "SessionInfo", "address_and_key", "address_of",
    "agree_to_promotions", "agreed_versions", "begin_handover", "begin_oauth", "close_session",
    "confirm_adult", "consent_given_at", "consent_rows", "consenting", "delete_address",
    "delete_old_sessions", "ensure_member", "find_members", "find_session", "follow",
    "forget_profile", "give_consent", "identity", "identity_by_openid", "is_handed_over",
    "list_addresses", "list_members", "mask_middle", "mask_name", "mask_phone", "member_by_openid",
    "member_detail", "member_views", "numbered_name", "oauth_round_of", "open_file", "open_for",
    "open_session", "public_profiles", "record_message", "renew_session", "rewrap_keys",
    "save_address", "seal_file", "seal_for", "set_avatar", "set_care_mode", "set_flash",
    "set_nickname", "sign_in", "stop_promotions", "unfollow", "use_handover", "use_state",
    "withdraw_consent",
]  # fmt: skip
