"""Refuses a step if the facts that its page showed have changed since (所见即所决).

Example: a page with a withdrawal is open for an hour, and a refund reduces the withdrawal in that
time. Each subject below lists the facts on which a decision depends. The form carries the facts
that its page showed. The transaction of the step reads them again; if one differs, the step is
refused, and the page says what changed and asks again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web

from admin import words
from admin.guard import Page
from admin.web import id_of, read, try_step, write
from domain import aftersales, distribution, payments, payouts, push, reconcile, staff
from kernel.errors import Conflict, NotFound
from kernel.money import yuan_grouped
from kernel.web.forms import read_form
from kernel.web.templates import when

SHOWN = "_shown"
SHOWS = "admin_shows"
Facts = dict[str, str]
Carried = Callable[..., str]


@dataclass(frozen=True)
class Subject:
    """A thing that is decided about: its facts, and the lock under which they are compared."""

    facts: Callable[[int], Facts]
    lock: Callable[[int], Any] | None = None


def refuses_if_changed(subject: str) -> Callable[[Page], Page]:
    """Mark a step that is refused if the facts of this subject differ from those on its page."""

    def mark(page: Page) -> Page:
        setattr(page, SHOWS, subject)
        return page

    if subject not in SUBJECTS:
        raise ValueError(f"no such subject: {subject}")
    return mark


async def shown_facts(request: web.Request, subject: str, ids: Iterable[int] = (0,)) -> Carried:
    """For a template: the facts that its forms carry about each of these subjects, by id."""
    return await read(request, shown_facts_in_query, subject, list(ids))


async def try_as_shown(
    request: web.Request, url: str, fn: Callable[..., Any], *args: Any, **kwargs: Any
) -> Any:
    """As ``try_step``, but refused if the facts that the form carries have changed."""
    step = partial(fn, *args, **kwargs)
    return await try_step(request, url, _as_shown, *await _decided(request), step)


async def write_as_shown(
    request: web.Request, fn: Callable[..., Any], *args: Any, **kwargs: Any
) -> Any:
    """As ``write``; raises Conflict('changed_since_shown', 'not_shown') too."""
    step = partial(fn, *args, **kwargs)
    return await write(request, _as_shown, *await _decided(request), step)


async def _decided(request: web.Request) -> tuple[Subject, int, str]:
    """The subject, its id, and the facts that its page showed."""
    subject = SUBJECTS[getattr(request.match_info.handler, SHOWS)]
    key = id_of(request) if "id" in request.match_info else 0
    return subject, key, (await read_form(request)).raw(SHOWN)


def _as_shown(subject: Subject, key: int, shown: str, step: Callable[[], Any]) -> Any:
    if subject.lock is not None:
        subject.lock(key)
    now, before = subject.facts(key), _read(shown)
    if before is None:
        raise Conflict("not_shown")
    changes = [
        f"{name}：{before.get(name) or '无'} → {text or '无'}"
        for name, text in now.items()
        if before.get(name) != text
    ]
    if changes:
        raise Conflict("changed_since_shown", changes="；".join(changes))
    return step()


def shown_facts_in_query(subject: str, ids: list[int]) -> Carried:
    """As ``shown_facts``, inside a query."""
    texts = {key: text_of(subject, key) for key in ids}
    return lambda key=0: texts[key]


def text_of(subject: str, key: int) -> str:
    """The present facts of a subject, in the form in which a page's form carries them."""
    return json.dumps(SUBJECTS[subject].facts(key), ensure_ascii=False)


def _read(shown: str) -> Facts | None:
    try:
        found = json.loads(shown)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _withdrawal(withdrawal_id: int) -> Facts:
    row = distribution.withdrawal_detail(withdrawal_id)
    payee = payouts.payee_view(row.member_id)
    return {
        "状态": words.tone(words.WITHDRAWAL, row.state)[0],
        "金额": f"¥{yuan_grouped(row.payable_fen)}",
        "到账": f"¥{yuan_grouped(row.net_fen)}",
        "收款主体": words.PAYEE[payee.type] if payee else "",
        "实名": (payee.identity_masked if payee else "") or "",
        "挂起": words.hold_reason(row.hold_cause, row.hold_reason) if row.is_on_hold else "",
        "初审": words.who(row.approved_by) if row.approved_by else "",
        "确认未付出": words.who(row.given_up_by) if row.given_up_by else "",
    }


