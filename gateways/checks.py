"""The items of the go-live check (上线体检): one line each, and what a person should do.

Their sentences stand in ``texts/zh_CN/doctor/wechat.toml``, by item and finding.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kernel import catalogues
from kernel.errors import GatewayError, Retryable
from kernel.refusals import Side, explain, is_listed

log = logging.getLogger(__name__)
State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Check:
    """One item of the check: stable code, state, what was found, what to do (Chinese)."""

    code: str
    state: State
    found: str
    what_to_do_zh: str = ""


Probe = Callable[[], Awaitable[Check]]
Say = Callable[[Check], None]

TEXT = catalogues.of("doctor")
ADVICE = TEXT.names("advice")
_SAID = TEXT.names("check")


def item(code: str, state: State, finding: str = "fine", **facts: Any) -> Check:
    """The item for a finding, in the words of the catalogue."""
    key = f"{code}.{finding}"
    todo = _SAID.get(f"{key}.todo", "")
    return Check(code, state, _SAID[f"{key}.found"].format(**facts), todo.format(**facts))


async def run_all(probes: Sequence[tuple[str, Probe]], say: Say) -> list[Check]:
    """Run the probes in turn; one that raises becomes a failed item, and the rest still runs."""
    done: list[Check] = []
    for code, probe in probes:
        try:
            check = await probe()
        except GatewayError as error:
            check = failed(code, error)
        except Exception as error:
            log.exception("check %s broke", code)
            check = Check(code, "fail", f"{type(error).__name__}: {error}", ADVICE["broken"])
        done.append(check)
        say(check)
    return done


def failed(code: str, error: GatewayError) -> Check:
    """The item for a failed call; an error that is retryable and not explained is a warning."""
    side: Side = "account" if error.code.lstrip("-").isdigit() else "pay"
    is_known = error.code in ADVICE or is_listed(side, error.code)
    advice = ADVICE.get(error.code) or advice_for(side, error.code, detail=error.message)
    is_passing = isinstance(error, Retryable) and not is_known
    return Check(code, "warn" if is_passing else "fail", str(error), advice)


def advice_for(side: Side, code: str, **facts: str) -> str:
    """The explanation of a refusal and what to do, in one line."""
    said = explain(side, code, **facts)
    return said.sentence + "".join(said.todo)
