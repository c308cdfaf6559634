"""Masks numbers of people in free text: identity documents, bank cards, phones. Pure.

Numbers of orders, refunds, tickets, parcels and WeChat's payments stay as they are.
"""

from __future__ import annotations

import re
from datetime import date

_ALONE, _END = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_OF_OURS = r"(?!(?:ORD|PAY|REF|AS|WD|TK)[0-9])"
_GAP = r"[ \-]"
_IS = r"(?:号码?)?[\s:：,，是为]{0,4}"
_IDENTITY = re.compile(rf"{_ALONE}([0-9]{{6}})({_GAP}?[0-9]{{8}}{_GAP}?[0-9]{{3}})([0-9Xx]){_END}")
_CARD = re.compile(
    rf"{_ALONE}(?:[0-9]{{15,19}}|[0-9]{{4}}(?:{_GAP}[0-9]{{4}}){{3}}(?:{_GAP}?[0-9]{{1,3}})?"
    rf"|[0-9]{{6}}{_GAP}[0-9]{{10,13}}){_END}"
)
# What stands after the name of a document or card is its number, whatever its form.
_NAMED = re.compile(
    rf"((?:身份证|护照|通行证|回乡证|台胞证|军官证|居留证|证件|银行卡|储蓄卡|信用卡|卡号|[账帐]号){_IS})"
    rf"({_OF_OURS}[0-9A-Za-z](?:{_GAP}?[0-9A-Za-z]){{6,20}}){_END}"
)
_JOINT = r"[ \-.·_]{0,3}"
_GROUPS = "|".join((
    rf"[0-9]{{2}}{_JOINT}[0-9]{{4}}{_JOINT}[0-9]{{4}}",
    rf"[0-9]{{3}}{_JOINT}[0-9]{{3}}{_JOINT}[0-9]{{4}}",
    rf"[0-9]{{2}}(?:{_JOINT}[0-9]{{2}}){{4}}",
    r"(?:[ \-.·_][0-9]){10}",
))  # fmt: skip
_MOBILE = re.compile(
    rf"(?:{_ALONE}|(?<=wx)|(?<=vx)|(?<=tel)|(?<=qq))(?:(?:\+|00)?86{_JOINT})?"
    rf"(1(?=[ \-.·_]?[3-9])(?:{_GROUPS})){_END}",
    re.IGNORECASE,
)
_LANDLINE = re.compile(
    rf"{_ALONE}[(（]?0[0-9]{{2,3}}[)）\- ]{{1,2}}[0-9]{{3,4}}{_GAP}?[0-9]{{4}}{_END}"
)
_ABROAD = re.compile(rf"\+[0-9]{{1,3}}(?:{_GAP}?[0-9]){{7,11}}{_END}")
_CALLED = re.compile(
    r"((?:电话|手机|座机|联系方式|致电|微信|whatsapp|phone|tel|vx|wx)" + _IS + ")"
    rf"((?!400|800|95)[0-9](?:{_GAP}?[0-9]){{6,11}}){_END}",
    re.IGNORECASE,
)
_SPELLED = re.compile(
    "(?<![零〇一二三四五六七八九幺])[一幺][零〇一二三四五六七八九幺]{10}(?![零〇一二三四五六七八九幺])"
)
_WIDE = {0xFF10 + each: 0x30 + each for each in range(10)}
_PROVINCES = frozenset({
    *range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55),
    *range(61, 66), 71, 81, 82, 83,
})  # fmt: skip
_ISSUERS = ("34", "35", "37", "4", "5", "60", "62", "65")
"""How the numbers of cards begin."""


def mask_documents(text: str) -> str:
    """A text without numbers of identity documents and bank cards: for what is kept.

    Nobody needs them to answer: identity has a form of its own, and money goes back the way it
    came. '身份证11010519491231002X' → '身份证110105***********X'.
    """
    if not any(each.isdigit() for each in text):
        return text
    text = _IDENTITY.sub(_masked_identity, text.translate(_WIDE))
    text = _CARD.sub(_masked_card, text)
    return _NAMED.sub(_masked_named, text)


def mask_numbers(text: str) -> str:
    """A text without numbers of documents, cards and phones: for what staff see, and for logs.

    '打 138 0013 8000' → '打 138****8000'. What is masked twice changes no more.
    """
    text = _SPELLED.sub(lambda found: mask_phone(found[0]), text)
    if not any(each.isdigit() for each in text):
        return text
    text = mask_documents(text)
    text = _MOBILE.sub(lambda found: mask_phone(_digits(found[1])), text)
    text = _ABROAD.sub(lambda found: "+" + mask_phone(_digits(found[0])), text)
    text = _LANDLINE.sub(lambda found: mask_phone(_digits(found[0])), text)
    return _CALLED.sub(lambda found: found[1] + mask_phone(_digits(found[2])), text)


def mask_phone(phone: str) -> str:
    """A phone number with its middle hidden: 138****8000."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 7 else "****"


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _masked_identity(found: re.Match[str]) -> str:
    number = _digits(found[0])
    if int(number[:2]) not in _PROVINCES or not _is_birthday(number[6:14]):
        return found[0]
    return f"{found[1]}{'*' * 11}{found[3]}"


def _is_birthday(digits: str) -> bool:
    try:
        return 1900 <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year <= 2099
    except ValueError:
        return False


def _masked_card(found: re.Match[str]) -> str:
    """UnionPay's numbers begin with 62; others are known by their check digit, too."""
    number = _digits(found[0])
    is_plain = number == found[0]
    is_union = number.startswith("62") and len(number) >= 16
    is_other = is_plain and number.startswith(_ISSUERS) and _has_check_digit(number)
    return _middle_hidden(number) if is_union or is_other else found[0]


def _has_check_digit(number: str) -> bool:
    """Whether the last digit is right (Luhn)."""
    doubled = [int(each) * (1 + place % 2) for place, each in enumerate(reversed(number))]
    return sum(each - 9 * (each > 9) for each in doubled) % 10 == 0


def _masked_named(found: re.Match[str]) -> str:
    if sum(each.isdigit() for each in found[2]) < 5:
        return found[0]
    return found[1] + _middle_hidden(re.sub(_GAP, "", found[2]))


def _middle_hidden(number: str) -> str:
    """The first four and the last four signs; of a short number two and two."""
    ends = 4 if len(number) >= 12 else 2
    return f"{number[:ends]}{'*' * (len(number) - 2 * ends)}{number[-ends:]}"
