"""Promotions (优惠活动). See ``docs/algorithms/offers.md``."""

from domain.promotions.choices import NO_CHOICES, Choices, read_choices
from domain.promotions.doctor import OfferFault, doctor
from domain.promotions.events import OfferBegan, OfferStopped
from domain.promotions.kind import Ask, Kind, Live, Rules
from domain.promotions.kinds import KINDS
from domain.promotions.live import live_offers
from domain.promotions.offering import offers_for
from domain.promotions.offers import (
    CouponOffer,
    Offer,
    PointsOffer,
    QuoteLine,
    ReductionOffer,
    Scope,
    StepOffer,
    UnitPriceOffer,
    is_for,
)
from domain.promotions.queries import (
    Effect,
    OfferView,
    cut_lately,
    effects,
    goods_of,
    offer,
    offer_list,
    priced_now,
    strikes_beside,
    trial_offers,
)
from domain.promotions.rules import OfferForm
from domain.promotions.service import (
    draft_offer,
    drop_offer,
    edit_offer,
    start_offer,
    stop_offer,
)

__all__ = [
    "KINDS", "NO_CHOICES", "Ask", "Choices", "CouponOffer", "Effect", "Kind", "Live", "Offer",
    "OfferBegan", "OfferFault", "OfferForm", "OfferStopped", "OfferView", "PointsOffer",
    "QuoteLine", "ReductionOffer", "Rules", "Scope", "StepOffer", "UnitPriceOffer", "cut_lately",
    "doctor",
    "draft_offer", "drop_offer", "edit_offer", "effects", "goods_of", "is_for", "live_offers",
    "offer", "offer_list", "offers_for", "priced_now", "read_choices", "start_offer", "stop_offer",
    "strikes_beside",
    "trial_offers",
]  # fmt: skip
