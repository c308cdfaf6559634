"""Table of contents of the database. Domain code imports tables from here and nowhere else."""

from kernel.store.commands import CommandResult
from schema.aftersales import AfterSale, AfterSaleLine, AfterSaleLog
from schema.catalog import Category, Picture, PriceHistory, Product, ProductPicture, Sku, StockMove
from schema.distribution import (
    Binding,
    BindingLog,
    Commission,
    CommissionRule,
    Distributor,
    Grade,
    LevelsSwitch,
    PayeeYear,
    Poster,
    ReferralTree,
    Scene,
    Touch,
    VisitDay,
    Withdrawal,
    WithdrawalLog,
)
from schema.ledger import Account, LedgerTransfer
from schema.members import (
    Address,
    Consent,
    Handover,
    Member,
    OauthState,
    WebSession,
    WechatIdentity,
)
from schema.orders import CartLine, Order, OrderLine, OrderLog, Parcel, ParcelLine
from schema.payments import BillLine, Payment, PayNotice, Refund
from schema.push import Delivery, PushCampaign, PushTemplate, ServiceTicket, SubscriptionGrant
from schema.staff import Staff, StaffSession
from schema.system import AuditEntry, ClockOffset, OutboxRow, PeriodicJob, Setting

# In the order in which they are created: a table comes after those it refers to.
TABLES = (
    CommandResult, Setting, AuditEntry, OutboxRow, PeriodicJob, ClockOffset, Staff, StaffSession,
    Member, WechatIdentity, WebSession, OauthState, Handover, Consent, Address,
    Picture, Category, Product, ProductPicture, Sku, PriceHistory, StockMove,
    CartLine, Order, OrderLine, OrderLog, Parcel, ParcelLine,
    Payment, Refund, PayNotice, BillLine, AfterSale, AfterSaleLine, AfterSaleLog,
    Account, LedgerTransfer,
    Grade, Distributor, Touch, VisitDay, Binding, BindingLog, ReferralTree, LevelsSwitch,
    CommissionRule, Commission, Withdrawal, WithdrawalLog, PayeeYear, Scene, Poster,
    PushCampaign, Delivery, PushTemplate, SubscriptionGrant, ServiceTicket,
)  # fmt: skip

__all__ = [
    "TABLES",
    "Account", "Address", "AfterSale", "AfterSaleLine", "AfterSaleLog", "AuditEntry", "BillLine",
    "Binding", "BindingLog", "CartLine", "Category", "ClockOffset", "CommandResult", "Commission",
    "CommissionRule", "Consent", "Delivery", "Distributor", "Grade", "Handover",
    "LedgerTransfer", "LevelsSwitch", "Member", "OauthState", "Order", "OrderLine", "OrderLog",
    "OutboxRow", "Parcel", "ParcelLine", "PayNotice", "PayeeYear", "Payment", "PeriodicJob",
    "Picture", "Poster", "PriceHistory", "Product", "ProductPicture", "PushCampaign",
    "PushTemplate", "ReferralTree", "Refund", "Scene", "ServiceTicket", "Setting", "Sku",
    "Staff", "StaffSession", "StockMove", "SubscriptionGrant", "Touch", "VisitDay",
    "WebSession", "WechatIdentity", "Withdrawal", "WithdrawalLog",
]  # fmt: skip
