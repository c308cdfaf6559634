"""The registry of notices (通知).

A notice is a frozen dataclass in ``notices.py`` of the domain package that sends it. Its fields
are stored in the outbox: ids, sums and codes, no personal data. Its properties are read when it is
sent. Its text is in the face's catalogue under its KEY.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import NoneType
from typing import Annotated, Any, ClassVar, Literal, TypeVar, cast, get_args, get_origin
from typing import get_type_hints as hints

from domain.notices.facts import As, Kind
from kernel.errors import Invalid

Occasion = Literal[
    "order_paid", "payment_check", "order_shipped", "commission", "withdrawal", "refund", "ticket"
]  # fmt: skip
"""The purposes for which a template of the account can be chosen (模板用途)."""

N = TypeVar("N", bound="Notice")
_DECLARED: dict[str, type[Notice]] = {}
_FACTS: dict[str, tuple[Fact, ...]] = {}


class Notice:
    """The declaration of a notice; every subclass with a KEY is registered.

    ``PAGE`` is the page that it opens, with facts in braces, '' for none. ``OCCASION`` names the
    templates and subscription notices that may carry it; None: only an open customer-service
    window. ``AT_ONCE`` False: it waits for the end of the quiet hours. ``IS_PROMOTION`` True: it
    needs the member's agreement to promotions and room within the weekly cap.
    """

    KEY: ClassVar[str]
    PAGE: ClassVar[str] = ""
    OCCASION: ClassVar[Occasion | None] = None
    AT_ONCE: ClassVar[bool] = True
    IS_PROMOTION: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "KEY" in cls.__dict__:
            if cls.KEY in _DECLARED:
                raise TypeError(f"two notices are called {cls.KEY}")
            _DECLARED[cls.KEY] = cls


class MemberNotice(Notice):
    """A notice to a member about their own matters (会员通知)."""

    def is_still_due(self, member_id: int) -> bool:
        """Whether it is still to be sent when its turn comes, to this member."""
        return True


class OwnerNotice(Notice):
    """A notice to the owner that something stopped or needs a person (店主提醒)."""


@dataclass(frozen=True)
class Fact:
    """The declaration of a fact; ``type`` is its type without Annotated and None."""

    name: str
    type: Any
    kind: Kind | None
    is_optional: bool
    is_stored: bool


@dataclass(frozen=True)
class ResolvedNotice:
    """A notice with the values of all its facts, ready to be given a text."""

    notice: type[Notice]
    facts: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The key of its text."""
        return self.notice.KEY

    @property
    def page(self) -> str:
        """The path that it opens; '' for none."""
        return self.notice.PAGE.format_map(self.facts)

    def first(self, *kinds: Kind) -> Any:
        """The first fact of these kinds that has a value, or None."""
        found = (
            self.facts[fact.name]
            for kind in kinds
            for fact in facts_of(self.notice)
            if fact.kind is kind
        )
        return next((value for value in found if value not in (None, "")), None)


def declared_notices() -> dict[str, type[Notice]]:
    """All notices by key."""
    return dict(_DECLARED)


def facts_of(notice: type[Notice]) -> tuple[Fact, ...]:
    """A notice's facts in the order of declaration, stored ones first."""
    known = _FACTS.get(notice.KEY)
    if known is None:
        known = _FACTS[notice.KEY] = _facts(notice)
    return known


def stored_facts(notice: Notice) -> dict[str, Any]:
    """The fields as JSON; facts without a value are left out."""
    values = {f.name: getattr(notice, f.name) for f in _fields(type(notice))}
    return {name: _json_value(value) for name, value in values.items() if value is not None}


def read_notice(purpose: str, facts: Mapping[str, Any]) -> Notice:
    """The notice of an outbox row; facts that it does not declare are ignored.

    Raises Invalid('notice_unknown'), and Invalid('notice_lacks') for a missing fact.
    """
    notice = _DECLARED.get(purpose)
    if notice is None:
        raise Invalid("notice_unknown", purpose=purpose)
    lacking = [f.name for f in _fields(notice) if f.name not in facts and _is_needed(f)]
    if lacking:
        raise Invalid("notice_lacks", purpose=purpose, facts=lacking)
    types = {fact.name: fact.type for fact in facts_of(notice)}
    values = {
        name: _typed_value(types[name], value)
        for name, value in facts.items()
        if name in {f.name for f in _fields(notice)}
    }
    return notice(**values)


def resolve_notice(notice: Notice) -> ResolvedNotice:
    """A notice with all its facts; properties are read now."""
    return ResolvedNotice(
        type(notice), {f.name: getattr(notice, f.name) for f in facts_of(type(notice))}
    )


def _facts(notice: type[Notice]) -> tuple[Fact, ...]:
    typed = hints(notice, include_extras=True)
    stored = [_fact(f.name, typed[f.name], is_stored=True) for f in _fields(notice)]
    looked_up = [
        _fact(name, hints(each.fget, include_extras=True)["return"], is_stored=False)
        for name, each in vars(notice).items()
        if isinstance(each, property)
    ]
    return (*stored, *looked_up)


def _fields(notice: type[Notice]) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(cast(Any, notice))


def _is_needed(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING


def _fact(name: str, annotated: Any, *, is_stored: bool) -> Fact:
    optional = [each for each in get_args(annotated) if each is not NoneType]
    is_optional = len(optional) == 1 and NoneType in get_args(annotated)
    kept = optional[0] if is_optional else annotated
    kind = None
    if get_origin(kept) is Annotated:
        kind = next((a.kind for a in get_args(kept) if isinstance(a, As)), None)
        kept = get_args(kept)[0]
    return Fact(name, kept, kind, is_optional, is_stored)


def _json_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _typed_value(kept: Any, value: Any) -> Any:
    if value is None or kept not in (date, datetime):
        return value
    return kept.fromisoformat(str(value))
