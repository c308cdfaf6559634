"""The texts of states, kinds and causes on the merchant's pages, and the tones of badges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jinja2 import pass_context

from admin.fault_words import call_code, call_fault
from admin.texts import TEXTS
from domain.imports import ImportRow
from domain.ledger import BookFault
from domain.outbox import PeriodicRow
from kernel import catalogues
from kernel.catalogues import Badge
from kernel.faults import Fault, FaultKind
from kernel.money import yuan_grouped
from kernel.refusals import TRANSFERS, explain, is_listed, said_of_transfer
from kernel.web.templates import day

Tones = Mapping[str, Badge]
TEXT = catalogues.of("admin")
SHARED = catalogues.of("shared")

# orders and what they contain
ORDER: Tones = TEXT.badges("order.state")
ORDER_TABS = tuple(TEXT.names("order.tab").items())
HOLD = TEXT.names("order.hold")
ORIGIN = TEXT.names("order.origin")
INVOICE_KIND = TEXT.names("order.invoice")
GIVEN = TEXT.names("line.given")
GIFT: Tones = TEXT.badges("gift.state")
PRODUCT: Tones = TEXT.badges("product.state")
ATTRIBUTE_KIND = TEXT.names("attribute.kind")
STOCK_REASON = TEXT.names("stock.reason")
STOCK_CAUSE = TEXT.names("stock.cause")
OFFER: Tones = TEXT.badges("offer.phase")
OFFER_STATE: Tones = {**OFFER, **TEXT.badges("offer.state")}  # logs have states, pages phases
# payments, refunds, cases
PAYMENT: Tones = TEXT.badges("payment.state")
REFUND: Tones = TEXT.badges("refund.state")
REFUND_CAUSE = TEXT.names("refund.cause")
NOTICE_OUTCOME = TEXT.names("notice.outcome")
CASE: Tones = TEXT.badges("case.state")
CASE_KIND = TEXT.names("case.kind")
CASE_REASON = TEXT.names("case.reason")
CASE_DUTY = TEXT.names("case.duty")
CASE_SILENCE = TEXT.names("case.silence")
FREIGHT_BY = TEXT.names("case.freight_by")
FREIGHT_BASIS = TEXT.names("freight.basis")
FREIGHT_KIND = TEXT.names("freight.kind")
PLACE: Tones = TEXT.badges("place.state")
PLACE_DAY = TEXT.names("place.day")
DELIVERY_KIND = TEXT.names("order.delivery")
PICKUP: Tones = TEXT.badges("pickup.state")
PICKUP_AGE = TEXT.names("pickup.age")
PICKUP_REFUSAL = TEXT.names("pickup.refusal")
PARCEL_FLAG = TEXT.names("case.parcel")
# distribution and payouts
DISTRIBUTOR: Tones = TEXT.badges("distributor.state")
COMMISSION: Tones = TEXT.badges("commission.state")
BIND_CAUSE = TEXT.names("binding.cause")
REFUSAL = TEXT.names("binding.refusal")
POLICY = TEXT.names("binding.policy")
SCOPE = TEXT.names("rule.scope")
MODE = TEXT.names("rule.mode")
PAYEE = TEXT.names("payee.type")
WITHDRAWAL: Tones = TEXT.badges("withdrawal.state")
TRANSFER: Tones = TEXT.badges("transfer.state")
GRANT = TEXT.names("grant.state")
BILL_FILE = TEXT.names("bill.file")
BILL_KIND = TEXT.names("bill.kind")
BILL_STATE = TEXT.names("bill.state")
BILL_END: Tones = TEXT.badges("bill.end")
BILL_DIFFERENCE: Tones = {
    **{state: Badge(name, "warn") for state, name in BILL_STATE.items()}, **BILL_END,
}  # fmt: skip
BILL_DAY: Tones = TEXT.badges("bill.day")
BILL_SIGN = TEXT.names("bill.sign")
BILL_FAULT = TEXT.names("bill.fault")
BILL_READ: Tones = TEXT.badges("bill.read")
# members and messages to them
FOLLOWING: Tones = TEXT.badges("member.following")
PROMOTIONS: Tones = TEXT.badges("member.promotions")
CAMPAIGN: Tones = TEXT.badges("campaign.state")
DELIVERY: Tones = TEXT.badges("delivery.state")
CAMPAIGN_STOP = TEXT.names("campaign.stop")
MASS = TEXT.text("campaign.call")
NOT_SENT = TEXT.names("delivery.not_sent")
CARRIER = TEXT.names("carrier.name")
CARRIER_NOTE = TEXT.names("carrier.note")
CARRIER_REFUSAL = TEXT.names("carrier.refusal")
RISK = TEXT.names("carrier.risk")
AUDIENCE = TEXT.names("audience.kind")
EXCLUDED = TEXT.names("audience.excluded")
PURPOSE = TEXT.names("purpose")
LINT = SHARED.names("lint.ground")
LINT_WHY = SHARED.names("lint.why")
RULING: Tones = TEXT.badges("text.state")
RULING_SEVERITY = TEXT.names("text.severity")
CLAIM = TEXT.names("evidence.claim")
CLAIM_WHERE = TEXT.names("evidence.where")
REQUEST: Tones = TEXT.badges("request.state")
REQUEST_KIND: Tones = TEXT.badges("request.kind")
REQUEST_STOP = TEXT.names("request.stop")
CAME_BY = TEXT.names("request.came_by")
IMPACT = TEXT.names("impact.subject")
IMPACT_NOTE = TEXT.names("impact.note")
IMPACT_RISK = TEXT.names("impact.risk")
IMPACT_PURPOSE = TEXT.names("impact.purpose")
IMPACT_RECIPIENT = TEXT.names("impact.recipient")
IMPACT_PART = TEXT.names("impact.part")
LEAK: Tones = TEXT.badges("leak.state")
LEAK_PERSON = TEXT.names("leak.person")
LEAK_FAULT = TEXT.names("leak.fault")
LEAK_WHO = TEXT.names("leak.who")
REQUEST_CHANNEL = TEXT.names("request.channel")
REQUEST_CHECK = TEXT.names("request.check")
THING = TEXT.names("request.thing")
THING_NEXT = TEXT.names("request.next")
KEPT_SUBJECT = TEXT.names("kept.subject")
KEPT_GROUND = TEXT.names("kept.ground")
TICKET: Tones = TEXT.badges("ticket.state")
TICKET_TYPE: Tones = TEXT.badges("ticket.type")
TICKET_KIND = {kind: badge.name for kind, badge in TICKET_TYPE.items()}
ANSWER: Tones = TEXT.badges("answer.state")
ANSWER_FACT = TEXT.names("answer.fact")
MISSED: Tones = TEXT.badges("missed.state")
MISSED_OUTCOME: Tones = TEXT.badges("missed.outcome")
# pictures that people added
PICTURE_STATE: Tones = TEXT.badges("picture.state")
PICTURE_KIND = TEXT.names("picture.kind")
# proofs of age
AGE: Tones = TEXT.badges("age.state")
AGE_RESULT: Tones = TEXT.badges("age.result")
AGE_CAUSE = TEXT.names("age.cause")
AGE_END = TEXT.names("age.end")
# legal documents
DOCUMENT = TEXT.names("document")
DOCUMENT_ASKED = TEXT.names("document_asked")
VARIABLE = TEXT.names("variable")
# staff, proposals, audit log and system events
ROLE = TEXT.names("role.name")
ROLE_NOTE = TEXT.names("role.note")
PROPOSAL: Tones = TEXT.badges("proposal.state")
PROPOSAL_KIND = TEXT.names("proposal.kind")
PROPOSAL_CAUSE = TEXT.names("proposal.cause")
PROPOSAL_DO = TEXT.names("proposal.do")
SECTION = TEXT.names("thing")
ACTION = TEXT.names("act")
PARTS = TEXT.names("actor_kind")
WHO = TEXT.names("actor")
EXPORT: Tones = TEXT.badges("export.state")
EXPORT_WHY = TEXT.names("export.why")
IMPORT: Tones = TEXT.badges("import.state")
IMPORT_ROW: Tones = TEXT.badges("import.row")
IMPORT_WHY = TEXT.names("import.why")
TASK = TEXT.names("task")
FAULT_KIND = TEXT.names("fault.kind")
FAULT_CODE = TEXT.names("fault.code")
ITS_TEMPLATE = TEXT.text("fault.its_template")
JOB = TEXT.names("job")  # a periodic job's name
BOOK_FAULT = TEXT.names("book_fault")
STOP_CAUSE = TEXT.names("stop_cause")
HOLD_CAUSE = TEXT.names("hold_cause")
LIFT_CAUSE = TEXT.names("lift_cause")
JOB_HELD = TEXT.text("job_held")
DID = TEXT.names("did")  # a job's result, with its figures


def tone(table: Tones, state: str) -> tuple[str, str]:
    """A state's name and the tone of its badge; a state without a name is shown as it is."""
    return table.get(state, Badge(state))


