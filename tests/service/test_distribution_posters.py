"""Posters: drawn once per content, codes renewed in time, old codes still valid."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from domain import distribution
from domain.catalog import SkuForm
from domain.distribution import PosterTerms
from domain.distribution.ports import PosterSpec, SceneCode
from kernel import clock
from kernel.errors import Forbidden, NotFound
from models import Poster, Scene, Sku
from tests.factories.catalog import make_product
from tests.factories.distribution import make_distributor, pass_time
from tests.factories.members import make_member
from tests.factories.messenger import FakeMessenger

TERMS = PosterTerms("山泉坊", "山泉坊酒业有限公司", "http://mall", price_suffix="起")


@dataclass
class Studio:
    """A fake of the ports for painting, scene codes and files that records the calls."""

    painted: list[PosterSpec] = field(default_factory=list)
    scenes: list[str] = field(default_factory=list)
    kept: dict[str, bytes] = field(default_factory=dict)

    def content_key(self, spec: PosterSpec) -> str:
        return sha256(str(asdict(spec)).encode()).hexdigest()

    async def paint(self, spec: PosterSpec) -> bytes:
        self.painted.append(spec)
        return f"poster {len(self.painted)}".encode()

    async def temporary(self, scene: str, days: int = 30) -> SceneCode:
        self.scenes.append(scene)
        url = f"http://weixin.qq.com/q/{scene}"
        return SceneCode(scene, f"t-{scene}", url, url, clock.now() + timedelta(days=days))

    async def permanent(self, scene: str) -> SceneCode:
        raise AssertionError("permanent codes are a counted pool")

    def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def put(self, key: str, data: bytes) -> None:
        self.kept[key] = data


async def _poster(store: Any, studio: Studio, member_id: int, product: int | None = None,
                  carrier: Any = "scan") -> Any:  # fmt: skip
    return await distribution.poster_for(
        store, studio, studio, studio, member_id, product, terms=TERMS, carrier=carrier
    )


async def test_the_same_poster_is_drawn_once(store: Any) -> None:
    lin, studio = make_distributor(), Studio()
    first = await _poster(store, studio, lin)
    again = await _poster(store, studio, lin)
    assert (first.data, again.data, first.poster_id) == (b"poster 1", b"poster 1", again.poster_id)
    assert len(studio.painted) == len(studio.scenes) == 1
    spec = studio.painted[0]
    assert (spec.kind, spec.name, spec.brand, spec.seller, spec.liquor) == (
        "brand",
        "小林推荐",
        "山泉坊",
        "山泉坊酒业有限公司",
        True,
    )
    assert spec.qr_text == f"http://weixin.qq.com/q/{studio.scenes[0]}"
    assert spec.valid_until == clock.business_day(first.expires_at)
    distribution.set_display_name(lin, "林掌柜")
    await _poster(store, studio, lin)
    assert [s.name for s in studio.painted] == ["小林推荐", "林掌柜"]


async def test_after_20_days_a_poster_has_a_new_code_and_the_old_one_still_binds(
    store: Any,
) -> None:
    lin, studio = make_distributor(), Studio()
    await _poster(store, studio, lin)
    pass_time(days=19, hours=23)
    await _poster(store, studio, lin)
    assert len(studio.scenes) == 1
    pass_time(hours=2)
    await _poster(store, studio, lin)
    assert len(set(studio.scenes)) == 2
    assert Scene.select().count() == 2
    wang = make_member("小王")
    distribution.record_scene_touch(wang, "oWang", studio.scenes[0], is_new=True)
    assert distribution.upline_of(wang) == lin


async def test_a_product_poster_shows_the_product(store: Any) -> None:
    lin, studio = make_distributor(), Studio()
    product = make_product("陈酿52度", price_fen=29800)
    await _poster(store, studio, lin, product.product_id)
    spec = studio.painted[0]
    assert (spec.kind, spec.title, spec.price_fen) == ("product", "陈酿52度", 29800)
    assert Scene.get().product_id == product.product_id
    assert spec.price_suffix == ""  # a single specification has no price range
    hidden = make_product(state="draft")
    with pytest.raises(NotFound):
        await _poster(store, studio, lin, hidden.product_id)
    assert len(studio.painted) == 1


async def test_the_poster_of_the_shop_shows_its_best_seller(store: Any) -> None:
    lin, studio = make_distributor(), Studio()
    make_product("桂花")
    best = make_product("陈酿", skus=[SkuForm(29800, 5, "500ml"), SkuForm(3900, 9, "100ml")])
    gone = make_product("孤品", stock=0)
    Sku.update(sold=7).where(Sku.id == best.sku_id).execute()
    Sku.update(sold=99).where(Sku.id == gone.sku_id).execute()
    await _poster(store, studio, lin)
    spec = studio.painted[0]
    assert (spec.kind, spec.title, spec.price_fen, spec.price_suffix) == (
        "product", "陈酿", 3900, "起",
    )  # fmt: skip
    assert Scene.get().product_id == best.product_id
    await _poster(store, studio, lin, None, "link")
    view = distribution.distributor(lin)
    assert view is not None
    assert studio.painted[1].qr_text == (
        f"http://mall/m/l/{view.referral_code}?p={best.product_id}&s=poster"
    )


async def test_a_link_poster_has_the_short_link_and_no_last_day(store: Any) -> None:
    lin, studio = make_distributor(), Studio()
    ready = await _poster(store, studio, lin, None, "link")
    view = distribution.distributor(lin)
    assert view is not None
    assert studio.painted[0].qr_text == f"http://mall/m/l/{view.referral_code}?s=poster"
    assert (studio.painted[0].valid_until, ready.expires_at) == (None, None)
    assert studio.scenes == []
    assert distribution.short_link("http://mall", "ABC", 7) == "http://mall/m/l/ABC?p=7"


async def test_only_active_distributors_have_posters(store: Any) -> None:
    lin, studio = make_distributor(), Studio()
    distribution.suspend_distributor(lin, "staff:1", "投诉")
    for carrier in ("scan", "link"):
        with pytest.raises(Forbidden):
            await _poster(store, studio, lin, None, carrier)
    with pytest.raises(NotFound):
        await _poster(store, studio, make_member("路人"))
    assert studio.painted == studio.scenes == []
    assert Poster.select().count() == 0


async def test_an_upload_is_used_for_sixty_hours(store: Any) -> None:
    lin, studio, wechat = make_distributor(), Studio(), FakeMessenger()
    for hours in (0, 59, 2):
        pass_time(hours=hours)
        ready = await _poster(store, studio, lin)
        await distribution.media_for(store, wechat, ready)
    assert wechat.uploads == [b"poster 1", b"poster 1"]
