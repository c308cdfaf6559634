"""WeChat refuses a call: what merchant, owner and payee read about it.

The merchant's page shows the cause, what to do, and since when. The owner is told in the chat. A
payee reads what happened to the money and what comes next. All of it disappears as soon as WeChat
accepts the call.
"""

from __future__ import annotations

from typing import Any

import pytest

from app.demo import prepare
from domain import members, settings
from kernel import clock
from kernel.refusals import TRANSFERS, payee_words
from models import Member, OutboxRow, WechatIdentity
from tests.fault import people
from tests.harness import story
from tests.harness.merchant import Merchant, told
from tests.harness.waiting import PATIENCE
from tests.harness.world import Phone, World

TODAY = "/admin/"
TOKEN = "/cgi-bin/stable_token"
CUSTOM, TEMPLATE = "/cgi-bin/message/custom/send", "/cgi-bin/message/template/send"
NOT_LISTED = "invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist"


@pytest.fixture
async def owner(world: World) -> Merchant:
    """The merchant, signed in, with the account's menu and templates set up."""
    await prepare(world.runtime)
    return await Merchant(world).sign_in()


@pytest.fixture
async def boss(world: World) -> Phone:
    """The owner's phone, which receives alarms, with an open customer-service window."""
    phone = await world.phone("boss")
    await phone.follow()
    await phone.say("在吗")
    store = world.runtime.store
    newest = await store.read(lambda: Member.select().order_by(Member.id.desc()).get().id)
    await store.write(settings.change, settings.PushRules, {"alert_member_ids": (newest,)})
    return phone


async def refuse(world: World, path: str, errcode: int, errmsg: str = "no") -> None:
    """Let the account's API refuse a call until ``people.clear``."""
    action = {"errcode": errcode, "errmsg": errmsg}
    await people.fault(world, {"kind": "api", "path": path}, action, None)


async def lose_token(world: World) -> None:
    """Forget the access token, so that the next call fetches a new one."""
    client = world.runtime.wechat.client
    await world.runtime.redis.delete(client.token._key)
    client.token._seen = None


async def leave_window(world: World, phone: Phone) -> None:
    """Close the phone's window, so that messages to it go by template.

    The check is repeated because, on a busy machine, a late push may open the window again after
    the clock was moved.
    """
    openid = (await world.sim("GET", f"/phones/{phone.id}"))["openid"]
    for _ in range(5):
        await world.settle()
        await world.move(minutes=2)
        if await world.runtime.store.read(_follows_unheard, openid):
            return
    raise AssertionError(f"{phone.id} follows and has no open window: not so")


def _follows_unheard(openid: str) -> bool:
    """True if this person follows and has no open window."""
    row = WechatIdentity.get_or_none(WechatIdentity.openid == openid)
    who = members.identity(row.member_id) if row is not None else None
    return who is not None and who.is_following and not who.has_window(clock.now())


async def heard(world: World, phone: Phone, *words: str, box: str = "chat") -> None:
    """Assert that the phone received one message with all of these words."""
    await world.runtime.refusals.flush()
    await world.settle()
    messages = [str(m) for m in await phone.messages(box)]
    assert any(all(word in m for word in words) for m in messages), (words, messages[-4:])


async def notices(world: World, state: str) -> int:
    rows = OutboxRow.select().where(
        (OutboxRow.kind == "notify.member") & (OutboxRow.state == state)
    )
    return await world.runtime.store.read(rows.count)


async def test_40164_for_a_day_is_shown_on_the_first_page_and_no_notice_is_lost(
    world: World, owner: Merchant
) -> None:
    """Earlier, notices were dropped as done, 今日 said nothing, and 后台失败 was 0."""
    lin = await world.phone("lin")
    await lin.follow()
    await lin.say("在吗")
    await refuse(world, TOKEN, 40164, NOT_LISTED)
    await lose_token(world)
    await story.buy(lin)
    await world.settle()
    sentence = "服务器 203.0.113.9 不在公众号的 IP 白名单"
    await told(owner, TODAY, sentence, "在“IP 白名单”里加入 203.0.113.9", "40164", "起，共",
               seconds=PATIENCE)  # fmt: skip
    assert await notices(world, "due") == 1
    await world.move(hours=25)
    await told(owner, TODAY, sentence)
    assert (await notices(world, "due"), await notices(world, "dead")) == (1, 0)
    await people.clear(world)
    await world.move(minutes=11)
    await told(owner, TODAY, never=["白名单"], seconds=PATIENCE)
    assert await notices(world, "due") == 0
    await heard(world, lin, "正在准备发货")


