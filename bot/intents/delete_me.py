"""How a person's account and data are deleted, what stands against it now, and what law keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot import paths
from bot.intent import Asked, Intent
from domain import members, rights


@dataclass(frozen=True)
class Leaving:
    """What stands against it, how long it waits, and when a request that waits ends."""

    stops: frozenset[str]
    available_fen: int
    coming_fen: int
    cooling_days: int
    ends_at: datetime | None


def _leaving(asked: Asked) -> Leaving:
    found = rights.leaving(asked.member_id)
    waiting = rights.open_deletion(asked.member_id)
    return Leaving(
        stops=frozenset(each.code for each in found.obstacles),
        available_fen=found.available_fen,
        coming_fen=found.pending_fen,
        cooling_days=members.rights_times().cooling_days,
        ends_at=None if waiting is None else waiting.ends_at,
    )


INTENT = Intent(
    id="delete_me",
    title="注销账号",
    facts=_leaving,
    more=paths.DELETE,
    answer="""
{% if facts.ends_at %}
您的账号将在 {{ facts.ends_at|when }} 之后注销，在这之前可以撤回：
{{- go(paths.DELETE, "撤回注销") }}
{% else %}
注销会删除您的个人信息，不能恢复
{%- if facts.cooling_days %}；申请后有 {{ facts.cooling_days }} 天冷静期，可以撤回{% endif %}：
{{- go(paths.DELETE, "申请注销") }}
{% if "order_open" in facts.stops %}
您还有没完成的订单，请先办完：{{ say("订单") }}
{% endif %}
{% if "case_open" in facts.stops or "refund_open" in facts.stops %}
您还有售后或退款在办理，请等它结束：{{ go(paths.CASES, "售后") }}
{% endif %}
{% if "withdrawal_open" in facts.stops %}
您还有提现没有到账：{{ go(paths.WITHDRAWALS, "提现记录") }}
{% endif %}
{% if "debt" in facts.stops %}
您还有待抵扣的佣金，请先联系 {{ say("人工", "客服") }}
{% endif %}
{% if facts.available_fen %}
您还有 ¥{{ facts.available_fen|yuan }} 可提现，请先提出：{{ say("提现") }}
{% endif %}
{% if facts.coming_fen %}
还有 ¥{{ facts.coming_fen|yuan }} 佣金在结算：{{ say("佣金") }}
{% endif %}
{% endif %}
法律要求保留的交易账目不能删除，只留编号与金额，地址与实名封存到期销毁。
自己就能删：{{ go(paths.ADDRESSES, "收货地址") }}　{{ go(paths.CONSENTS, "昵称与头像") }}
{{ say("导出我的数据") }}　{{ go(paths.PRIVACY, "隐私政策") }}　{{ say("人工", "找客服") }}
""",
)
