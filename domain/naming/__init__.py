"""Protection against names that imitate the merchant or WeChat (名称保护)."""

from domain.naming.rules import Guarded, Verdict, house_names, judge_name
from domain.naming.service import Names, check_name, set_house_names, verdict_on

__all__ = [
    "Guarded", "Names", "Verdict", "check_name", "house_names", "judge_name", "set_house_names",
    "verdict_on",
]  # fmt: skip
