"""A shop in which every merchant page has something to show, made through the verbs."""

from __future__ import annotations

from dataclasses import dataclass

from domain import (
    aftersales,
    catalog,
    distribution,
    members,
    outbox,
    promotions,
    public_texts,
    push,
    service_desk,
    settings,
)
from domain.aftersales import CaseForm
from domain.distribution.service.rebinding import register_kind
from domain.public_texts import EvidenceForm, PublicText
from domain.push import CampaignForm
from models import OutboxRow
from tests.factories.catalog import make_picture, make_product
from tests.factories.distribution import (
    earn,
    make_customer,
    make_distributor,
    make_rule,
    ready_for_payouts,
)
from tests.factories.members import APPID, make_member
from tests.factories.offers import limited_form
from tests.factories.orders import Bought, paid_order, placed_order, ship_all


@dataclass(frozen=True)
class Shop:
    """Ids of what was made, for addresses of pages."""

    product_id: int
    sku_id: int
    order: Bought
    shipped: Bought
    case_id: int
    distributor_id: int
    applicant_id: int
    customer_id: int
    withdrawal_id: int
    rule_id: int
    campaign_id: int
    ticket_no: str
    dead_id: int
    proposal_id: int
    offer_id: int
    ruling_id: int


def make_shop() -> Shop:
    """One of everything. The test has subscribed the handlers (``wired``)."""
    product = make_product("山泉坊·陈酿", price_fen=29800, stock=5)

    catalog.set_pictures(product.product_id, [make_picture("a"), make_picture("b")])
    make_product("山泉坊·小泉", state="draft")
    seller = make_distributor("阿慧")
    earn(seller, 30_000)
    ready_for_payouts()
    rule = make_rule(70, 20, 10, mode="pool", pool_bp=2000)
    customer = make_customer(seller, "小王")
    withdrawal = distribution.request_withdrawal(seller, 25_000)
    order = paid_order(customer, product=product, quantity=2)
    shipped = paid_order(customer, product=product)
    ship_all(shipped)
    placed_order(customer, product=product)
    case = aftersales.request_case(
        CaseForm(customer, shipped.order_no, "refund_only", ((shipped.line_ids[0], 1),), "late")
    )
    applicant = make_member("老周")
    _as_applied(applicant)
    push.save_template("tpl1", "template", "发货提醒", [("thing1", "商品")], "staff:x")
    members.agree_to_promotions(customer)
    members.record_message(APPID, _openid(customer))
    form = CampaignForm("上新", "service", {"text": "新酒到店"}, {"kind": "all"})
    campaign = push.draft_campaign(form, "staff:x")
    ticket = service_desk.open_ticket(customer, "发票怎么开？", "complaint")
    outbox.enqueue("some.thing", {"id": 1})
    dead = OutboxRow.select().order_by(OutboxRow.id.desc()).get()
    OutboxRow.update(state="dead", last_error="boom", last_error_facts={"kind": "refused"}).where(
        OutboxRow.id == dead.id
    ).execute()
    register_kind()
    asked = distribution.move_or_propose(customer, "", "客户说不认识推荐人", may_act=False)
    proposal = int(asked["proposal_id"])
    offer = promotions.draft_offer(limited_form(product.sku_id))
    refused = public_texts.refused_texts({"title": PublicText("国家级佳酿")})
    public_texts.record_refused(refused, "/admin/products/new", "staff:x")
    public_texts.add_evidence(EvidenceForm("award", "获奖证书", "1", ("金奖",)), "staff:x")
    (ruling,) = public_texts.list_rulings("refused")
    return Shop(
        product.product_id, product.sku_id, order, shipped, case["case_id"], seller, applicant,
        customer, withdrawal["withdrawal_id"], rule, campaign, ticket, dead.id, proposal,
        offer, ruling.id,
    )  # fmt: skip


def _as_applied(member_id: int) -> None:

    settings.change(settings.Distribution, {"admission": "reviewed"})
    distribution.apply_as_distributor(member_id, "老周推荐", "individual", "v1")


def _openid(member_id: int) -> str:
    found = members.identity(member_id)
    assert found is not None
    return found.openid
