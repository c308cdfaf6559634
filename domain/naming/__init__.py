"""Protection against names that imitate the merchant or WeChat (名称保护)."""

from domain.naming.rules import Guarded, Verdict, house_names, judge
from domain.naming.service import Names, check_name, know_house, verdict

__all__ = [
    "Guarded", "Names", "Verdict", "check_name", "house_names", "judge", "know_house", "verdict",
]  # fmt: skip
