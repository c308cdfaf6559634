"""``doctor wechat`` lists open refusals of WeChat with the steps to take."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.doctor import _stands
from domain.refusals import OpenRefusal

AT = datetime(2026, 11, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("one", "state", "found", "todo"),
    [
        (
            OpenRefusal("account", "/cgi-bin/stable_token", "40164", "",
                        "invalid ip 203.0.113.9, not in whitelist", 41, AT, AT),
            "fail", "11-29 09:30 起 41 次：40164 取得调用凭证", "加入 203.0.113.9",
        ),
        (
            OpenRefusal("pay", "transfer", "NOT_ENOUGH", "", "", 2, AT, AT),
            "fail", "11-29 09:30 起 2 次：NOT_ENOUGH 提现付款", "充值",
        ),
        (
            OpenRefusal("account", "/cgi-bin/message/template/send", "43004", "", "", 1, AT, AT),
            "warn", "11-29 09:30 起 1 次：43004 发送模板消息", "没有关注",
        ),
    ],
)  # fmt: skip
def test_an_open_refusal_is_an_item_of_the_list(
    one: OpenRefusal, state: str, found: str, todo: str
) -> None:
    item = _stands(one)
    assert (item.code, item.state, item.found) == ("refused", state, found)
    assert todo in item.what_to_do_zh
