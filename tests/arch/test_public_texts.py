"""Every text field is either judged before others read it, or listed as private."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.arch.source import modules

READERS = {"text", "prose", "raw", "all"}
JUDGED = {"public", "public_prose", "publish"}

# Fields that only staff or the person concerned read, or that contain no words.
PRIVATE: dict[str, set[str]] = {
    "a reason or note for the log, or for the one person concerned": {
        "reason", "why", "note", "told", "answer", "appeal", "voucher", "proof", "text",
        "signed_name", "operator_note", "greeting",
    },
    "numbers, codes, addresses, days": {
        "order", "line", "no", "company", "tracking_no", "code", "_code", "template_id", "path",
        "send_at", "days", "from_day", "number", "invoice_no", "address", "province", "item",
        "expected_payable_fen", "valid_until", "starts_at", "ends_at", "amount", "sku", "qty",
        "covers", "fields", "lot_no", "pasted", "word", "equals",
        "places", "free_from",
        "invoice_title", "invoice_tax_no", "invoice_kind", "arrive_by", "delivery", "place", "age",
        "phone", "city", "district", "map_url", "point", "serves",
    },
    "choices, ticks and keys": {
        "do", "back", "kind", "event", "to", "from", "photo", "drop", "next", "forget", "ticket",
        "visit", "purpose", "payee_type", "_idem", "_typed", "roles", "flag", "rows",
        "customer", "more", "terms", "missed", "intent", "other", "step",
    },
    "what sentences are compared with; nobody reads it": {"sentences"},
    "legal documents: versioned, looked at twice, and no advertisement": {
        "body", "what_changed", "effective_on",
    },
    "who signs in, and their own names": {"login", "name", "display_name", "nickname"},
    "impact assessments, which staff and the authority read": {"necessity", "effect", "measures"},
    "numbers of members, pasted": {"numbers"},
    "the title of a template or campaign, which staff see": {"title"},
}  # fmt: skip
COMPOSED = {
    "admin/marketing/offer_forms.py": "prices by specification",
    "admin/goods/matrix.py": "numbers and codes by combination",
    "admin/goods/stories.py": "HTML whose words are judged",
    "admin/moments.py": "instants",
    "admin/marketing/evidence.py": "a day",
    "admin/selling/rules.py": "rates by level",
    "admin/shop/settings_fields.py": "switches: numbers, provinces, the address for returns",
    "admin/shop/account_menu.py": "kinds and values of entries; their names are judged",
    "admin/shop/chat.py": "keywords and how they match; answers are judged",
    "admin/trade/orders.py": "sums of lines",
    "admin/shop/places.py": "opening hours by day",
    "admin/people/answer_follows.py": "products, by number or name",
    "admin/picture_fields.py": "the id of a picture",
    "admin/attachments.py": "the name of a stored document",
    "admin/guard.py": "hidden fields, carried on",
    "admin/as_shown.py": "what the page showed", "admin/confirming.py": "what was confirmed",
    "admin/resend.py": "a form sent again", "admin/kit/stale.py": "what the form showed",
    "mall_h5/seller/center.py": "what a distributor notes of a customer, for the own eyes",
    "mall_h5/trade/checkout.py": "the buyer's own address and choices",
    "mall_h5/trade/gifts.py": "the friend's own address",
    "mall_h5/me/addresses.py": "the member's own address",
    "mall_h5/me/address_form.py": "the member's own address",
    "mall_h5/trade/cart.py": "quantities",
}  # fmt: skip
"""Files that compose the names of fields, and what these fields hold."""

PUBLIC = {
    ("admin/goods/products.py", field)
    for field in (
        "title", "subtitle", "description", "usage", "strength", "spec_text", "tags", "brand"
    )
} | {
    ("admin/goods/categories.py", "name"), ("admin/goods/categories.py", "unit"),
    ("admin/goods/categories.py", "options"),
    ("admin/goods/shelving.py", "title"), ("admin/goods/stories.py", "story"),
    ("admin/goods/matrix.py", None),  # names and values of specifications
    ("admin/goods/attributes.py", None),  # what a product states, by attribute
    ("admin/marketing/offers.py", "title"), ("admin/marketing/offers.py", "label"),
    ("admin/marketing/push_compose.py", "text"),
    ("admin/marketing/push_compose.py", None),  # the values of a template
    ("admin/people/answers.py", "title"), ("admin/people/answers.py", "text"),
    ("admin/selling/distributors.py", "display_name"), ("admin/selling/distributors.py", "name"),
    *(("admin/legal/leaks.py", field) for field in (
        "what", "cause", "harm", "measures", "advice", "contact",
    )),
    ("admin/shop/places.py", "name"), ("admin/shop/places.py", "address"),
    ("admin/trade/orders.py", "told"),
    ("admin/shop/chat.py", "welcome"), ("admin/shop/chat.py", "closed"),
    ("admin/shop/chat.py", None),  # the answers to keywords
    ("admin/shop/account_menu.py", None),  # the names of buttons and entries
    ("mall_h5/seller/center.py", "display_name"), ("mall_h5/seller/settings.py", "display_name"),
    ("mall_h5/me/profile.py", "nickname"),
    ("mall_h5/trade/checkout.py", "greeting"),
    ("mall_h5/trade/checkout.py", "signature"),
    ("mall_h5/trade/gifts.py", "said"),
}  # fmt: skip


def read_fields(methods: set[str]) -> Iterator[tuple[str, str | None]]:
    """File and field of each call ``form.text("field")``; None for a name that is composed."""
    for face in ("admin", "mall_h5"):
        for module in modules(face):
            for call in module.calls():
                if not isinstance(call.func, ast.Attribute) or call.func.attr not in methods:
                    continue
                owner = call.func.value
                if not isinstance(owner, ast.Name) or owner.id not in {"form", "typed", "query"}:
                    continue
                name = call.args[0] if call.args else None
                is_plain = isinstance(name, ast.Constant) and isinstance(name.value, str)
                yield module.name, name.value if is_plain else None  # type: ignore[union-attr]


def test_every_public_text_field_is_judged() -> None:
    assert set(read_fields(JUDGED)) == PUBLIC


def test_every_text_field_is_public_or_listed_as_private() -> None:
    known = set().union(*PRIVATE.values())
    left = {
        (file, field)
        for file, field in read_fields(READERS)
        if (file, field) not in PUBLIC
        if (field not in known if field is not None else file not in COMPOSED)
    }
    assert left == set(), "read it with form.public, or name it in PRIVATE with its reason"


def test_both_faces_judge_texts_before_they_run_verbs() -> None:
    """Verbs are run by ``write`` or ``once``; both must judge first."""
    for file in ("admin/web.py", "mall_h5/web.py"):
        (module,) = (each for each in modules(file.split("/")[0]) if each.name == file)
        runs = [
            node for node in ast.walk(module.tree)
            if isinstance(node, ast.AsyncFunctionDef) and node.name in ("write", "once")
        ]  # fmt: skip
        assert len(runs) >= 2
        for each in runs:
            called = [n.func.id for n in ast.walk(each)
                      if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]  # fmt: skip
            assert "judge_or_raise" in called, f"{file}: {each.name}"
