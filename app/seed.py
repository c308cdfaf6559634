"""The demo shop: products with pictures, rules, templates and staff.

Everything is created by the verbs that the merchant's pages use. Running it again adds nothing.
"""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from PIL import Image

from app.arguments import operator
from app.demo_goods import ATTRIBUTES, CLASSIC, COVERS, MORE, DemoGood, stated
from app.demo_stories import add_stories
from app.production import DEMO_PASSWORD
from app.runtime import Runtime
from domain import catalog, chat_answers, freight, legal, promotions, warehouse
from domain.catalog import CategoryForm, ProductForm, SkuForm
from domain.chat_answers import AnswerForm, MissedReport
from domain.freight import RowForm, TemplateForm
from domain.promotions import OfferForm
from domain.public_texts import EvidenceForm, add_evidence
from domain.search import SearchWords
from domain.settings import Distribution, Freight, Returns, change
from domain.staff import create_staff_hashed, list_staff
from domain.warehouse import Arrival
from kernel import clock, context
from kernel.pictures import StoredPicture

ASSETS = Path(__file__).parent / "demo_assets"
OWNER_LOGIN = "owner"
SERVE = "建议 10-15℃ 饮用，开瓶后密封避光保存。过量饮酒有害健康，未满 18 周岁请勿饮酒。"
RETURN_TO = {
    "receiver": "山泉坊售后", "phone": "0830-5550100",
    "address": "四川省泸州市江阳区山泉路 8 号 售后仓",
}  # fmt: skip
EVIDENCE = (
    (EvidenceForm("process", "白酒生产工艺备案（演示）", "SQF-GY-2019-01",
                  ("纯粮固态发酵", "老窖固态发酵", "固态发酵")), None),
    (EvidenceForm("age", "基酒入库与封坛记录（演示）", "SQF-RK-2020-08",
                  ("贮存五年", "静置五年", "老窖", "年份陈")), None),
    (EvidenceForm("age", "年份礼盒基酒检验报告（演示）", "SQF-JY-2024-11", ("同年份", "年份礼盒")),
     timedelta(days=24)),
)  # fmt: skip
"""Documents of the demo shop, and in how long they end; the last one soon, so that it is told."""
MISSED = (
    ("空酒瓶回收吗", 6), ("你们收空酒瓶吗", 3), ("瓶子能回收吗", 1), ("有没有班车", 4),
    ("班车几点", 2), ("可以带狗吗", 2), ("酒瓶能当花瓶吗", 1), ("瓶盖打不开怎么办", 3),
)  # fmt: skip
"""Sentences that the chat of the demo shop did not understand, and how often they were said."""
TASTING = (
    "有品鉴会吗", "每周六下午在泸州门店品鉴，请提前一天预约。过量饮酒有害健康。\n{人工}",
    ("可以去店里品酒吗", "品鉴会什么时候", "周六能来尝酒吗"),
)  # fmt: skip
"""An answer of the demo shop's own: question, text, sentences that ask it."""
SYNONYMS = ["礼盒=送礼=礼品", "酒器=酒具=酒杯", "白酒=酒=烧酒"]
HEAVY = "坛藏"
"""What the demo's freight template by weight is given to."""
CATEGORIES = ("陈酿", "小酒", "礼盒", "露酒", "酒器")


@dataclass(frozen=True)
class DemoProduct:
    """A product of the demo shop with its pictures."""

    form: ProductForm
    skus: tuple[SkuForm, ...]
    pictures: tuple[str, ...]


def demo_products(shelf: dict[str, int]) -> list[DemoProduct]:
    """The products of the demo shop; ``shelf`` maps category names to ids."""
    return [*_spirits(shelf), *_gifts(shelf), *_ware(shelf)]


