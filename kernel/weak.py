"""Detects guessable secrets: short, patterned, made of words, or from samples."""

from __future__ import annotations

import re

KEYBOARD = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz",
            "0123456789abcdef")  # fmt: skip
MARKS = (
    "demo", "example", "sample", "changeme", "change-me", "change_me", "change me", "replace",
    "placeholder", "password", "passwd", "secret", "default", "fenmall", "qwerty", "letmein",
    "welcome", "iloveyou", "123456", "654321", "abcdef", "xxxxxx", "000000", "111111", "888888",
    "your-", "your_", "演示", "示例", "测试", "请修改", "密码",
)  # fmt: skip
WORDS = re.compile(
    "admin|alpha|apikey|banana|battery|beta|bottle|brand|business|cat|chang|chen|china|cloud|code|"
    "company|config|correct|data|database|demo|dev|dian|distribution|dog|dragon|example|family|"
    "fang|for|foo|bar|baz|from|gold|good|hello|home|horse|house|jian|jiu|key|king|liang|live|local|"
    "login|love|mall|master|merchant|mima|money|monkey|moon|mountain|my|name|new|not|official|"
    "old|online|order|our|pass|pay|phrase|please|postgres|prod|production|project|public|push|quan|"
    "random|real|river|root|safe|sales|secure|security|server|service|shan|shang|shop|site|spring|"
    "staple|star|store|string|strong|summer|sun|super|system|test|that|the|this|ticket|token|tree|"
    "true|type|user|very|water|wechat|weixin|wine|winter|with|word|work|world|xiao|yong|zhang|"
    "zhifu|zhong"
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


def weakness(text: str, *, least: int = 16) -> str | None:
    """Why a secret is refused, as text; None if it looks random."""
    folded = text.casefold()
    if len(text) < least:
        return f"shorter than {least} characters"
    if any(mark in folded for mark in MARKS):
        return "contains what samples contain (demo, secret, 123456 and the like)"
    if len(set(text)) < (9 if len(text) >= 32 else 6):
        return "uses only a few different characters"
    if _period(folded) <= len(folded) // 2:
        return "repeats itself"
    if _in_sequence(folded) > len(folded) // 2:
        return "runs along the alphabet, the digits or the keyboard"
    letters = WORDS.sub("", _YEAR.sub("", folded))
    left = len(re.sub(r"[\W_]", "", letters))
    if left < 10 and left < len(folded) / 2:
        return "is made of words"
    return None


def _period(text: str) -> int:
    """The length of the shortest part that the text repeats; its own length if none."""
    size = len(text)
    return next(p for p in range(1, size + 1) if text == (text[:p] * (size // p + 1))[:size])


def _in_sequence(text: str) -> int:
    """How many characters lie in runs of four or more along ``KEYBOARD``, in either direction."""
    covered = [False] * len(text)
    rows = [row for each in KEYBOARD for row in (each * 2, (each * 2)[::-1])]
    for at in range(len(text) - 3):
        if any(text[at : at + 4] in row for row in rows):
            covered[at : at + 4] = [True] * 4
    return sum(covered)
