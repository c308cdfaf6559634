"""Segments (人群): the members that a message, an offer or a report is for."""

from domain.segments.queries import KINDS, Reader, check, members_after

__all__ = ["KINDS", "Reader", "check", "members_after"]
