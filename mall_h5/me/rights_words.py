"""Texts about requests: kinds, states, what stands against a deletion."""

from __future__ import annotations

from mall_h5.trade_words import TEXT, Choice, State

KINDS = TEXT.records("request.kind", Choice)
STATES = TEXT.records("request.state", State)
STOPS = TEXT.names("request.stop")
