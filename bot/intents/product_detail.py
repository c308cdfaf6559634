"""What a product is: strength, sizes, aroma, what stands on its label; and its page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.about import page_asked, which_product
from bot.call import Call
from bot.intent import Asked, Intent
from bot.intents.product import product_reply_of
from domain.catalog import ProductPage
from kernel.chat import Reply
from kernel.words import folded

_AROMA = re.compile("酱香|浓香|清香|米香|兼香|凤香|馥郁香|芝麻香|豉香")
# What is asked, and the words by which a product's own text answers it.
_ASKED = {
    "品牌": (re.compile("品牌|牌子|什么牌|哪个牌|啥牌"), re.compile("(?!)")),
    "香型": (re.compile("香型|浓香|酱香|清香|什么香"), _AROMA),
    "原料与工艺": (
        re.compile(
            "原料|粮食|高粱|纯粮|五粮|单粮|配料|成分|酒精|勾兑|固态|液态|大曲|小曲|工艺|含糖"
        ),
        re.compile("粮|高粱|小麦|大米|固态|发酵|酿|浸|曲"),
    ),
    "年份": (re.compile("年份|几年|存了|窖藏|陈放|老酒"), re.compile("年|贮|陈")),
    "产地": (re.compile("产地|哪里产|哪产|哪里的|origin"), re.compile("产于|产地|产区")),
    "口感": (re.compile("口感|味道|好喝|辣|绵|柔|冲"), re.compile("入口|余味|口感|绵|柔|甜|爽")),
    "包装": (re.compile("包装|盒|瓶子|杯|手提袋|礼袋"), re.compile("盒|袋|(?<!陶)坛|瓶|杯|附")),
}
# The names that attributes (规格参数) may have for what is asked.
_STATED = {
    "品牌": ("品牌",), "香型": ("香型",), "原料与工艺": ("原料", "配料", "工艺", "酿造工艺"),
    "年份": ("年份", "贮存时间", "窖藏时间"), "产地": ("产地", "产区"), "口感": ("口感", "风味"),
    "包装": ("包装", "包装方式"),
}  # fmt: skip
_LABELLED = ("执行标准", "生产许可证", "生产许可证号", "生产日期", "批次")
_LIFE = ("保质期", "贮存条件")
_SHELF_LIFE = re.compile("保质|过期|保鲜|放多久|能放|shelf life|expire")
_ON_LABEL = re.compile("生产日期|批次|哪天|执行标准|标准号|许可证|sc编号|sc号|条码|哪年")

SHELF_LIFE = "保质期：酒精度 10% 及以上的酒，按国家标准可以不标；未开封请密封、避光、阴凉存放。"
ON_LABEL = "生产日期、批次、执行标准和许可证号印在瓶身标签上，每批不同，以实物为准。"
# What a tap asks of a product when the question named none.
_ENDINGS = {
    "品牌": "是什么牌子",
    "香型": "是什么香型",
    "原料与工艺": "用什么粮食酿的",
    "产地": "是哪里产的",
}

# "五十二度" asks for no fact: it wishes for goods.
_ONLY_STRENGTH = re.compile(r"[0-9.一二三四五六七八九十]+ ?(?:度|°|%)(?:的|的?酒)?(?:有吗|吗)?")

_TEXT = """
{{ facts.page.title }}{{ "，酒精度 " ~ facts.page.strength if facts.page.strength }}
{% if facts.sizes %}
规格：{{ facts.sizes }}
{% endif %}
{% for name, text in facts.answers %}
{{ name }}：{{ text }}
{% endfor %}
{% for name in facts.unknown %}
{{ name }}：商品资料里没有写，以瓶身标签为准。
{% endfor %}
{% if facts.shelf_life %}
{{ shelf_life if facts.page.is_liquor else "保质期：以商品标签为准。" }}
{% endif %}
{% if facts.on_label %}
{{ on_label }}
{% endif %}
{{ go(paths.product(facts.page.id), "看图文详情") }}　{{ say("人工", "找客服核实")
  if facts.unknown or facts.on_label else say(facts.page.title ~ "多少钱", "多少钱") }}
