"""The outbox worker on each database: claims, order keys, retries, leases, dead letters."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

import models
from domain.outbox import (
    Job,
    LeaseLost,
    LocalWake,
    Postpone,
    Worker,
    delete_done_rows,
    enqueue,
    install_wake,
    queries,
    record_depth,
    replay_dead_letter,
    skip_dead_letter,
)
from domain.outbox import claims as claim_verbs
from kernel import clock, context
from kernel.errors import (
    Conflict,
    DomainError,
    Invalid,
    LimitReached,
    NotFound,
    Refused,
    Retryable,
    Unknown,
)
from kernel.faults import Fault, fault_in
from kernel.metrics import REGISTRY
from kernel.store import Store
from models import AuditEntry, OutboxRow, Setting
from tests.factories.outbox import Recorder, make_worker, row_states
from tests.harness.waiting import PATIENCE


def _put(kind: str, number: int) -> None:
    Setting.insert(key=f"{kind}.{number}", value=number, updated_at=clock.now()).execute()


def _settings() -> list[str]:
    return [row.key for row in Setting.select().order_by(Setting.id)]


async def test_a_row_is_handled_once_and_marked(store: Store) -> None:
    handler = Recorder()
    await store.write(enqueue, "greet", {"member": 7, "名": "阿慧"})
    worker = make_worker(store, {"greet": handler})
    assert await worker.drain() == 1
    assert await worker.drain() == 0
    assert handler.seen == [({"member": 7, "名": "阿慧"}, 1)]
    assert await store.read(row_states) == [("done", 1)]


async def test_a_rolled_back_verb_enqueues_nothing(store: Store) -> None:
    def verb() -> None:
        enqueue("greet", {})
        raise Conflict("no")

    with pytest.raises(Conflict):
        await store.write(verb)
    assert await store.read(row_states) == []


async def test_a_delay_is_business_time(store: Store) -> None:
    handler = Recorder()
    await store.write(enqueue, "late", {}, delay=timedelta(days=3))
    worker = make_worker(store, {"late": handler})
    assert await worker.drain() == 0
    clock.set_offset(timedelta(days=3, seconds=1))
    assert await worker.drain() == 1


async def test_a_kind_without_a_handler_waits_for_a_worker_that_knows_it(store: Store) -> None:
    await store.write(enqueue, "new_kind", {})
    assert await make_worker(store, {"other": Recorder()}).drain() == 0
    assert await store.read(row_states) == [("due", 0)]
    assert await make_worker(store, {"new_kind": Recorder()}).drain() == 1


async def test_done_in_marks_the_row_in_the_verbs_own_transaction(store: Store) -> None:
    async def handle(payload: dict[str, Any], job: Job) -> None:
        def failing() -> None:
            _put("undone", payload["n"])
            raise Invalid("no")

        if job.attempt == 1:
            with pytest.raises(Invalid):
                await job.done_in(failing)
            raise Retryable("try_again")
        await job.done_in(_put, "done", payload["n"])

    await store.write(enqueue, "put", {"n": 1})
    worker = make_worker(store, {"put": handle})
    await worker.drain()
    assert await store.read(row_states) == [("due", 1)]
    assert await store.read(_settings) == []
    clock.set_offset(timedelta(minutes=1))
    await worker.drain()
    assert await store.read(row_states) == [("done", 2)]
    assert await store.read(_settings) == ["done.1"]


async def test_an_error_after_done_in_changes_nothing(store: Store) -> None:
    async def handle(payload: dict[str, Any], job: Job) -> None:
        await job.done_in(_put, "done", 1)
        raise RuntimeError("too late to matter")

    await store.write(enqueue, "put", {})
    await make_worker(store, {"put": handle}).drain()
    assert await store.read(row_states) == [("done", 1)]


@pytest.mark.parametrize(
    ("error", "state", "fault"),
    [
        (Retryable("busy"), "due", Fault("busy", "retryable")),
        (Unknown("timeout"), "due", Fault("timeout", "unknown")),
        (LimitReached("quota", left=3), "due", Fault("quota", "rule", facts={"left": 3})),
        (RuntimeError("a"), "due", Fault("bug", "bug", "a", {"error": "RuntimeError"})),
        (TimeoutError(), "due", Fault("bug", "bug", facts={"error": "TimeoutError"})),
        (Refused("no_openid", "无"), "dead", Fault("no_openid", "refused", "无")),
        (NotFound("order"), "dead", Fault("order", "rule")),
        (Conflict("closed", day=date(2026, 1, 2)), "dead",
         Fault("closed", "rule", facts={"day": "2026-01-02"})),
    ],
)  # fmt: skip
async def test_each_error_leads_to_its_state_and_fault(
    store: Store, error: Exception, state: str, fault: Fault
) -> None:
    await store.write(enqueue, "x", {})
    await make_worker(store, {"x": Recorder(error)}).drain()
    row = await store.read(OutboxRow.get)
    assert (row.state, row.attempts) == (state, 1)
    assert fault_in(row.last_error, row.last_error_facts) == fault
    assert row.leased_by is row.leased_until is None


async def test_attempts_have_growing_delays_and_a_limit(store: Store) -> None:
    handler = Recorder(*[Retryable("down")] * 9)
    await store.write(enqueue, "x", {})
    worker = make_worker(store, {"x": handler}, max_attempts=4)
    waits = []
    for _ in range(4):
        assert await worker.drain() == 1
        assert await worker.drain() == 0  # not before its time
        row = await store.read(OutboxRow.get)
        waits.append(row.next_at - clock.now())
        clock.set_offset(clock.offset() + waits[-1] + timedelta(seconds=1))
    assert await worker.drain() == 0
    assert await store.read(row_states) == [("dead", 4)]
    assert [attempt for _, attempt in handler.seen] == [1, 2, 3, 4]
    assert waits[0] < waits[1] < waits[2] < waits[3]


def test_back_off_has_bounds() -> None:
    assert timedelta(seconds=1.5) <= claim_verbs.backoff(1) <= timedelta(seconds=2.5)
    assert timedelta(minutes=45) <= claim_verbs.backoff(50) <= timedelta(minutes=75)


async def test_the_handler_receives_the_fault_of_its_last_attempt(store: Store) -> None:
    errors: list[Fault | None] = []

    async def handle(payload: dict[str, Any], job: Job) -> None:
        errors.append(job.fault)
        if job.attempt == 1:
            raise Unknown("timeout", "no answer")

    await store.write(enqueue, "x", {})
    worker = make_worker(store, {"x": handle})
    await worker.drain()
    clock.set_offset(timedelta(minutes=1))
    await worker.drain()
    assert errors == [None, Fault("timeout", "unknown", "no answer")]


async def test_postponing_costs_no_attempt(store: Store) -> None:
    until = clock.now() + timedelta(hours=2)
    await store.write(enqueue, "x", {})
    worker = make_worker(store, {"x": Recorder(Postpone(until, Fault("no_quota", "waits")))})
    await worker.drain()
    row = await store.read(OutboxRow.get)
    assert (row.state, row.attempts, row.next_at) == ("due", 0, until)
    assert (row.last_error, row.last_error_facts) == ("no_quota", {"kind": "waits"})
    clock.set_offset(timedelta(hours=2, seconds=1))
    await worker.drain()
    assert await store.read(row_states) == [("done", 1)]


async def test_one_order_key_runs_in_sequence_and_others_beside_it(store: Store) -> None:
    order: list[str] = []
    inside: set[str] = set()

    async def handle(payload: dict[str, Any], job: Job) -> None:
        key, number = payload["key"], payload["n"]
        assert key not in inside, "two rows of one key at once"
        inside.add(key)
        await asyncio.sleep(0.01)
        order.append(f"{key}{number}")
        inside.discard(key)

    def verb() -> None:
        for number in range(4):
            for key in ("a", "b"):
                enqueue("x", {"key": key, "n": number}, order_key=key)

    await store.write(verb)
    assert await make_worker(store, {"x": handle}).drain() == 8
    assert [o for o in order if o[0] == "a"] == ["a0", "a1", "a2", "a3"]
    assert [o for o in order if o[0] == "b"] == ["b0", "b1", "b2", "b3"]


async def test_a_dead_letter_blocks_its_order_key_not_the_queue(store: Store) -> None:
    handler = Recorder()

    async def handle(payload: dict[str, Any], job: Job) -> None:
        if payload == {"n": 1} and job.attempt == 1:
            raise Retryable("later")
        await handler(payload, job)

    def verb() -> None:
        enqueue("x", {"n": 1}, order_key="a")
        enqueue("x", {"n": 2}, order_key="a")
        enqueue("x", {"n": 3}, order_key="b")
        enqueue("x", {"n": 4})

    await store.write(verb)
    worker = make_worker(store, {"x": handle})
    await worker.drain()
    assert sorted(p["n"] for p, _ in handler.seen) == [3, 4]
    clock.set_offset(timedelta(minutes=1))
    await worker.drain()
    assert [p["n"] for p, _ in handler.seen][2:] == [1, 2]


async def test_a_dead_letter_is_listed_and_replayed_with_those_behind_it(store: Store) -> None:
    handler = Recorder(Refused("no_such_user", "无此用户"))

    def verb() -> None:
        enqueue("x", {"n": 1}, order_key="a")
        enqueue("x", {"n": 2}, order_key="a")

    await store.write(verb)
    worker = make_worker(store, {"x": handler})
    await worker.drain()
    (letter,) = await store.read(queries.list_dead_letters)
    assert (letter.kind, letter.payload, letter.attempts) == ("x", {"n": 1}, 1)
    assert (letter.fault, letter.waiting) == (Fault("no_such_user", "refused", "无此用户"), 1)
    counts = await store.read(queries.counts)
    assert (counts.due, counts.leased, counts.dead) == (1, 0, 1)

    await store.write(replay_dead_letter, letter.id, "staff:1")
    await worker.drain()
    assert [(p["n"], attempt) for p, attempt in handler.seen] == [(1, 1), (1, 1), (2, 1)]
    assert await store.read(row_states) == [("done", 1), ("done", 1)]
    entry = await store.read(AuditEntry.get)
    assert (entry.actor, entry.action, entry.target_id) == (
        "staff:1", "outbox.replay", str(letter.id),
    )  # fmt: skip
    assert entry.before["state"] == "dead"


async def test_a_dead_letter_may_be_skipped_with_a_reason(store: Store) -> None:
    def verb() -> None:
        enqueue("x", {"n": 1}, order_key="a")
        enqueue("x", {"n": 2}, order_key="a")

    await store.write(verb)
    handler = Recorder(Refused("gone"))
    worker = make_worker(store, {"x": handler})
    await worker.drain()
    (letter,) = await store.read(queries.list_dead_letters)
    await store.write(skip_dead_letter, letter.id, "staff:1", "已电话处理")
    await worker.drain()
    assert await store.read(row_states) == [("skipped", 1), ("done", 1)]
    entry = await store.read(AuditEntry.get)
    assert entry.after == {"state": "skipped", "why": "已电话处理"}


@pytest.mark.parametrize(
    "verb", [replay_dead_letter, lambda row, actor: skip_dead_letter(row, actor, "why")]
)
async def test_only_dead_letters_can_be_replayed_or_skipped(store: Store, verb: Any) -> None:
    await store.write(enqueue, "x", {})
    row = await store.read(OutboxRow.get)
    with pytest.raises(Conflict, match="outbox_not_dead"):
        await store.write(verb, row.id, "staff:1")
    with pytest.raises(NotFound):
        await store.write(verb, row.id + 1000, "staff:1")
    assert await store.read(row_states) == [("due", 0)]
    assert await store.read(AuditEntry.select().count) == 0


async def test_dead_letters_page(store: Store) -> None:
    def verb() -> None:
        for number in range(5):
            enqueue("x", {"n": number})
        OutboxRow.update(state="dead").execute()

    await store.write(verb)
    first = await store.read(queries.list_dead_letters, None, 3)
    rest = await store.read(queries.list_dead_letters, first[-1].id, 3)
    assert [d.payload["n"] for d in first + rest] == [4, 3, 2, 1, 0]


async def test_two_workers_never_run_a_row_twice(store: Store) -> None:
    ran: list[int] = []

    async def handle(payload: dict[str, Any], job: Job) -> None:
        await asyncio.sleep(0)
        ran.append(payload["n"])

    def verb() -> None:
        for number in range(120):
            enqueue("x", {"n": number}, order_key=f"k{number % 7}" if number % 2 else None)

    await store.write(verb)
    workers = [Worker(store, {"x": handle}, f"w{n}", LocalWake()) for n in range(3)]
    while await asyncio.gather(*(w.drain() for w in workers)) != [0, 0, 0]:
        pass
    assert sorted(ran) == list(range(120))
    for key in range(7):
        mine = [n for n in ran if n % 2 and n % 7 == key]
        assert mine == sorted(mine)


async def _take_all(store: Store, worker: str) -> list[claim_verbs.Claimed]:
    found = await store.read(claim_verbs.find_runnable, ("x",), 50)
    return await store.write(claim_verbs.lease_rows, found, worker)


async def test_a_lease_that_ran_out_is_taken_over_and_the_first_can_no_longer_mark(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.write(enqueue, "x", {})
    (held,) = await _take_all(store, "w1")
    assert await _take_all(store, "w2") == []
    clock.set_offset(timedelta(days=15))
    assert await _take_all(store, "w2") == []  # moving business time ends no lease

    later = clock.system_now() + timedelta(seconds=61)
    monkeypatch.setattr(clock, "system_now", lambda: later)
    assert await _take_all(store, "w2") == []  # becomes due
    (again,) = await _take_all(store, "w2")
    assert (again.id, again.attempt) == (held.id, 2)
    assert again.fault == Fault("worker_lost")

    with pytest.raises(LeaseLost):
        await Job(store, held, "w1").done_in(_put, "x", 1)
    assert await store.read(_settings) == []
    lost = await store.write(claim_verbs.record_failed_attempt, held, "w1", Fault("e"), 9)
    assert lost == "lost"
    await Job(store, again, "w2").done_in(_put, "x", 2)
    assert await store.read(row_states) == [("done", 2)]
    assert await store.read(_settings) == ["x.2"]


async def test_the_same_worker_that_lost_a_row_and_has_it_again_marks_only_the_new_attempt(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.write(enqueue, "x", {})
    (held,) = await _take_all(store, "w1")
    later = clock.system_now() + timedelta(seconds=61)
    monkeypatch.setattr(clock, "system_now", lambda: later)
    await _take_all(store, "w1")
    (again,) = await _take_all(store, "w1")
    with pytest.raises(LeaseLost):
        await store.write(claim_verbs.finish_row, held.id, "w1", held.attempt)
    await store.write(claim_verbs.finish_row, again.id, "w1", again.attempt)


async def test_a_row_that_repeatedly_kills_its_worker_becomes_a_dead_letter(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.write(enqueue, "x", {})
    start = clock.system_now()
    for attempt in range(1, 5):
        await _take_all(store, "w1")
        later = start + timedelta(minutes=2 * attempt)
        monkeypatch.setattr(clock, "system_now", lambda later=later: later)
        found = await store.read(claim_verbs.find_runnable, ("x",), 50)
        await store.write(claim_verbs.lease_rows, found, "w1", 3)
        if (await store.read(OutboxRow.get)).state == "dead":
            break
    assert await store.read(row_states) == [("dead", 3)]


async def test_renewing_keeps_a_lease(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.write(enqueue, "x", {})
    (held,) = await _take_all(store, "w1")
    start = clock.system_now()
    monkeypatch.setattr(clock, "system_now", lambda: start + timedelta(seconds=50))
    assert await store.write(claim_verbs.renew_leases, [held.id, 10**9], "w1") == {held.id}
    assert await store.write(claim_verbs.renew_leases, [held.id], "w2") == set()
    monkeypatch.setattr(clock, "system_now", lambda: start + timedelta(seconds=100))
    await _take_all(store, "w2")
    assert await _take_all(store, "w2") == []


async def test_a_handler_that_never_ends_is_stopped(store: Store) -> None:
    async def handle(payload: dict[str, Any], job: Job) -> None:
        await asyncio.sleep(3600)

    await store.write(enqueue, "x", {})
    await make_worker(store, {"x": handle}, job_seconds=0.05).drain()
    row = await store.read(OutboxRow.get)
    assert (row.state, row.last_error_facts["facts"]) == ("due", {"error": "TimeoutError"})


async def test_request_id_and_actor_follow_into_the_handler(store: Store) -> None:
    seen: list[tuple[str, str]] = []

    async def handle(payload: dict[str, Any], job: Job) -> None:
        seen.append((context.request_id.get(), context.actor.get()))

    async def a_request() -> None:
        context.request_id.set("req-1")
        await store.write(enqueue, "x", {})

    await asyncio.create_task(a_request())
    await make_worker(store, {"x": handle}).drain()
    assert seen == [("req-1", "outbox:x")]


async def _until(check: Any, seconds: float = PATIENCE) -> None:
    async with asyncio.timeout(seconds):
        while not await check():
            await asyncio.sleep(0.005)


async def test_a_commit_wakes_the_running_worker(store: Store) -> None:
    wake, handler = LocalWake(), Recorder()
    worker = Worker(store, {"x": handler}, "w1", wake)
    running = asyncio.create_task(worker.run())
    install_wake(wake)
    try:
        await asyncio.sleep(0.05)  # the worker is idle by now
        started = asyncio.get_running_loop().time()
        await store.write(enqueue, "x", {})

        async def handled() -> bool:
            return bool(handler.seen)

        await _until(handled)
        assert asyncio.get_running_loop().time() - started < 0.8  # sooner than the next poll
    finally:
        install_wake(None)
        worker.stop()
        await running
    assert await store.read(row_states) == [("done", 1)]


async def test_the_running_worker_polls_without_a_wake_up(store: Store) -> None:
    class Deaf:
        def wake(self) -> None: ...

        async def wait(self, seconds: float) -> None:
            raise ConnectionError("redis is down")

    handler = Recorder()
    worker = Worker(store, {"x": handler}, "w1", Deaf())
    await store.write(enqueue, "x", {})
    running = asyncio.create_task(worker.run())

    async def handled() -> bool:
        return await store.read(row_states) == [("done", 1), ("done", 1)]

    await store.write(enqueue, "x", {})
    await _until(handled)
    worker.stop()
    await running


async def test_a_worker_that_has_claimed_and_not_begun_is_not_idle(store: Store) -> None:
    """Between the COMMIT of a claim and the start of its tasks a leased row is in no list."""
    worker = Worker(store, {"x": Recorder()}, "w1", LocalWake())
    real, seen = worker._claim, []

    async def slow() -> list[claim_verbs.Claimed]:
        rows = await real()
        seen.append(worker.is_idle)
        return rows

    worker._claim = slow  # type: ignore[method-assign]
    await store.write(enqueue, "x", {})
    running = asyncio.create_task(worker.run())

    async def handled() -> bool:
        return await store.read(row_states) == [("done", 1)] and worker.is_idle

    await _until(handled)
    worker.stop()
    await running
    assert seen
    assert not any(seen)


async def test_the_running_worker_handles_more_than_a_batch(store: Store) -> None:
    handler = Recorder()

    def verb() -> None:
        for number in range(130):
            enqueue("x", {"n": number}, order_key="one" if number < 20 else None)

    await store.write(verb)
    worker = Worker(store, {"x": handler}, "w1", LocalWake())
    running = asyncio.create_task(worker.run())

    async def all_done() -> bool:
        return (await store.read(queries.counts)).due == 0 and len(handler.seen) == 130

    await _until(all_done, 20)
    worker.stop()
    await running
    numbers = [p["n"] for p, _ in handler.seen]
    assert sorted(numbers) == list(range(130))
    assert [n for n in numbers if n < 20] == list(range(20))


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_stop_releases_rows_not_begun_and_waits_for_the_others(
    store: Store, at_once: bool
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def handle(payload: dict[str, Any], job: Job) -> None:
        begun.set()
        await go_on.wait()

    def verb() -> None:
        for number in range(3):
            enqueue("x", {"n": number})

    await store.write(verb)
    worker = make_worker(store, {"x": handle}, concurrency=1)
    running = asyncio.create_task(worker.run())
    await begun.wait()
    worker.stop()
    if at_once:
        go_on.set()  # the slot is free before the worker notices the stop
    else:
        await asyncio.sleep(0.02)
        go_on.set()
    await running
    assert await store.read(row_states) == [("done", 1), ("due", 0), ("due", 0)]


async def test_a_stop_waits_for_the_grace_period_only(store: Store) -> None:
    begun = asyncio.Event()

    async def handle(payload: dict[str, Any], job: Job) -> None:
        begun.set()
        await asyncio.sleep(3600)

    await store.write(enqueue, "x", {})
    worker = make_worker(store, {"x": handle}, grace_seconds=0.05)
    running = asyncio.create_task(worker.run())
    await begun.wait()
    worker.stop()
    await asyncio.wait_for(running, PATIENCE)
    assert await store.read(row_states) == [("due", 0)]


async def test_done_rows_are_deleted_after_seven_days(store: Store) -> None:
    await store.write(enqueue, "x", {"n": 1})
    worker = make_worker(store, {"x": Recorder()})
    await worker.drain()
    await store.write(enqueue, "stays_due", {})
    clock.set_offset(timedelta(days=6))
    assert await store.write(delete_done_rows) == 0
    clock.set_offset(timedelta(days=8))
    assert await store.write(delete_done_rows) == 1
    assert [row.kind for row in models.OutboxRow.select()] == ["stays_due"]


async def test_depth_and_lag_are_shown(store: Store) -> None:
    await store.write(enqueue, "x", {})
    await store.write(enqueue, "x", {}, delay=timedelta(hours=1))
    clock.set_offset(timedelta(seconds=90))
    counts = await record_depth(store)
    assert (counts.due, counts.dead) == (2, 0)
    assert timedelta(seconds=90) <= counts.lag < timedelta(seconds=100)
    assert REGISTRY.get_sample_value("fenmall_outbox_rows", {"state": "due"}) == 2
    assert 90 <= (REGISTRY.get_sample_value("fenmall_outbox_lag_seconds") or 0) < 100


def test_errors_that_end_a_row_are_domain_errors() -> None:
    assert issubclass(LeaseLost, DomainError)  # a flow must not catch it by accident
