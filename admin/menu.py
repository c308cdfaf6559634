"""The menu: all of the merchant's pages. Navigation, badges, routes and tests are made from it."""

from __future__ import annotations

from admin import account, approvals, search, sign_in, today
from admin.goods import (
    attributes,
    categories,
    costs,
    freight,
    matrix,
    pictures,
    product_sheet,
    products,
    shelving,
    stock,
    stock_count,
    stories,
)
from admin.kit import Page, Plain, Section
from admin.legal import documents, impact, leaks
from admin.marketing import evidence, offers, push, push_compose, push_templates, texts
from admin.marketing import pictures as reviews
from admin.people import ages, answers, behalf, clearing, members, missed, requests, tickets
from admin.selling import brakes, distributors, levels, origins, payees, rules, withdrawals
from admin.shop import (
    account_menu,
    audit,
    chat,
    outbox,
    own_files,
    places,
    settings,
    staff,
)
from admin.trade import aftersales, differences, orders, pickups, reconcile
from admin.trade.ship_sheet import SHIP_SHEET

MENU = (
    Section("今日", "home", (Page("", "今日", "today.see", (Plain(today.routes),)),)),
    Section("审批", "check", (
        Page("approvals", "审批事项", "approvals.see",
             (approvals.LIST, approvals.DETAIL, Plain(approvals.routes)),
             todo=lambda todo: todo.to_decide),
        Page("settings/ceilings", "员工操作上限", "approvals.see"),
    )),
    Section("订单", "box", (
        Page("orders", "订单台", "orders.see",
             (orders.LIST, SHIP_SHEET, *orders.STEPS, Plain(orders.routes)),
             todo=lambda todo: todo.to_ship),
        Page("pickups", "到店自提", "pickups.verify",
             (pickups.LIST, *pickups.STEPS, Plain(pickups.routes))),
        Page("aftersales", "售后", "orders.see",
             (aftersales.LIST, aftersales.DETAIL, aftersales.ORIGINAL, *aftersales.STEPS,
              Plain(aftersales.routes)),
             todo=lambda todo: todo.cases),
        Page("refunds", "退款", "orders.see", (aftersales.REFUNDS, *aftersales.REFUND_STEPS),
             todo=lambda todo: todo.refunds_abnormal),
        Page("reconcile", "对账", "payouts.see",
             (differences.LIST, differences.DETAIL, *differences.STEPS, *reconcile.STEPS,
              Plain(reconcile.routes)),
             todo=lambda todo: todo.differences),
    )),
    Section("商品", "bottle", (
        Page("products", "商品", "products.see",
             (products.LIST, product_sheet.LIST, product_sheet.PRODUCT_SHEET,
              *products.FORMS, products.REMOVE_SKU, attributes.SAVE,
              matrix.SAVE, stories.SAVE, shelving.PLAN, shelving.COPY, Plain(products.routes),
              Plain(pictures.routes), Plain(attributes.routes), Plain(matrix.routes),
              Plain(shelving.routes), Plain(stories.routes))),
        Page("stock", "库存", "products.see",
             (stock.LIST, stock_count.COUNT_SHEET, *stock.STEPS, Plain(stock.routes)),
             todo=lambda todo: todo.low_stock),
        Page("costs", "成本与毛利", "products.cost", (costs.LIST,)),
        Page("categories", "分类", "products.see",
             (categories.SAVE, *categories.STEPS, Plain(categories.routes))),
        Page("freight/goods", "商品运费", "products.see", (freight.LIST,)),
    )),
    Section("营销", "gift", (
        Page("offers", "优惠活动", "offers.see",
             (offers.LIST, *offers.STEPS, Plain(offers.routes))),
        # aiohttp tries routes in order: /push/new has to come before /push/{id}
        Page("push", "消息群发", "push.see",
             (push.LIST, *push.STEPS, Plain(push_compose.routes), Plain(push.routes))),
        Page("templates", "消息模板", "push.see",
             (*push_templates.STEPS, Plain(push_templates.routes))),
        Page("texts", "广告审查", "texts.see", (texts.LIST, texts.DETAIL, *texts.STEPS)),
        Page("pictures", "图片审核", "texts.see", (*reviews.STEPS, Plain(reviews.routes)),
             todo=lambda todo: todo.pictures),
        Page("evidence", "证明材料", "texts.see",
             (evidence.ADD, *evidence.STEPS, Plain(evidence.routes))),
    )),
    Section("分销", "team", (
        Page("distributors", "分销商", "distribution.see",
             (distributors.LIST, distributors.DETAIL, *distributors.STEPS,
              Plain(distributors.routes)),
             also=("grades",), todo=lambda todo: todo.applications),
        Page("commission", "佣金明细", "distribution.see", (distributors.COMMISSION_LIST,)),
        Page("origins", "来源分析", "distribution.see", (origins.LIST,)),
        Page("withdrawals", "提现审核", "payouts.see",
             (withdrawals.LIST, withdrawals.DETAIL, *withdrawals.STEPS, Plain(withdrawals.routes)),
             also=("tax", "payroll"), todo=lambda todo: todo.withdrawals),
        Page("payees", "收款人", "payouts.see", (*payees.STEPS, Plain(payees.routes)),
             todo=lambda todo: todo.payees + todo.freezes),
        Page("brakes", "付款刹车", "payouts.see", (*brakes.STEPS, Plain(brakes.routes)),
             also=("settings/brakes", "settings/refund_brakes")),
        Page("rules", "分佣规则", "distribution.see",
             (rules.NEW, rules.RETIRE, distributors.SAVE_GRADE, Plain(rules.routes))),
        Page("levels", "分销层级", "distribution.see", (Plain(levels.routes),)),
        Page("settings/distribution", "分销设置", "distribution.see",
             also=("settings/binding", "settings/names", "settings/invitations")),
    )),
    Section("会员", "crown", (
        Page("members", "会员", "members.see", (members.LIST, members.DETAIL)),
        Page("ages", "年龄核验", "members.see", (ages.LIST, *ages.STEPS, Plain(ages.routes)),
             todo=lambda todo: todo.ages),
        Page("tickets", "客服与投诉", "tickets.see",
             (tickets.LIST, tickets.DETAIL, tickets.ORIGINAL, *tickets.STEPS),
             todo=lambda todo: todo.tickets),
        Page("requests", "个人信息请求", "tickets.see",
             (requests.LIST, requests.DETAIL, requests.ORIGINAL, *requests.STEPS, behalf.ADD,
              Plain(behalf.routes), Plain(clearing.routes)),
             todo=lambda todo: todo.requests),
        Page("answers", "聊天问答", "answers.see",
             (answers.LIST, answers.NEW, answers.SAVE, *answers.STEPS, Plain(answers.routes))),
        Page("missed", "没听懂的话", "answers.see", (missed.LIST, *missed.STEPS),
             todo=lambda todo: todo.missed),
    )),
    Section("法务", "seal", (
        Page("legal", "法律文本", "settings.see",
             (documents.SAVE, *documents.STEPS, Plain(documents.routes))),
        Page("legal/business", "证照与联系方式", "settings.see", also=("settings/business",)),
        Page("impact", "影响评估", "settings.see", (impact.ADD, Plain(impact.routes))),
        Page("leaks", "信息泄露", "settings.see",
             (leaks.LIST, leaks.ADD, leaks.SAVE, *leaks.STEPS, Plain(leaks.routes))),
    )),
    Section("设置", "gear", (
        Page("settings", "交易与规则", "settings.see", (*settings.FORMS, Plain(settings.routes))),
        Page("freight", "运费模板", "settings.see",
             (*freight.STEPS, *freight.FORMS, Plain(freight.routes))),
        Page("places", "自提点", "settings.see",
             (places.LIST, *places.STEPS, *places.FORMS, Plain(places.routes))),
        Page("menu", "公众号菜单", "menu.edit", (Plain(account_menu.routes),)),
        Page("chat", "自动回复", "menu.edit", (Plain(chat.routes),)),
        Page("staff", "员工与权限", "staff.manage", (Plain(staff.routes),)),
        Page("audit", "操作日志", "audit.see", (audit.ACTS, audit.EVENTS)),
        Page("exports", "导出文件", "lists.export", (own_files.LIST, Plain(own_files.routes))),
        Page("outbox", "后台任务", "outbox.replay", (*outbox.STEPS, Plain(outbox.routes)),
             todo=lambda todo: todo.dead),
    )),
)  # fmt: skip
PAGES = tuple(page for section in MENU for page in section.pages)
BESIDE = (Plain(sign_in.routes), Plain(account.routes), Plain(search.routes))
"""Pages without a line in the menu: sign-in, own account, search."""
