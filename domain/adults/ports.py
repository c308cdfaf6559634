"""The port that compares a name and an id number with a register."""

from __future__ import annotations

from typing import Protocol

from domain.adults.rules import Person, Verdict


class IdentityCheckPort(Protocol):
    """A provider that knows whether a name and a resident id number belong together."""

    async def check(self, person: Person) -> Verdict:
        """What the register says.

        Raises Retryable if it did not answer or its quota is used up, Refused if it refuses us.
        """