"""


@dataclass(frozen=True)
class Details:
    """What is known of a product for one question; ``answers`` are (what, sentence)."""

    page: ProductPage
    sizes: str
    answers: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]
    shelf_life: bool
    on_label: bool


def _details(asked: Asked) -> Details | None:
    page = page_asked(asked)
    if page is None:
        return None
    question = asked.words.replace(page.title.lower(), "")
    wanted = [name for name, (words, _) in _ASKED.items() if words.search(question)]
    answers = [(name, _answer(page, name)) for name in wanted]
    life, label = _SHELF_LIFE.search(question) is not None, _ON_LABEL.search(question) is not None
    stated = _facts(page, question, _LIFE if life else (), _LABELLED if label else ())
    answers += [each for each in stated if each[0] not in wanted]
    said = {name for name, _ in stated}
    return Details(
        page=page,
        sizes="、".join(sku.spec_text for sku in page.skus if sku.spec_text),
        answers=tuple((name, text) for name, text in answers if text),
        unknown=tuple(name for name, text in answers if not text),
        shelf_life=life and not said & set(_LIFE),
        on_label=label and not said & set(_LABELLED),
    )


def _answer(page: ProductPage, name: str) -> str:
    """What the product states itself (规格参数), else a sentence of its text."""
    facts = dict(page.facts) | ({"品牌": page.brand} if page.brand else {})
    stated = "；".join(facts[each] for each in _STATED[name] if each in facts)
    return stated or _sentence(page, _ASKED[name][1])


def _facts(page: ProductPage, question: str, *asked: tuple[str, ...]) -> list[tuple[str, str]]:
    """The attributes that a question names, or asks for in other words."""
    wanted = {name for names in asked for name in names}
    return [
        (name, text) for name, text in page.facts
        if name in wanted or folded(name) in question
    ]  # fmt: skip


def _sentence(page: ProductPage, words: re.Pattern[str]) -> str:
    """The first sentence of the product's own text that has one of the words; "" if none has."""
    texts = [page.subtitle, *re.split(r"[。\n]", page.description)]
    found = next((text.strip() for text in texts if words.search(text)), "")
    if not found and words is _AROMA:
        return next((tag for tag in page.tags if words.search(tag)), "")
    return found


async def detail_reply(call: Call, asked: Asked) -> Reply:
    """The details of the product that is asked about, else a question which one."""
    if _ONLY_STRENGTH.fullmatch(asked.words):
        return await product_reply_of(call, asked)
    details = await call.read(_details, asked)
    if details is not None:
        call.about = details.page.id
        return call.answer_with(_TEXT, facts=details, shelf_life=SHELF_LIFE, on_label=ON_LABEL)
    if _SHELF_LIFE.search(asked.words):
        return await which_product(call, asked, "保质期多久", SHELF_LIFE)
    if _ON_LABEL.search(asked.words):
        return await which_product(call, asked, "生产日期是哪天", ON_LABEL)
    endings = (_ENDINGS[name] for name in _ENDINGS if _ASKED[name][0].search(asked.words))
    return await which_product(call, asked, next(endings, "多少度"))


INTENT = Intent(
    id="product_detail",
    title="度数和规格",
    reply=detail_reply,
    examples=(
        "这酒是什么牌子", "这款是什么品牌", "是哪个牌子的酒", "这个酒什么牌", "酒的品牌是什么",
        "陈酿是什么牌子", "陈酿什么品牌", "陈酿的品牌", "小泉什么品牌", "坛藏是哪个牌子",
        "露酒是什么品牌", "礼盒是什么牌子", "这瓶是什么品牌", "酒杯是什么牌子",
    ),
)  # fmt: skip
