"""Who agreed to which version of a document, and who is asked again (重新同意)."""

from __future__ import annotations

from dataclasses import dataclass

from domain import members
from domain.legal import statements
from domain.legal.queries import Version, version_in_force
from domain.legal.rules import Kind
from kernel import clock
from kernel.errors import Invalid


@dataclass(frozen=True)
class Asking:
    """What a person is asked about a document: the version in force, and whether it is needed."""

    version: Version
    agreed: int
    """The last version that the person agreed to, 0 for none."""
    is_due: bool
    """True if they have to agree before going on."""


def asking(member_id: int, kind: Kind) -> Asking:
    """What a member is asked about a document now."""
    version, agreed = version_in_force(kind), agreed_version(member_id, kind)
    return Asking(version, agreed, agreed < required_version(kind))


def required_version(kind: Kind) -> int:
    """The version to which everybody has to have agreed; 0 if none asks."""
    row = statements.asked_again.first(kind, clock.now())
    return 0 if row is None else int(row.number)


def agreed_version(member_id: int, kind: Kind) -> int:
    """The last version of a document to which a member agreed; 0 for none."""
    return max((number_of(each) for each in members.agreed_versions(member_id, kind)), default=0)


def is_behind(version: str, kind: Kind) -> bool:
    """True if a consent to ``version``, '' for none, is no longer enough."""
    return number_of(version) < max(1, required_version(kind))


def number_of(version: str) -> int:
    """The number of a version as a consent names it; names from before the numbers count as 1."""
    return int(version) if version.isascii() and version.isdigit() else int(bool(version))


def agree(member_id: int, kind: Kind, shown: int, *, is_ticked: bool) -> None:
    """Keep that a member goes on after being shown a version (同意).

    Raises Invalid('agreement_due', 'agree') if a version asks anew and the member has not ticked
    it, or was shown an older one.
    """
    agreed, required = agreed_version(member_id, kind), required_version(kind)
    if agreed < required and not (is_ticked and shown >= required):
        raise Invalid("agreement_due", "agree", number=required)
    if agreed < shown <= version_in_force(kind).number:
        members.give_consent(member_id, kind, str(shown))
