"""Legal documents (法务): terms, privacy policy and rules, versioned; who agreed to which."""

from domain.legal.agreements import (
    Asking,
    agree,
    agreed_version,
    asking,
    is_behind,
    number_of,
)
from domain.legal.business import (
    PICTURES,
    Business,
    PermitEnd,
    business,
    business_form,
    cached_business,
    last_business,
    missing_of_business,
    permits_ending,
    set_first_values,
    shop_name,
)
from domain.legal.markup import Block, Change
from domain.legal.purposes import PURPOSES, consent_to_profile, decide_purpose, purposes_of
from domain.legal.queries import (
    Desk,
    Document,
    Version,
    announced,
    comparison,
    desk,
    desks,
    document,
    preview,
    version_in_force,
)
from domain.legal.rules import ANNOUNCED, KINDS, Kind, LegalTimes, checked_kind, times
from domain.legal.service import discard_draft, keep_first_versions, publish, save_draft
from domain.legal.variables import variable_values

__all__ = [
    "ANNOUNCED", "KINDS", "PICTURES", "PURPOSES", "Asking", "Block", "Business", "Change", "Desk",
    "Document", "Kind", "LegalTimes", "PermitEnd", "Version", "agree", "agreed_version",
    "announced", "asking", "business", "business_form", "cached_business", "checked_kind",
    "comparison", "consent_to_profile", "decide_purpose", "desk", "desks", "discard_draft",
    "document", "is_behind", "keep_first_versions", "last_business", "missing_of_business",
    "number_of", "permits_ending", "preview", "publish", "purposes_of", "save_draft",
    "set_first_values", "shop_name", "times", "variable_values", "version_in_force",
]  # fmt: skip
