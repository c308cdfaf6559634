"""Browser sessions, WeChat sign-in rounds and handovers into WeChat.

A session row is made once something must be kept; before that a browser has only its cookie
(ADR 0006). Tokens are stored as hashes, so that reading the database does not open a session.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.members import statements
from kernel import clock
from kernel.errors import Conflict, NotFound
from kernel.ids import digest, random_code, token
from models import Handover, Member, OauthState, WebSession

SESSION_DAYS = 30
STATE_MINUTES = 10
HANDOVER_MINUTES = 15
ROUNDS = 2


@dataclass(frozen=True)
class SessionInfo:
    """A browser's session, as a request needs it."""

    id: int
    member_id: int | None
    visitor: str
    is_care_mode: bool
    flash: str | None
    expires_at: datetime


def find_session(cookie: str) -> SessionInfo | None:
    """The session of a cookie's token that has not expired, or None."""
    row = statements.session.first(digest(cookie))
    if row is None or row.expires_at <= clock.now():
        return None
    return SessionInfo(*row)


def open_session(cookie: str, visitor: str) -> int:
    """Make a session for a browser's cookie, or renew its expired one; returns its id.

    An expired session starts again without a signed-in member.
    """
    now = clock.now()
    fresh = {
        "visitor": visitor, "created_at": now, "seen_at": now,
        "expires_at": now + timedelta(days=SESSION_DAYS),
    }  # fmt: skip
    found = WebSession.get_or_none(WebSession.token_hash == digest(cookie))
    if found is None:
        return int(WebSession.insert(token_hash=digest(cookie), **fresh).execute())
    if found.expires_at <= now:
        ended = WebSession.update(member=None, flash=None, **fresh)
        ended.where((WebSession.id == found.id) & (WebSession.expires_at <= now)).execute()
    return int(found.id)


def renew_session(session_id: int, member_id: int, *, is_care_mode: bool = False) -> str:
    """Sign a session in under a new token, against session fixation; returns the token.

    Large type is as the member chose; the choice of a browser, ``is_care_mode``, becomes that of
    a member who never chose.
    """
    fresh, now = token(), clock.now()
    if is_care_mode:
        never = (Member.id == member_id) & Member.is_care_mode.is_null()
        Member.update(is_care_mode=True).where(never).execute()
    WebSession.update(
        token_hash=digest(fresh),
        member=member_id,
        is_care_mode=bool(Member.get_by_id(member_id).is_care_mode),
        seen_at=now,
        expires_at=now + timedelta(days=SESSION_DAYS),
    ).where(WebSession.id == session_id).execute()
    return fresh


def close_session(session_id: int) -> None:
    """Sign a browser out. The row stays for those that refer to it; its token is replaced."""
    WebSession.update(expires_at=clock.now(), token_hash=digest(token())).where(
        WebSession.id == session_id
    ).execute()


def set_care_mode(member_id: int, is_on: bool) -> None:
    """Switch care mode (关怀模式, large type) for a member, in all browsers where they are."""
    Member.update(is_care_mode=is_on).where(Member.id == member_id).execute()
    WebSession.update(is_care_mode=is_on).where(WebSession.member == member_id).execute()


def set_flash(session_id: int, text: str | None) -> None:
    """Set a line that the next page shows once."""
    WebSession.update(flash=text).where(WebSession.id == session_id).execute()


def begin_oauth(session_id: int, next_path: str, scope: str, earlier: str | None = None) -> str:
    """Start a round of WeChat sign-in; returns its state, bound to this browser and used once.

    ``earlier`` is the state of the round that this one repeats. Raises Conflict('oauth_loop')
    after two rounds.
    """
    turn = 1
    if earlier is not None:
        before = OauthState.get_or_none(OauthState.state_hash == digest(earlier))
        turn = before.round + 1 if before is not None else 1
    if turn > ROUNDS:
        raise Conflict("oauth_loop")
    state = random_code(40)  # WeChat accepts letters and digits only
    OauthState.insert(
        state_hash=digest(state),
        session=session_id,
        next_path=next_path[:600],
        scope=scope,
        round=turn,
        created_at=clock.now(),
    ).execute()
    return state


