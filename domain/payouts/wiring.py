"""What ``app`` connects: outbox handlers and periodic jobs of payouts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain import ledger
from domain.outbox import Did, Handler, Job, Periodic
from domain.payments.ports import PayPort
from domain.payouts import brakes, flows, grant_flows
from domain.payouts.documents import move_and_delete_documents
from domain.payouts.ports import DocumentFiles, ServedPictures
from domain.payouts.sending import PayoutTerms
from kernel.store import Store


def handlers(store: Store, pay: PayPort, terms: PayoutTerms) -> dict[str, Handler]:
    """Outbox handlers by kind."""

    async def send(payload: dict[str, Any], _: Job) -> None:
        # A bill that a brake holds back stays ``made``; the job ``payout_waiting`` sends it later.
        await flows.send_bill(store, pay, terms, int(payload["bill_id"]))

    async def cancel(payload: dict[str, Any], _: Job) -> None:
        await flows.cancel_transfer_of_ended_bill(store, pay, int(payload["bill_id"]))

    async def take_back(payload: dict[str, Any], _: Job) -> None:
        await flows.cancel_transfer_of_frozen(store, pay, int(payload["bill_id"]))

    return {"payout.send": send, "payout.cancel": cancel, "payout.take_back": take_back}


def periodic(
    store: Store, pay: PayPort, terms: PayoutTerms, files: DocumentFiles, pictures: ServedPictures
) -> list[Periodic]:
    """Jobs: query transfers and grants, send waiting bills, check the ledger, tidy licences."""

    async def poll() -> Did:
        return {"asked": await flows.query_due_bills(store, pay)}

    async def waiting() -> Did:
        return {"sent": await flows.send_waiting(store, pay, terms)}

    async def grants() -> Did:
        return {"asked": await grant_flows.query_due_grants(store, pay)}

    async def check() -> Did:
        done = await store.report(ledger.check_open_days)
        return {"faults": len(await store.write(brakes.record_ledger_check, done))}

    async def check_whole() -> Did:
        done = await store.report(ledger.check_fully)
        return {"faults": len(await store.write(brakes.record_ledger_check, done))}

    async def documents() -> Did:
        return {"moved": await move_and_delete_documents(store, files, pictures)}

    return [
        Periodic("payout_poll", timedelta(seconds=5), poll),
        Periodic("payout_waiting", timedelta(minutes=5), waiting, stops_in_hold=True),
        Periodic("payout_grants", timedelta(seconds=30), grants),
        Periodic("book_check", timedelta(minutes=30), check),
        Periodic("payee_documents", timedelta(hours=1), documents),
        Periodic("book_check_whole", timedelta(days=7), check_whole, at=timedelta(hours=4)),
    ]
