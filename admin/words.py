"""The names of states, kinds and causes on the merchant's pages, with the badge's tone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jinja2 import pass_context

from admin.fault_words import said
from kernel.money import yuan
from kernel.refusals import TRANSFERS, explain, is_listed, said_of_transfer
from kernel.web.templates import day

Tones = Mapping[str, tuple[str, str]]
_FIGURE = re.compile(r"\d+")

PRODUCT: Tones = {
    "draft": ("草稿", ""),
    "submitted": ("待审核", "warn"),
    "on_shelf": ("在售", "ok"),
    "off_shelf": ("已下架", ""),
}
GIVEN = {"gift": "赠品", "reward": "奖品"}
ORDER: Tones = {
    "awaiting_payment": ("待付款", ""),
    "closing": ("关闭中", ""),
    "paid": ("待发货", "warn"),
    "partly_shipped": ("部分发货", "warn"),
    "shipped": ("已发货", "brand"),
    "received": ("已收货", "ok"),
    "completed": ("已完成", "ok"),
    "cancelled": ("已取消", ""),
    "refunded": ("已退款", ""),
}
ORDER_TABS = (
    ("all", "全部"), ("to_ship", "待发货"), ("to_pay", "待付款"), ("to_receive", "待收货"),
    ("refunding", "售后中"), ("done", "已结束"),
)  # fmt: skip
PAYMENT: Tones = {
    "created": ("未付款", ""),
    "open": ("等待付款", ""),
    "paid": ("已付款", "ok"),
    "closed": ("已关闭", ""),
}
REFUND: Tones = {
    "created": ("待提交", "warn"),
    "processing": ("退款中", "warn"),
    "succeeded": ("已退款", "ok"),
    "abnormal": ("退款异常", "brand"),
    "settled_by_hand": ("线下已退", "ok"),
}
REFUND_CAUSE = {
    "case": "售后", "aftersale": "售后", "late": "关闭后付款，自动退回",
    "duplicate": "重复付款，自动退回", "wrong_amount": "金额不符，自动退回",
}  # fmt: skip
CASE: Tones = {
    "requested": ("待处理", "warn"),
    "approved": ("等待寄回", "gold"),
    "returning": ("寄回途中", "brand"),
    "unconfirmed": ("待核实收货", "warn"),
    "received_back": ("已收到退货", "warn"),
    "refunding": ("退款中", "brand"),
    "abnormal": ("退款异常", "warn"),
    "refunded": ("已退款", "ok"),
    "settled_by_hand": ("线下已退", "ok"),
    "exchanged": ("已换货", "ok"),
    "rejected": ("已驳回", ""),
    "withdrawn": ("已撤销", ""),
}
CASE_REASON = {
    "no_reason": "七天无理由", "not_wanted": "不想要了", "damaged": "破损",
    "wrong_goods": "发错货", "missing": "少件",
    "quality": "质量问题", "late": "未按时发货", "other": "其他",
    "not_as_described": "与描述不符", "merchant": "商家退款", "goodwill": "商家补偿",
}  # fmt: skip
CASE_DUTY = {"fault": "商家责任", "no_fault": "买家原因（非商家责任）", "merchant": "商家主动"}
FREIGHT_BY = {"merchant": "商家承担", "buyer": "买家承担", "": "无需寄回"}
CASE_SILENCE = {
    "approve_refund": "同意并退款", "approve_return": "同意，等待买家寄回",
    "reject": "驳回（商品已发出，须退货退款）", "withdraw": "撤销申请",
    "escalate": "提醒店主核实收货，不会自动退款", "remind": "再次提醒店主，不会自动退款",
    "refund": "退款",
}  # fmt: skip
PARCEL_FLAG = {
    "invented": "单号不像真实的快递单号",
    "used_twice": "同一单号还用于售后",
    "own_parcel": "这是本店发出的包裹单号：",
}
CASE_KIND = {"refund_only": "仅退款", "return": "退货退款", "exchange": "换货"}
FOLLOWING: Tones = {"yes": ("已关注", "ok"), "no": ("未关注", "")}
PROMOTIONS: Tones = {
    "agreed": ("同意", "ok"), "stopped": ("已退订", "warn"), "none": ("未同意", ""),
}  # fmt: skip
EXPORT: Tones = {
    "waiting": ("排队中", "warn"), "making": ("生成中", "warn"), "ready": ("可下载", "ok"),
    "failed": ("没有生成", "brand"), "expired": ("已过期", ""),
}  # fmt: skip
EXPORT_WHY = {
    "too_many_rows": "超过 10 万行，请改用 CSV，或加条件分几次导出",
    "right_missing": "您已没有查看或导出这个列表的权限",
}
DISTRIBUTOR: Tones = {
    "applied": ("待审核", "warn"),
    "active": ("正常", "ok"),
    "suspended": ("已暂停", "brand"),
    "rejected": ("已驳回", ""),
    "left": ("已退出", ""),
}
PAYEE = {
    "individual": "个人", "employee": "本店员工", "sole_trader": "个体工商户", "company": "企业",
}  # fmt: skip
WITHDRAWAL: Tones = {
    "requested": ("待审核", "warn"),
    "approved": ("待付款", "brand"),
    "paying": ("付款中", "brand"),
    "awaiting_user": ("待对方确认", "gold"),
    "cancelling": ("撤回中", "warn"),
    "paid": ("已到账", "ok"),
    "failed": ("付款失败", "warn"),
    "expired": ("逾期未确认", ""),
    "cancelled": ("已撤回", ""),
    "rejected": ("已驳回", ""),
    "returned": ("已退回余额", ""),
}
TRANSFER: Tones = {  # as WeChat calls them
    "ACCEPTED": ("已受理", ""), "PROCESSING": ("处理中", ""), "TRANSFERING": ("转账中", ""),
    "WAIT_USER_CONFIRM": ("待对方确认", ""), "SUCCESS": ("已到账", ""), "FAIL": ("付款失败", ""),
    "CANCELING": ("撤回中", ""), "CANCELLED": ("已撤回", ""), "ABSENT": ("没有这笔付款", ""),
}  # fmt: skip
COMMISSION: Tones = {
    "planned": ("待付款", ""),
    "pending": ("待收货", ""),
    "frozen": ("冻结中", "gold"),
    "ready": ("待结算", "brand"),
    "blocked": ("售后中", "warn"),
    "released": ("已结算", "ok"),
    "void": ("已作废", ""),
}
BIND_CAUSE = {
    "follow": "关注", "scan": "扫码", "link": "打开链接", "order": "下单", "merchant": "商家调整",
    "refused": "未改变", "sign_in": "登录",
}  # fmt: skip
REFUSAL = {
    "oneself": "本人", "descendant": "对方是其下级", "suspended": "对方未启用",
    "protected": "保护期内", "already": "已是其客户", "not_new": "不是新会员", "bound": "已有归属",
    "has_upline": "已有归属",
}  # fmt: skip
POLICY = {
    "forever": "永久绑定", "days": "有效期内绑定", "last_click": "最后点击",
    "new_members": "仅新会员",
}  # fmt: skip
SCOPE = {"all": "全部商品", "category": "分类", "product": "商品", "sku": "规格"}
MODE = {"pool": "佣金池按比例分", "levels": "按级比例", "fixed": "每件固定金额", "off": "不计佣"}
ROLE = {"owner": "店主", "operator": "运营", "finance": "财务", "service": "客服"}
ROLE_NOTE = {
    "owner": "全部权限",
    "operator": "商品、订单、推送、客服；退款与改绑须申请",
    "finance": "提现、分佣规则、退款与改绑、审批、日志",
    "service": "查看订单与会员，答复工单；退款与改绑须申请",
}
PROPOSAL: Tones = {
    "open": ("待审批", "warn"), "approved": ("已通过", "ok"), "refused": ("已拒绝", ""),
    "withdrawn": ("已撤回", ""), "expired": ("已过期", ""), "failed": ("未执行", "brand"),
}  # fmt: skip
PROPOSAL_KIND = {
    "refund": "退款", "goodwill": "补偿", "case": "售后处理", "rebinding": "改绑", "send": "群发",
}  # fmt: skip
PROPOSAL_CAUSE = {
    "no_right": "申请人没有直接操作的权限", "single": "超过单笔上限",
    "person_day": "超过个人当日上限", "shop_day": "超过全店当日上限",
}  # fmt: skip
PROPOSAL_DO = {"approve": "同意售后", "received": "已收到退货", "instead": "换货改退款"}
CARRIER = {
    "template": "模板消息", "subscription": "订阅通知", "mass": "群发", "service": "客服消息",
}  # fmt: skip
CARRIER_NOTE = {
    "service": "48 小时内给公众号发过消息的会员；每人最多 5 条",
    "subscription": "会员点过“同意”的通知，每次同意可发 1 条",
    "mass": "已关注的会员，每人每月最多收到 4 条",
    "template": "仅用于服务通知；用于促销有封禁风险",
}
AUDIENCE = {
    "all": "全部会员", "buyers": "买过的会员", "never_bought": "没买过的会员",
    "distributors": "分销商", "members": "指定会员",
}  # fmt: skip
EXCLUDED = {
    "closed": "已注销", "stopped": "已退订", "not_agreed": "未同意接收促销",
    "capped": "本周已达上限", "not_following": "未关注", "no_grant": "没有订阅授权",
    "window_closed": "48 小时内没有发过消息",
}  # fmt: skip
RISK = {
    "template_promotion_risks_account": (
        "微信规定模板消息只能用于服务通知。用它发促销可能被拦截、限制模板能力，直至封禁账号。"
    ),
    "mass_four_a_month": "每位会员每月最多收到 4 条群发；超出的人微信不会送达。",
    "window_five_messages": "客服消息在会员最近一次发消息后 48 小时内有效，每人最多 5 条。",
}
CARRIER_REFUSAL = {
    "template_promotion_off": "需店主在推送规则里开启", "template_missing": "先选择要发的通知",
    "mass_needs_two": "至少要有 2 位收件人",
}  # fmt: skip
LINT = {"ad": "广告法", "liquor": "酒类广告", "share": "诱导分享", "marketing": "营销词"}
PURPOSE = {
    "order_paid": "付款成功", "payment_check": "付款核实", "order_shipped": "发货",
    "commission": "佣金", "withdrawal": "提现", "refund": "退款", "ticket": "客服答复",
    "promotion": "促销",
}  # fmt: skip
NOT_SENT = {
    "mass_needs_two": "群发至少要有 2 位收件人",
    "stopped": "已退订", "not_agreed": "未同意", "capped": "本周已达上限",
    "not_following": "未关注", "no_grant": "没有订阅授权",
    "window_closed": "发消息已超 48 小时", "closed": "已注销",
    "user_block": "对方拒收",
}  # fmt: skip
CAMPAIGN: Tones = {
    "draft": ("草稿", ""),
    "scheduled": ("已定时", "gold"),
    "sending": ("发送中", "brand"),
    "paused": ("暂停", "warn"),
    "done": ("已完成", "ok"),
    "stopped": ("已停止", "warn"),
}
DELIVERY: Tones = {
    "queued": ("待发送", ""),
    "sending": ("发送中", ""),
    "sent": ("已发出", "gold"),
    "delivered": ("已送达", "ok"),
    "blocked": ("被拒收", "warn"),
    "failed": ("失败", "warn"),
    "skipped": ("已跳过", ""),
    "unknown": ("结果未知", "warn"),
}
BILL_FILE = {"trade": "交易账单", "fund": "资金账单"}
BILL_KIND = {"payment": "收款", "refund": "退款", "transfer": "付款", "fee": "手续费"}
BILL_STATE = {
    "theirs_only": "只有微信有", "ours_only": "只有本店有", "amount_differs": "金额不一致",
    "in_flight": "待对方确认",
}  # fmt: skip
# why WeChat ended a transfer
FAULT = {
    "Refused": "微信拒绝", "Retryable": "微信暂时没有答复", "Unknown": "结果未知",
    "GatewayError": "微信接口出错",
}  # fmt: skip
OFFER: Tones = {
    "draft": ("草稿", ""),
    "planned": ("未开始", "gold"),
    "running": ("进行中", "ok"),
    "stopped": ("已停止", "warn"),
    "ended": ("已结束", ""),
    "dropped": ("已作废", ""),
}
TICKET: Tones = {
    "open": ("待答复", "warn"),
    "answered": ("已答复", "ok"),
    "closed": ("已结束", ""),
}
TICKET_TYPE: Tones = {"question": ("咨询", ""), "complaint": ("投诉", "warn")}
TICKET_KIND = {kind: name for kind, (name, _) in TICKET_TYPE.items()}
STOCK_REASON = {
    "initial": "初始", "adjust": "调整", "hold": "下单占用", "release": "取消释放",
    "sold": "付款售出", "return": "退回", "replace": "换货",
}  # fmt: skip
SECTION = {
    "product": "商品", "sku": "规格", "category": "分类", "order": "订单", "case": "售后单",
    "payment": "付款", "refund": "退款", "distributor": "分销商", "withdrawal": "提现",
    "commission_rule": "分佣规则", "levels": "分销层级", "brakes": "付款刹车", "setting": "设置",
    "staff": "员工", "member": "会员", "grade": "分销等级", "outbox_row": "待办消息",
    "campaign": "群发", "bill_line": "对账差异", "hold": "恢复保全",
    "offer": "优惠活动", "template": "消息模板", "ticket": "工单", "proposal": "审批",
    "payee": "收款人", "payout": "付款单", "bill_aside": "未读入的账单行", "export": "导出",
}  # fmt: skip
ACTION = {
    "staff.sign_in": "登录", "staff.create": "新增员工", "staff.roles": "修改角色",
    "staff.disable": "停用员工", "staff.password": "修改密码", "staff.password_reset": "重置密码",
    "staff.totp": "重置动态码", "staff.enrol": "绑定动态码", "proposal.open": "提交审批",
    "proposal.decide": "决定审批", "proposal.withdraw": "撤回审批",
    "staff.locked": "多次输错，已锁定", "staff.device_forgotten": "移除设备",
    "staff.signed_out": "退出全部登录",
    "product.create": "新建商品", "product.edit": "修改商品", "product.pictures": "修改图片",
    "product.put_on_shelf": "上架", "product.take_off_shelf": "下架", "product.submit": "提交审核",
    "product.reject": "审核不通过", "sku.add": "新增规格", "sku.edit": "修改规格",
    "sku.remove": "移除规格", "sku.price": "改价", "stock.adjust": "调整库存",
    "offer.draft": "新建活动", "offer.edit": "修改活动", "offer.start": "活动上线",
    "offer.stop": "停止活动", "offer.drop": "作废活动草稿",
    "category.save": "保存分类", "setting.change": "修改设置", "order.address": "查看收货信息",
    "order.note": "商家备注", "order.extend": "延长收货", "order.payment_returned": "付款自动退回",
    "case.approve": "同意售后", "case.reject": "驳回售后", "case.take_back": "收到退货",
    "case.replace": "换货发出", "case.refund_instead": "换货改退款", "campaign.draft": "新建群发",
    "campaign.edit": "修改群发", "campaign.start": "开始发送", "campaign.pause": "暂停发送",
    "campaign.resume": "继续发送", "campaign.stop": "停止发送", "template.save": "保存模板",
    "template.purpose": "模板用途", "ticket.take": "认领工单", "ticket.answer": "答复工单",
    "ticket.close": "结束工单", "menu.publish": "发布菜单", "payroll.export": "导出代发名单",
    "distributor.identity_seen": "查看实名", "list.export": "导出列表",
    "refund.begin": "发起退款", "refund.abnormal": "退款异常", "refund.retry": "重新退款",
    "refund.by_hand": "线下退款", "refund.by_hand_first": "登记线下退款凭证",
    "distributor.apply": "申请分销商",
    "distributor.appoint": "指定分销商", "distributor.approve": "通过申请",
    "distributor.reject": "驳回申请", "distributor.suspend": "暂停分销商",
    "distributor.restore": "恢复分销商", "distributor.leave": "退出分销",
    "distributor.grade": "调整等级", "payee.type": "修改收款主体", "payee.identity": "登记实名",
    "payee.document": "上传营业执照", "payee.document_seen": "查看营业执照",
    "payee.review": "审核收款主体", "payee.freeze": "冻结佣金",
    "payee.lift": "解冻佣金", "payee.appeal": "申诉", "payee.appeal_answer": "答复申诉",
    "grant.ask": "申请免确认收款", "grant.active": "开启免确认收款",
    "grant.close": "关闭免确认收款", "grant.closed": "微信里关闭免确认收款",
    "grant.differs": "免确认授权不一致",
    "payout.take_back": "撤回付款", "payout.give_up": "确认未付出",
    "payout.payroll": "登记工资代发",
    "payout_uncertain": "付款不能确定", "transfer_alive": "已结束的付款仍在进行",
    "transfer_differs": "付款与微信不符", "transfer_contradicts": "付款结果与微信相反",
    "commission.void": "佣金作废", "refunds.stop": "暂停退款", "refunds.resume": "恢复退款",
    "bill.read": "核对账单",
    "distributor.name": "审核推广名称", "distributor.names_reviewed": "名称转为待审",
    "distributor.identity": "实名登记", "binding.move": "调整归属", "grade.save": "保存等级",
    "levels.sign": "签署分销层级", "commission_rule.save": "新增分佣规则",
    "commission_rule.retire": "停用分佣规则", "payouts.stop": "暂停一切付款",
    "payouts.resume": "恢复付款", "withdrawal.approve": "同意提现",
    "withdrawal.reject": "驳回提现", "withdrawal.hold": "挂起提现",
    "withdrawal.unhold": "解除挂起", "withdrawal.payroll": "登记工资代发",
    "debt.write_off": "核销欠款", "bill_line.close": "关闭差异", "hold.begin": "进入保全",
    "bill_aside.seen": "看过未读入的行", "payment.adopt": "按账单补记收款",
    "payment.mismatch": "收款与本店不符", "payment.unknown_number": "收到未知单号的收款",
    "refund.adopt": "按账单补记退款", "refund.found": "找到退款",
    "refund.mismatch": "退款与本店不符",
    "refund.twice": "重复退款", "refund.unknown_number": "收到未知单号的退款",
    "withdrawal.adopt": "按账单补记提现",
    "hold.lift": "解除保全", "outbox.replay": "重新处理", "outbox.skip": "放弃处理",
}  # fmt: skip


def tone(table: Tones, state: str) -> tuple[str, str]:
    """A state's name and the tone of its badge; one that nobody named shows itself."""
    return table.get(state, (state, ""))


