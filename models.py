"""The list of all tables. Domain code imports tables from here and from nowhere else.

``schema/orders.py`` holds the tables of ``domain.orders``, and so on. Only the owner writes a
table, and only packages above the owner read it (tests/arch/test_table_owners.py).
"""

from kernel.store.commands import CommandResult
from schema.adults import AgeDoubt, AgeTry
from schema.aftersales import AfterSale, AfterSaleLine, AfterSaleLog
from schema.approvals import Proposal, StaffDay
from schema.audit import AuditEntry, SystemEvent
from schema.cart import CartLine
from schema.catalog import (
    Attribute,
    Category,
    LoosePicture,
    Picture,
    PriceHistory,
    Product,
    ProductAttribute,
    ProductPicture,
    ProductStory,
    Sku,
    StockMove,
    StoryPicture,
)
from schema.chat_answers import ChatAnswer, ChatDay, ChatExample, MissedSentence
from schema.clock_offset import ClockOffset
from schema.distribution import (
    Arrival,
    Binding,
    BindingLog,
    Commission,
    CommissionRule,
    CustomerNote,
    Distributor,
    Grade,
    LevelsSwitch,
    Poster,
    ReferralTree,
    Scene,
    Touch,
    VisitDay,
    Withdrawal,
    WithdrawalLog,
)
from schema.exports import ExportFile
from schema.freight import FreightGoods, FreightRow, FreightTemplate
from schema.gate import MoneyCall
from schema.gifts import Gift, GiftAnswer
from schema.impact import ImpactReport
from schema.imports import SheetImport, SheetImportRow
from schema.invitations import Invitation
from schema.leaks import Leak, LeakPerson
from schema.ledger import Account, LedgerDay, LedgerMark, LedgerSum, LedgerTransfer
from schema.legal import LegalVersion
from schema.logistics import PickupPlace, PlaceStaff
from schema.members import (
    Address,
    Consent,
    Handover,
    KeptRecord,
    Member,
    OauthState,
    WebSession,
    WechatIdentity,
)
from schema.orders import Order, OrderLine, OrderLog, Parcel, ParcelLine
from schema.outbox import OutboxRow, PeriodicJob
from schema.overview import ProductDay, SalesDay
from schema.payments import Payment, PayNotice, Refund
from schema.payouts import Payee, PayeeFreeze, PayeeIncome, PayoutBill, PayoutGrant, PayoutLog
from schema.pickups import Pickup, PickupRefusal
from schema.picture_reviews import PictureReview
from schema.promotions import OfferRow
from schema.public_texts import ClaimEvidence, TextRuling
from schema.push import (
    CampaignCount,
    Delivery,
    PromotionNotice,
    PushCampaign,
    PushTemplate,
    SubscriptionGrant,
)
from schema.reconcile import BillAside, BillDay, BillLine
from schema.refusals import Refusal
from schema.reservations import OrderTake
from schema.rights import RightsRequest
from schema.search import ProductSearch, ProductTerm
from schema.service_desk import ServiceTicket
from schema.settings import Setting
from schema.staff import SecretTry, Staff, StaffDevice, StaffSession
from schema.system_state import SystemLock, SystemState
from schema.warehouse import StockAlert, StockLot

# In the order of creation: a table stands after the tables that it refers to.
TABLES = (
    CommandResult, Setting, SystemState, SystemLock, AuditEntry, SystemEvent, OutboxRow,
    PeriodicJob, ClockOffset, Refusal, TextRuling, ClaimEvidence, Staff, StaffDevice, SecretTry,
    StaffSession, Proposal, StaffDay, Member, WechatIdentity, WebSession, OauthState, Handover,
    Consent, Address, AgeDoubt, AgeTry, LegalVersion, Picture, Category, Attribute, Product,
    ProductAttribute, ProductPicture, Sku, PriceHistory, StockMove, FreightTemplate, FreightRow,
    FreightGoods, PickupPlace, PlaceStaff, OfferRow, CartLine, Order, OrderLine, OrderLog, Parcel,
    ParcelLine, OrderTake, Payment, Refund, PayNotice, BillLine, BillAside, BillDay, AfterSale,
    AfterSaleLine, AfterSaleLog, Pickup, PickupRefusal, Account, LedgerTransfer, LedgerMark,
    LedgerDay, LedgerSum, MoneyCall, Payee, PayeeFreeze, PayoutBill, PayoutLog, PayeeIncome,
    PayoutGrant, Grade, Distributor, Touch, Arrival, VisitDay, Binding, CustomerNote, BindingLog,
    ReferralTree, LevelsSwitch, Invitation, CommissionRule, Commission, Withdrawal, WithdrawalLog,
    Scene, Poster, PushCampaign, Delivery, PromotionNotice, CampaignCount, PushTemplate,
    SubscriptionGrant, ServiceTicket, ChatAnswer, ChatExample, MissedSentence, ChatDay, SalesDay,
    ProductDay, ExportFile, SheetImport, SheetImportRow, StockLot, StockAlert, ProductTerm,
    ProductSearch, PictureReview, KeptRecord, RightsRequest, ProductStory, StoryPicture,
    LoosePicture, Gift, GiftAnswer, ImpactReport, Leak, LeakPerson,
)  # fmt: skip

__all__ = [
    "TABLES", "Account", "Address", "AfterSale", "AfterSaleLine", "AfterSaleLog", "AgeDoubt",
    "AgeTry", "Arrival", "Attribute", "AuditEntry", "BillAside", "BillDay", "BillLine", "Binding",
    "BindingLog", "CampaignCount", "CartLine", "Category", "ChatAnswer", "ChatDay", "ChatExample",
    "ClaimEvidence", "ClockOffset", "CommandResult", "Commission", "CommissionRule", "Consent",
    "CustomerNote", "Delivery", "Distributor", "ExportFile", "FreightGoods", "FreightRow",
    "FreightTemplate", "Gift", "GiftAnswer", "Grade", "Handover", "ImpactReport", "Invitation",
    "KeptRecord", "Leak", "LeakPerson", "LedgerDay", "LedgerMark", "LedgerSum", "LedgerTransfer",
    "LegalVersion", "LevelsSwitch", "LoosePicture", "Member", "MissedSentence", "MoneyCall",
    "OauthState", "OfferRow", "Order", "OrderLine", "OrderLog", "OrderTake", "OutboxRow", "Parcel",
    "ParcelLine", "PayNotice", "Payee", "PayeeFreeze", "PayeeIncome", "Payment", "PayoutBill",
    "PayoutGrant", "PayoutLog", "PeriodicJob", "Pickup", "PickupPlace", "PickupRefusal", "Picture",
    "PictureReview", "PlaceStaff", "Poster", "PriceHistory", "Product", "ProductAttribute",
    "ProductDay", "ProductPicture", "ProductSearch", "ProductStory", "ProductTerm",
    "PromotionNotice", "Proposal", "PushCampaign", "PushTemplate", "ReferralTree", "Refund",
    "Refusal", "RightsRequest", "SalesDay", "Scene", "SecretTry", "ServiceTicket", "Setting",
    "SheetImport", "SheetImportRow", "Sku", "Staff", "StaffDay", "StaffDevice", "StaffSession",
    "StockAlert", "StockLot", "StockMove", "StoryPicture", "SubscriptionGrant", "SystemEvent",
    "SystemLock", "SystemState", "TextRuling", "Touch", "VisitDay", "WebSession", "WechatIdentity",
    "Withdrawal", "WithdrawalLog",
]  # fmt: skip
