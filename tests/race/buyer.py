"""Many buyers order at once in a process: ``python -m tests.race.buyer URL FORMS.json SIGN``.

The orders begin when the file SIGN exists. With a fourth argument they go through the lanes of the
checkout, as on the page. Prints one line of JSON: the number of answers by outcome.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.wiring import subscribe_all
from domain import orders
from domain.orders import PlaceOrder, Wishes
from domain.promotions import Choices
from kernel import crypto
from kernel.store import CommandKey, open_store
from tests.race.crowd import outcomes
from tests.race.sales import place

SECRET = "test-secret-0123456789abcdef"  # the same as in tests/conftest.py


async def main(url: str, forms: list[PlaceOrder], sign: Path, *, in_lanes: bool) -> None:
    """Wait until the file exists, then place all orders at once."""
    crypto.install_vault(crypto.Vault.from_secret(SECRET))
    subscribe_all()
    store = open_store(url, threads=8)
    sys.stderr.write("ready\n")
    for _ in range(2000):
        if await asyncio.to_thread(sign.exists):
            break
        await asyncio.sleep(0.01)
    answers = await asyncio.gather(
        *(store.once(_key(form), _verb(in_lanes), form, None) for form in forms),
        return_exceptions=True,
    )
    await store.close()
    sys.stdout.write(json.dumps(outcomes(answers)) + "\n")


def _key(form: PlaceOrder) -> CommandKey:
    return CommandKey(f"member:{form.member_id}", "place", "tap", [])


def _verb(in_lanes: bool) -> Callable[[PlaceOrder, None], dict[str, Any]]:
    return orders.place_checkout if in_lanes else lambda form, _: place(form)


if __name__ == "__main__":
    read = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    wanted = [
        PlaceOrder(
            **(
                form
                | {
                    "items": tuple(tuple(item) for item in form["items"]),
                    "choices": Choices(**form["choices"]),
                    "wishes": Wishes(**form["wishes"]),
                }
            )
        )
        for form in read
    ]
    asyncio.run(main(sys.argv[1], wanted, Path(sys.argv[3]), in_lanes=len(sys.argv) > 4))
