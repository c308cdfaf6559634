"""Fixtures of the security tests serve here as well."""

from __future__ import annotations

from tests.security.conftest import keys, town  # noqa: F401
