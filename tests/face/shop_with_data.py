"""A shop with data for every page of the merchant, created by the domain's verbs."""

from __future__ import annotations

from dataclasses import dataclass

from domain import (
    adults,
    aftersales,
    catalog,
    chat_answers,
    distribution,
    freight,
    leaks,
    members,
    outbox,
    promotions,
    public_texts,
    push,
    rights,
    service_desk,
    settings,
)
from domain.aftersales import CaseForm
from domain.chat_answers import MissedReport
from domain.distribution.service.rebinding import register_kind
from domain.freight import RowForm, TemplateForm
from domain.leaks import LeakForm
from domain.public_texts import EvidenceForm, PublicText
from domain.push import CampaignForm
from kernel import clock, context
from models import MissedSentence, OutboxRow
from tests.factories.catalog import make_category, make_picture, make_product
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
    """The ids of the created rows, for the addresses of pages."""

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
    request_no: str
    dead_id: int
    proposal_id: int
    offer_id: int
    ruling_id: int
    missed_id: int
    doubt_id: int
    freight_id: int
    freight_row_id: int
    category_id: int


def make_shop() -> Shop:
    """Create one of everything. The test must have subscribed the handlers (``wired``)."""
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
    leaks.open_leak(LeakForm(*["收货人的电话"] * 6), "staff:boss")
    request = rights.open_request(customer, "correction", "请更正我的实名")
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
    chat_answers.record_heard({}, [_missed("可以停车吗"), _missed("停车方便吗")])
    (ruling,) = public_texts.list_rulings("refused")
    by_weight = freight.add_template(TemplateForm("大坛", "weight"), RowForm("base"))
    far = freight.save_row(by_weight, RowForm("area", ("新疆",), first_fen=2000), 1)
    with context.acting("staff:x"):
        doubt = adults.doubt_by_staff(applicant, "收货人像学生")
    make_picture("f")
    members.submit_avatar(applicant, "f" * 64)
    return Shop(
        product.product_id, product.sku_id, order, shipped, case["case_id"], seller, applicant,
        customer, withdrawal["withdrawal_id"], rule, campaign, ticket, request, dead.id, proposal,
        offer, ruling.id, MissedSentence.get().id, doubt, by_weight, far,
        make_category(),
    )  # fmt: skip


def _missed(sentence: str) -> MissedReport:
    return MissedReport(sentence, sentence, "unknown", 2, clock.now())


def _as_applied(member_id: int) -> None:
    """Let the member apply as a distributor in a shop that reviews applications."""
    settings.change(settings.Distribution, {"admission": "reviewed"})
    distribution.apply_as_distributor(member_id, "老周推荐", "individual", "v1")


def _openid(member_id: int) -> str:
    found = members.identity(member_id)
    assert found is not None
    return found.openid
