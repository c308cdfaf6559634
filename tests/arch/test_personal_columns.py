"""Every text column is either declared (``erasing.py``) or listed here as no person's."""

from __future__ import annotations

from peewee import CharField, TextField

import models
from domain.personal_data import DECLARED
from kernel.erasure import Blank, Drop

NO_PERSON = {
    "Setting": "the merchant's settings", "SystemState": "the system's", "SystemLock": "names",
    "ClockOffset": "a number", "PeriodicJob": "jobs", "ClaimEvidence": "the merchant's documents",
    "Staff": "staff are no members", "StaffDevice": "staff", "StaffSession": "staff",
    "SecretTry": "hashes of staff's logins", "StaffDay": "counts of staff",
    "LegalVersion": "the merchant's documents", "Picture": "digests; a person's are deleted",
    "Category": "goods", "Product": "goods", "Sku": "goods", "PriceHistory": "goods",
    "StockMove": "goods, by order number", "OfferRow": "the merchant's offers",
    "CampaignCount": "counts", "Attribute": "goods", "ProductAttribute": "goods",
    "StockLot": "goods", "FreightTemplate": "fees", "FreightRow": "fees",
    "PickupPlace": "stores", "PlaceStaff": "staff",
    "ProductTerm": "goods", "ProductSearch": "goods", "ProductStory": "goods",
    "PushTemplate": "WeChat's templates",
    "OrderTake": "what an order took", "BillDay": "sums of bills", "Account": "ids and sums",
    "LedgerTransfer": "ids and sums", "LedgerMark": "instants", "LedgerDay": "sums",
    "ImpactReport": "the merchant's documents", "Leak": "the merchant's record of a leak",
    "MoneyCall": "calls by id", "Grade": "names",
    "LevelsSwitch": "the owner's signature",
    "CommissionRule": "rules", "ChatAnswer": "the merchant's", "ChatExample": "the merchant's",
    "MissedSentence": "masked before it is kept (docs/algorithms/understanding.md)",
    "ChatDay": "counts", "SalesDay": "sums", "ProductDay": "sums",
    "SheetImport": "of staff; gone after days",
}  # fmt: skip
"""Tables without a member's data, each with the reason."""

NO_PERSONS_COLUMN = {
    "CartLine": (), "ExportFile": ("page", "title", "kind", "asked_by", "state", "file", "why"),
    "OutboxRow": ("kind", "order_key", "state", "leased_by", "request_id"),
    "SheetImportRow": ("state", "why", "cell"),
    "Refusal": ("side", "call", "code", "subject"),
    "PushCampaign": (
        "title", "carrier", "state", "stop_reason", "stop_cause", "mass_msg_id", "source",
        "created_by",
    ),
    "WechatIdentity": (), "Parcel": (), "Proposal": (),
}  # fmt: skip
"""Columns of codes and numbers in tables that also hold a person's data."""


def _declared() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for each in DECLARED:
        for part in (*each.rows, *each.masks, *each.kept):
            found.setdefault(part.table.__name__, set()).update(part.columns)
    return found


def test_every_text_column_says_what_becomes_of_it() -> None:
    declared = _declared()
    forgotten = [
        f"{table.__name__}.{field.name}"
        for table in models.TABLES
        if table.__name__ not in NO_PERSON
        for field in table._meta.sorted_fields
        if isinstance(field, CharField | TextField)
        if field.name not in declared.get(table.__name__, ())
        if field.name not in NO_PERSONS_COLUMN.get(table.__name__, ())
    ]
    assert forgotten == [], "declare these in erasing.py of their package"


def test_every_table_that_names_a_member_says_what_becomes_of_its_rows() -> None:
    declared = _declared()
    forgotten = [
        table.__name__
        for table in models.TABLES
        for field in table._meta.sorted_fields
        if getattr(field, "rel_model", None) is models.Member
        if table.__name__ not in declared and table.__name__ not in BY_ID_ONLY
    ]
    assert forgotten == []


BY_ID_ONLY = {
    "Binding": "the tree, by id", "Invitation": "instants by id",
}  # fmt: skip


def test_what_is_listed_exists_and_is_not_declared() -> None:
    tables = {table.__name__ for table in models.TABLES}
    assert set(NO_PERSON) | set(NO_PERSONS_COLUMN) | set(BY_ID_ONLY) <= tables
    assert set(NO_PERSON) & set(_declared()) == set()


def test_a_package_declares_only_its_own_tables() -> None:
    from tests.arch.owners import owners

    foreign = [
        f"{each.package}: {part.table.__name__}"
        for each in DECLARED
        for part in (*each.rows, *each.masks, *each.kept)
        if owners()[part.table.__name__] != each.package
    ]
    assert foreign == []


def test_declared_columns_exist() -> None:
    wrong = [
        f"{part.table.__name__}.{name}"
        for each in DECLARED
        for part in (*each.rows, *each.masks, *each.kept)
        for name in part.columns
        if name not in part.table._meta.fields
    ]
    assert wrong == []


def test_a_column_is_not_both_emptied_and_kept() -> None:
    gone = {
        (part.table.__name__, name)
        for each in DECLARED
        for part in each.rows
        if isinstance(part, Blank | Drop)
        for name in part.columns
    }
    kept = {
        (part.table.__name__, name)
        for each in DECLARED
        for part in each.kept
        for name in part.columns
    }
    assert gone & kept == set()
