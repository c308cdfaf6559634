"""Advertising words (广告词检查): what a text of the merchant must not say."""

from domain.lint.rules import Finding, Lint, lint

__all__ = ["Finding", "Lint", "lint"]
