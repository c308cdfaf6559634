"""Push (消息推送): campaigns, notices and templates. See ``docs/algorithms/push.md``."""

from domain.push.approving import send_or_propose
from domain.push.campaigns import (
    draft_campaign,
    edit_campaign,
    pause_campaign,
    reach,
    reach_of,
    resume_campaign,
    start_campaign,
    stop_campaign,
    waits_until,
)
from domain.push.counting import miscounts
from domain.push.counting import put_right as put_counts_right
from domain.push.flows import send_chunk, send_notice, send_owner_notice, sync_templates
from domain.push.keywords import MONEY_WORDS, kind_of, value_for
from domain.push.queries import campaign_page, campaigns, deliveries
from domain.push.receiving import receive_event
from domain.push.rules import CARRIERS
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
from domain.push.views import (
    CampaignForm,
    CampaignView,
    CarrierReach,
    DeliveryView,
    ReachPreview,
    TemplateView,
)

__all__ = [
    "CARRIERS", "MONEY_WORDS", "PURPOSES", "CampaignForm", "CampaignView", "CarrierReach",
    "DeliveryView", "ReachPreview", "TemplateView", "accepted", "campaign_page",
    "campaigns", "deliveries", "draft_campaign", "edit_campaign", "grants_of", "kind_of",
    "miscounts", "pause_campaign", "put_counts_right", "reach", "reach_of", "receive_event",
    "receive_mass_result",
    "receive_template_result", "resume_campaign", "save_template", "send_chunk", "send_notice",
    "send_or_propose", "send_owner_notice", "set_purpose", "start_campaign", "stop_campaign",
    "sync_templates", "template_for", "template_list", "value_for", "waits_until",
]  # fmt: skip
