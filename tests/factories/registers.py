"""A provider of identity checks for tests."""

from __future__ import annotations

from domain.adults import Person, Verdict

ADULT, OTHER = "110101199003072017", "11010119850612104X"
"""Well-formed id numbers of invented people of age."""


class Register:
    """A provider with answers in advance; an exception is raised, without answers all match."""

    def __init__(self, *answers: Verdict | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[Person] = []

    async def check(self, person: Person) -> Verdict:
        """The next answer."""
        self.asked.append(person)
        answer = self.answers.pop(0) if self.answers else "match"
        if isinstance(answer, Exception):
            raise answer
        return answer
