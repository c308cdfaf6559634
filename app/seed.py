"""The demo shop: products with pictures, rules, templates and staff.

Everything is created by the verbs that the merchant's pages use. Running it again adds nothing.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from app.arguments import operator
from app.runtime import Runtime
from domain import catalog, promotions
from domain.catalog import ProductForm, SkuForm
from domain.promotions import OfferForm
from domain.public_texts import EvidenceForm, add_evidence
from domain.settings import Distribution, Freight, Returns, change
from domain.staff import create_staff_hashed, list_staff
from kernel import clock, context

ASSETS = Path(__file__).parent / "demo_assets"
OWNER_LOGIN = "owner"
DEMO_PASSWORD = "fenmall-demo-2026"  # noqa: S105 - the demo's, printed at its start
SERVE = "建议 10-15℃ 饮用，开瓶后密封避光保存。过量饮酒有害健康，未满 18 周岁请勿饮酒。"
RETURN_TO = {
    "receiver": "山泉坊售后", "phone": "0830-5550100",
    "address": "四川省泸州市江阳区山泉路 8 号 售后仓",
}  # fmt: skip
EVIDENCE = (
    EvidenceForm("process", "白酒生产工艺备案（演示）", "SQF-GY-2019-01",
                 ("纯粮固态发酵", "老窖固态发酵", "固态发酵")),
    EvidenceForm("age", "基酒入库与封坛记录（演示）", "SQF-RK-2020-08",
                 ("贮存五年", "静置五年", "老窖", "同年份", "年份礼盒", "年份陈")),
)  # fmt: skip
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
    if await runtime.store.read(list_staff):
        return False
    with context.acting(operator()):
        await _fill(runtime)
    return True


async def _fill(runtime: Runtime) -> None:
    shelf = {}
    for position, name in enumerate(CATEGORIES):
        shelf[name] = await runtime.store.write(catalog.save_category, name, position=position)
    for evidence in EVIDENCE:
        await runtime.store.write(add_evidence, evidence, context.actor.get())
    products = demo_products(shelf)
    for product in products:
        await _add_product(runtime, product)
    await _add_rules(runtime)
    await _add_offer(runtime)
    await _add_staff(runtime)


async def _add_product(runtime: Runtime, product: DemoProduct) -> None:
    pictures = [await _picture(runtime, name, product.form.title) for name in product.pictures]
    product_id = await runtime.store.write(
        catalog.create_product, product.form, product.skus, pictures
    )
    await runtime.store.write(catalog.set_state, product_id, "put_on_shelf")


async def _picture(runtime: Runtime, name: str, alt: str) -> int:
    data = await asyncio.to_thread((ASSETS / f"{name}.jpg").read_bytes)
    stored = await asyncio.to_thread(runtime.pictures.save, data)
    picture_id: int = await runtime.store.write(catalog.save_picture, stored, alt)
    return picture_id


async def _add_rules(runtime: Runtime) -> None:
    from domain import distribution

    await runtime.store.write(change, Freight, {"flat_fen": 1000, "free_from_fen": 9900})
    await runtime.store.write(change, Returns, RETURN_TO)
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
