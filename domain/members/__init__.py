"""Members (会员): identities, sessions, addresses, consents, personal data."""

from domain.members.addresses import (
    AddressView,
    address_of,
    addresses,
    delete_address,
    make_default,
    save_address,
)
from domain.members.consents import give_consent, withdraw_consent
from domain.members.events import MemberFollowed, MemberSignedIn, MemberUnfollowed
from domain.members.personal import open_for, rewrap_keys, seal_for
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
from domain.members.rules import WORD_WINDOW, AddressForm, mask_name, mask_phone, tidy
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

__all__ = [
    "WORD_WINDOW", "AddressForm", "AddressView", "Face", "IdentityView", "MemberFollowed",
    "MemberSignedIn", "MemberUnfollowed", "MemberView", "address_of", "addresses",
    "agree_push", "confirm_adult", "delete_address", "ensure_member", "faces", "follow",
    "give_consent", "heard_from", "identity", "make_default", "mask_name", "mask_phone",
    "member_by_openid", "open_for", "profile", "profiles", "reach_of", "recent_members",
    "rewrap_keys", "save_address", "seal_for", "set_avatar", "set_nickname", "sign_in",
    "stop_push", "tidy", "unfollow", "withdraw_consent",
]  # fmt: skip
