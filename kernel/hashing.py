"""A process that only hashes: a question a line on standard input, an answer a line.

Run as a program by ``kernel.passwords``, so that 64 MB a hash and its processor time are not the
web process's. It imports nothing of ours and ends when its input does.
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

# One lane a hash: the number of processors that hashing may take is the number of processes.
HASHER = PasswordHasher(parallelism=1)


def make_hash(plain: str) -> str:
    """The hash to keep of a password."""
    return HASHER.hash(plain)


def is_right(hashed: str, plain: str) -> bool:
    """Whether a password is the one of a hash; takes as long as making one, too."""
    try:
        return HASHER.verify(hashed, plain[:_LONGEST])
    except (VerificationError, InvalidHashError):
        return False


WORK: dict[str, Any] = {"hash": make_hash, "verify": is_right}


def main() -> None:
    """Answer until the input ends; pages come before hashes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICE)
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        sys.stdout.write(json.dumps(WORK[name](*arguments)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
