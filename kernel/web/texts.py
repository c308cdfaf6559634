"""What a face says to a refusal: the text of an error's code, with its facts filled in."""

from __future__ import annotations

from collections.abc import Mapping

from kernel import catalogues
from kernel.errors import DomainError
from kernel.money import yuan

SHARED = catalogues.of("shared")
COMMON = SHARED.names("error")


def _typed() -> dict[str, str]:
    """The refusals of ``kernel.typed``: what is wrong with a number and what to type instead."""
    what, like = SHARED.names("typed.what"), SHARED.names("typed.like")
    by_kind = {
        f"{kind}_{why}": text.format(what=what[kind], like=like[kind])
        for why, text in SHARED.names("typed.why").items()
        for kind in what
    }
    return by_kind | SHARED.names("typed.error")


TYPED = _typed()


class Texts:
    """The refusals of a face: those of all faces and its own, which may replace them."""

    def __init__(self, face: str | None = None) -> None:
        own = catalogues.of(face).names("error") if face else {}
        self._texts = COMMON | TYPED | own
        self._unknown = SHARED.text("refusal.unknown")

    def __contains__(self, code: str) -> bool:
        return code in self._texts

    @property
    def by_code(self) -> Mapping[str, str]:
        """The texts as they are written, by code."""
        return self._texts

    def of(self, error: DomainError) -> str:
        """The text of an error."""
        return self.text(error.code, **error.facts)

    def text(self, code: str, **facts: object) -> str:
        """The text of a code; a fact ``name_fen`` is also available as ``name`` in yuan.

        A fact that the text names and the error lacks is a KeyError.
        """
        shown = dict(facts)
        for name, value in facts.items():
            if name.endswith("_fen") and isinstance(value, int):
                shown[name.removesuffix("_fen")] = yuan(value)
            if isinstance(value, list | tuple):
                shown[name] = "、".join(str(each) for each in value)
        if code not in self._texts:
            return self._unknown.format(code=code)
        return self._texts[code].format(**shown)
