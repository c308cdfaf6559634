"""The further goods of the demo shop, and what its products state (规格参数)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.catalog import AttributeForm, MatrixRow, ProductForm, SkuForm, Spec

BRAND = "山泉坊"
PLACE = "四川泸州"
WARNING = "过量饮酒有害健康，未满 18 周岁请勿饮酒。"
SERVE = {
    "陈酿": f"建议 10-15℃ 饮用，开瓶后密封避光保存。{WARNING}",
    "小酒": f"常温或冰镇饮用，开瓶后请尽快饮完。{WARNING}",
    "礼盒": f"礼盒请平放，避光避潮。{WARNING}",
    "露酒": f"冰镇或加冰饮用，开瓶后冷藏。{WARNING}",
    "酒器": "温水手洗，避免骤冷骤热。",
}
_COMMON = (
    AttributeForm("净含量", "number", "ml", is_filter=True, position=20),
    AttributeForm("原料", position=30),
    AttributeForm("产地", is_filter=True, position=40),
    AttributeForm("执行标准", position=50),
    AttributeForm("保质期", position=60),
    AttributeForm("贮存条件", position=70),
)
_AROMA = AttributeForm(
    "香型", "choice", options=("浓香型", "酱香型", "清香型", "兼香型", "米香型"), is_filter=True,
    position=10,
)  # fmt: skip
_SPIRIT = (_AROMA, *_COMMON)
WARE = ("陶瓷", "水晶玻璃", "木")
_WARE = (
    AttributeForm("材质", "choice", options=WARE, is_filter=True, position=10),
    AttributeForm("容量", "number", "ml", is_filter=True, position=20),
    AttributeForm("产地", is_filter=True, position=40),
)
ATTRIBUTES = {
    "陈酿": _SPIRIT, "小酒": _SPIRIT, "礼盒": _SPIRIT, "露酒": _COMMON, "酒器": _WARE,
}  # fmt: skip
COVERS = {"陈酿": "chenniang", "小酒": "xiaoquan", "礼盒": "gift_box", "露酒": "guihua",
          "酒器": "cups"}  # fmt: skip
"""The picture of each category."""
STANDARDS = {
    "浓香型": "GB/T 10781.1", "酱香型": "GB/T 26760", "清香型": "GB/T 10781.2",
    "兼香型": "GB/T 10781.8", "米香型": "GB/T 10781.3", "": "GB/T 27588",
}  # fmt: skip


@dataclass(frozen=True)
class DemoGood:
    """A product: its SKUs as (size or piece, yuan, pieces in stock), and what it states."""

    name: str
    category: str
    picture: str
    subtitle: str
    story: str
    strength: int
    skus: tuple[tuple[str, int, int], ...]
    aroma: str = ""
    ml: int = 0
    made_of: str = "高粱、小麦、水"
    tags: tuple[str, ...] = ()
    packs: tuple[tuple[str, int], ...] = ()
    """A second specification: each pack with what it costs more, in yuan."""

    def form(self, category_id: int, position: int) -> ProductForm:
        """The data of the product."""
        is_liquor = self.category != "酒器"
        return ProductForm(
            f"山泉坊·{self.name}" if is_liquor else self.name, category_id, self.subtitle,
            self.story, SERVE[self.category], f"{self.strength}%vol" if is_liquor else "",
            is_liquor, tags=self.tags, position=position, brand=BRAND,
        )  # fmt: skip

    def sku_forms(self) -> tuple[SkuForm, ...]:
        """Its SKUs; with packs only the first, as the matrix adds the others."""
        used = self.skus[:1] if self.packs else self.skus
        return tuple(
            SkuForm(yuan * 100, stock, size, f"SQF-{self.picture.upper()}-{n}", weight_g=1200)
            for n, (size, yuan, stock) in enumerate(used, start=1)
        )

    def matrix(self) -> tuple[tuple[Spec, ...], list[MatrixRow]]:
        """Its specifications and their combinations, if it has packs."""
        specs = (Spec("容量", tuple(size for size, *_ in self.skus)),
                 Spec("包装", tuple(pack for pack, _ in self.packs)))  # fmt: skip
        rows = [
            MatrixRow((size, pack), (yuan + more) * 100, (yuan + more) * 55, stock,
                      f"SQF-{self.picture.upper()}-{n}{m}", weight_g=1200)
            for n, (size, yuan, stock) in enumerate(self.skus, start=1)
            for m, (pack, more) in enumerate(self.packs, start=1)
            if not (n > 1 and m == len(self.packs) > 2)  # the largest pack is for the first size
        ]  # fmt: skip
        return specs, rows

    def facts(self) -> dict[str, str]:
        """What it states, by attribute."""
        if self.category == "酒器":
            return {"材质": self.made_of, "容量": str(self.ml), "产地": "江西景德镇"}
        life = "60 个月" if self.category == "露酒" else "酒精度 10% 及以上，可不标"
        return {
            "香型": self.aroma, "净含量": str(self.ml), "原料": self.made_of, "产地": PLACE,
            "执行标准": STANDARDS[self.aroma], "保质期": life, "贮存条件": "阴凉干燥，密封避光",
        }  # fmt: skip


CLASSIC = {
    "山泉坊·陈酿": DemoGood("", "陈酿", "", "", "", 52, (), "浓香型", 500),
    "山泉坊·坛藏": DemoGood("", "陈酿", "", "", "", 53, (), "酱香型", 1000),
    "山泉坊·小泉": DemoGood("", "小酒", "", "", "", 42, (), "清香型", 100),
    "山泉坊·品鉴装": DemoGood("", "小酒", "", "", "", 52, (), "浓香型", 50),
    "山泉坊·年份礼盒": DemoGood("", "礼盒", "", "", "", 52, (), "浓香型", 1000),
    "山泉坊·桂花露酒": DemoGood("", "露酒", "", "", "", 22, (), ml=375, made_of="清香酒基、金桂"),
    "分酒器套装": DemoGood("", "酒器", "", "", "", 0, (), ml=250, made_of="水晶玻璃"),
    "手工酒杯": DemoGood("", "酒器", "", "", "", 0, (), ml=30, made_of="陶瓷"),
}
"""What the goods of the first shelf state."""
_GIFT = (("手提袋", 0), ("漆盒", 60))
_ROUND = (("单瓶", 0), ("双瓶礼盒", 328), ("整箱 6 瓶", 1400))
MORE = (
    DemoGood("泉韵", "陈酿", "quanyun", "窖香清雅，入口甘爽", "以山泉酿造，青瓷瓶装。", 52,
             (("500ml", 268, 120), ("1L", 498, 60)), "浓香型", 500, tags=("宴请",), packs=_ROUND),
    DemoGood("松风", "陈酿", "songfeng", "酱香细腻，空杯留香", "高粱酿造，陶坛静置。", 53,
             (("500ml", 458, 90), ("1L", 868, 40)), "酱香型", 500, tags=("送礼", "宴请"),
             packs=_ROUND),
    DemoGood("云岭", "陈酿", "yunling", "清香纯净，落口干爽", "地缸发酵，清蒸二次清。", 45,
             (("500ml", 168, 200),), "清香型", 500, tags=("自饮",)),
    DemoGood("竹影", "陈酿", "zhuying", "浓酱谐调，回味悠长", "两种香型分别酿造后调和。", 50,
             (("500ml", 238, 110), ("500ml×6 整箱", 1368, 20)), "兼香型", 500, tags=("聚餐",)),
    DemoGood("丹霞", "陈酿", "danxia", "红壤陶瓶，酱味醇厚", "陶瓶微微透气，酒体渐趋柔和。", 53,
             (("500ml", 528, 70),), "酱香型", 500, tags=("送礼",)),
    DemoGood("江月", "陈酿", "jiangyue", "低醉柔和，适合长席", "降度不加糖，口感顺滑。", 46,
             (("500ml", 218, 140), ("500ml×6 整箱", 1258, 25)), "浓香型", 500, tags=("宴请",)),
    DemoGood("麦田", "陈酿", "maitian", "米香清甜，微带花香", "大米与小曲酿造。", 38,
             (("500ml", 128, 180),), "米香型", 500, "大米、小曲、水", ("自饮", "低度")),
    DemoGood("一盏", "小酒", "yizhan", "一人一盏，浅尝即止", "白瓷小瓶，三瓶一组。", 40,
             (("100ml×3", 99, 220), ("100ml×12", 368, 60)), "清香型", 100, tags=("自饮",)),
    DemoGood("半山", "小酒", "banshan", "爬山归来的一小瓶", "松绿小瓶，两瓶一组。", 42,
             (("125ml×2", 79, 160),), "浓香型", 125, tags=("聚餐",)),
    DemoGood("山雀", "小酒", "shanque", "三只小陶瓶", "陶瓶各有深浅，是烧制的痕迹。", 45,
             (("100ml×3", 118, 90),), "兼香型", 100, tags=("送礼",)),
    DemoGood("晚舟", "小酒", "wanzhou", "米香低度，晚饭一杯", "口感清甜，适合佐餐。", 35,
             (("250ml", 59, 300),), "米香型", 250, "大米、小曲、水", ("自饮", "低度")),
    DemoGood("星野", "小酒", "xingye", "露营随身，三瓶一组", "磨砂黑瓶，不易碎。", 52,
             (("50ml×3", 88, 12),), "浓香型", 50, tags=("新客",)),
    DemoGood("双喜礼盒", "礼盒", "shuangxi", "婚宴回礼，成双成对", "朱漆双瓶，可代写贺卡。", 52,
             (("500ml×2", 598, 80),), "浓香型", 1000, tags=("婚宴", "送礼"), packs=_GIFT),
    DemoGood("团圆礼盒", "礼盒", "tuanyuan", "白瓷双瓶，年节团圆", "附手提袋与贺卡。", 50,
             (("500ml×2", 528, 60),), "浓香型", 1000, tags=("年节", "送礼"), packs=_GIFT),
    DemoGood("松鹤礼盒", "礼盒", "songhe", "酱香双瓶，敬长辈", "松绿瓶身，金箔瓶盖。", 53,
             (("500ml×2", 888, 45),), "酱香型", 1000, tags=("送礼",), packs=_GIFT),
    DemoGood("金桂礼盒", "礼盒", "jingui", "秋日双瓶", "麦黄瓶身，配桂花纹贺卡。", 42,
             (("500ml×2", 368, 70),), "清香型", 1000, tags=("中秋", "送礼"), packs=_GIFT),
    DemoGood("四季礼盒", "礼盒", "siji", "青瓷双瓶，四时皆宜", "附四张节气书签。", 52,
             (("500ml×2", 668, 55),), "兼香型", 1000, tags=("送礼",), packs=_GIFT),
    DemoGood("青梅露酒", "露酒", "qingmei", "青梅浸泡，酸甜爽口", "鲜青梅入酒，滤后静置。", 15,
             (("375ml", 88, 200),), ml=375, made_of="清香酒基、青梅、白砂糖", tags=("低度",)),
    DemoGood("玫瑰露酒", "露酒", "meigui", "花香清雅，适合冰饮", "玫瑰浸渍，微甜。", 18,
             (("375ml", 98, 150),), ml=375, made_of="清香酒基、重瓣玫瑰", tags=("低度", "送礼")),
    DemoGood("枸杞露酒", "露酒", "gouqi", "果味柔和", "头茬枸杞浸渍，色泽橙红。", 25,
             (("375ml", 108, 120),), ml=375, made_of="清香酒基、枸杞"),
    DemoGood("蜜柚露酒", "露酒", "miyou", "柚香微甜，夏天加冰", "蜜柚皮蒸取香气，再入酒。", 12,
             (("375ml", 78, 180),), ml=375, made_of="清香酒基、蜜柚、白砂糖", tags=("低度",)),
    DemoGood("洛神露酒", "露酒", "luoshen", "洛神花红，酸甜平衡", "洛神花冷泡，再与酒基调和。", 14,
             (("375ml", 86, 140),), ml=375, made_of="清香酒基、洛神花", tags=("低度",)),
    DemoGood("青瓷酒杯", "酒器", "qingci", "三只一组，釉色温润", "手工上釉，色泽略有差异。", 0,
             (("三只装", 128, 80),), ml=40, made_of="陶瓷"),
    DemoGood("朱釉对杯", "酒器", "zhuyou", "一对朱红，喜庆得体", "朱红釉，金线收口。", 0,
             (("两只装", 98, 70),), ml=40, made_of="陶瓷", tags=("婚宴",)),
    DemoGood("白瓷酒碗", "酒器", "baici", "素白一碗，大口不烈", "高白泥，薄胎。", 0,
             (("单只", 46, 120),), ml=90, made_of="陶瓷"),
    DemoGood("水晶小杯", "酒器", "shuijing", "六只一盒，通透轻薄", "无铅水晶，机压成型。", 0,
             (("六只装", 68, 160),), ml=15, made_of="水晶玻璃"),
    DemoGood("胡桃木托盘", "酒器", "tuopan", "一盘三杯", "整块胡桃木，配白瓷杯三只。", 0,
             (("一盘三杯", 168, 35),), ml=30, made_of="木"),
    DemoGood("灰陶酒瓶", "酒器", "taoping", "分装与陈放", "灰陶本色，木塞密封。", 0,
             (("500ml", 138, 0), ("1L", 198, 24)), ml=500, made_of="陶瓷"),
)  # fmt: skip


def stated(good: DemoGood, names: Iterable[tuple[int, str]]) -> dict[int, str]:
    """What a product states, by the ids of its category's attributes."""
    facts = good.facts()
    return {attribute_id: facts[name] for attribute_id, name in names if facts.get(name)}