WHY = {
    "offer_over": "活动已停止或结束",
    "block_share": "拒收比例过高",
    "suspended or frozen": "分销商已暂停或冻结",
    "placed": "提交订单",
    "buyer": "买家操作",
    "timeout": "到期自动",
    "pay": "付款成功",
    "close": "开始关闭",
    "cancel": "已取消",
    "ship_all": "全部发出",
    "ship_part": "部分发出",
    "receive": "确认收货",
    "complete": "交易完成",
    "refund_all": "全部退款",
    "drop_rest": "其余已退款",
    "refunded": "退款到账",
    "withdrawn": "买家撤销",
    "settled by hand": "线下退款",
    "goods are back": "已收到退货",
    "restock": "退回可售库存",
    "withdraw": "买家撤销",
    "approve_return": "同意退货",
    "approve_refund": "同意退款",
    "send_back": "买家已寄回",
    "take_back": "收到退货",
    "refund": "开始退款",
    "exchange": "换货已发出",
    "succeed": "退款到账",
    "fail": "退款异常",
    "retry": "重新退款",
    "settle_by_hand": "线下退款",
    "reject": "驳回",
    "escalate": "逾期未确认收货，转店主核实",
    "remind": "再次提醒店主核实收货",
    "extended": "延长收货",
    "replaced": "换货已发出",
    "instead of an exchange": "改为退款",
    "first approval": "初审同意",
    "below the review limit": "低于审核金额，自动同意",
    "taken back by its owner": "本人撤回",
    "waits: payouts_stopped": "等待：付款已暂停",
    "waits: book_unchecked": "等待：账本核对",
    "waits: identity_missing": "等待：对方实名",
    "waits: payee_frozen": "等待：对方佣金已冻结",
    "waits: payee_unreviewed": "等待：营业执照审核",
    "waits: document_missing": "等待：对方上传营业执照",
    "waits: payee_changed": "收款主体已变更，请驳回",
    "waits: net_too_small": "到账金额低于微信最低限额",
    "waits: held_after_restore": "等待：恢复保全",
    "waits: unforeseen": "微信答复异常，请核对",
    "ABSENT": "微信没有这笔付款",
    "CANCELLED": "已撤回",
    "waits: tax_method_unset": "等待：选定个税方式",
    "waits: commission_share": "等待：佣金占比超过警戒线",
    "waits: ceiling_per_hour": "等待：超过每小时上限",
    "waits: ceiling_per_day": "等待：超过每日上限",
    "waits: ceiling_per_person_day": "等待：超过每人每日上限",
}
PARTS = {
    "staff": "", "member": "会员 ", "openid": "微信用户 ", "operator": "运维 ",
}  # fmt: skip
# who acts without a name that a reader would know
WHO = {
    "system": "系统", "outbox": "系统", "periodic": "系统", "wechat": "微信",
    "wechatpay": "微信支付", "visitor": "访客", "seed": "初始数据", "restore": "恢复备份",
}  # fmt: skip
UNNAMED = "operator:unnamed"  # at the command line, which named nobody in former releases
SOURCE = {"mall": "商城"}
# a periodic job: its name, and what it says of its last run, by the figures in it
JOB = {
    "payee_documents": ("营业执照归位", "{} 份"),
    "book_check": ("核对账本", "{} 处不符"), "book_check_whole": ("全面核对账本", "{} 处不符"),
    "checkup": ("核对订单与库存", "{} 处不符"), "ledger_seal": ("封存账日", "封存 {} 天"),
    "cases.due": ("售后到期", "办理 {} / {} 单"),
    "commission_run": ("结算佣金", "释放 {} 笔"),
    "orders.close": ("关闭超时订单", "新关 {}，续办 {}"),
    "orders.complete": ("订单自动完成", "完成 {} / {} 单"),
    "orders.receive": ("自动确认收货", "收货 {} / {} 单"),
    "outbox.depth": ("待办积压", "到期 {}，失败 {}"),
    "approvals.expire": ("清理过期审批", "过期 {} 项"),
    "payments.poll": ("查询付款", "查询 {} 笔，未回复 {}"),
    "refunds.poll": ("查询退款", "查询 {} 笔，未回复 {}"),
    "promotions.clock": ("活动开始与结束", "开始 {} 个，结束 {} 个"),
    "push.templates": ("同步消息模板", "{} 个模板"), "push.counts": ("合并群发计数", "合并 {} 条"),
    "sales_days": ("合计已过的日子", "合计 {} 天"),
    "refusals.remind": ("提醒微信拒绝", "提醒 {} 项"),
    "reconcile": ("对账", ""), "payout_poll": ("查询付款单", "查询 {} 笔"),
    "payout_grants": ("查询免确认授权", "查询 {} 个"),
    "payout_waiting": ("发出等待的付款单", "发出 {} 笔"),
    "housekeeping.commands": ("清理提交记录", "清理 {} 条"),
    "housekeeping.outbox": ("清理已办任务", "清理 {} 条"),
    "housekeeping.oauth": ("清理登录记录", "清理 {} 条"),
    "housekeeping.browsers": ("清理旧浏览记录", "清理 {} 条"),
    "housekeeping.sign_ins": ("清理旧登录记录", "清理 {} 条"),
    "housekeeping.carts": ("清理遗留购物车", "清理 {} 行"),
    "housekeeping.exports": ("清理过期导出文件", "清理 {} 个"),
    "housekeeping.events": ("清理旧系统事件", "清理 {} 条，归位 {} 条"),
}  # fmt: skip
TASK = {
    "export.make": "生成导出文件", "payout.send": "提交付款", "payout.cancel": "撤回付款",
    "payout.take_back": "冻结后撤回付款",
    "orders.close": "关闭订单", "payments.refund": "提交退款",
    "payments.close": "关闭付款单", "notify.member": "通知会员", "notify.owner": "通知店主",
    "push.expand": "准备群发", "push.send": "群发", "push.receipt": "群发回执",
    "push.offer": "通知购物车会员",
}  # fmt: skip


