"""A child process that hashes passwords: one JSON request per input line, one answer per line.

``kernel.passwords`` runs it as a program, which keeps 64 MB per hash and the CPU time out of the
web process. It imports nothing of ours and ends at the end of its input.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

NICE = 10
_LONGEST = 200

# One argon2 lane per hash, so that each hashing process uses at most one CPU.
HASHER = PasswordHasher(parallelism=1)


def make_hash(plain: str) -> str:
    """The argon2id hash of a password."""
    return HASHER.hash(plain)


def matches_hash(hashed: str, plain: str) -> bool:
    """Whether a password matches a hash; takes as long as making one."""
    try:
        return HASHER.verify(hashed, plain[:_LONGEST])
    except (VerificationError, InvalidHashError):
        return False


WORK: dict[str, Any] = {"hash": make_hash, "verify": matches_hash}


def main() -> None:
    """Answer requests until the input ends, at a lower priority than the web process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICE)
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        sys.stdout.write(json.dumps(WORK[name](*arguments)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