def origin(code: str) -> str:
    """The name of a source or medium; "–" for orders that have none, which are old ones."""
    return ORIGIN.get(code, code) if code else "–"


WHY = TEXT.names("why")  # the codes of logs
STEP = TEXT.names("step")  # the codes of logs that have facts
WAIT = TEXT.names("wait")  # reasons why a payout waits
UNNAMED = "operator:unnamed"  # acts at the command line of former releases, which took no name


def why(text: str) -> str:
    """The text of a log's code; typed text is returned unchanged."""
    return WHY.get(text, CASE_REASON.get(text, text))


def leak_fault(code: str) -> str:
    """Why a notice of a leak reached nobody."""
    kind, _, refused = code.partition(":")
    return f"微信拒绝（{refused}）" if refused else LEAK_FAULT.get(kind, kind)


def step_why(code: str, facts: Mapping[str, Any]) -> str:
    """Why a payout took a step: from a code with facts, a transfer's code, or a log's code."""
    if facts and code in STEP:
        return STEP[code].format(**_in_words(facts))
    is_transfers = code in TRANSFERS or is_listed("pay", code)
    return said_of_transfer(code).sentence.rstrip("。") if is_transfers else why(code)


def _in_words(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a step, with the texts of those that are codes."""
    code, state = str(facts.get("code", "")), str(facts.get("state", ""))
    return {
        **facts,
        "answer": call_code(code),
        "refusal": said_of_transfer(code).sentence.rstrip("。") if code else "",
        "wait": WAIT.get(code, code),
        "state_name": tone(TRANSFER, state)[0],
    }


def why_of_row(row: ImportRow) -> str:
    """Why a row of a sheet was not carried out."""
    known = IMPORT_WHY.get(row.why)
    return known.format(**row.facts) if known else TEXTS.text(row.why, **row.facts)


@pass_context
def named(page: Any, actor: str) -> str:
    """Who acted, by the page's ``names`` of staff or its ``people``, the names of members."""
    for known in ("names", "people"):
        if actor in (page.get(known) or {}):
            return str(page[known][actor])
    return who(actor)


def who(actor: str) -> str:
    """Who acted: a staff login, a member's number, or the system."""
    if actor == UNNAMED:
        return "运维（未留名）"
    kind, _, name = actor.partition(":")
    return f"{PARTS[kind]}{name}" if kind in PARTS else WHO.get(kind, actor)


def did(job: PeriodicRow) -> str:
    """The result of a periodic job's last run, or its error."""
    if job.fault or job.did is None:
        return fault(job.fault)
    if job.did.get("is_held"):
        return JOB_HELD
    return DID[job.name].format(**job.did) if job.name in DID else ""


def fault(found: Fault | None) -> str:
    """The text for a task's or job's fault."""
    if found is None:
        return ""
    if found.code in FAULT_CODE:
        return FAULT_CODE[found.code].format(said=found.said)
    if found.kind == FaultKind.RULE:
        return _rule(found)
    for side in ("account", "pay"):
        if is_listed(side, found.code):
            known = explain(side, found.code, detail=found.said, template=ITS_TEMPLATE)
            return f"{known.sentence}（{found.code}）"
    answer = f"{found.code} {found.said}".strip()
    facts = {"answer": answer, "said": found.said, "error": found.facts.get("error", "")}
    return FAULT_KIND[found.kind].format(**facts) if found.kind in FAULT_KIND else answer


def _rule(found: Fault) -> str:
    """The text for a refusal by one of our rules.

    A refusal of a former release may lack a fact that the text needs; then the code is shown.
    """
    try:
        return TEXTS.text(found.code, **found.facts)
    except KeyError:
        return found.code


def bill_fault(code: str) -> str:
    """Why a bill could not be fetched or read."""
    if code in BILL_FAULT:
        return BILL_FAULT[code]
    if is_listed("pay", code):
        return explain("pay", code).sentence.rstrip("。")
    return call_code(code)


def book_fault(found: BookFault) -> str:
    """The text for a difference in the ledger."""
    facts: dict[str, Any] = dict(found.facts)
    yuan = {n[:-4]: yuan_grouped(v) for n, v in facts.items() if n.endswith("_fen")}
    return BOOK_FAULT[found.code].format(**facts, **yuan)


def stop_reason(cause: str, why: str) -> str:
    """Why payouts are stopped: a person's reason, or the text of the system's cause."""
    return STOP_CAUSE[cause] if cause else why


def hold_reason(cause: str | None, reason: str | None) -> str:
    """Why a withdrawal is on hold: a person's reason, or the text of the system's cause."""
    return HOLD_CAUSE[cause] if cause else reason or ""


def campaign_stop(cause: str | None, reason: str | None) -> str:
    """Why a campaign was stopped: a person's reason, the system's cause, or WeChat's refusal."""
    if not cause:
        return reason or ""
    if cause in CAMPAIGN_STOP:
        return CAMPAIGN_STOP[cause]
    return f"{explain('account', cause, call=MASS).sentence}（{cause}）"


def not_sent(code: str | None, said: str | None = None) -> str:
    """Why a message was not sent or did not arrive; WeChat's codes are explained."""
    if not code:
        return ""
    if code in NOT_SENT:
        return NOT_SENT[code].format(said=said or "")
    if is_listed("account", code):
        known = explain("account", code, detail=said or "", template=ITS_TEMPLATE)
        return f"{known.sentence}（{code}）"
    return f"{code} {said or ''}".strip()


def granted(grant: Any) -> str:
    """Whether a payee is paid without confirming, and since when or why not (免确认收款)."""
    if grant is None:
        return "未开启"
    if grant.state == "active":
        return f"已开启（{day(grant.active_at)} 起）"
    return f"{GRANT[grant.state]}（{day(grant.ended_at or grant.asked_at)}）"


def failed(code: str) -> str:
    """Why a transfer was not paid, with the steps to take."""
    known = said_of_transfer(code)
    return known.sentence + "".join(known.todo)


def rate(rate_bp: int) -> str:
    """Basis points as a percentage: 1250 → '12.5%'."""
    whole, rest = divmod(rate_bp, 100)
    text = f"{whole}.{rest:02d}".rstrip("0").rstrip(".")
    return f"{text}%"


def levels(each: Iterable[Any]) -> list[tuple[str, str]]:
    """The commission of each level for a product: (level, amount or range with rate)."""
    return [(f"第 {x.level} 级", _span(x)) for x in each]


def _span(x: Any) -> str:
    top = f" – ¥{yuan_grouped(x.to_fen)}" if x.to_fen != x.from_fen else ""
    return f"¥{yuan_grouped(x.from_fen)}{top}" + (
        f" · {rate(x.rate_bp)}" if x.rate_bp is not None else ""
    )


def template_rows(shape: Any, values: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """The lines of a template message in the preview: (label, value, field of the form)."""
    return [(label, values.get(f"v_{key}") or "　", f"v_{key}") for key, label in shape.fields]


def shares(mode: str, values: Sequence[int]) -> str:
    """A rule's shares, level 1 first."""
    if mode == "fixed":
        return " / ".join(f"¥{yuan_grouped(v)}" for v in values)
    if mode == "levels":
        return " / ".join(rate(v) for v in values)
    return " : ".join(str(v) for v in values)


def catalogue() -> dict[str, Any]:
    """The names of this file for templates: ``w.ORDER``, ``w.tone``."""
    return {name: value for name, value in globals().items() if name.isupper()} | {
        "tone": tone,
        "rate": rate,
        "template_rows": template_rows,
        "levels": levels,
        "shares": shares,
        "why": why,
        "why_of_row": why_of_row,
        "failed": failed,
        "granted": granted,
        "step_why": step_why,
        "leak_fault": leak_fault,
        "origin": origin,
        "who": named,
        "fault": fault,
        "bill_fault": bill_fault,
        "not_sent": not_sent,
        "campaign_stop": campaign_stop,
        "book_fault": book_fault,
        "stop_reason": stop_reason,
        "hold_reason": hold_reason,
        "said": call_fault,
        "answer": call_code,
        "did": did,
    }
