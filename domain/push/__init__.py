"""Push (消息推送): campaigns, notices and templates. See ``docs/algorithms/push.md``."""

from domain.push.approving import send_or_propose
from domain.push.campaigns import (
    campaign_begins_at,
    draft_campaign,
    edit_campaign,
    pause_campaign,
    preview_reach,
    preview_reach_of_campaign,
    resume_campaign,
    start_campaign,
    stop_campaign,
)
from domain.push.counting import list_miscounts, repair_counts
from domain.push.erasing import PERSONAL
from domain.push.finding import find_campaigns
from domain.push.flows import send_chunk, send_notice, send_owner_notice, sync_templates, waits
from domain.push.keywords import MONEY_WORDS, kind_of, value_for
from domain.push.queries import campaign_detail, list_campaigns, list_deliveries
from domain.push.receiving import receive_event
from domain.push.rules import CARRIERS
from domain.push.sending import (
    receive_mass_result,
    receive_template_result,
)
from domain.push.templates import (
    PURPOSES,
    add_grant,
    grants_of,
    list_templates,
    save_template,
    set_purpose,
    template_for,
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
    "CARRIERS", "MONEY_WORDS", "PERSONAL", "PURPOSES", "CampaignForm", "CampaignView",
    "CarrierReach", "DeliveryView", "ReachPreview", "TemplateView", "add_grant",
    "campaign_begins_at", "campaign_detail", "draft_campaign", "edit_campaign", "find_campaigns",
    "grants_of", "kind_of", "list_campaigns", "list_deliveries", "list_miscounts",
    "list_templates", "pause_campaign", "preview_reach", "preview_reach_of_campaign",
    "receive_event", "receive_mass_result", "receive_template_result", "repair_counts",
    "resume_campaign", "save_template", "send_chunk", "send_notice", "send_or_propose",
    "send_owner_notice", "set_purpose", "start_campaign", "stop_campaign", "sync_templates",
    "template_for", "value_for", "waits",
]  # fmt: skip