async def test_47003_is_shown_with_its_template_and_the_notice_can_be_sent_again(
    world: World, owner: Merchant, boss: Phone
) -> None:
    lin = await world.phone("lin")
    await lin.follow()
    await leave_window(world, lin)
    await boss.say("在吗")
    await refuse(world, TEMPLATE, 47003, "argument invalid! data.amount2.value invalid")
    await story.buy(lin)
    await world.settle()
    await told(owner, TODAY, "模板“订单支付成功通知”的内容不合微信要求",
               "data.amount2.value invalid", "我的模板", "后台失败 1",
               seconds=PATIENCE)  # fmt: skip
    await told(owner, "/admin/outbox", "通知会员", "的内容不合微信要求", "47003")
    await heard(world, boss, "【店主提醒】", "的内容不合微信要求")
    await people.clear(world)
    page = await owner.open("/admin/outbox")
    await owner.submit(page.form("/replay"))
    await world.settle()
    await told(owner, TODAY, "后台失败 0", never=["不合微信要求"], seconds=PATIENCE)
    await heard(world, lin, "订单支付成功通知")


@pytest.mark.parametrize(
    ("path", "errcode", "sentence", "is_sent"),
    [
        (TEMPLATE, 43004, "收信人没有关注公众号，或已取消关注，通知没有送到。", False),
        (CUSTOM, 45047, "客服消息条数已用完，没有送到，已改用模板消息。", True),
        (CUSTOM, 45015, "收信人超过 48 小时没有发来消息", True),
        (TEMPLATE, 48001, "公众号没有这个接口的权限：发送模板消息。", False),
        (TEMPLATE, 48004, "公众号的接口被微信封禁了：发送模板消息。", False),
        (TEMPLATE, 99123, "微信公众号接口拒绝了“发送模板消息”，错误码 99123（error no）。", False),
    ],
)
async def test_the_first_page_says_why_a_message_was_refused(
    world: World,
    owner: Merchant,
    boss: Phone,
    path: str,
    errcode: int,
    sentence: str,
    is_sent: bool,
) -> None:
    lin = await world.phone("lin")
    await lin.follow()
    if path == CUSTOM:
        await lin.say("在吗")
    else:
        await leave_window(world, lin)
    await refuse(world, path, errcode)
    await boss.say("在吗")
    await story.buy(lin)
    await world.settle()
    await told(owner, TODAY, sentence, f"（{errcode}）", seconds=PATIENCE)
    if 48001 <= errcode <= 48004:  # the owner is told if all messages are affected
        await heard(world, boss, "【店主提醒】", sentence)
    found = [m for m in await lin.messages() if "订单支付成功通知" in str(m)]
    assert bool(found) == is_sent
    is_theirs = errcode in (43004, 45015, 45047)
    assert await notices(world, "dead") == (0 if is_theirs else 1)


async def test_owner_and_payee_are_told_that_the_balance_is_too_low(
    world: World, owner: Merchant, boss: Phone
) -> None:
    """Earlier, the payee read that WeChat gave no answer, and the merchant read nothing."""
    hui, lin = await world.phone("hui"), await world.phone("lin")
    await people.earn(world, hui, lin)
    await boss.say("在吗")
    action = {"status": 403, "code": "NOT_ENOUGH", "message": "资金不足"}
    await people.fault(world, {"kind": "pay", "path": "/v3/fund-app", "method": "POST"}, action,
                       None)  # fmt: skip
    wd = await people.ask_payout(world, 1000)
    await world.settle()
    await told(
        owner, TODAY, "商户号余额不足，提现和退款付不出去。", "账户中心 → 充值", seconds=PATIENCE
    )
    await told(owner, f"/admin/withdrawals/{wd}", "商户号余额不足", "不会重复付款")
    theirs = "商家余额不足，我们会自动重试，您不用操作。"
    assert theirs in (await hui.open(f"/m/d/withdrawals/{wd}")).text
    assert theirs in await hui.say("提现")
    await heard(world, boss, "【店主提醒】商户号余额不足", "充值")
    await people.clear(world)
    await people.rest(world, 1)
    await told(owner, TODAY, never=["余额不足"], seconds=PATIENCE)
    assert (await people.withdrawal(world, wd)).state == "awaiting_user"
    assert "余额不足" not in (await hui.open(f"/m/d/withdrawals/{wd}")).text


