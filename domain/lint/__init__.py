"""Check of the merchant's texts for forbidden words (广告词检查)."""

from domain.lint.rules import Finding, Lint, lint

__all__ = ["Finding", "Lint", "lint"]
