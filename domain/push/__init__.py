"""Push (消息推送): campaigns, notices, templates, and the service desk's tickets.

``docs/algorithms/push.md`` is the prose.
"""

from domain.push.campaigns import (
    draft_campaign,
    edit_campaign,
    pause_campaign,
    reach,
    reach_of,
    resume_campaign,
    start_campaign,
    stop_campaign,
)
from domain.push.flows import send_chunk, send_notice, send_owner_notice, sync_templates
from domain.push.queries import campaign_page, campaigns, deliveries
from domain.push.receiving import receive_event
from domain.push.rules import CARRIERS, Finding, lint
from domain.push.sending import (
    receive_mass_result,
    receive_template_result,
)
from domain.push.templates import (
    PURPOSES,
    accepted,
    grants_of,
    save_template,
    set_purpose,
    template_for,
    template_list,
)
from domain.push.tickets import (
    answer_ticket,
    close_ticket,
    my_tickets,
    open_ticket,
    reopen_ticket,
    take_ticket,
    ticket_counts,
    ticket_desk,
    ticket_page,
)
from domain.push.views import (
    CampaignForm,
    CampaignView,
    CarrierReach,
    DeliveryView,
    ReachPreview,
    TemplateView,
    TicketView,
    WordFinding,
)

__all__ = [
    "CARRIERS", "PURPOSES", "CampaignForm", "CampaignView", "CarrierReach", "DeliveryView",
    "Finding", "ReachPreview", "TemplateView", "TicketView", "WordFinding", "accepted",
    "answer_ticket", "campaign_page", "campaigns", "close_ticket", "deliveries",
    "draft_campaign", "edit_campaign", "grants_of", "lint", "my_tickets", "open_ticket",
    "pause_campaign", "reach", "reach_of", "receive_event", "receive_mass_result",
    "receive_template_result", "reopen_ticket",
    "resume_campaign", "save_template", "send_chunk", "send_notice", "send_owner_notice",
    "set_purpose", "start_campaign", "stop_campaign", "sync_templates", "take_ticket",
    "template_for", "template_list", "ticket_counts", "ticket_desk", "ticket_page",
]  # fmt: skip