async def test_owner_and_payee_are_told_that_a_permission_is_missing(
    world: World, owner: Merchant, boss: Phone
) -> None:
    hui, lin = await world.phone("hui"), await world.phone("lin")
    await people.earn(world, hui, lin)
    await boss.say("在吗")
    await hui.say("在吗")
    action = {"status": 403, "code": "NO_AUTH", "message": "无权限"}
    await people.fault(world, {"kind": "pay", "path": "/v3/fund-app", "method": "POST"}, action,
                       None)  # fmt: skip
    wd = await people.ask_payout(world, 1000)
    await world.settle()
    await told(owner, TODAY, "商户号没有该产品的权限，或权限被收回：提现付款。", "产品中心",
               seconds=PATIENCE)  # fmt: skip
    await told(owner, f"/admin/withdrawals/{wd}", "微信没有付成：商户号没有该产品的权限")
    theirs = "商家的微信付款权限暂不可用，款项没有付出"
    assert theirs in (await hui.open(f"/m/d/withdrawals/{wd}")).text
    assert theirs in await hui.say("提现")
    await heard(world, hui, "已退回余额", theirs)
    await heard(world, boss, "【店主提醒】商户号没有该产品的权限")


async def test_a_payee_is_told_why_a_transfer_failed(world: World, owner: Merchant) -> None:
    """Earlier, a payee read "微信暂时没有答复" whatever had happened."""
    hui, lin = await world.phone("hui"), await world.phone("lin")
    await people.earn(world, hui, lin)
    await hui.say("在吗")
    reasons = ["ACCOUNT_FROZEN", "NAME_NOT_CORRECT", "OVERDUE_CLOSE", "TRANSFER_RISK", "NEW_ONE"]
    for reason in reasons:
        wd = await people.ask_payout(world, 300)
        await world.settle()
        row = await people.withdrawal(world, wd)
        await world.sim("POST", f"/transfers/{row.out_bill_no}",
                        {"state": "FAIL", "fail_reason": reason})  # fmt: skip
        await people.rest(world, 1)
        theirs = payee_words(reason, is_open=False)
        page = (await hui.open(f"/m/d/withdrawals/{wd}")).text
        assert theirs in page, reason
        assert reason not in page
        assert theirs in await hui.say("提现")
        await heard(world, hui, "已退回余额", theirs)
        ours = TRANSFERS[reason].sentence if reason in TRANSFERS else reason
        await told(owner, f"/admin/withdrawals/{wd}", ours)
        await world.move(days=1)  # withdrawals per day are limited


async def test_the_first_page_warns_of_an_unknown_key_until_it_is_configured(
    world: World, owner: Merchant, boss: Phone
) -> None:
    lin = await world.phone("lin")
    ring = world.runtime.pay.client.signer.ring
    known: dict[str, Any] = dict(ring.keys)
    ring.keys.clear()
    order_no = await people.checkout(lin)
    till = await lin.open(f"/m/pay/{order_no}")
    assert (till.status, "没有扣款。订单已为您保留" in till.text) == (503, True)
    await told(owner, TODAY, "微信支付换了证书或公钥，本店验不过它的应答", "API 安全",
               "pay.public_key", seconds=PATIENCE)  # fmt: skip
    await heard(world, boss, "【店主提醒】微信支付换了证书或公钥")
    world.runtime.pay.client.signer.ring.keys.update(known)
    assert await people.pay(lin, order_no)
    await told(owner, TODAY, never=["换了证书"], seconds=PATIENCE)


async def test_a_template_that_no_notice_can_fill_is_not_chosen_on_the_page(
    world: World, owner: Merchant
) -> None:
    template = {"id": "T-phone", "title": "取货提醒", "content": "联系电话:{{phone_number1.DATA}}"}
    await world.sim("POST", "/templates", template)
    page = await owner.open("/admin/templates")
    await owner.submit(page.form("/sync"))
    page = await owner.open("/admin/templates")
    form = next(f for f in page.forms() if f.fields.get("template_id") == "T-phone")
    answer = await owner.submit(form, purpose="order_paid")
    assert "模板“取货提醒”不能用于此用途" in answer.text
    assert "联系电话" in answer.text
