"""What becomes of a deleted member's rows in this package, and the member's own end."""

from __future__ import annotations

import json
from typing import Any

from domain.members.addresses import CONTEXT
from domain.members.personal import open_for
from kernel import ids
from kernel.erasure import Blank, Drop, Kept, Mask, Person, Personal, Traces
from kernel.errors import NotFound
from kernel.store import lock_row
from models import (
    Address,
    Consent,
    Handover,
    KeptRecord,
    Member,
    OauthState,
    WebSession,
    WechatIdentity,
)

ERASED = "erased"


def traces_of(member_id: int) -> Traces:
    """Openids, names, phones and addresses as the member gave them."""
    member = Member.get_by_id(member_id)
    marks: list[str | None] = [member.nickname, member.public_no, member.avatar]
    for each in WechatIdentity.select().where(WechatIdentity.member == member_id):
        marks += [each.openid, each.unionid]
    for row in Address.select().where(Address.member == member_id):
        marks += marks_of_address(member_id, row.sealed, CONTEXT)
    for visit in WebSession.select(WebSession.visitor).where(WebSession.member == member_id):
        marks.append(visit.visitor)
    return Traces(
        marks=tuple(each for each in marks if each),
        subjects=(("member", str(member_id)),),
        pictures=(member.avatar,) if member.avatar else (),
    )


def marks_of_address(member_id: int, sealed: str, context: str) -> list[str]:
    """Name, phone and street of an encrypted address; none if it can't be read any more."""
    try:
        form = json.loads(open_for(member_id, sealed, context))
    except NotFound:
        return []
    return [str(form[name]) for name in ("name", "phone", "detail") if form.get(name)]


def openids_of(member_id: int) -> tuple[str, ...]:
    """The member's openids."""
    rows = WechatIdentity.select(WechatIdentity.openid).where(WechatIdentity.member == member_id)
    return tuple(row.openid for row in rows)


def end_member(member_id: int) -> None:
    """Delete the member's data key and mark the member as erased; the last step of a deletion."""
    Member.update(
        public_no=ids.random_code(10), wrapped_key=None, state=ERASED, adult_confirmed_at=None,
        push_agreed_at=None, push_stopped_at=None,
    ).where(Member.id == member_id).execute()  # fmt: skip


def is_erased(member_id: int) -> bool:
    """Whether the member was deleted."""
    mine = (Member.id == member_id) & (Member.state == ERASED)
    return bool(Member.select().where(mine).exists())


def list_erased(after_id: int = 0, limit: int = 200) -> list[int]:
    """Deleted members, in the order of their ids."""
    chosen = (Member.state == ERASED) & (Member.id > after_id)
    return [row.id for row in Member.select(Member.id).where(chosen).order_by(Member.id)
            .limit(limit)]  # fmt: skip


def lock_member(member_id: int) -> None:
    """Lock a member's row until the transaction ends. Raises NotFound('member_missing')."""
    if lock_row(Member, member_id) is None:
        raise NotFound("member_missing")


def _sessions(who: Person) -> Any:
    return WebSession.select(WebSession.id).where(WebSession.member == who.member_id)


def _of_session(who: Person) -> Any:
    return Handover.session.in_(_sessions(who)) | (Handover.used_by == who.member_id)


PERSONAL = Personal(
    "members",
    rows=(
        Drop(OauthState, lambda who: OauthState.session.in_(_sessions(who))),
        Drop(Handover, _of_session),
        Drop(WebSession, lambda who: WebSession.member == who.member_id),
        Drop(Address, lambda who: Address.member == who.member_id),
        Drop(WechatIdentity, lambda who: WechatIdentity.member == who.member_id),
        Blank(Member, lambda who: Member.id == who.member_id,
              {"nickname": None, "name_hash": None, "avatar": None}),
    ),
    masks=(Mask(WechatIdentity, ("first_scene",)),),
    kept=(
        Kept(Consent, ("purpose", "version"), "proof"),
        Kept(Member, ("public_no", "state", "wrapped_key"), "transactions"),
        Kept(KeptRecord, ("subject", "ground", "wrapped_key", "sealed"), "tax"),
    ),
    traces=traces_of,
)  # fmt: skip