@dataclass(frozen=True)
class OauthReturn:
    """A round that came back: the page to continue with, and whether its state is still valid."""

    next_path: str
    scope: str
    is_usable: bool


def use_state(session_id: int, state: str) -> OauthReturn:
    """Use a state that came back, once.

    For a used or expired state ``is_usable`` is False, and the face starts a new round. Raises
    NotFound('oauth_state') if the round was not started by this browser.
    """
    row = OauthState.get_or_none(OauthState.state_hash == digest(state))
    if row is None or row.session_id != session_id:
        raise NotFound("oauth_state")
    fresh = row.created_at > clock.now() - timedelta(minutes=STATE_MINUTES)
    unused = (OauthState.id == row.id) & OauthState.used_at.is_null()
    took = OauthState.update(used_at=clock.now()).where(unused).execute() == 1
    return OauthReturn(row.next_path, row.scope, took and fresh)


def oauth_round_of(state: str) -> OauthReturn:
    """The target of a round, for a browser that lost its cookie and must start a new round.

    Raises NotFound('oauth_state') for an unknown state.
    """
    row = OauthState.get_or_none(OauthState.state_hash == digest(state))
    if row is None:
        raise NotFound("oauth_state")
    return OauthReturn(row.next_path, row.scope, False)


def begin_handover(session_id: int, next_path: str) -> str:
    """The token of the QR code that takes this browser's cart into WeChat (扫码续购)."""
    made = token(18)
    Handover.insert(
        token_hash=digest(made),
        session=session_id,
        next_path=next_path[:600],
        created_at=clock.now(),
    ).execute()
    return made


def use_handover(code: str, member_id: int) -> tuple[int, str]:
    """Use a handover once; returns the outside browser's session and the page to continue with.

    The same member may repeat it. Raises NotFound('handover_gone').
    """
    row = Handover.get_or_none(Handover.token_hash == digest(code))
    if row is None or row.created_at <= clock.now() - timedelta(minutes=HANDOVER_MINUTES):
        raise NotFound("handover_gone")
    if row.used_by_id == member_id:
        return int(row.session_id), str(row.next_path)
    free = (Handover.id == row.id) & Handover.used_at.is_null()
    if Handover.update(used_at=clock.now(), used_by=member_id).where(free).execute() != 1:
        raise NotFound("handover_gone")
    return int(row.session_id), str(row.next_path)


def delete_old_sessions(limit: int = 2_000) -> int:
    """Delete old sessions, sign-in rounds and handovers; returns how many rows.

    Rounds and handovers older than a day go first, since they refer to sessions; then sessions
    that expired a week ago. At most ``limit`` rows of each are deleted at once.
    """
    now = clock.now()
    day, week = now - timedelta(days=1), now - timedelta(days=7)
    gone = 0
    for table, at, until in (
        (OauthState, OauthState.created_at, day),
        (Handover, Handover.created_at, day),
        (WebSession, WebSession.expires_at, week),
    ):
        old = table.select(table.id).where(at < until)
        if table is WebSession:
            old = old.where(WebSession.id.not_in(OauthState.select(OauthState.session)))
            old = old.where(WebSession.id.not_in(Handover.select(Handover.session)))
        ids = [row.id for row in old.limit(limit)]
        gone += int(table.delete().where(table.id.in_(ids)).execute()) if ids else 0
    return gone


def is_handed_over(session_id: int) -> bool:
    """True once the browser's last handover code was used in WeChat."""
    mine = Handover.select().where(Handover.session == session_id)
    last = mine.order_by(Handover.id.desc()).first()
    return last is not None and last.used_at is not None
