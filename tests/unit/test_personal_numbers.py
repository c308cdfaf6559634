"""Numbers of people in free text are masked; numbers of orders and parcels are not."""

from __future__ import annotations

import pytest

from kernel.personal import mask_documents, mask_numbers

DOCUMENTS = [
    ("身份证11010519491231002X", "身份证110105***********X"),
    ("我是110105 19491231 0021", "我是110105***********1"),
    ("身份证１１０１０５１９４９１２３１００２１", "身份证110105***********1"),
    ("身份证号码：110105491231002", "身份证号码：1101*******1002"),
    ("卡号6222 0202 0001 2345 678", "卡号6222***********5678"),
    ("退到6222020200012345678谢谢", "退到6222***********5678谢谢"),
    ("退到4111111111111111", "退到4111********1111"),
    ("退到622202-0200012345", "退到6222********2345"),
    ("护照E12345678", "护照E1*****78"),
    ("回乡证是H1234567890", "回乡证是H1*******90"),
]
PHONES = [
    ("打13800138000", "打138****8000"), ("打138 0013 8000", "打138****8000"),
    ("打138-0013-8000", "打138****8000"), ("1380 013 8000", "138****8000"),
    ("138 00 13 80 00", "138****8000"), ("1 3 8 0 0 1 3 8 0 0 0", "138****8000"),
    ("+86 138-0013-8000 找我", "138****8000 找我"), ("8613800138000", "138****8000"),
    ("１３８００１３８０００", "138****8000"), ("一三八零零一三八零零零", "一三八****八零零零"),
    ("vx13800138000", "vx138****8000"), ("微信号13800138000", "微信号138****8000"),
    ("座机0830-5550100", "座机083****0100"), ("(0830)5550100", "083****0100"),
    ("电话5550100", "电话555****0100"), ("+852 6123 4567", "+852****4567"),
    ("13800138000 13900139000", "138****8000 139****9000"),
]  # fmt: skip
OTHERS = [
    "ORD261130RXZ8AKXGJZWQ8DPC", "订单ORD2611301234567890123456", "REF261130RXZ8AKXGJZWQ8DPC",
    "TK261130RXZ8AKXGJZWQ8DPC到哪了", "微信单号4200001234202611301234567890", "SF1234567890123",
    "单号75312345678901", "申通773012345678901", "顺丰251234567890", "JDVA12345678901-1-1-",
    "银行卡付的ORD261130RXZ8AKXGJZWQ8DPC", "电话ORD261130RXZ8AKXGJZWQ8DPC", "YT8837204615093",
    "打400-811-1111", "电话400-811-1111", "1399 1299 999", "300-500的酒", "尾号8000的卡",
    "2026-11-30 17:06", "5999 4999 3999 2999", "52度500ml", "一二三四五",
]  # fmt: skip


@pytest.mark.parametrize(("typed", "shown"), DOCUMENTS)
def test_documents_and_cards_are_never_kept(typed: str, shown: str) -> None:
    assert mask_documents(typed) == mask_numbers(typed) == shown


@pytest.mark.parametrize(("typed", "shown"), PHONES)
def test_phones_are_kept_and_not_shown(typed: str, shown: str) -> None:
    assert mask_numbers(typed) == shown
    assert "*" not in mask_documents(typed)


@pytest.mark.parametrize("typed", OTHERS)
def test_other_numbers_stay(typed: str) -> None:
    assert mask_numbers(typed) == typed


@pytest.mark.parametrize("typed", [typed for typed, _ in DOCUMENTS + PHONES])
def test_masking_twice_changes_no_more(typed: str) -> None:
    assert mask_numbers(mask_numbers(typed)) == mask_numbers(typed)


def test_several_numbers_of_one_text_are_masked() -> None:
    typed = "13800138000 110105194912310021，卡6222020200012345678，单号SF1234567890123"
    shown = "138****8000 110105***********1，卡6222***********5678，单号SF1234567890123"
    assert mask_numbers(typed) == shown
