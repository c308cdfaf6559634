"""Metrics of outgoing calls."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

CALLS = Counter(
    "fenmall_gateway_calls_total",
    "Calls to the outside by outcome: ok, retryable, refused, unknown.",
    ["gateway", "call", "outcome"],
)
SECONDS = Histogram(
    "fenmall_gateway_call_seconds",
    "How long a call to the outside took, its wait for a free slot included.",
    ["gateway", "call"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
)
REFRESHES = Counter(
    "fenmall_wechat_shared_refreshes_total",
    "How often this process fetched a value that all processes share, such as the token.",
    ["name"],
)
FORGED = Counter(
    "fenmall_gateway_forged_total",
    "What came with a signature that does not hold, by place.",
    ["gateway", "place"],
)
