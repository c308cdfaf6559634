"""A fake of WeChat's transfers, kept by number, with programmable faults."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain import payouts
from domain.gate import LEASE, Pass, Problem, enter_gate
from domain.payments.ports import (
    GrantRequest,
    GrantResult,
    GrantState,
    TransferRequest,
    TransferResult,
    TransferState,
)
from domain.payouts import PayoutTerms
from kernel import clock
from kernel.errors import Refused
from models import MoneyCall, PayoutBill, Withdrawal

MCHID = "1900000001"
APPID = "wx5de3000000000001"
TERMS = PayoutTerms(
    mchid=MCHID,
    notify_url="http://mall/pay/transfer-notify",
    scene_id="1005",
    appid=APPID,
    grant_notify_url="http://mall/pay/grant-notify",
)


@dataclass
class FakeTransfers:
    """Implements the transfer calls of ``PayPort``. ``faults`` are raised by the next calls.

    A fault in ``after`` is raised after the transfer took effect: only the answer is lost.
    """

    mchid: str = MCHID
    bills: dict[str, TransferResult] = field(default_factory=dict)
    requests: list[TransferRequest] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)
    after: list[Exception] = field(default_factory=list)
    query_faults: list[Exception] = field(default_factory=list)
    first_state: TransferState = TransferState.WAIT_USER_CONFIRM
    grants: dict[str, GrantResult] = field(default_factory=dict)
    grant_requests: list[GrantRequest] = field(default_factory=list)
    grant_faults: list[Exception] = field(default_factory=list)
    granted: list[TransferRequest] = field(default_factory=list)
    granted_faults: list[Exception] = field(default_factory=list)

    async def transfer(self, request: TransferRequest) -> TransferResult:
        self.requests.append(request)
        if self.faults:
            raise self.faults.pop(0)
        return self.take(request)

    def take(self, request: TransferRequest) -> TransferResult:
        """Let the call take effect, once per number; its answer may be lost."""
        if request.out_bill_no not in self.bills:
            self.bills[request.out_bill_no] = TransferResult(
                self.first_state,
                request.out_bill_no,
                transfer_bill_no="T1",
                amount_fen=request.amount_fen,
                openid=request.openid,
                mchid=self.mchid,
            )
        if self.after:
            raise self.after.pop(0)
        found = self.bills[request.out_bill_no]
        sheet = "package" if found.state is TransferState.WAIT_USER_CONFIRM else ""
        return replace(found, package_info=sheet)

    async def transfer_granted(self, request: TransferRequest) -> TransferResult:
        self.granted.append(request)
        if self.granted_faults:
            raise self.granted_faults.pop(0)
        found = next(
            (g for g in self.grants.values() if g.authorization_id == request.authorization_id),
            None,
        )
        if request.out_bill_no not in self.bills:
            if found is None or found.state is not GrantState.TAKING_EFFECT:
                raise Refused("INVALID_REQUEST", "no authorisation in force")
            self.bills[request.out_bill_no] = TransferResult(
                TransferState.SUCCESS,
                request.out_bill_no,
                transfer_bill_no="T1",
                amount_fen=request.amount_fen,
                openid=found.openid,
                mchid=self.mchid,
            )
        if self.after:
            raise self.after.pop(0)
        return self.bills[request.out_bill_no]

    async def ask_grant(self, request: GrantRequest) -> GrantResult:
        self.grant_requests.append(request)
        if self.grant_faults:
            raise self.grant_faults.pop(0)
        number = request.out_authorization_no
        self.grants.setdefault(
            number,
            GrantResult(
                GrantState.WAIT_USER_CONFIRM,
                number,
                package_info="sheet",
                openid=request.openid,
                mchid=self.mchid,
                appid=APPID,
                scene_id=request.scene_id,
            ),
        )
        return self.grants[number]

    async def query_grant(self, out_authorization_no: str) -> GrantResult:
        if self.query_faults:
            raise self.query_faults.pop(0)
        absent = GrantResult(GrantState.ABSENT, out_authorization_no)
        return self.grants.get(out_authorization_no, absent)

    async def close_grant(self, out_authorization_no: str) -> GrantResult:
        if self.grant_faults:
            raise self.grant_faults.pop(0)
        self.grant_becomes(GrantState.CLOSED)
        return self.grants[out_authorization_no]

    def grant_becomes(self, state: GrantState, **other: Any) -> None:
        """Set the state of the latest authorisation at WeChat, as if its person had acted."""
        number, found = list(self.grants.items())[-1]
        named = {"authorization_id": f"A{number}"} if state is GrantState.TAKING_EFFECT else {}
        changed: dict[str, Any] = {"state": state, "package_info": ""} | named | other
        self.grants[number] = replace(found, **changed)

    async def query_transfer(self, out_bill_no: str) -> TransferResult:
        if self.query_faults:
            raise self.query_faults.pop(0)
        return self.bills.get(out_bill_no) or TransferResult(TransferState.ABSENT, out_bill_no)

    async def cancel_transfer(self, out_bill_no: str) -> TransferResult:
        if self.faults:
            raise self.faults.pop(0)
        self.becomes(TransferState.CANCELING)
        return self.bills[out_bill_no]

    def becomes(self, state: TransferState, fail_reason: str = "", **other: Any) -> None:
        """Set the state of the only transfer at WeChat."""
        ((number, found),) = self.bills.items()
        self.bills[number] = replace(
            found, state=state, fail_reason=fail_reason, updated_at=clock.now(), **other
        )


def bill_of(withdrawal_id: int) -> int:
    """The id of an approved withdrawal's bill."""
    found = payouts.bill_of("commission", withdrawal_id)
    assert found is not None
    return int(found.id)


def begin_sending(withdrawal_id: int) -> Pass | Problem:
    """Enter the gate with a withdrawal's transfer; to be run as a verb."""
    return enter_gate("transfer", bill_of(withdrawal_id), "test", TERMS)


_shift = timedelta(0)


def forget_leases() -> None:
    """Move system time by a minute, so that leases of calls without an answer expire."""
    global _shift
    _shift += LEASE + timedelta(seconds=1)
    clock.system_now = lambda: datetime.now(UTC) + _shift  # type: ignore[assignment]


def put_into(withdrawal_id: int, state: str) -> None:
    """Put an approved withdrawal and its bill directly into a state."""
    row = Withdrawal.get_by_id(withdrawal_id)
    mine = PayoutBill.id == bill_of(withdrawal_id)
    PayoutBill.update(
        state={"approved": "made"}.get(state, state), gross_fen=row.gross_fen,
        net_fen=row.net_fen, mchid=MCHID,
    ).where(mine).execute()  # fmt: skip
    Withdrawal.update(state=state).where(Withdrawal.id == withdrawal_id).execute()


def age_calls() -> None:
    """Make every call a minute older; replaces ``forget_leases`` for separate processes."""
    for row in MoneyCall.select():
        older = row.entered_at - LEASE - timedelta(seconds=1)
        MoneyCall.update(entered_at=older).where(MoneyCall.id == row.id).execute()
