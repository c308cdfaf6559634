"""What happens to a person's data, and who may see it: this person's own answer to that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot import paths
from bot.intent import Asked, Intent
from domain import distribution


@dataclass(frozen=True)
class Seen:
    """The upline by name, '' without one, and since when it may see the person."""

    upline: str
    agreed_at: datetime | None


def _seen(asked: Asked) -> Seen:
    shown = distribution.shown_to(asked.member_id)
    return Seen("", None) if shown is None else Seen(shown.name, shown.agreed_at)


INTENT = Intent(
    id="privacy",
    title="隐私保护",
    facts=_seen,
    more=paths.CONSENTS,
    answer="""
您的信息用于登录、配送、售后和结算佣金；电话、地址和身份信息加密保存，快递公司只取得配送所需的部分。
{% if not facts.upline %}
您没有推荐人，没有分销商能看到您。
{% elif facts.agreed_at %}
您在 {{ facts.agreed_at|day }} 同意推荐人「{{ facts.upline }}」看到昵称（隐去中间的字）、
{{- "头像、访问和购买时间，看不到电话和地址；" }}{{ go(paths.SHOWN_TO, "随时可以撤回") }}。
{% else %}
推荐人「{{ facts.upline }}」只看到客户总数；您没有同意，TA 看不到您的资料。
{% endif %}
{{ go(paths.PRIVACY, "隐私政策") }}　{{ go(paths.CONSENTS, "授权管理") }}　{{ say("注销账号") }}
""",
)
