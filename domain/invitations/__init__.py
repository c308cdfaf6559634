"""Invitations (推荐邀请): a happy buyer is asked once whether to recommend. See ADR 92."""

from domain.invitations.queries import (
    InvitationFigures,
    OpenInvitation,
    has_refused,
    invitation_figures,
    open_invitation,
)
from domain.invitations.rules import Invitations
from domain.invitations.service import invite_due, pass_on, refuse

__all__ = [
    "InvitationFigures", "Invitations", "OpenInvitation", "has_refused", "invitation_figures",
    "invite_due", "open_invitation", "pass_on", "refuse",
]  # fmt: skip