def why(text: str) -> str:
    """What stands in a log, in words; what a person typed stays as it is."""
    if text.startswith(FALLEN):
        code = text.removeprefix(FALLEN)
        return f"免确认付款被拒，改为由对方确认：{said_of_transfer(code).sentence.rstrip('。')}"
    if text.startswith("no result: "):
        return said(text)
    if text.startswith("uncertain: "):
        return f"是否付出不能确定（{said(text.removeprefix('uncertain: '))}）"
    if text.startswith("first: in no bill of "):
        return f"初次确认：{text.removeprefix('first: in no bill of ')} 的微信账单里没有"
    if text.startswith("NEVER_ARRIVED "):
        return f"两人确认未付出（账单 {text.removeprefix('NEVER_ARRIVED ')}）"
    return WHY.get(text, CASE_REASON.get(text, text))


def step_why(text: str) -> str:
    """Why a withdrawal took a step: a transfer's code in words, else as logs have it."""
    is_code = text in TRANSFERS or is_listed("pay", text)
    return said_of_transfer(text).sentence.rstrip("。") if is_code else why(text)


@pass_context
def named(page: Any, actor: str) -> str:
    """Who acted, by the name that the page knows: of staff ``names``, of members ``people``."""
    for known in ("names", "people"):
        if actor in (page.get(known) or {}):
            return str(page[known][actor])
    return who(actor)


