"""Each task and periodic job has texts for the merchant's pages, and each text is used."""

from __future__ import annotations

from string import Formatter
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest

from admin import words
from app.wiring import handlers, periodic
from domain.outbox import PeriodicRow
from kernel import clock
from kernel.faults import Fault, FaultKind
from kernel.store import Store


@pytest.fixture
def runtime(store: Store) -> Any:
    """A runtime with an empty shop, in which no job calls a port."""
    made = MagicMock(store=store, exports=AsyncMock(), documents=AsyncMock(), pictures=AsyncMock())
    made.exports.names.return_value = []
    made.documents.names.return_value = []
    made.wechat.messenger.private_templates = AsyncMock(return_value=())
    return made


def _row(name: str, did: dict[str, Any] | None, fault: Fault | None = None) -> PeriodicRow:
    now = clock.now()
    return PeriodicRow(name, now, now, 1 if fault else 0, did, fault)


def test_each_task_and_each_job_has_a_name(runtime: Any) -> None:
    assert set(words.TASK) == set(handlers(runtime))
    assert set(words.JOB) == {job.name for job in periodic(runtime)}
    assert set(words.DID) == set(words.JOB)


async def test_a_job_s_text_names_only_figures_that_the_job_returns(runtime: Any) -> None:
    jobs = periodic(runtime)
    assert len(jobs) > 20
    for job in jobs:
        did = await job.run()
        named = {name for _, name, _, _ in Formatter().parse(words.DID[job.name]) if name}
        assert named == set(did), job.name
        assert words.did(_row(job.name, dict(did))), job.name


def test_a_job_that_failed_or_is_held_says_so() -> None:
    failed = Fault("bug", FaultKind.BUG, "disk", {"error": "OperationalError"})
    assert words.did(_row("checkup", None, failed)) == "程序出错：OperationalError disk"
    assert words.did(_row("checkup", None)) == ""
    assert words.did(_row("cases.due", {"is_held": True})) == "恢复保全中，暂不执行"
    assert words.did(_row("of.another.time", {"done": 3})) == ""
