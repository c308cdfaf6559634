"""What the go-live check (上线体检) finds: one line each, and what a person should do."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from kernel.errors import GatewayError, Retryable

log = logging.getLogger(__name__)
State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Check:
    """One item of the list: its stable code, how it stands, what was found, what to do."""

    code: str
    state: State
    found: str
    what_to_do_zh: str = ""


Probe = Callable[[], Awaitable[Check]]
Say = Callable[[Check], None]

ADVICE = {
    "40013": "AppID 不正确：请核对配置 wechat.appid 与公众平台「设置与开发 → 基本配置」一致。",
    "40125": "AppSecret 不正确：请在公众平台重置后填入 wechat.secret（重置后旧密钥立即失效）。",
    "40164": "服务器出口 IP 不在白名单：请把错误信息里的 IP 加入「基本配置 → IP 白名单」。",
    "89503": "此 IP 的调用待管理员确认：请管理员在微信里确认，一小时内有效。",
    "48001": "公众号没有该接口权限：请确认是已认证的服务号。",
    "50007": "公众号已被冻结：请登录公众平台查看原因。",
    "45009": "今日调用次数已用完：零点后恢复，或在公众平台清零（每月 10 次）。",
    "SIGN_ERROR": (
        "签名被拒：请核对 pay.private_key 与 pay.serial_no 属于同一张商户 API 证书，并校准时间。"
    ),
    "APPID_MCHID_NOT_MATCH": (
        "AppID 与商户号未绑定：请在商户平台「AppID 账号管理」关联，并在公众平台确认。"
    ),
    "MCH_NOT_EXISTS": "商户号不存在：请核对 pay.mchid。",
    "NO_AUTH": "商户号没有该产品权限：请在商户平台「产品中心」开通。",
    "PARAM_ERROR": "微信认为参数有误：请按错误信息核对配置。",
    "no_connection": "连不上微信：请检查服务器出网、DNS 和防火墙（需放行 443）。",
    "no_answer": "微信没有应答：请检查网络后重试。",
}
SIGNATURE_ADVICE = (
    "应答验签失败：请核对 pay.public_key_id / pay.public_key（或平台证书）和服务器时间。"
)


async def run_all(probes: Sequence[tuple[str, Probe]], say: Say) -> list[Check]:
    """Run each probe in turn; one that breaks is a failed item, not the end of the list."""
    done: list[Check] = []
    for code, probe in probes:
        try:
            check = await probe()
        except GatewayError as error:
            check = failed(code, error)
        except Exception as error:
            log.exception("check %s broke", code)
            check = Check(
                code, "fail", f"{type(error).__name__}: {error}", "请把日志发给技术支持。"
            )
        done.append(check)
        say(check)
    return done


def failed(code: str, error: GatewayError) -> Check:
    """The item for a call that WeChat did not take; what may pass later is a warning."""
    if error.code.startswith("answer_"):
        return Check(code, "fail", str(error), SIGNATURE_ADVICE)
    advice = ADVICE.get(error.code, "请按错误码查阅微信文档，或稍后重试。")
    is_passing = isinstance(error, Retryable) and error.code not in ADVICE
    return Check(code, "warn" if is_passing else "fail", str(error), advice)
