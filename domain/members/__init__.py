"""Members (会员): identities, sessions, addresses, consents, personal data."""

from domain.members.addresses import (
    AddressView,
    address_and_key,
    address_of,
    delete_address,
    list_addresses,
    rehash_addresses,
    save_address,
)
from domain.members.avatars import avatar_review, submit_avatar
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
from domain.members.erasing import (
    PERSONAL,
    end_member,
    is_erased,
    list_erased,
    lock_member,
    marks_of_address,
    openids_of,
)
from domain.members.events import MemberFollowed, MemberSignedIn, MemberUnfollowed
from domain.members.finding import find_members
from domain.members.kept import (
    KeptText,
    RightsTimes,
    forget_kept,
    keep_sealed,
    reveal_kept,
    rewrap_kept,
    rights_times,
)
from domain.members.personal import (
    PersonalKey,
    hashes_of_sealed,
    open_file,
    open_for,
    rewrap_keys,
    seal_file,
    seal_for,
)
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
    checked_address,
    mask_middle,
    mask_name,
    numbered_name,
)
from domain.members.service import (
    agree_to_promotions,
    confirm_adult,
    decline_name,
    ensure_member,
    follow,
    forget_profile,
    is_nameless,
    record_message,
    rehash_nicknames,
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
    "NO_PROFILING", "PERSONAL", "SESSION_DAYS", "WORD_WINDOW", "AddressForm", "AddressView",
    "ConsentRow", "IdentityView", "KeptText", "MemberFollowed", "MemberSignedIn",
    "MemberUnfollowed", "MemberView", "OauthReturn", "PersonalKey", "PublicProfile", "RightsTimes",
    "SessionInfo", "address_and_key", "address_of", "agree_to_promotions", "agreed_versions",
    "avatar_review", "begin_handover", "begin_oauth", "checked_address", "close_session",
    "confirm_adult", "consent_given_at", "consent_rows", "consenting", "decline_name",
    "delete_address", "delete_old_sessions", "end_member", "ensure_member", "find_members",
    "find_session", "follow", "forget_kept", "forget_profile", "give_consent", "hashes_of_sealed",
    "identity", "identity_by_openid", "is_erased", "is_handed_over", "is_nameless", "keep_sealed",
    "list_addresses", "list_erased", "list_members", "lock_member", "marks_of_address",
    "mask_middle", "mask_name", "member_by_openid", "member_detail", "member_views",
    "numbered_name", "oauth_round_of", "open_file", "open_for", "open_session", "openids_of",
    "public_profiles", "record_message", "rehash_addresses", "rehash_nicknames", "renew_session",
    "reveal_kept", "rewrap_kept", "rewrap_keys", "rights_times", "save_address", "seal_file",
    "seal_for", "set_care_mode", "set_flash", "set_nickname", "sign_in", "stop_promotions",
    "submit_avatar", "unfollow", "use_handover", "use_state", "withdraw_consent",
]  # fmt: skip