def _spirits(shelf: dict[str, int]) -> list[DemoProduct]:
    return [
        DemoProduct(
            ProductForm(
                "山泉坊·陈酿",
                shelf["陈酿"],
                "纯粮固态发酵，陶坛贮存五年",
                position=10,
                description=(
                    "取山泉水，以高粱、小麦为料，老窖固态发酵，入陶坛静置五年。\n"
                    "酒体清亮，入口绵柔，余味有熟果与谷物香。"
                ),
                usage=SERVE,
                strength="52%vol",
                tags=("宴请", "自饮"),
            ),
            (
                SkuForm(29800, 240, "500ml 单瓶", "SQF-CN-500", weight_g=1200),
                SkuForm(168800, 60, "500ml×6 整箱", "SQF-CN-500-6", weight_g=7600),
            ),
            ("chenniang",),
        ),
        DemoProduct(
            ProductForm(
                "山泉坊·坛藏",
                shelf["陈酿"],
                "一公升陶坛，分坛编号",
                position=20,
                description="每坛单独编号与封坛日期，泥封木盖，适合收藏与分享。",
                usage=SERVE,
                strength="53%vol",
                tags=("收藏",),
            ),
            (SkuForm(69800, 80, "1L 陶坛", "SQF-TC-1000", weight_g=2600),),
            ("tancang",),
        ),
        DemoProduct(
            ProductForm(
                "山泉坊·小泉",
                shelf["小酒"],
                "100 毫升小瓶，一人一瓶正好",
                position=30,
                description="低度清爽，六瓶一盒，聚餐分饮不浪费。",
                usage=SERVE,
                strength="42%vol",
                tags=("聚餐", "自饮"),
            ),
            (
                SkuForm(16800, 300, "100ml×6", "SQF-XQ-100-6", weight_g=1900),
                SkuForm(31800, 120, "100ml×12", "SQF-XQ-100-12", weight_g=3700),
            ),
            ("xiaoquan",),
        ),
    ]


def _gifts(shelf: dict[str, int]) -> list[DemoProduct]:
    return [
        DemoProduct(
            ProductForm(
                "山泉坊·品鉴装",
                shelf["小酒"],
                "三款各一瓶，先尝后选",
                position=40,
                description="陈酿、坛藏、小泉各 50 毫升，附品鉴卡。",
                usage=SERVE,
                strength="42-53%vol",
                tags=("新客",),
            ),
            (SkuForm(5900, 500, "50ml×3", "SQF-PJ-50-3", weight_g=700),),
            ("tasting",),
        ),
        DemoProduct(
            ProductForm(
                "山泉坊·年份礼盒",
                shelf["礼盒"],
                "两瓶装，附手提袋与贺卡",
                position=50,
                description="两瓶同年份陈酿，漆盒绒衬，可代写贺卡。",
                usage=SERVE,
                strength="52%vol",
                tags=("送礼",),
            ),
            (SkuForm(128800, 40, "500ml×2", "SQF-LH-500-2", weight_g=3400),),
            ("gift_box",),
        ),
        DemoProduct(
            ProductForm(
                "山泉坊·桂花露酒",
                shelf["露酒"],
                "金桂浸渍，微甜低度",
                position=60,
                description="以清香酒基浸金桂，滤后静置，宜冰饮。",
                usage=SERVE,
                strength="22%vol",
                tags=("低度",),
            ),
            (SkuForm(12800, 160, "375ml", "SQF-GH-375", weight_g=900),),
            ("guihua",),
        ),
    ]


def _ware(shelf: dict[str, int]) -> list[DemoProduct]:
    return [
        DemoProduct(
            ProductForm(
                "分酒器套装",
                shelf["酒器"],
                "一壶六杯，无铅水晶",
                is_liquor=False,
                position=70,
                description="刻度清楚，出水顺滑，附收纳盒。",
                usage="温水手洗，避免骤冷骤热。",
            ),
            (SkuForm(8800, 90, "一壶六杯", "SQF-FJ-7", weight_g=1500),),
            ("decanter",),
        ),
        DemoProduct(
            ProductForm(
                "手工酒杯",
                shelf["酒器"],
                "景德镇手拉坯，两只装",
                is_liquor=False,
                position=80,
                description="每只器形略有不同，是手作的痕迹。",
                usage="可入洗碗机，不可微波。",
            ),
            (SkuForm(6600, 5, "两只装", "SQF-JB-2", weight_g=400, low_stock=10),),
            ("cups",),
        ),
    ]


async def seed(runtime: Runtime) -> bool:
    """Fill an empty database; False if it has staff already."""
    if await runtime.store.read(is_furnished):
        return False
    await furnish(runtime, clock.business_day(clock.now()))
    await open_today(runtime)
    return True


def is_furnished() -> bool:
    """Whether the shop was filled before."""
    return bool(list_staff())


async def furnish(runtime: Runtime, today: date) -> None:
    """Add what the shop has from its first day: staff, documents, rules, goods.

    Some documents end soon after ``today``, which is later than the clock's day in the demo.
    """
    with context.acting(operator()):
        await _add_staff(runtime)
        await _add_documents(runtime, today)
        await _add_goods(runtime)
        await _add_rules(runtime)
        await _add_freight(runtime)


