"""The ``doctor`` command: go-live check, distributors' names, offers, orders, stock, totals."""

from __future__ import annotations

from admin.fault_words import CHECKUP
from admin.shop.settings_fields import BY_KEY
from app.runtime import Runtime
from domain import (
    distribution,
    legal,
    overview,
    personal_data,
    pickups,
    promotions,
    refusals,
)
from gateways.checks import Check, State
from gateways.http import new_session
from gateways.identity import examine
from gateways.wechat.doctor import Clients, check
from kernel import catalogues, clock
from kernel.refusals import call_words, explain

TEXT = catalogues.of("doctor")
JUDGED = TEXT.names("name_verdict")
AILING = TEXT.names("ailment")
UNCOLLECTED = TEXT.names("pickup_ailment")
NAMED = TEXT.names("looked_at")
LINE = TEXT.names("line")
WHERE = catalogues.of("admin").names("evidence.where")
COMPANY = {field.name: field.label for field in BY_KEY["business"].fields}
COMPANY["licence"] = COMPANY["licence_no"]
LOOKS = {
    "orders": overview.check_orders,
    "stock": overview.check_stock,
    "days": overview.check_days,
    "pushes": overview.check_pushes,
}
MARKS = {"ok": "✓", "warn": "!", "fail": "✗"}


async def wechat(runtime: Runtime) -> tuple[int, str]:
    """Run the go-live check and list open refusals; status 1 if any item fails."""
    lines: list[str] = []
    async with new_session() as session:
        clients = Clients(runtime.wechat, runtime.pay, session)
        checks = await check(runtime.config, clients, say=lambda _: None)
    for each in checks:
        lines.append(f"{MARKS[each.state]} {each.code}: {each.found}")
        if each.state != "ok":
            lines.append(f"    → {each.what_to_do_zh}")
    for stands in await runtime.store.read(refusals.list_open_refusals):
        checks.append(_stands(stands))
        lines.append(f"{MARKS[checks[-1].state]} {checks[-1].code}: {checks[-1].found}")
        lines.append(f"    → {checks[-1].what_to_do_zh}")
    failed = sum(each.state == "fail" for each in checks)
    result = LINE["failed" if failed else "ready"]
    lines.append(result.format(checks=len(checks), failed=failed))
    return (1 if failed else 0), "\n".join(lines)


def _stands(one: refusals.OpenRefusal) -> Check:
    """The item for an open refusal of WeChat's."""
    said = explain(one.side, one.code, call=one.call, detail=one.detail, template=one.subject)
    since = one.first_at.astimezone(clock.SHANGHAI)
    found = LINE["refused"].format(
        since=f"{since:%m-%d %H:%M}", count=one.count, code=one.code, call=call_words(one.call)
    )
    state: State = "warn" if said.urgency == "note" else "fail"
    return Check("refused", state, found, said.sentence + "".join(said.todo))


async def company(runtime: Runtime) -> tuple[int, str]:
    """What the law wants shown and is missing, and permits that end; status 1 for any."""
    missing, ending = await runtime.store.read(_company)
    lines = [f"✗ {COMPANY[name]}: 未填写" for name in missing]
    for each in ending:
        mark, said = ("✗", "已到期") if each.has_ended else ("!", "即将到期")
        lines.append(f"{mark} {COMPANY[each.permit]}: {each.day} {said}")
    if lines:
        return 1, "\n".join([*lines, "    → 商家后台 法务 · 证照与联系方式"])
    return 0, "证照与联系方式齐全"


def _company() -> tuple[list[str], list[legal.PermitEnd]]:
    return legal.missing_of_business(), legal.permits_ending()


async def claims(runtime: Runtime) -> tuple[int, str]:
    """Texts whose evidence has ended or ends soon; status 1 if any has ended."""
    found = await runtime.store.read(overview.texts_at_risk)
    lines = [
        LINE["claim" if each.day is None else "claim_ends"].format(
            where=WHERE[each.where], title=each.title, phrase=each.phrase, day=each.day
        )
        for each in found
    ]
    is_bad = any(each.day is None for each in found)
    return (1 if is_bad else 0), "\n".join(lines or [LINE["claims_fine"]])


async def identity(runtime: Runtime) -> tuple[int, str]:
    """Whether the provider of identity checks takes our keys; status 1 if it refuses them."""
    found = await examine(runtime.identity)
    line = f"{MARKS[found.state]} {found.code}: {found.found}"
    if found.what_to_do_zh:
        line += f"\n    → {found.what_to_do_zh}"
    return (1 if found.state == "fail" else 0), line


async def people(runtime: Runtime) -> tuple[int, str]:
    """List what is left of deleted members in columns that are declared empty; status 1 if any."""
    seen, found = await personal_data.leftovers(runtime.store)
    lines = [
        LINE["left_over"].format(id=each.member_id, table=each.table, rows=each.rows)
        for each in found
    ]
    return (1 if found else 0), "\n".join(lines or [LINE["people_fine"].format(seen=seen)])


async def collected(runtime: Runtime) -> tuple[int, str]:
    """List orders for collection that nobody could collect, or that were not refunded in time."""
    found = await runtime.store.read(pickups.check_pickups)
    lines = [LINE["pickup"].format(no=no, ailment=UNCOLLECTED[ailment]) for no, ailment in found]
    return (1 if found else 0), "\n".join(lines or [LINE["pickups_fine"]])


async def offers(runtime: Runtime) -> tuple[int, str]:
    """List running promotions that have no effect as configured; status 1 if there are any."""
    found = await runtime.store.read(promotions.check_offers)
    lines = [
        LINE["offer"].format(id=each.offer_id, title=each.title, ailment=AILING[each.ailment])
        for each in found
    ]
    return (1 if found else 0), "\n".join(lines or [LINE["offers_fine"]])


async def names(runtime: Runtime, *, review: bool = False) -> tuple[int, str]:
    """List distributors' names that resemble the merchant's and were not reviewed.

    Status 1 if there are any. ``review`` submits them for the merchant's review; until it is
    decided, posters show a number instead.
    """
    found = await runtime.store.read(distribution.names_to_review)
    lines = [LINE["name"].format(id=i, name=name, verdict=JUDGED[said]) for i, name, said in found]
    if found and review:
        done = await runtime.store.write(distribution.put_names_to_review)
        lines.append(LINE["names_put"].format(count=done))
    elif found:
        lines.append(LINE["names_how"])
    return (1 if found and not review else 0), "\n".join(lines or [LINE["names_fine"]])


async def checkup(runtime: Runtime, what: str) -> tuple[int, str]:
    """Compare stored totals of orders, stock, days or pushes with their rows.

    Status 1 if any differ.
    """
    name = NAMED[what]
    found = await LOOKS[what](runtime.store)
    lines = [
        LINE["differs"].format(name=name, no=e.no, what=CHECKUP[e.code], has=e.has, says=e.says)
        for e in found
    ]
    return (1 if found else 0), "\n".join(lines or [LINE["fine"].format(name=name)])