def _payee(member_id: int) -> Facts:
    found = payouts.payee_view(member_id)
    if found is None:
        raise NotFound("payee_missing")
    sent = when(found.document_at) if found.document_at else ""
    return {
        "收款主体": words.PAYEE[found.type],
        "登记": found.identity_masked or "",
        "登记时间": when(found.identity_at) if found.identity_at else "",
        "营业执照": f"{sent} {(found.document or '')[:6]}".strip(),
    }


def _freeze(member_id: int) -> Facts:
    found = payouts.freeze_of(member_id)
    if found is None:
        return {"冻结": ""}
    return {
        "冻结": f"{when(found.frozen_at)} {found.reason}",
        "申诉": f"{when(found.appealed_at)} {found.appeal}" if found.appealed_at else "",
        "答复": found.answer or "",
        "解冻": when(found.lifted_at) if found.lifted_at else "",
    }


def _distributor(member_id: int) -> Facts:
    found = distribution.distributor(member_id)
    if found is None:
        raise NotFound("not_a_distributor")
    return {
        "状态": words.tone(words.DISTRIBUTOR, found.state)[0],
        "名称": found.display_name,
        "等级": found.grade_name or "",
        "收款主体": words.PAYEE[found.payee_type],
    }


def _binding(member_id: int) -> Facts:
    upline = distribution.upline_of(member_id)
    found = distribution.distributor(upline) if upline is not None else None
    return {"现在的推荐人": "" if upline is None else found.display_name if found else str(upline)}


def _case(case_id: int) -> Facts:
    found = aftersales.case_detail_for_merchant(case_id)
    return {
        "状态": words.tone(words.CASE, found.state)[0],
        "应退": f"¥{yuan_grouped(found.total_fen)}",
        "退货单号": found.return_tracking_no or "",
    }


def _refund(refund_id: int) -> Facts:
    found = payments.refund_detail(refund_id)
    return {
        "状态": words.tone(words.REFUND, found.state)[0],
        "金额": f"¥{yuan_grouped(found.amount_fen)}",
        "初次登记": words.who(found.hand_by) if found.hand_by else "",
        "凭证": found.proof or "",
    }


def _difference(line_id: int) -> Facts:
    found = reconcile.difference_detail(line_id)
    return {
        "单号": found.out_number,
        "微信": "" if found.theirs_fen is None else f"¥{yuan_grouped(found.theirs_fen)}",
        "本店": "" if found.ours_fen is None else f"¥{yuan_grouped(found.ours_fen)}",
        "情况": words.tone(words.BILL_DIFFERENCE, found.stands)[0],
        "负责人": words.who(found.owner) if found.owner else "",
    }


def _stop(_: int) -> Facts:
    """The stops of payouts and of refunds.

    The reason is a fact, so that a stop that replaced the one on the page is noticed.
    """
    bills, refunds = payouts.payout_stop(), payments.refund_stop()
    return {
        "付款": f"已暂停：{words.stop_reason(bills.cause, bills.why)}"
        if bills.is_stopped
        else "运行中",
        "退款": f"已暂停：{refunds.why}" if refunds.is_stopped else "运行中",
    }


def _levels(_: int) -> Facts:
    now = distribution.list_level_signatures()[0]
    return {"现在的层级": f"{now.levels} 级", "签署人": now.signed_name or ""}


def _campaign(campaign_id: int) -> Facts:
    found = push.campaign_detail(campaign_id)
    return {
        "状态": words.tone(words.CAMPAIGN, found.state)[0],
        "标题": found.title,
        "方式": words.CARRIER[found.carrier],
        "内容": json.dumps(found.content, ensure_ascii=False, sort_keys=True),
        "收件人": json.dumps(found.audience, ensure_ascii=False, sort_keys=True),
        "发送时间": when(found.send_at) if found.send_at else "",
    }


def _roles(staff_id: int) -> Facts:
    found = next((each for each in staff.list_staff() if each.id == staff_id), None)
    if found is None:
        raise NotFound("staff_missing")
    return {
        "账号": found.login,
        "角色": "、".join(words.ROLE[each] for each in sorted(found.roles)),
    }


SUBJECTS = {
    "withdrawal": Subject(_withdrawal, distribution.lock_withdrawal),
    "payee": Subject(_payee, payouts.lock_payee),
    "freeze": Subject(_freeze, payouts.lock_payee),
    "distributor": Subject(_distributor),
    "binding": Subject(_binding),
    "case": Subject(_case),
    "refund": Subject(_refund),
    "difference": Subject(_difference),
    "stop": Subject(_stop),
    "levels": Subject(_levels),
    "campaign": Subject(_campaign),
    "roles": Subject(_roles),
}