async def open_today(runtime: Runtime) -> None:
    """Add what begins or ends near today: lots, an offer, what the chat missed."""
    with context.acting(operator()):
        await _add_arrivals(runtime)
        await _add_offer(runtime)
        await runtime.store.write(_add_missed)
        await _add_answer(runtime)


async def _add_documents(runtime: Runtime, today: date) -> None:
    scan = await asyncio.to_thread((ASSETS / "brand.jpg").read_bytes)
    for evidence, ends_in in EVIDENCE:
        stored = f"{await runtime.evidence.put(scan)}.jpg"
        ends = today + ends_in if ends_in else None
        filled = replace(evidence, valid_until=ends, file=stored)
        await runtime.store.write(add_evidence, filled, context.actor.get())
    await _add_licences(runtime, scan)


async def _add_goods(runtime: Runtime) -> None:
    shelf = {}
    for position, name in enumerate(CATEGORIES):
        cover = await _stored(runtime, COVERS[name])
        await runtime.store.write(catalog.save_picture, cover, name)
        form = CategoryForm(name, picture=cover.id, position=position)
        shelf[name] = await runtime.store.write(catalog.add_category, form)
        for attribute in ATTRIBUTES[name]:
            await runtime.store.write(catalog.add_attribute, shelf[name], attribute)
    products = demo_products(shelf)
    for product in products:
        product_id = await _add_product(runtime, product)
        await runtime.store.write(_state, product_id, CLASSIC[product.form.title])
    for position, good in enumerate(MORE):
        await _add_good(runtime, good, shelf[good.category], 100 + 10 * position)
    await add_stories(runtime)


def _add_missed() -> None:
    at = clock.now()
    reports = [MissedReport(form, form, "unknown", times, at) for form, times in MISSED]
    day = clock.business_day(at).isoformat()
    chat_answers.record_heard(
        {(day, "understood", "dispatch"): 40, (day, "understood", "invoice"): 24,
         (day, "choices", ""): 9, (day, "unknown", ""): 22, (day, "person", "human"): 5}, reports,
    )  # fmt: skip


async def _add_answer(runtime: Runtime) -> None:
    """Add an answer with a picture and a product's card."""
    title, text, sentences = TASTING
    stored = await _stored(runtime, "tasting")
    await runtime.store.write(catalog.save_picture, stored, title)
    found = await runtime.store.read(catalog.search, "陈酿", 1)
    form = AnswerForm(text, title, stored.id, (found[0].id,))
    await runtime.store.write(chat_answers.answer_missed, (), form, sentences, context.actor.get())


async def _add_good(runtime: Runtime, good: DemoGood, category_id: int, position: int) -> None:
    form = good.form(category_id, position)
    product = DemoProduct(form, good.sku_forms(), (good.picture,))
    product_id = await _add_product(runtime, product)
    if good.packs:
        await runtime.store.write(catalog.save_matrix, product_id, *good.matrix())
    await runtime.store.write(_state, product_id, good)


def _state(product_id: int, good: DemoGood) -> None:
    """Fill in what a product states of its attributes."""
    names = [(each.attribute.id, each.attribute.form.name)
             for each in catalog.stated_by(product_id)]  # fmt: skip
    catalog.set_attributes(product_id, stated(good, names))


async def _add_licences(runtime: Runtime, scan: bytes) -> None:
    """Publish a picture of the licence, with a mark across it."""
    mark = f"仅用于{runtime.config.site.name}证照公示"
    stored = await runtime.pictures.take_marked(io.BytesIO(scan), mark)
    await runtime.store.write(catalog.save_picture, stored, "营业执照")
    kept = await runtime.store.read(legal.business_form)
    values = kept.model_dump() | {"licence_picture": stored.id}
    await runtime.store.write(change, legal.Business, values)


async def _add_product(runtime: Runtime, product: DemoProduct) -> int:
    pictures = [await _picture(runtime, name, product.form.title) for name in product.pictures]
    pictures += [await _close_up(runtime, name, product.form.title) for name in product.pictures]
    product_id: int = await runtime.store.write(
        catalog.create_product, product.form, product.skus, pictures
    )
    await runtime.store.write(catalog.set_state, product_id, "put_on_shelf")
    return product_id


