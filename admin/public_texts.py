"""Checks public texts before a verb saves them; a refusal names the words at their field."""

from __future__ import annotations

from aiohttp import web

from admin.guard import actor_of, staff_of
from admin.words import LINT_WHY
from domain import public_texts
from domain.public_texts import PublicText, RefusedText
from kernel.errors import Invalid
from kernel.web.forms import Form, publics_of
from kernel.web.keys import STORE


async def judge(request: web.Request, form: Form) -> None:
    """Note in the form each public text that the lint refuses."""
    for error in await _refused(request):
        form.errors.setdefault(error.field or "", error)


async def judge_or_raise(request: web.Request) -> None:
    """Check the request's public texts that were not checked yet; raise Invalid for the first."""
    for error in await _refused(request):
        raise error


async def _refused(request: web.Request) -> list[Invalid]:
    publics = publics_of(request)
    if not publics:
        return []
    texts = {field: PublicText(*said) for field, said in publics.items()}
    publics.clear()
    store = request.config_dict[STORE]
    refused = await store.read(public_texts.refused_texts, texts)
    if refused:
        actor = actor_of(staff_of(request))
        await store.write(public_texts.record_refused, refused, request.path, actor)
    return [_error(each) for each in refused]


def _error(refused: RefusedText) -> Invalid:
    found = "；".join(f"“{each.word}”：{LINT_WHY[each.why]}" for each in refused.findings[:5])
    if refused.needs_evidence_only:
        return Invalid("text_unproven", refused.field, found=found)
    return Invalid("text_refused", refused.field, found=found)
