"""Judges what others will read before a verb keeps it; members can't let their own texts pass."""

from __future__ import annotations

from domain import public_texts
from domain.public_texts import PublicText
from kernel import catalogues
from kernel.errors import Invalid
from kernel.store import Store

Publics = dict[str, tuple[str, bool]]
"""Texts by field that nobody judged yet, and whether each is a name."""

WHY = catalogues.of("shared").names("lint.why")


async def judge_or_raise(store: Store, publics: Publics) -> None:
    """Raise Invalid('text_refused') for the first text that may not be shown."""
    if not publics:
        return
    texts = {field: PublicText(*said) for field, said in publics.items()}
    publics.clear()
    for refused in await store.read(public_texts.refused_texts, texts):
        found = "；".join(f"“{each.word}”：{WHY[each.why]}" for each in refused.findings[:3])
        raise Invalid("text_refused", refused.field, found=found)
