"""影响评估: assessments of what the shop does with personal data, in versions, with a file."""

from __future__ import annotations

from aiohttp import web

from admin.guard import requires
from admin.kit.forms import FormSpec
from admin.kit.steps import Ask
from admin.web import page, read
from domain import impact
from domain.impact import RISKS, ReportForm
from kernel.web.forms import Form

routes = web.RouteTableDef()
RIGHT = "legal.edit"
URL = "/admin/impact"
ONE = r"/impact/{subject:[a-z]{3,12}}"
MOST = 2000


@routes.get("/impact")
@requires("settings.see")
async def index(request: web.Request) -> web.StreamResponse:
    """What is to be assessed, the version in force, and the day of its review."""
    return await page(
        request, "admin/legal/impacts.html", rows=await read(request, impact.subjects)
    )


@routes.get(ONE)
@requires("settings.see")
async def detail(request: web.Request) -> web.StreamResponse:
    """A subject: the form with the last version's texts, what the program knows, the versions."""
    return await _page(request, {}, {})


async def _page(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.Response:
    found = await read(request, impact.subject_detail, request.match_info["subject"])
    last = found.versions[0] if found.versions else None
    names = ("purpose", "necessity", "effect", "risk", "measures")
    kept = {name: getattr(last, name) for name in names} if last else {}
    return await page(
        request, "admin/legal/impact.html", status=422 if errors else 200, found=found,
        values=kept | values, errors=errors,
        registers=await read(request, impact.registers),
    )  # fmt: skip


@routes.get(f"{ONE}/{{number:[0-9]{{1,6}}}}/file")
@requires("settings.see")
async def file(request: web.Request) -> web.StreamResponse:
    """A version as a file that stands by itself."""
    found = await read(
        request, impact.report, request.match_info["subject"], int(request.match_info["number"])
    )
    response = await page(request, "admin/legal/impact_file.html", each=found)
    name = f"impact-{found.subject}-{found.number}.html"
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


def _typed(form: Form) -> ReportForm:
    return ReportForm(
        purpose=form.prose("purpose", most=MOST),
        necessity=form.prose("necessity", most=MOST),
        effect=form.prose("effect", most=MOST),
        risk=form.choice("risk", RISKS),
        measures=form.prose("measures", most=MOST),
        review_on=form.day("review_on"),
    )


def write(ask: Ask, it: ReportForm, _: int) -> int:
    """Keep the next version of an assessment."""
    return impact.write_report(ask.places["subject"], it, ask.actor)


ADD = FormSpec[ReportForm](
    ONE, RIGHT, _typed, write, _page, "已保存为新的一版", "/admin/impact/{subject}",
)  # fmt: skip
