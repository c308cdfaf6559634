"""Whether selling for the shop is a pyramid scheme: the facts by which anybody can tell."""

from __future__ import annotations

from bot.intent import Asked, Intent
from domain import distribution


def _levels(_: Asked) -> int | None:
    """How many levels are paid; None if distribution is off."""
    return distribution.levels_now() or None


INTENT = Intent(
    id="is_it_legal",
    title="分销合法吗",
    facts=_levels,
    answer="""
《禁止传销条例》看三点：交入门费、拉人头、按下线业绩计酬。本店的做法您可以核对：
1. 不收费：加入免费，没有押金，不用买货。
2. 不拉人头：发展多少人都没有奖励，也没有按人数的等级和排名。
3. {{ "只付直接推荐的一级" if facts == 1 else "最多付 %d 级" % facts }}，
{{- "佣金只来自售出的商品，退款即收回。" }}
商品由{{ company.legal_name }}销售、发货并负责售后。公务员等有兼职规定的，请先问单位。
{{ go(paths.RULES, "分销规则") }}　{{ go(paths.LICENCES, "公司证照") }}　{{ say("人工") }}
""",
    without="""
本店目前没有开启分销：不收费，不招人，也不付佣金。
有人以本店名义收钱或拉人，请联系我们：{{ say("投诉") }}　{{ go(paths.LICENCES, "公司证照") }}
""",
)
