"""How a person gets what the shop holds about them, and has it corrected: the file, the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot import paths
from bot.intent import Asked, Intent
from domain import legal, members, rights


@dataclass(frozen=True)
class Own:
    """The person's last file while it lies, and the days of answers and files."""

    request_no: str
    is_being_made: bool
    until_at: datetime | None
    answer_days: int
    file_days: int


def _own(asked: Asked) -> Own:
    days, file_days = legal.times().request_days, members.rights_times().file_days
    for each in rights.list_requests_of_member(asked.member_id):
        if each.kind == "access" and (each.has_file or each.state == "open"):
            is_made = each.state != "open"
            return Own(each.request_no, not is_made, each.file_until_at, days, file_days)
    return Own("", False, None, days, file_days)


INTENT = Intent(
    id="my_data",
    title="导出我的数据",
    facts=_own,
    more=paths.REQUESTS,
    examples=(
        "导出我的数据", "我的个人信息", "查看我的个人信息", "你们存了我哪些信息", "下载我的数据",
        "我要一份我的个人信息", "把我的资料导出来", "个人信息副本", "复制我的个人信息",
        "我的信息有哪些", "我想看看你们掌握我什么信息", "行使查阅权", "查阅复制个人信息",
        "更正我的个人信息", "我的信息写错了要改", "申请更正信息", "导出个人数据",
        "给我一份我的数据", "数据可携带",
    ),
    answer="""
您的资料、地址、订单、售后、授权记录、投诉、佣金和提现，可以生成一份文件，只有您自己能打开。
{% if facts.is_being_made %}
文件 {{ facts.request_no }} 正在生成：{{ go(paths.REQUESTS, "查看进度") }}
{% elif facts.request_no %}
已有一份，链接在 {{ facts.until_at|when }} 失效：{{ go(paths.REQUESTS, "打开") }}
{% else %}
生成后保留 {{ facts.file_days }} 天：{{ go(paths.REQUESTS, "生成文件") }}
{% endif %}
昵称、头像、地址和授权自己就能改；其他要更正的也在这里提出，
{{- facts.answer_days }} 个工作日内答复。
{{ go(paths.CONSENTS, "授权管理") }}　{{ say("注销账号") }}　{{ say("人工", "找客服") }}
""",
)  # fmt: skip