def who(actor: str) -> str:
    """Who acted: the login of staff, the number of a member, or the system."""
    if actor == UNNAMED:
        return "运维（未留名）"
    kind, _, name = actor.partition(":")
    return f"{PARTS[kind]}{name}" if kind in PARTS else WHO.get(kind, actor)


BILL_SAID = {"matched": "一致", "closed": "已关闭", "no lines": "没有交易"}


def job_said(name: str, said: str) -> str:
    """What a periodic job says of its last run; a fault stays as it is."""
    _, pattern = JOB.get(name, ("", ""))
    if name == "reconcile":
        for state, text in (
            BILL_STATE | {"matched": "一致", "closed": "已关闭", "no lines": "没有交易"}
        ).items():
            said = said.replace(state, text)
    figures = _FIGURE.findall(said)
    return pattern.format(*figures) if pattern.count("{}") == len(figures) > 0 else said


def fault(text: str) -> str:
    """Why a task failed, with the kind of fault in words."""
    if text == "its worker disappeared":
        return "执行它的进程中断了，已由别的进程接手"
    kind, _, rest = text.partition(": ")
    code, _, detail = (rest if kind in FAULT else text).partition(" ")
    for side in ("account", "pay"):
        if is_listed(side, code):
            known = explain(side, code, detail=detail, template="通知所用的模板")
            return f"{known.sentence}（{code}）"
    return f"{FAULT[kind]}：{rest}" if kind in FAULT else text


