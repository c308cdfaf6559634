"""Reads of legal documents: the version in force, the history, a comparison, the editor's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.legal import statements
from domain.legal.defaults import default_body
from domain.legal.markup import (
    Block,
    Change,
    blocks_of,
    changes,
    check_body,
    readable,
    variables_in,
)
from domain.legal.rules import DRAFT, KINDS, Kind
from domain.legal.variables import variable_values
from kernel import clock
from kernel.errors import NotFound
from models import LegalVersion


@dataclass(frozen=True)
class Version:
    """A published version of a document, without its text."""

    kind: Kind
    number: int
    what_changed: str
    asks_again: bool
    facts: dict[str, str]
    effective_at: datetime
    published_at: datetime
    published_by: str


@dataclass(frozen=True)
class Document:
    """A version as it is read, with the one in force and all others beside it."""

    version: Version
    blocks: tuple[Block, ...]
    current: int
    versions: tuple[Version, ...]

    @property
    def is_current(self) -> bool:
        """True for the version in force."""
        return self.version.number == self.current

    @property
    def upcoming(self) -> Version | None:
        """The newest version that is announced and not yet in force."""
        newest = self.versions[0]
        return newest if newest.number > self.current else None


@dataclass(frozen=True)
class Draft:
    """The text that is being written, and the version whose text it began with."""

    body: str
    edition: int
    edited_at: datetime | None
    edited_by: str


@dataclass(frozen=True)
class Desk:
    """What the merchant sees of one document."""

    kind: Kind
    draft: Draft
    current: Version
    versions: tuple[Version, ...]
    changes: tuple[Change, ...]
    moved: tuple[tuple[str, str, str], ...]
    """Variables whose value is no longer what it was at the publication: name, then, now."""


def version_in_force(kind: Kind) -> Version:
    """The version of a document that is in force now."""
    row = statements.in_force.first(kind, clock.now())
    return _first_version(kind) if row is None else _version(row)


def announced(kind: Kind) -> Version | None:
    """The newest version that is published and not yet in force, None without."""
    row = statements.announced.first(kind, clock.now())
    return None if row is None else _version(row)


def document(kind: Kind, number: int | None = None) -> Document:
    """A document to read; by default the version in force. Raises NotFound('version_missing').

    The version in force, and one that is announced, show the present values of variables; an
    earlier one shows those of its publication.
    """
    versions = _versions(kind)
    current = version_in_force(kind).number
    wanted = current if number is None else number
    found = next((each for each in versions if each.number == wanted), None)
    if found is None:
        raise NotFound("version_missing", "v", number=wanted)
    body = _body_of(kind, wanted)
    values = variable_values()
    shown = values if wanted >= current else values | found.facts
    return Document(found, blocks_of(body, shown), current, versions)


def comparison(kind: Kind, older: int, newer: int) -> tuple[Change, ...]:
    """What changed between two published versions. Raises NotFound('version_missing')."""
    found = {each.number: each for each in _versions(kind)}
    for number in (older, newer):
        if number not in found:
            raise NotFound("version_missing", "v", number=number)
    values = variable_values()
    texts = [readable(_body_of(kind, n), values | found[n].facts) for n in (older, newer)]
    return changes(texts[0], texts[1])


def preview(body: str) -> tuple[Block, ...]:
    """A text as readers would see it now. Raises Invalid for one that can't be kept."""
    values = variable_values()
    check_body(body, values)
    return blocks_of(body, values)


def desk(kind: Kind) -> Desk:
    """A document for its editor: the draft, or the newest text to begin one with."""
    versions, current = _versions(kind), version_in_force(kind)
    newest = _body_of(kind, versions[0].number)
    row = LegalVersion.get_or_none(_numbered(kind, DRAFT))
    draft = Draft(newest, 0, None, "") if row is None else Draft(
        row.body, row.edition, row.edited_at, row.edited_by
    )  # fmt: skip
    return Desk(kind, draft, current, versions, changes(newest, draft.body), _moved(current))


def desks() -> tuple[Desk, ...]:
    """All documents for the list."""
    return tuple(desk(kind) for kind in KINDS)


def _moved(version: Version) -> tuple[tuple[str, str, str], ...]:
    now, used = variable_values(), variables_in(_body_of(version.kind, version.number))
    return tuple(
        (name, then, now[name])
        for name, then in sorted(version.facts.items())
        if name in used and now.get(name, then) != then
    )


def _versions(kind: Kind) -> tuple[Version, ...]:
    """All published versions, newest first."""
    mine = (LegalVersion.kind == kind) & (LegalVersion.number > DRAFT)
    query = LegalVersion.select(*statements.HEAD).where(mine).order_by(LegalVersion.number.desc())
    return tuple(_version(row) for row in query) or (_first_version(kind),)


def _body_of(kind: Kind, number: int) -> str:
    row = LegalVersion.get_or_none(_numbered(kind, number))
    return default_body(kind) if row is None else str(row.body)


def _numbered(kind: Kind, number: int) -> Any:
    return (LegalVersion.kind == kind) & (LegalVersion.number == number)


def _version(row: Any) -> Version:
    return Version(
        row.kind, row.number, row.what_changed, bool(row.asks_again), row.facts or {},
        row.effective_at, row.published_at, row.published_by or "",
    )  # fmt: skip


def _first_version(kind: Kind) -> Version:
    """The text that comes with the shop, before the first start has kept it as a row."""
    now = clock.now()
    return Version(kind, 1, "", asks_again=False, facts={}, effective_at=now, published_at=now,
                   published_by="system")  # fmt: skip
