"""导出文件: a person's own export files, their progress, and the download."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from admin.deps import deps_of
from admin.guard import requires
from admin.kit import columns as cols
from admin.kit.lists import Empty, ListSpec
from admin.kit.wanted import Wanted
from admin.shop import export_files
from admin.words import EXPORT, EXPORT_WHY
from domain import exports
from domain.exports import ExportView

routes = web.RouteTableDef()
MB = 1024 * 1024


def find(wanted: Wanted) -> Sequence[ExportView]:
    """The person's own export files, newest first."""
    return exports.list_own(wanted.actor, before_id=wanted.cursor, limit=wanted.limit)


def _size(row: ExportView) -> str:
    return f"{row.bytes / MB:.1f} MB" if row.bytes >= MB else f"{-(-row.bytes // 1024)} kB"


def _name(row: ExportView) -> str:
    return f"{row.asked.title}（{row.asked.kind}）"


LIST = ListSpec[ExportView](
    query=find,
    key=lambda row: row.id,
    columns=(
        cols.text("文件", _name, note=lambda row: row.asked_at),
        cols.state("状态", EXPORT, lambda row: row.state,
                   note=lambda row: EXPORT_WHY.get(row.why, row.why)),
        cols.number("行数", lambda row: row.rows),
        cols.text("大小", lambda row: _size(row) if row.state == "ready" else ""),
        cols.when("保留至", lambda row: row.expires_at if row.state == "ready" else None),
        cols.part("", "admin/shop/_export_link.html", lambda row: ""),
    ),
    unit="个",
    note="超过 5,000 行的列表在后台生成，文件保留 24 小时，只有您自己可以下载",
    empty=Empty("没有导出文件", "在订单、会员、佣金等列表底部点“导出 Excel”。"),
    template="admin/shop/exports.html",
    more=lambda _, rows: {"is_busy": any(row.state in ("waiting", "making") for row in rows)},
)  # fmt: skip


@routes.get(r"/exports/{id:\d{1,18}}/file")
@requires(exports.RIGHT)
async def fetch(request: web.Request) -> web.StreamResponse:
    """Send a file to the person who asked for it."""
    return await export_files.download(request, deps_of(request).exports)
