"""What a request for a transfer must hold: amount, remark, scene, report and the payee's name."""

from __future__ import annotations

from typing import Any

from simulator.crypto import CryptoError, oaep_decrypt
from simulator.errors import PayError
from simulator.ids import digits
from simulator.pay import keyring
from simulator.pay.gate import PayCall, param_error
from simulator.pay.orders import check_notify_url
from simulator.world import Phone, Transfer

NAME_REQUIRED_FEN = 200_000
NAME_FORBIDDEN_FEN = 30
LEAST_FEN = 10
CONTENT_MOST = 32
# scene → (labels that must all be reported, what the payee may read as the reason)
SCENES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "1000": (("活动名称", "奖励说明"), ("活动奖励", "现金奖励")),
    "1002": (("补贴类型",), ("行政补贴", "行政奖励")),
    "1004": (("保险产品备案编号", "保险名称", "保险操作单号"), ("保险理赔款",)),
    "1005": (("岗位类型", "报酬说明"), ("劳务报酬", "报销款", "企业补贴", "开工利是")),
    "1009": (("采购商品名称",), ("货款",)),
    "1010": (("回收商品名称",), ("二手回收货款",)),
    "1011": (("赔付原因",), ("退款", "商家赔付")),
    "1013": (("公益活动名称", "公益活动备案编号"), ("公益补助金",)),
}


def made(call: PayCall, phone: Phone, number: str) -> Transfer:
    """A new transfer from a checked request; NOT_ENOUGH if the balance is too low."""
    sim, name = call.sim, _checked(call)
    amount_fen = call.body["transfer_amount"]
    if sim.world.fund_fen < amount_fen:
        raise PayError(403, "NOT_ENOUGH", "商户运营账户资金不足")
    now = sim.clock.now()
    return Transfer(
        out_bill_no=number,
        transfer_bill_no="13" + digits(26),
        openid=phone.openid,
        phone=phone.id,
        amount_fen=amount_fen,
        remark=call.body["transfer_remark"],
        scene_id=call.body["transfer_scene_id"],
        user_name=name,
        notify_url=check_notify_url(call) if call.body.get("notify_url") else "",
        request=call.body,
        made_at=now,
        updated_at=now,
    )


def is_same(first: dict[str, Any], again: dict[str, Any]) -> bool:
    """True if the requests are equal; encrypted fields differ by their padding each time."""
    return {**first, "user_name": bool(first.get("user_name"))} == {
        **again,
        "user_name": bool(again.get("user_name")),
    }


def _checked(call: PayCall) -> str:
    """Check amount, remark and scene; returns the payee's real name, decrypted."""
    sim, body = call.sim, call.body
    if body.get("appid") != sim.settings.appid:
        raise PayError(400, "APPID_MCHID_NOT_MATCH", "appid与商户号未绑定")
    amount = body.get("transfer_amount")
    if isinstance(amount, bool) or not isinstance(amount, int) or amount < 1:
        raise param_error("transfer_amount")
    call.text("transfer_remark", r".{1,32}")
    scene = _check_scene(call)
    most = sim.settings.transfer_scene_max_fen.get(scene, sim.settings.transfer_max_fen)
    if not LEAST_FEN <= amount <= most:
        raise PayError(400, "INVALID_REQUEST", "超过单笔转账上下限，核实产品设置是否准确")
    return _name(call, amount)


def _check_scene(call: PayCall) -> str:
    """Check scene, report and the payee's text: each must be in WeChat's list, word by word."""
    scene = str(call.body.get("transfer_scene_id"))
    if scene not in SCENES:
        raise param_error("transfer_scene_id", "转账场景ID不存在或未开通")
    labels, perceptions = SCENES[scene]
    infos = call.body.get("transfer_scene_report_infos")
    if not isinstance(infos, list) or not infos:
        raise param_error("transfer_scene_report_infos", "需传入转账场景报备信息，请检查")
    given = [i for i in infos if isinstance(i, dict)]
    if sorted(str(i.get("info_type")) for i in given) != sorted(labels):
        raise param_error(
            "transfer_scene_report_infos", "未传入完整且对应的转账场景报备信息，请根据接口文档检查"
        )
    for info in given:
        call.text("info_content", rf".{{1,{CONTENT_MOST}}}", where=info)
    words = call.body.get("user_recv_perception")
    if words is not None and words not in perceptions:
        raise PayError(400, "INVALID_REQUEST", "暂不支持展示当前传入的用户收款感知")
    return scene


def _name(call: PayCall, amount_fen: int) -> str:
    """The payee's real name: required from 2 000 yuan, refused below 0.3 yuan."""
    encrypted = call.body.get("user_name")
    if not encrypted:
        if amount_fen >= NAME_REQUIRED_FEN:
            raise param_error("user_name", "转账金额 2000 元及以上须填写收款用户姓名")
        return ""
    if amount_fen < NAME_FORBIDDEN_FEN:
        raise param_error("user_name", "转账金额低于 0.3 元不支持填写收款用户姓名")
    serial = call.request.headers.get("Wechatpay-Serial", "")
    key = keyring.for_sensitive(call.sim, serial)
    try:
        return oaep_decrypt(key, str(encrypted))
    except CryptoError as error:
        raise param_error("user_name", "敏感字段解密失败") from error
