"""``python -m app doctor wechat``: walks the go-live list and says what to click where."""

from __future__ import annotations

from app.runtime import Runtime
from gateways.http import new_session
from gateways.wechat.doctor import Clients, check

MARKS = {"ok": "✓", "warn": "!", "fail": "✗"}


async def wechat(runtime: Runtime) -> tuple[int, str]:
    """Check the way to WeChat; status 1 if anything fails. Each line names what to do."""
    lines: list[str] = []
    async with new_session() as session:
        clients = Clients(runtime.wechat, runtime.pay, session)
        checks = await check(runtime.config, clients, say=lambda _: None)
    for each in checks:
        lines.append(f"{MARKS[each.state]} {each.code}: {each.found}")
        if each.state != "ok":
            lines.append(f"    → {each.what_to_do_zh}")
    failed = sum(each.state == "fail" for each in checks)
    lines.append(f"{len(checks)} 项检查，{failed} 项未通过" if failed else "全部通过，可以上线")
    return (1 if failed else 0), "\n".join(lines)
