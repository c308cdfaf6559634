"""How pages say who the shop is: its licences as lines, its numbers and addresses as facts."""

from __future__ import annotations

from domain.legal import Business
from kernel import catalogues

LICENCE = catalogues.of("mall").names("legal.licence")
FACT = catalogues.of("mall").names("legal.fact")
UNTIL = catalogues.of("mall").text("legal.until")


def licence_lines(company: Business, with_days: bool = False) -> list[str]:
    """Each licence with its number, for the footer; ``with_days``: until when it is valid."""
    found = []
    for name, label in LICENCE.items():
        until = getattr(company, f"{name.removesuffix('_no')}_until", "") if with_days else ""
        if number := getattr(company, name):
            found.append(f"{label} {number}" + (UNTIL.format(day=until) if until else ""))
    return [*found, *company.more_licences]


def company_facts(company: Business) -> list[tuple[str, str]]:
    """Company, numbers and ways to reach it, without what is not filled in."""
    return [
        (label, getattr(company, name)) for name, label in FACT.items() if getattr(company, name)
    ]