async def _add_arrivals(runtime: Runtime) -> None:
    """Record two lots of the first product's first specification."""
    found = await runtime.store.read(catalog.search, "陈酿", 1)
    detail = await runtime.store.read(catalog.product_detail_for_merchant, found[0].id)
    today = clock.business_day(clock.now())
    for days, pieces in ((200, 48), (20, 24)):
        made_on = today - timedelta(days=days)
        it = Arrival(pieces, f"{made_on:%Y%m%d}A", made_on)
        await runtime.store.write(warehouse.record_arrival, detail.skus[0].id, it)


async def _picture(runtime: Runtime, name: str, alt: str) -> int:
    stored = await _stored(runtime, name)
    picture_id: int = await runtime.store.write(catalog.save_picture, stored, alt)
    return picture_id


async def _close_up(runtime: Runtime, name: str, alt: str) -> int:
    """A second picture for the gallery: the middle of the first."""
    stored = await asyncio.to_thread(runtime.pictures.save, await asyncio.to_thread(_cut, name))
    picture_id: int = await runtime.store.write(catalog.save_picture, stored, alt)
    return picture_id


def _cut(name: str) -> bytes:
    with Image.open(ASSETS / f"{name}.jpg") as whole:
        side = whole.width
        part = whole.crop((side * 2 // 10, side * 3 // 10, side * 8 // 10, side * 9 // 10))
    held = io.BytesIO()
    part.save(held, "JPEG", quality=86)
    return held.getvalue()


async def _stored(runtime: Runtime, name: str) -> StoredPicture:
    data = await asyncio.to_thread((ASSETS / f"{name}.jpg").read_bytes)
    return await asyncio.to_thread(runtime.pictures.save, data)


async def _add_rules(runtime: Runtime) -> None:
    from domain import distribution

    await runtime.store.write(change, Freight, {"flat_fen": 1000, "free_from_fen": 9900})
    await runtime.store.write(change, Returns, RETURN_TO)
    await runtime.store.write(change, SearchWords, {"synonyms": SYNONYMS})
    await runtime.store.write(change, Distribution, {"tax_method": "ordinary"})
    await runtime.store.write(
        distribution.save_rule,
        scope="all",
        target_id=0,
        grade_id=None,
        mode="pool",
        pool_bp=2000,
        shares=[70, 20, 10],
        actor=context.actor.get(),
    )


async def _add_freight(runtime: Runtime) -> None:
    """Add a freight template by weight, and give it to the heaviest goods."""
    base = RowForm("base", first_units=1000, first_fen=1200, next_units=1000, next_fen=300,
                   free_from_fen=39900, days_from=2, days_to=4)  # fmt: skip
    far = RowForm("area", ("新疆", "西藏"), first_units=1000, first_fen=2500, next_units=1000,
                  next_fen=1200, days_from=5, days_to=9)  # fmt: skip
    never = RowForm("none", ("三沙市",))
    heavy = await runtime.store.write(freight.add_template, TemplateForm("大件", "weight"), base)
    for version, row in enumerate((far, never), 1):
        await runtime.store.write(freight.save_row, heavy, row, version)
    found = await runtime.store.read(catalog.search, HEAVY, 1)
    await runtime.store.write(freight.set_template, [found[0].id], heavy)


async def _add_offer(runtime: Runtime) -> None:
    """Add one limited-time price that runs for 30 days from now."""
    now = clock.now()
    found = await runtime.store.read(catalog.search, "分酒器", 1)
    form = OfferForm(
        kind="limited_price",
        title="酒器限时价",
        label="限时价",
        starts_at=now,
        ends_at=now + timedelta(days=30),
        scope="product",
        targets=(found[0].id,),
        rules={"rate_bp": 8500},
    )
    offer_id = await runtime.store.write(promotions.draft_offer, form)
    await runtime.store.write(promotions.start_offer, offer_id, 1)


async def _add_staff(runtime: Runtime) -> None:
    people: tuple[tuple[str, str, list[str]], ...] = (
        (OWNER_LOGIN, "店主", ["owner"]),
        ("finance", "财务小陈", ["finance"]),
        ("operator", "运营小李", ["operator"]),
        ("service", "客服小张", ["service"]),
    )
    for login, name, roles in people:
        await create_staff_hashed(
            runtime.store, runtime.passwords, login, name, roles, DEMO_PASSWORD
        )