FALLEN = "not without confirming: "
GRANT = {"asked": "待对方同意", "closed": "已关闭", "expired": "未同意", "refused": "微信未受理"}


def granted(grant: Any) -> str:
    """Whether somebody is paid without confirming, and since when or why not (免确认收款)."""
    if grant is None:
        return "未开启"
    if grant.state == "active":
        return f"已开启（{day(grant.active_at)} 起）"
    return f"{GRANT[grant.state]}（{day(grant.ended_at or grant.asked_at)}）"


def failed(code: str) -> str:
    """Why a transfer was not paid, in the merchant's words, with what to do."""
    known = said_of_transfer(code)
    return known.sentence + "".join(known.todo)


def rate(rate_bp: int) -> str:
    """Basis points as a percentage: 1250 → '12.5%'."""
    whole, rest = divmod(rate_bp, 100)
    text = f"{whole}.{rest:02d}".rstrip("0").rstrip(".")
    return f"{text}%"


def levels(each: Iterable[Any]) -> list[tuple[str, str]]:
    """What each level gets for a product: its name, the amount or the span, the rate."""
    return [(f"第 {x.level} 级", _span(x)) for x in each]


def _span(x: Any) -> str:
    top = f" – ¥{yuan(x.to_fen)}" if x.to_fen != x.from_fen else ""
    return f"¥{yuan(x.from_fen)}{top}" + (f" · {rate(x.rate_bp)}" if x.rate_bp is not None else "")


def template_rows(shape: Any, values: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """A template message's lines as the phone shows them: label, value, the field it follows."""
    return [(label, values.get(f"v_{key}") or "　", f"v_{key}") for key, label in shape.fields]


def shares(mode: str, values: Sequence[int]) -> str:
    """A rule's shares, level 1 first."""
    if mode == "fixed":
        return " / ".join(f"¥{yuan(v)}" for v in values)
    if mode == "levels":
        return " / ".join(rate(v) for v in values)
    return " : ".join(str(v) for v in values)


def catalogue() -> dict[str, Any]:
    """Everything, as templates use it: ``w.ORDER``, ``w.tone``."""
    return {name: value for name, value in globals().items() if name.isupper()} | {
        "tone": tone,
        "rate": rate,
        "template_rows": template_rows,
        "levels": levels,
        "shares": shares,
        "why": why,
        "failed": failed,
        "granted": granted,
        "step_why": step_why,
        "who": named,
        "fault": fault,
        "said": said,
        "job_said": job_said,
    }
