"""Promotions (优惠活动). See ``docs/algorithms/offers.md``."""

from domain.promotions.choices import NO_CHOICES, Choices, read_choices
from domain.promotions.doctor import OfferFault, check_offers
from domain.promotions.events import OfferBegan, OfferStopped
from domain.promotions.finding import find_offers
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
    effects,
    goods_of,
    list_offers,
    live_unit_price_offers,
    offer_detail,
    skus_reduced_lately,
    strike_prices_beside,
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
    "QuoteLine", "ReductionOffer", "Rules", "Scope", "StepOffer", "UnitPriceOffer", "check_offers",
    "draft_offer", "drop_offer", "edit_offer", "effects", "find_offers", "goods_of", "is_for",
    "list_offers", "live_offers", "live_unit_price_offers", "offer_detail", "offers_for",
    "read_choices", "skus_reduced_lately", "start_offer", "stop_offer", "strike_prices_beside",
    "trial_offers",
]  # fmt: skip
