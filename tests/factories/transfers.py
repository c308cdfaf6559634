"""A small WeChat that pays out: it keeps transfers by number and fails as it is told to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from domain.distribution import PayoutTerms
from domain.payments.ports import TransferRequest, TransferResult, TransferState
from kernel import clock

MCHID = "1900000001"
TERMS = PayoutTerms(mchid=MCHID, notify_url="http://mall/pay/transfer-notify", scene_id="1005")


@dataclass
class FakeTransfers:
    """Implements the transfer calls of ``PayPort``. ``faults`` are raised by the next calls.

    A fault in ``after`` is raised when the transfer was already taken: the answer is lost.
    """

    mchid: str = MCHID
    bills: dict[str, TransferResult] = field(default_factory=dict)
    requests: list[TransferRequest] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)
    after: list[Exception] = field(default_factory=list)
    query_faults: list[Exception] = field(default_factory=list)
    first_state: TransferState = TransferState.WAIT_USER_CONFIRM

    async def transfer(self, request: TransferRequest) -> TransferResult:
        self.requests.append(request)
        if self.faults:
            raise self.faults.pop(0)
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
        """The one transfer moves on at WeChat."""
        ((number, found),) = self.bills.items()
        self.bills[number] = replace(
            found, state=state, fail_reason=fail_reason, updated_at=clock.now(), **other
        )
