"""Check of the texts that others read (广告审查)."""

from domain.lint.folding import fold_word
from domain.lint.rules import Finding, lint, marketing_words, verdict

__all__ = ["Finding", "fold_word", "lint", "marketing_words", "verdict"]
