"""``python -m bench [--quick] [NAME …]``: runs each benchmark in its own process, in turn.

Prints one JSON object per line. A benchmark that can't run says why and does not stop the others.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from bench.tools.processes import ROOT

NAMES = (
    "chat_plain", "chat_aes", "page_list", "page_detail", "search", "checkout", "paid", "rush",
    "tree",
    "broadcast", "poster", "jobs", "ledger", "book", "desk", "growth", "capacity", "signin",
    "start", "memory", "weight", "first_view",
)  # fmt: skip
ACTS = "from kernel import context; context.actor.set('operator:bench')"
"""Sets the actor, which the verbs that fill the shop record."""

SECONDS, MORE = (
    240,
    {
        "rush": 900,
        "broadcast": 900,
        "signin": 480,
        "growth": 3600,
        "capacity": 600,
        "paid": 480,
        "memory": 900,
    },
)


def main() -> None:
    """Run the named benchmarks, or all."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny numbers: does it run at all?")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    told = parser.parse_args()
    for name in told.names or NAMES:
        if name not in NAMES:
            parser.error(f"no benchmark {name}: {', '.join(NAMES)}")
        seconds = MORE.get(name, SECONDS)
        code = f"{ACTS}; import bench.{name}; bench.{name}.main(quick={told.quick})"
        try:
            done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=seconds)
        except subprocess.TimeoutExpired:
            sys.stderr.write(f"{name}: not done after {seconds} s\n")
        else:
            if done.returncode:
                sys.stderr.write(f"{name}: ended with {done.returncode}\n")


if __name__ == "__main__":
    main()
