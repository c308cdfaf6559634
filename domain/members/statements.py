"""Prepared SQL of members and sessions."""

from __future__ import annotations

from typing import Any

from kernel.store import prepared
from models import Address, Consent, Member, WebSession, WechatIdentity

SHOWN = (Address.id, Address.sealed, Address.masked, Address.is_default)


def is_address_of(member_id: Any) -> Any:
    """The condition for a member's addresses that are not deleted."""
    return (Address.member == member_id) & Address.deleted_at.is_null()


def is_one_address_of(member_id: Any, address_id: Any) -> Any:
    """The condition for one address of a member."""
    return (Address.id == address_id) & is_address_of(member_id)


@prepared
def session(token_hash: Any) -> Any:
    """A browser's session by the hash of its token."""
    return WebSession.select(
        WebSession.id,
        WebSession.member,
        WebSession.visitor,
        WebSession.is_care_mode,
        WebSession.flash,
        WebSession.expires_at,
    ).where(WebSession.token_hash == token_hash)


@prepared
def identity(appid: Any, openid: Any) -> Any:
    """The identity of an openid."""
    return WechatIdentity.select(
        WechatIdentity.member,
        WechatIdentity.is_following,
        WechatIdentity.last_message_at,
        WechatIdentity.last_tap_at,
    ).where((WechatIdentity.appid == appid) & (WechatIdentity.openid == openid))


@prepared
def confirm_adult(member_id: Any, at: Any) -> Any:
    """Record the first declaration of age; later ones change nothing."""
    mine = (Member.id == member_id) & Member.adult_confirmed_at.is_null()
    return Member.update(adult_confirmed_at=at).where(mine)


@prepared
def public_profiles(ids: Any) -> Any:
    """What others see of members."""
    return Member.select(Member.id, Member.public_no, Member.nickname, Member.avatar).where(
        Member.id.in_(ids)
    )


@prepared
def members(ids: Any) -> Any:
    """Members by their ids."""
    return Member.select().where(Member.id.in_(ids))


@prepared
def following(ids: Any) -> Any:
    """Which of these members follow an account."""
    return WechatIdentity.select(WechatIdentity.member).where(
        WechatIdentity.member.in_(ids) & (WechatIdentity.is_following == True)  # noqa: E712
    )


@prepared
def wrapped_key(member_id: Any) -> Any:
    """A member's wrapped data key."""
    return Member.select(Member.wrapped_key).where(Member.id == member_id)


@prepared
def address(member_id: Any, address_id: Any) -> Any:
    """One address of a member, with the member's wrapped data key."""
    query = Address.select(*SHOWN, Member.wrapped_key).join(Member)
    return query.where(is_one_address_of(member_id, address_id))


@prepared
def addresses(member_id: Any) -> Any:
    """A member's addresses, the default first."""
    query = Address.select(*SHOWN).where(is_address_of(member_id))
    return query.order_by(Address.is_default.desc(), Address.id.desc())


@prepared
def consents(member_id: Any, purpose: Any) -> Any:
    """A member's consents to a purpose, withdrawn ones too."""
    mine = (Consent.member == member_id) & (Consent.purpose == purpose)
    return Consent.select(Consent.version, Consent.given_at, Consent.withdrawn_at).where(mine)
